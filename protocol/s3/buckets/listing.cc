// Listing objects: ListObjects and ListObjectsV2.
#include <array>

#include "protocol/http/dates.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/checksums.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/parameters.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

using object::Position;

enum class ShowOwner : std::uint8_t { kNo, kYes };

void write_contents(xml::Writer& out, const KeyEncoding& encoding, const object::ObjectPage& page,
                    ShowOwner show_owner) {
  std::string owner_account;  // most listings have one owner: its id is computed once
  std::string owner_id;
  for (const object::ListedObject& listed : page.objects) {
    out.open("Contents");
    encoding.element(out, "Key", listed.key);
    out.element("LastModified", http::iso_date(listed.modified_ms / 1000));
    out.element("ETag", quote_etag(listed.etag));
    if (!listed.checksum_algorithm.empty()) {
      out.element("ChecksumAlgorithm", listed.checksum_algorithm);
      out.element("ChecksumType", checksum_type_name(listed.checksum_type));
    }
    out.number("Size", listed.size_bytes);
    if (show_owner == ShowOwner::kYes) {
      if (owner_id.empty() || listed.owner != owner_account) {
        owner_account = listed.owner;
        owner_id = canonical_id(owner_account);
      }
      out.open("Owner").element("ID", owner_id).close();
    }
    out.element("StorageClass", shown_storage_class(listed.storage_class));
    out.close();
  }
  for (const std::string& prefix : page.common_prefixes) {
    out.open("CommonPrefixes");
    encoding.element(out, "Prefix", prefix);
    out.close();
  }
}

// A position as a token: its kind and its text.
std::string token_of(const Position& position) {
  const char kind = position.kind == Position::Kind::kAfterPrefix ? 'p' : 'k';
  return make_token(kind + position.text);
}

Position position_of(std::string_view token) {
  const auto content = token.empty() ? std::nullopt : read_token(token);
  if (!content || content->empty() || ((*content)[0] != 'p' && (*content)[0] != 'k')) {
    throw Error(Code::kInvalidArgument, "The continuation token provided is incorrect")
        .with("ArgumentName", "continuation-token");
  }
  return {(*content)[0] == 'p' ? Position::Kind::kAfterPrefix : Position::Kind::kAfterKey,
          content->substr(1)};
}

http::Reply listing_reply(const object::Bucket& bucket, xml::Writer& out) {
  http::Reply reply = xml_reply(out);
  reply.headers.add("x-amz-bucket-region", bucket.region);
  return reply;
}

// A parameter of the other version of the operation is refused, not ignored.
void refuse_parameter(const Call& call, std::string_view name, std::string message) {
  if (!call.query().has(name)) return;
  throw Error(Code::kInvalidArgument, std::move(message)).with("ArgumentName", name);
}

http::Reply list_objects(Call& call, std::string_view) {
  refuse_parameter(call, "continuation-token",
                   "continuation-token only supported in REST.GET.BUCKET with list-type=2");
  refuse_parameter(call, "start-after",
                   "startAfter only supported in REST.GET.BUCKET with list-type=2");
  const auto bucket = call.require_bucket();
  object::ObjectQuery query;
  query.bucket = call.bucket;
  query.prefix = call.param("prefix");
  query.delimiter = call.param("delimiter");
  const PageSize page_size = read_page_size(call, "max-keys", "maxKeys");
  query.max = page_size.served;
  const std::string_view marker = call.param("marker");
  if (!marker.empty()) query.from = {Position::Kind::kAfterMarker, std::string(marker)};
  const KeyEncoding encoding(call);
  const auto page = value_or_throw(call.engine.list_objects(query), call);

  xml::Writer out;
  out.open("ListBucketResult", kXmlns);
  out.element("Name", call.bucket);
  encoding.element(out, "Prefix", query.prefix);
  encoding.element(out, "Marker", marker);
  // Without a delimiter the client goes on from the last key it got; the service says nothing.
  if (page.truncated && !query.delimiter.empty()) {
    encoding.element(out, "NextMarker", page.next.text);
  }
  out.number("MaxKeys", page_size.asked);
  if (!query.delimiter.empty()) encoding.element(out, "Delimiter", query.delimiter);
  encoding.write_type(out);
  out.boolean("IsTruncated", page.truncated);
  write_contents(out, encoding, page, ShowOwner::kYes);
  return listing_reply(*bucket, out);
}

http::Reply list_objects_v2(Call& call, std::string_view) {
  refuse_parameter(call, "marker", "Marker unsupported with REST.GET.BUCKET in list-type=2");
  const auto bucket = call.require_bucket();
  object::ObjectQuery query;
  query.bucket = call.bucket;
  query.prefix = call.param("prefix");
  query.delimiter = call.param("delimiter");
  const PageSize page_size = read_page_size(call, "max-keys", "maxKeys");
  query.max = page_size.served;
  const auto start_after = call.query().get("start-after");
  if (start_after && !start_after->empty()) {
    query.from = {Position::Kind::kAfterKey, std::string(*start_after)};
  }
  const auto token = call.query().get("continuation-token");
  if (token) query.from = position_of(*token);
  const KeyEncoding encoding(call);
  const auto page = value_or_throw(call.engine.list_objects(query), call);

  xml::Writer out;
  out.open("ListBucketResult", kXmlns);
  out.element("Name", call.bucket);
  encoding.element(out, "Prefix", query.prefix);
  if (start_after && !token) encoding.element(out, "StartAfter", *start_after);
  if (token) out.element("ContinuationToken", *token);
  if (page.truncated) out.element("NextContinuationToken", token_of(page.next));
  out.number("KeyCount", page.objects.size() + page.common_prefixes.size());
  out.number("MaxKeys", page_size.asked);
  if (!query.delimiter.empty()) encoding.element(out, "Delimiter", query.delimiter);
  encoding.write_type(out);
  out.boolean("IsTruncated", page.truncated);
  write_contents(out, encoding, page,
                 call.param("fetch-owner") == "true" ? ShowOwner::kYes : ShowOwner::kNo);
  return listing_reply(*bucket, out);
}

constexpr std::array kOperations = {
    Operation{.name = "ListObjectsV2",
              .method = "GET",
              .level = Level::kBucket,
              .query = "list-type=2",
              .handler = list_objects_v2},
    Operation{
        .name = "ListObjects", .method = "GET", .level = Level::kBucket, .handler = list_objects},
};

}  // namespace

std::span<const Operation> listing_operations() { return kOperations; }

}  // namespace bodega::s3
