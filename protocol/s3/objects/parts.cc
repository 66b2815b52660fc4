// The parts of an upload: UploadPart, UploadPartCopy, ListParts.
#include "protocol/s3/objects/parts.h"

#include <array>

#include "engines/base/bytes.h"
#include "engines/base/number_text.h"
#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/http/ranges.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/checksums.h"
#include "protocol/s3/wire/copy_source.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/parameters.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

class UploadPart final : public Consumer {
 public:
  UploadPart(Call& call, int number, UploadChecksum checksum, const ChecksumAlgorithm* claimed)
      : call_(call),
        number_(number),
        checksum_(checksum),
        claimed_(claimed),
        writer_(call.engine.begin_write()),
        own_digest_(needs_own_digest() ? std::optional<base::Digest>(checksum.algorithm->kind)
                                       : std::nullopt) {}

  BodyNeeds needs() const override { return {.md5 = true, .checksum = checksum_.algorithm->name}; }

  void write(std::string_view bytes) override {
    if (own_digest_) own_digest_->update(bytes);
    writer_.write(bytes);
  }

  http::Reply finish(Received received) override {
    object::Part part;
    part.number = number_;
    part.etag = base::to_hex(received.md5);
    part.checksum = own_digest_ ? base::to_base64(own_digest_->finish()) : received.checksum.value;
    const auto stored =
        value_or_throw(call_.engine.put_part(call_.bucket, call_.key, read_upload_id(call_),
                                             std::move(part), writer_.finish()),
                       call_);
    http::Reply reply = empty_reply(200);
    reply.headers.add("ETag", quote_etag(stored.etag));
    if (received.checksum_claimed) {
      received.checksum.type = object::ChecksumType::kNone;
      add_checksum_headers(reply.headers, received.checksum);
    }
    add_encryption_header(reply.headers);
    return reply;
  }

 private:
  // The client sums with one algorithm and the upload with another (its silent default): both are
  // taken, the client's to be verified and the upload's to be kept.
  bool needs_own_digest() const { return claimed_ != nullptr && claimed_ != checksum_.algorithm; }

  Call& call_;
  int number_;
  UploadChecksum checksum_;
  const ChecksumAlgorithm* claimed_;
  object::DataWriter writer_;
  std::optional<base::Digest> own_digest_;
};

std::unique_ptr<Consumer> upload_part(Call& call) {
  const int number = read_part_number(call, call.param("partNumber"));
  call.require_bucket();
  const object::Upload upload = require_upload(call);
  const UploadChecksum checksum = checksum_of(upload.attributes);
  const ChecksumAlgorithm* claimed = read_checksum_claim(call).algorithm;
  if (checksum.asked_for && claimed != checksum.algorithm) {
    throw invalid_request(
        "Checksum Type mismatch occurred, expected checksum Type: " +
        base::to_lower(checksum.algorithm->name) + ", actual checksum Type: " +
        (claimed != nullptr ? base::to_lower(claimed->name) : std::string("null")));
  }
  return std::make_unique<UploadPart>(call, number, checksum, claimed);
}

// "bytes=first-last" inside the source; the whole when the header is absent.
http::ByteRange read_copy_range(const Call& call, std::uint64_t size_bytes) {
  constexpr std::string_view kHeader = "x-amz-copy-source-range";
  const auto header = call.find_header(kHeader);
  if (!header) return {0, size_bytes == 0 ? 0 : size_bytes - 1};
  const auto malformed = [&] {
    return invalid_argument(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
        "last are the zero-based offsets of the first and last bytes to copy",
        kHeader, *header);
  };
  std::string_view text = *header;
  if (!text.starts_with("bytes=")) throw malformed();
  text.remove_prefix(6);
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) throw malformed();
  const auto first = base::parse_integer<std::int64_t>(text.substr(0, dash));
  const auto last = base::parse_integer<std::int64_t>(text.substr(dash + 1));
  if (!first || !last || *first < 0 || *last < *first) throw malformed();
  const http::ByteRange range{static_cast<std::uint64_t>(*first),
                              static_cast<std::uint64_t>(*last)};
  if (range.first >= size_bytes) {
    throw invalid_request("The specified copy range is invalid for the source object size");
  }
  if (range.last >= size_bytes) {
    throw invalid_argument(
        "Range specified is not valid for source object of size: " + std::to_string(size_bytes),
        kHeader, *header);
  }
  return range;
}

http::Reply upload_part_copy(Call& call, std::string_view) {
  const int number = read_part_number(call, call.param("partNumber"));
  const CopySource source = read_copy_source(call);
  call.require_bucket();
  const object::Upload upload = require_upload(call);
  const object::Opened opened = open_copy_source(call, source);
  const std::uint64_t size = opened.version.size_bytes;
  const http::ByteRange range = read_copy_range(call, size);
  const std::uint64_t length = size == 0 ? 0 : range.length();
  if (length > kMaxCopyBytes) {
    throw invalid_request(
        "The specified copy source is larger than the maximum allowable size for a copy source: " +
        std::to_string(kMaxCopyBytes));
  }
  const UploadChecksum checksum = checksum_of(upload.attributes);

  object::Part part;
  part.number = number;
  const object::Attributes& from = opened.version.attributes;
  const bool whole = length == size && opened.version.parts.empty();
  const bool same_checksum = from.checksum.algorithm == checksum.algorithm->name &&
                             from.checksum.type == object::ChecksumType::kFullObject;
  if (whole && same_checksum) {
    part.etag = from.etag;
    part.checksum = from.checksum.value;
  } else {
    const std::array kinds = {base::DigestKind::kMd5, checksum.algorithm->kind};
    const auto values = digest_content(opened.content, range.first, length, kinds);
    part.etag = base::to_hex(values[0]);
    part.checksum = base::to_base64(values[1]);
  }
  const auto stored = value_or_throw(
      call.engine.put_part(call.bucket, call.key, read_upload_id(call), std::move(part),
                           call.engine.duplicate(opened.content, range.first, length)),
      call);

  xml::Writer out;
  out.open("CopyPartResult", kXmlns)
      .element("LastModified", http::iso_date(stored.modified_ms / 1000))
      .element("ETag", quote_etag(stored.etag));
  if (checksum.asked_for) out.element(checksum.algorithm->element, stored.checksum);
  http::Reply reply = xml_reply(out);
  add_source_version_header(opened.version, reply.headers);
  add_encryption_header(reply.headers);
  return reply;
}

http::Reply list_parts(Call& call, std::string_view) {
  call.require_bucket();
  const std::size_t max = read_page_size(call, "max-parts", "max-parts").served;
  int after = 0;
  if (const auto marker = call.query().get("part-number-marker"); marker && !marker->empty()) {
    const auto number = base::parse_integer<std::int64_t>(*marker);
    if (!number || *number < 0 || *number > 2'147'483'647) {
      throw invalid_argument("Provided part-number-marker not an integer or within integer range",
                             "part-number-marker", *marker);
    }
    after = static_cast<int>(*number);
  }
  const KeyEncoding encoding(call);
  const auto page = value_or_throw(
      call.engine.list_parts(call.bucket, call.key, read_upload_id(call), after, max), call);
  const UploadChecksum checksum = checksum_of(page.upload.attributes);

  xml::Writer out;
  out.open("ListPartsResult", kXmlns);
  out.element("Bucket", call.bucket);
  encoding.element(out, "Key", call.key);
  out.element("UploadId", page.upload.upload_id);
  const std::string initiator = canonical_id(page.upload.initiator);
  out.open("Initiator").element("ID", initiator).close();
  out.open("Owner").element("ID", canonical_id(page.upload.attributes.owner)).close();
  out.element("StorageClass", shown_storage_class(page.upload.attributes.storage_class));
  out.number("PartNumberMarker", static_cast<std::uint64_t>(after));
  out.number("NextPartNumberMarker",
             static_cast<std::uint64_t>(page.parts.empty() ? 0 : page.next_part_number_marker));
  out.number("MaxParts", max);
  encoding.write_type(out);
  out.boolean("IsTruncated", page.truncated);
  if (checksum.asked_for) {
    out.element("ChecksumAlgorithm", checksum.algorithm->name);
    out.element("ChecksumType", checksum_type_name(checksum.type));
  }
  for (const object::Part& part : page.parts) {
    out.open("Part")
        .number("PartNumber", static_cast<std::uint64_t>(part.number))
        .element("LastModified", http::iso_date(part.modified_ms / 1000))
        .element("ETag", quote_etag(part.etag))
        .number("Size", part.size_bytes);
    if (checksum.asked_for) out.element(checksum.algorithm->element, part.checksum);
    out.close();
  }
  return xml_reply(out);
}

constexpr std::array kOperations = {
    Operation{.name = "UploadPart",
              .method = "PUT",
              .level = Level::kObject,
              .query = "uploadId",
              .stream = upload_part},
    Operation{.name = "UploadPartCopy",
              .method = "PUT",
              .level = Level::kObject,
              .query = "uploadId",
              .request_header = "x-amz-copy-source",
              .runs = Runs::kInBackground,
              .handler = upload_part_copy},
    Operation{.name = "ListParts",
              .method = "GET",
              .level = Level::kObject,
              .query = "uploadId",
              .handler = list_parts},
};

}  // namespace

std::span<const Operation> part_operations() { return kOperations; }

}  // namespace bodega::s3
