// CopyObject: a second name for the same bytes, with the source's attributes or new ones. Blobs are
// linked. Only where the copy's etag or checksum differs from the source's are the bytes read: a
// copy of a multipart object is a single-part object, and a client may ask for another checksum.
#include <array>

#include "engines/base/bytes.h"
#include "protocol/http/dates.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/checksums.h"
#include "protocol/s3/wire/conditions.h"
#include "protocol/s3/wire/copy_source.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

enum class Directive : std::uint8_t { kCopy, kReplace };

Directive read_directive(const Call& call, std::string_view name, std::string_view what) {
  const auto value = call.find_header(name);
  if (!value || *value == "COPY") return Directive::kCopy;
  if (*value == "REPLACE") return Directive::kReplace;
  throw invalid_argument("Unknown " + std::string(what) + " directive.", name, *value);
}

// A copy of an object onto itself has to change something.
void check_not_idle(const Call& call, const CopySource& source, Directive metadata) {
  const bool in_place =
      source.bucket == call.bucket && source.key == call.key && !source.version_id;
  if (!in_place || metadata == Directive::kReplace) return;
  for (const std::string_view name : {"x-amz-storage-class", "x-amz-website-redirect-location",
                                      "x-amz-server-side-encryption", "x-amz-checksum-algorithm"}) {
    if (call.find_header(name)) return;
  }
  throw invalid_request(
      "This copy request is illegal because it is trying to copy an object to itself without "
      "changing the object's metadata, storage class, website redirect location or encryption "
      "attributes.");
}

object::Attributes choose_attributes(const Call& call, const object::ObjectVersion& source,
                                     Directive metadata, Directive tagging) {
  object::Attributes attributes;
  read_storage_attributes(call, attributes);
  if (tagging == Directive::kCopy) {
    attributes.properties.erase(std::string(kTaggingProperty));
    const auto found = source.attributes.properties.find(kTaggingProperty);
    if (found != source.attributes.properties.end()) attributes.properties.insert(*found);
  }
  if (metadata == Directive::kReplace) {
    read_content_attributes(call, attributes);
    return attributes;
  }
  attributes.headers = source.attributes.headers;
  attributes.metadata = source.attributes.metadata;
  // The redirect is not part of what is copied.
  attributes.headers.erase("x-amz-website-redirect-location");
  if (const auto redirect = call.find_header("x-amz-website-redirect-location")) {
    attributes.headers.emplace("x-amz-website-redirect-location", *redirect);
  }
  return attributes;
}

// Sets etag and checksum of the copy.
void choose_digests(const Call& call, const object::Opened& source,
                    object::Attributes& attributes) {
  const object::Attributes& from = source.version.attributes;
  const ChecksumAlgorithm* algorithm = read_checksum_algorithm(call);
  if (algorithm == nullptr) algorithm = find_checksum(from.checksum.algorithm);
  if (algorithm == nullptr) algorithm = &default_checksum();
  const std::vector<object::Part>& parts = source.version.parts;
  // Of one part, the part's etag is the MD5 of the whole.
  if (parts.size() < 2) attributes.etag = parts.empty() ? from.etag : parts.front().etag;
  if (from.checksum.algorithm == algorithm->name &&
      from.checksum.type == object::ChecksumType::kFullObject) {
    attributes.checksum = from.checksum;
  }
  std::vector<base::DigestKind> unknown;
  if (attributes.etag.empty()) unknown.push_back(base::DigestKind::kMd5);
  if (attributes.checksum.value.empty()) unknown.push_back(algorithm->kind);
  if (unknown.empty()) return;
  const auto values = digest_content(source.content, 0, source.version.size_bytes, unknown);
  if (attributes.etag.empty()) attributes.etag = base::to_hex(values.front());
  if (attributes.checksum.value.empty()) {
    attributes.checksum = {std::string(algorithm->name), object::ChecksumType::kFullObject,
                           base::to_base64(values.back())};
  }
}

http::Reply copy_object(Call& call, std::string_view) {
  const CopySource source = read_copy_source(call);
  const Directive metadata = read_directive(call, "x-amz-metadata-directive", "metadata");
  const Directive tagging = read_directive(call, "x-amz-tagging-directive", "tagging");
  call.require_bucket();
  object::Put put;
  put.creation = object::Creation::kCopy;
  put.bucket = call.bucket;
  put.key = call.key;
  put.conditions = read_write_conditions(call);
  const object::Opened opened = open_copy_source(call, source);
  check_not_idle(call, source, metadata);
  if (opened.version.size_bytes > kMaxCopyBytes) {
    throw invalid_request(
        "The specified copy source is larger than the maximum allowable size for a copy source: " +
        std::to_string(kMaxCopyBytes));
  }
  put.attributes = choose_attributes(call, opened.version, metadata, tagging);
  choose_digests(call, opened, put.attributes);
  const auto done =
      value_or_throw(call.engine.put(put, call.engine.duplicate(opened.content)), call);

  xml::Writer out;
  out.open("CopyObjectResult", kXmlns)
      .element("LastModified", http::iso_date(done.modified_ms / 1000))
      .element("ETag", quote_etag(put.attributes.etag));
  write_checksum(out, put.attributes.checksum);
  http::Reply reply = xml_reply(out);
  add_source_version_header(opened.version, reply.headers);
  add_put_version_header(done, reply.headers);
  add_encryption_header(reply.headers);
  return reply;
}

constexpr std::array kOperations = {
    Operation{.name = "CopyObject",
              .method = "PUT",
              .level = Level::kObject,
              .request_header = "x-amz-copy-source",
              .runs = Runs::kInBackground,
              .handler = copy_object},
};

}  // namespace

std::span<const Operation> copy_operations() { return kOperations; }

}  // namespace bodega::s3
