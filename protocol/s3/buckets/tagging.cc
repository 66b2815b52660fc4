// Tags of buckets and objects, put, read and taken away.
#include <array>

#include "protocol/s3/operations.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/reply.h"
#include "protocol/s3/wire/tag_set.h"
#include "protocol/s3/wire/version_id.h"
#include "protocol/xml/reader.h"

namespace bodega::s3 {
namespace {

std::string read_tagging(std::string_view body, TagsOf whose) {
  if (body.empty()) throw Error(Code::kMissingRequestBodyError);
  const auto document = xml::Document::parse(body);
  if (!document || document->root().name() != "Tagging") throw Error(Code::kMalformedXML);
  // No <TagSet> is an empty one.
  return pack_tags(read_tag_set(document->root().child("TagSet"), whose));
}

http::Reply tagging_reply(std::string_view packed) {
  xml::Writer out;
  out.open("Tagging", kXmlns);
  write_tag_set(out, unpack_tags(packed));
  return xml_reply(out);
}

// A delete marker has no tags, and says so whether it is asked for by its id or as the latest.
object::ObjectVersion tagged_or_throw(object::Result<object::ObjectVersion> result,
                                      const Call& call) {
  const bool marker = !result && result.error().outcome == object::Outcome::kNoSuchKey &&
                      !result.error().version_id.empty();
  if (!marker) return value_or_throw(std::move(result), call);
  object::Refusal refusal = result.error();
  refusal.outcome = object::Outcome::kMethodNotAllowed;
  throw to_error(refusal, call);
}

void add_version(const object::ObjectVersion& version, http::Reply& reply) {
  if (version.versioning != object::Versioning::kUnversioned) {
    reply.headers.add("x-amz-version-id", version.version_id);
  }
}

http::Reply put_bucket_tagging(Call& call, std::string_view body) {
  call.require_bucket();
  const std::string tags = read_tagging(body, TagsOf::kBucket);
  throw_refusal(call.engine.put_configuration(call.bucket, kTaggingProperty, tags), call);
  return empty_reply(204);
}

http::Reply get_bucket_tagging(Call& call, std::string_view) {
  const auto bucket = call.require_bucket();
  const auto found = bucket->configurations.find(kTaggingProperty);
  if (found == bucket->configurations.end() || found->second.empty()) {
    throw Error(Code::kNoSuchTagSet).with("BucketName", call.bucket);
  }
  return tagging_reply(found->second);
}

http::Reply delete_bucket_tagging(Call& call, std::string_view) {
  call.require_bucket();
  throw_refusal(call.engine.remove_configuration(call.bucket, kTaggingProperty), call);
  return empty_reply(204);
}

http::Reply put_object_tagging(Call& call, std::string_view body) {
  const std::string tags = read_tagging(body, TagsOf::kObject);
  const auto version =
      tagged_or_throw(call.engine.update(call.bucket, call.key, read_version_id(call),
                                         [&](object::Attributes& attributes) {
                                           attributes.properties.insert_or_assign(
                                               std::string(kTaggingProperty), tags);
                                         }),
                      call);
  http::Reply reply = empty_reply(200);
  add_version(version, reply);
  return reply;
}

http::Reply get_object_tagging(Call& call, std::string_view) {
  const auto version =
      tagged_or_throw(call.engine.head(call.bucket, call.key, read_version_id(call)), call);
  const auto found = version.attributes.properties.find(kTaggingProperty);
  http::Reply reply =
      tagging_reply(found == version.attributes.properties.end() ? "" : found->second);
  add_version(version, reply);
  return reply;
}

http::Reply delete_object_tagging(Call& call, std::string_view) {
  const auto version = tagged_or_throw(
      call.engine.update(call.bucket, call.key, read_version_id(call),
                         [](object::Attributes& attributes) {
                           attributes.properties.erase(std::string(kTaggingProperty));
                         }),
      call);
  http::Reply reply = empty_reply(204);
  add_version(version, reply);
  return reply;
}

constexpr std::array kOperations = {
    Operation{.name = "PutBucketTagging",
              .method = "PUT",
              .level = Level::kBucket,
              .query = "tagging",
              .body_limit_bytes = kXmlLimitBytes,
              .checksum = ChecksumRule::kRequired,
              .handler = put_bucket_tagging},
    Operation{.name = "GetBucketTagging",
              .method = "GET",
              .level = Level::kBucket,
              .query = "tagging",
              .handler = get_bucket_tagging},
    Operation{.name = "DeleteBucketTagging",
              .method = "DELETE",
              .level = Level::kBucket,
              .query = "tagging",
              .handler = delete_bucket_tagging},
    Operation{.name = "PutObjectTagging",
              .method = "PUT",
              .level = Level::kObject,
              .query = "tagging",
              .body_limit_bytes = kXmlLimitBytes,
              .checksum = ChecksumRule::kRequired,
              .handler = put_object_tagging},
    Operation{.name = "GetObjectTagging",
              .method = "GET",
              .level = Level::kObject,
              .query = "tagging",
              .handler = get_object_tagging},
    Operation{.name = "DeleteObjectTagging",
              .method = "DELETE",
              .level = Level::kObject,
              .query = "tagging",
              .handler = delete_object_tagging},
};

}  // namespace

std::span<const Operation> tagging_operations() { return kOperations; }

}  // namespace bodega::s3
