// Buckets: CreateBucket, HeadBucket, DeleteBucket, ListBuckets, GetBucketLocation.
#include <algorithm>
#include <array>

#include "engines/base/bytes.h"
#include "engines/base/number_text.h"
#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/parameters.h"
#include "protocol/s3/wire/reply.h"
#include "protocol/s3/wire/tag_set.h"
#include "protocol/xml/reader.h"

namespace bodega::s3 {
namespace {

constexpr std::string_view kFirstRegion = "us-east-1";
constexpr std::int64_t kMaxListedBuckets = 10'000;

// The regions a bucket may be asked for, besides us-east-1, which is asked for by saying nothing.
constexpr std::array<std::string_view, 38> kRegions = {"EU",
                                                       "af-south-1",
                                                       "ap-east-1",
                                                       "ap-east-2",
                                                       "ap-northeast-1",
                                                       "ap-northeast-2",
                                                       "ap-northeast-3",
                                                       "ap-south-1",
                                                       "ap-south-2",
                                                       "ap-southeast-1",
                                                       "ap-southeast-2",
                                                       "ap-southeast-3",
                                                       "ap-southeast-4",
                                                       "ap-southeast-5",
                                                       "ap-southeast-6",
                                                       "ap-southeast-7",
                                                       "ca-central-1",
                                                       "ca-west-1",
                                                       "cn-north-1",
                                                       "cn-northwest-1",
                                                       "eu-central-1",
                                                       "eu-central-2",
                                                       "eu-north-1",
                                                       "eu-south-1",
                                                       "eu-south-2",
                                                       "eu-west-1",
                                                       "eu-west-2",
                                                       "eu-west-3",
                                                       "il-central-1",
                                                       "me-central-1",
                                                       "me-south-1",
                                                       "mx-central-1",
                                                       "sa-east-1",
                                                       "us-east-2",
                                                       "us-gov-east-1",
                                                       "us-gov-west-1",
                                                       "us-west-1",
                                                       "us-west-2"};

bool is_region(std::string_view name) {
  return std::find(kRegions.begin(), kRegions.end(), name) != kRegions.end();
}

std::string bucket_arn(std::string_view bucket) {
  return std::string("arn:aws:s3:::").append(bucket);
}

// The region of a bucket to be: what the body asks for must fit the endpoint's region, which is the
// one the request was signed for.
std::string choose_region(const Call& call, const std::string& constraint) {
  const std::string& endpoint = call.caller.region;
  if (constraint.empty()) {
    if (endpoint == kFirstRegion) return endpoint;
    throw Error(Code::kIllegalLocationConstraintException);
  }
  const std::string region = constraint == "EU" ? "eu-west-1" : constraint;
  if (endpoint != kFirstRegion && endpoint != region) {
    throw Error(Code::kIllegalLocationConstraintException,
                "The " + constraint +
                    " location constraint is incompatible for the region specific endpoint this "
                    "request was sent to.");
  }
  if (!is_region(constraint)) {
    throw Error(Code::kInvalidLocationConstraint).with("LocationConstraint", constraint);
  }
  return constraint;
}

// What CreateBucketConfiguration says.
struct Wishes {
  std::string constraint;
  std::string tags;  // packed
};

Wishes read_wishes(std::string_view body) {
  Wishes wishes;
  if (body.empty()) return wishes;
  const auto document = xml::Document::parse(body);
  if (!document || document->root().name() != "CreateBucketConfiguration") {
    throw Error(Code::kMalformedXML);
  }
  const xml::Element root = document->root();
  if (root.child("Bucket").child("Type") || root.child("Location")) {
    throw Error(Code::kNotImplemented, "Directory buckets are not implemented");
  }
  wishes.constraint = root.child("LocationConstraint").text();
  if (root.child("LocationConstraint") && wishes.constraint.empty()) {
    throw Error(Code::kInvalidLocationConstraint).with("LocationConstraint", "");
  }
  wishes.tags = pack_tags(read_tag_set(root.child("Tags"), TagsOf::kNewBucket));
  return wishes;
}

void check_create_headers(const Call& call) {
  if (base::equals_ignoring_case(call.header("x-amz-bucket-object-lock-enabled"), "true")) {
    throw not_implemented_header("x-amz-bucket-object-lock-enabled",
                                 "Object Lock is not implemented");
  }
  const auto ownership = call.find_header("x-amz-object-ownership");
  if (ownership && *ownership != "BucketOwnerEnforced") {
    throw not_implemented_header(
        "x-amz-object-ownership",
        "Object ownership other than BucketOwnerEnforced is not implemented");
  }
  const auto acl = call.find_header("x-amz-acl");
  if (acl && *acl != "private") {
    throw Error(Code::kInvalidBucketAclWithObjectOwnership);
  }
}

http::Reply create_bucket(Call& call, std::string_view body) {
  if (!is_valid_bucket_name(call.bucket)) {
    throw Error(Code::kInvalidBucketName).with("BucketName", call.bucket);
  }
  check_create_headers(call);
  const Wishes wishes = read_wishes(body);
  object::Bucket bucket;
  bucket.name = call.bucket;
  bucket.owner = call.caller.account;
  bucket.region = choose_region(call, wishes.constraint);
  if (!wishes.tags.empty()) bucket.configurations.emplace(kTaggingProperty, wishes.tags);
  const std::string region = bucket.region;
  const auto created = call.engine.create_bucket(std::move(bucket));
  if (!created) {
    const bool mine = created.error().outcome == object::Outcome::kBucketAlreadyOwnedByYou;
    const auto existing = mine ? call.engine.find_bucket(call.bucket) : nullptr;
    // In us-east-1, and only there, creating one's own bucket again is fine, though not with tags.
    const bool harmless = existing && existing->region == kFirstRegion && region == kFirstRegion &&
                          wishes.tags.empty();
    if (!harmless) throw to_error(created.error(), call);
  }
  http::Reply reply = empty_reply(200);
  reply.headers.add("Location", region == kFirstRegion
                                    ? "/" + call.bucket
                                    : "http://" + call.bucket + ".s3.amazonaws.com/");
  reply.headers.add("x-amz-bucket-arn", bucket_arn(call.bucket));
  return reply;
}

std::string_view shown_region(const object::Bucket& bucket) {
  return bucket.region == "EU" ? std::string_view("eu-west-1") : std::string_view(bucket.region);
}

http::Reply head_bucket(Call& call, std::string_view) {
  const auto bucket = call.require_bucket();
  http::Reply reply = empty_reply(200);
  reply.headers.add("x-amz-bucket-arn", bucket_arn(call.bucket));
  reply.headers.add("x-amz-bucket-region", std::string(shown_region(*bucket)));
  reply.headers.add("x-amz-access-point-alias", "false");
  reply.headers.add("Content-Type", "application/xml");
  return reply;
}

http::Reply delete_bucket(Call& call, std::string_view) {
  const auto bucket = call.require_bucket();
  const auto removed = call.engine.remove_bucket(call.bucket);
  if (!removed) {
    const bool versioned = bucket->versioning != object::Versioning::kUnversioned;
    if (removed.error().outcome == object::Outcome::kBucketNotEmpty && versioned) {
      throw Error(Code::kBucketNotEmpty,
                  "The bucket you tried to delete is not empty. You must delete all versions in "
                  "the bucket.")
          .with("BucketName", call.bucket);
    }
    throw to_error(removed.error(), call);
  }
  return empty_reply(204);
}

http::Reply get_bucket_location(Call& call, std::string_view) {
  const auto bucket = call.require_bucket();
  xml::Writer out;
  out.open("LocationConstraint", kXmlns);
  if (bucket->region != kFirstRegion) out.text(bucket->region);
  return xml_reply(out);
}

http::Reply list_buckets(Call& call, std::string_view) {
  object::BucketQuery query;
  query.owner = call.caller.account;
  query.prefix = call.param("prefix");
  query.region = call.param("bucket-region");
  if (!query.region.empty() && query.region != kFirstRegion && !is_region(query.region)) {
    throw Error(Code::kInvalidArgument,
                "Argument value " + std::string(query.region) + " is not a valid AWS Region")
        .with("ArgumentName", "bucket-region");
  }
  query.max = kMaxListedBuckets;
  if (const auto max = call.query().get("max-buckets"); max && !max->empty()) {
    const auto number = base::parse_integer<std::int64_t>(*max);
    if (!number || *number < 1 || *number > kMaxListedBuckets) {
      throw invalid_argument("Argument max-buckets must be an integer between 1 and 10000",
                             "max-buckets", *max);
    }
    query.max = static_cast<std::size_t>(*number);
  }
  const auto token = call.query().get("continuation-token");
  if (token && !token->empty()) {
    const auto name = read_token(*token);
    if (!name) {
      throw Error(Code::kInvalidArgument, "The continuation token provided is incorrect")
          .with("ArgumentName", "continuation-token");
    }
    query.after = *name;
  }
  const object::BucketPage page = call.engine.list_buckets(query);
  // Regions are shown only to who uses one of the parameters of 2024.
  const bool paged = call.query().has("max-buckets") || call.query().has("prefix") ||
                     call.query().has("continuation-token") || call.query().has("bucket-region");
  xml::Writer out;
  out.open("ListAllMyBucketsResult", kXmlns);
  out.open("Owner").element("ID", canonical_id(call.caller.account)).close();
  out.open("Buckets");
  for (const object::Bucket& bucket : page.buckets) {
    out.open("Bucket")
        .element("Name", bucket.name)
        .element("CreationDate", http::iso_date(bucket.created_ms / 1000));
    if (paged) out.element("BucketRegion", shown_region(bucket));
    out.element("BucketArn", bucket_arn(bucket.name)).close();
  }
  out.close();
  if (call.query().has("prefix")) out.element("Prefix", query.prefix);
  if (page.truncated && !page.buckets.empty()) {
    out.element("ContinuationToken", make_token(page.buckets.back().name));
  }
  return xml_reply(out);
}

constexpr std::array kOperations = {
    Operation{
        .name = "ListBuckets", .method = "GET", .level = Level::kService, .handler = list_buckets},
    Operation{.name = "CreateBucket",
              .method = "PUT",
              .level = Level::kBucket,
              .body_limit_bytes = kXmlLimitBytes,
              .access = Access::kAnyAccount,
              .handler = create_bucket},
    Operation{
        .name = "HeadBucket", .method = "HEAD", .level = Level::kBucket, .handler = head_bucket},
    Operation{.name = "DeleteBucket",
              .method = "DELETE",
              .level = Level::kBucket,
              .handler = delete_bucket},
    Operation{.name = "GetBucketLocation",
              .method = "GET",
              .level = Level::kBucket,
              .query = "location",
              .handler = get_bucket_location},
};

}  // namespace

std::span<const Operation> bucket_operations() { return kOperations; }

}  // namespace bodega::s3
