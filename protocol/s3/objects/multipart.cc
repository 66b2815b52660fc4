// Multipart uploads: CreateMultipartUpload, CompleteMultipartUpload, AbortMultipartUpload,
// ListMultipartUploads. Completion is arithmetic on what the parts left behind: the etag is the MD5
// of their MD5s, the checksum either combined (FULL_OBJECT, CRCs only) or the digest of their
// digests (COMPOSITE); no byte is read again.
#include <array>

#include "engines/base/bytes.h"
#include "engines/base/number_text.h"
#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/http/percent.h"
#include "protocol/s3/objects/parts.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/conditions.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/parameters.h"
#include "protocol/s3/wire/reply.h"
#include "protocol/xml/reader.h"

namespace bodega::s3 {
namespace {

constexpr std::string_view kDefaultMark = "default-checksum";

std::optional<object::ChecksumType> read_checksum_type(const Call& call) {
  const auto name = call.find_header("x-amz-checksum-type");
  if (!name) return std::nullopt;
  if (base::equals_ignoring_case(*name, "FULL_OBJECT")) return object::ChecksumType::kFullObject;
  if (base::equals_ignoring_case(*name, "COMPOSITE")) return object::ChecksumType::kComposite;
  throw invalid_request("Value for x-amz-checksum-type header is invalid.");
}

// Algorithm and type at CreateMultipartUpload.
void choose_checksum(const Call& call, object::Attributes& attributes) {
  const ChecksumAlgorithm* algorithm = read_checksum_algorithm(call);
  const auto type = read_checksum_type(call);
  if (algorithm == nullptr) {
    if (type) {
      throw invalid_request(
          "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
          "header.");
    }
    attributes.checksum.algorithm = default_checksum().name;
    attributes.checksum.type = object::ChecksumType::kFullObject;
    mark_default_checksum(attributes);
    return;
  }
  const object::ChecksumType chosen = type.value_or(
      algorithm->composite ? object::ChecksumType::kComposite : object::ChecksumType::kFullObject);
  const bool allowed =
      chosen == object::ChecksumType::kFullObject ? algorithm->full_object : algorithm->composite;
  if (!allowed) {
    throw invalid_request("The " + std::string(checksum_type_name(chosen)) +
                          " checksum type cannot be used with the " +
                          base::to_lower(algorithm->name) + " checksum algorithm.");
  }
  attributes.checksum.algorithm = algorithm->name;
  attributes.checksum.type = chosen;
}

http::Reply create_multipart_upload(Call& call, std::string_view) {
  call.require_bucket();
  object::CreateUpload request;
  request.bucket = call.bucket;
  request.key = call.key;
  request.initiator = call.caller.account;
  read_content_attributes(call, request.attributes);
  read_storage_attributes(call, request.attributes);
  choose_checksum(call, request.attributes);
  const auto upload = value_or_throw(call.engine.create_upload(request), call);
  const UploadChecksum checksum = checksum_of(upload.attributes);

  xml::Writer out;
  out.open("InitiateMultipartUploadResult", kXmlns)
      .element("Bucket", call.bucket)
      .element("Key", call.key)
      .element("UploadId", upload.upload_id);
  http::Reply reply = xml_reply(out);
  if (checksum.asked_for) {
    reply.headers.add("x-amz-checksum-algorithm", std::string(checksum.algorithm->name));
    reply.headers.add("x-amz-checksum-type", std::string(checksum_type_name(checksum.type)));
  }
  add_encryption_header(reply.headers);
  return reply;
}

// ---- CompleteMultipartUpload ----

// The checksum that <Part> gives, where the upload was created with one.
std::optional<std::string> read_part_checksum(const Call& call, const xml::Element& element,
                                              const UploadChecksum& checksum,
                                              const object::NamedPart& part) {
  const ChecksumAlgorithm* given = nullptr;
  std::string value;
  for (const xml::Element& child : element.children()) {
    if (const ChecksumAlgorithm* algorithm = find_checksum_element(child.name())) {
      given = algorithm;
      value = child.text();
    }
  }
  if (!checksum.asked_for) {
    if (given == nullptr) return std::nullopt;
    // Nothing can be known of a part's checksum that no request asked to keep.
    throw Error(Code::kInvalidPart)
        .with("UploadId", read_upload_id(call))
        .with("PartNumber", std::to_string(part.number))
        .with("ETag", part.etag);
  }
  if (given == checksum.algorithm) return value;
  if (given != nullptr) {
    throw Error(Code::kBadDigest, "The " + base::to_lower(given->name) +
                                      " you specified for part " + std::to_string(part.number) +
                                      " did not match what we received.");
  }
  if (checksum.type == object::ChecksumType::kComposite) {
    throw invalid_request("The upload was created using a " +
                          base::to_lower(checksum.algorithm->name) +
                          " checksum. The complete request must include the checksum for each "
                          "part. It was missing for part " +
                          std::to_string(part.number) + " in the request.");
  }
  return std::nullopt;
}

// Without a `checksum` (an upload that is gone, perhaps completed) those of the parts are not read.
std::vector<object::NamedPart> read_named_parts(const Call& call, std::string_view body,
                                                const UploadChecksum* checksum) {
  if (body.empty()) throw invalid_request("You must specify at least one part");
  const auto document = xml::Document::parse(body);
  if (!document || document->root().name() != "CompleteMultipartUpload") {
    throw Error(Code::kMalformedXML);
  }
  const auto elements = document->root().children("Part");
  if (elements.empty() || elements.size() > object::kMaxPartNumber) {
    throw Error(Code::kMalformedXML);
  }
  std::vector<object::NamedPart> parts;
  parts.reserve(elements.size());
  for (const xml::Element& element : elements) {
    if (!element.child("PartNumber") || !element.child("ETag")) throw Error(Code::kMalformedXML);
    object::NamedPart part;
    const std::string number = element.child("PartNumber").text();
    if (!base::parse_integer<std::int64_t>(base::trim(number))) throw Error(Code::kMalformedXML);
    part.number = read_part_number(call, base::trim(number));
    const std::string etag = element.child("ETag").text();
    part.etag = unquote_etag(base::trim(etag));
    if (checksum != nullptr) part.checksum = read_part_checksum(call, element, *checksum, part);
    parts.push_back(std::move(part));
  }
  return parts;
}

std::string multipart_etag(const std::vector<object::Part>& parts) {
  base::Digest digest(base::DigestKind::kMd5);
  for (const object::Part& part : parts) digest.update(base::from_hex(part.etag).value_or(""));
  return base::to_hex(digest.finish()) + "-" + std::to_string(parts.size());
}

std::string multipart_checksum(const UploadChecksum& checksum,
                               const std::vector<object::Part>& parts) {
  const base::DigestKind kind = checksum.algorithm->kind;
  const auto raw = [](const object::Part& part) {
    return base::from_base64(part.checksum).value_or("");
  };
  if (checksum.type == object::ChecksumType::kComposite) {
    base::Digest digest(kind);
    for (const object::Part& part : parts) digest.update(raw(part));
    return base::to_base64(digest.finish()) + "-" + std::to_string(parts.size());
  }
  std::string value = raw(parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    value = base::combine_crc(kind, value, raw(parts[i]), parts[i].size_bytes);
  }
  return base::to_base64(value);
}

// What the client promises about the whole: its checksum, its type and its size.
struct WholeChecksum {
  std::optional<std::string> checksum;
  std::optional<std::string> object_size;
};

Error wrong_sum(const UploadChecksum& checksum) {
  return Error(Code::kBadDigest, "The " + base::to_lower(checksum.algorithm->name) +
                                     " you specified did not match the calculated checksum.");
}

WholeChecksum read_whole_checksum(const Call& call, const UploadChecksum& checksum) {
  WholeChecksum promised;
  const auto type = read_checksum_type(call);
  if (type && (!checksum.asked_for || *type != checksum.type)) {
    const std::string mode(checksum.asked_for ? checksum_type_name(checksum.type) : "null");
    throw invalid_request("The upload was created using the " + mode +
                          " checksum mode. The complete request must use the same checksum mode.");
  }
  for (const http::Header& field : call.head.headers) {
    const ChecksumAlgorithm* algorithm = find_checksum_header(field.name);
    if (algorithm == nullptr) continue;
    // Recorded on the service: an upload without a checksum algorithm ignores sums of other kinds.
    if (!checksum.asked_for && algorithm != checksum.algorithm) continue;
    // A sum of the whole object has to be called one, and be of the upload's algorithm.
    const bool right_kind =
        algorithm == checksum.algorithm &&
        (type || !checksum.asked_for || checksum.type == object::ChecksumType::kComposite);
    if (!right_kind) throw wrong_sum(checksum);
    promised.checksum = field.value;
  }
  if (const auto size = call.find_header("x-amz-mp-object-size")) {
    const auto number = base::parse_integer<std::int64_t>(*size);
    if (!number || *number < 0) {
      throw invalid_request("Value for x-amz-mp-object-size header is invalid.");
    }
    promised.object_size = std::to_string(*number);
  }
  return promised;
}

void seal(const UploadChecksum& checksum, const WholeChecksum& promised,
          const std::vector<object::Part>& parts, object::Attributes& attributes) {
  attributes.etag = multipart_etag(parts);
  attributes.checksum.value = multipart_checksum(checksum, parts);
  unmark_default_checksum(attributes);
  if (promised.object_size) {
    std::uint64_t size = 0;
    for (const object::Part& part : parts) size += part.size_bytes;
    if (std::to_string(size) != *promised.object_size) {
      throw invalid_request("The provided 'x-amz-mp-object-size' header value " +
                            *promised.object_size +
                            " does not match what was computed: " + std::to_string(size));
    }
  }
  if (promised.checksum) {
    // A composite value may be given with or without the number of parts.
    const std::string_view value = attributes.checksum.value;
    const bool right =
        *promised.checksum == value || *promised.checksum == value.substr(0, value.rfind('-'));
    if (!right) throw wrong_sum(checksum);
  }
}

std::string location_of(const Call& call) {
  std::string location = call.head.secure ? "https://" : "http://";
  location.append(host_of(call.head)).append("/");
  if (!call.virtual_host) location.append(call.bucket).append("/");
  // A slash in the key is encoded here, as the service does it.
  http::append_percent_encoded(location, call.key, http::Slash::kEncode);
  return location;
}

http::Reply complete_multipart_upload(Call& call, std::string_view body) {
  call.require_bucket();
  object::CompleteUpload request;
  request.bucket = call.bucket;
  request.key = call.key;
  request.upload_id = read_upload_id(call);
  request.conditions = read_write_conditions(call);
  UploadChecksum checksum;
  const auto upload = call.engine.find_upload(call.bucket, call.key, request.upload_id);
  // An upload that is gone may have been completed before; the engine knows.
  if (upload) {
    checksum = checksum_of(upload->attributes);
  } else {
    if (body.empty()) throw to_error(upload.error(), call);
    checksum.algorithm = &default_checksum();
  }
  const WholeChecksum promised = upload ? read_whole_checksum(call, checksum) : WholeChecksum{};
  request.parts = read_named_parts(call, body, upload ? &checksum : nullptr);
  request.seal = [&](const std::vector<object::Part>& parts, object::Attributes& attributes) {
    seal(checksum, promised, parts, attributes);
  };
  const auto done = value_or_throw(call.engine.complete_upload(request), call);

  xml::Writer out;
  out.open("CompleteMultipartUploadResult", kXmlns)
      .element("Location", location_of(call))
      .element("Bucket", call.bucket)
      .element("Key", call.key)
      .element("ETag", quote_etag(done.etag));
  write_checksum(out, done.checksum);
  http::Reply reply = xml_reply(out);
  add_put_version_header(done.put, reply.headers);
  add_encryption_header(reply.headers);
  return reply;
}

http::Reply abort_multipart_upload(Call& call, std::string_view) {
  call.require_bucket();
  throw_refusal(call.engine.abort_upload(call.bucket, call.key, read_upload_id(call)), call);
  return empty_reply(204);
}

void write_upload(xml::Writer& out, const KeyEncoding& encoding, const object::Upload& upload) {
  out.open("Upload");
  encoding.element(out, "Key", upload.key);
  out.element("UploadId", upload.upload_id);
  out.open("Initiator").element("ID", canonical_id(upload.initiator)).close();
  out.open("Owner").element("ID", canonical_id(upload.attributes.owner)).close();
  out.element("StorageClass", shown_storage_class(upload.attributes.storage_class));
  out.element("Initiated", http::iso_date(upload.initiated_ms / 1000));
  const UploadChecksum checksum = checksum_of(upload.attributes);
  if (checksum.asked_for) {
    out.element("ChecksumAlgorithm", checksum.algorithm->name);
    out.element("ChecksumType", checksum_type_name(checksum.type));
  }
  out.close();
}

http::Reply list_multipart_uploads(Call& call, std::string_view) {
  call.require_bucket();
  object::UploadQuery query;
  query.bucket = call.bucket;
  query.prefix = call.param("prefix");
  query.delimiter = call.param("delimiter");
  query.key_marker = call.param("key-marker");
  // Without a key marker the upload marker means nothing, and the service ignores it.
  if (!query.key_marker.empty()) query.upload_id_marker = call.param("upload-id-marker");
  const KeyEncoding encoding(call);
  query.max = read_page_size(call, "max-uploads", "max-uploads").served;
  if (!query.upload_id_marker.empty() &&
      query.upload_id_marker.find_first_of("/ ") != std::string::npos) {
    throw invalid_argument("Invalid uploadId marker", "upload-id-marker", query.upload_id_marker);
  }
  const auto page = value_or_throw(call.engine.list_uploads(query), call);

  xml::Writer out;
  out.open("ListMultipartUploadsResult", kXmlns);
  out.element("Bucket", call.bucket);
  encoding.element(out, "KeyMarker", query.key_marker);
  out.element("UploadIdMarker", query.upload_id_marker);
  // Recorded on the service: both are always there and name the last upload of the page, also of
  // the last page; a page of common prefixes alone leaves them empty.
  const bool marked = !page.uploads.empty();
  encoding.element(out, "NextKeyMarker", marked ? page.uploads.back().key : "");
  out.element("NextUploadIdMarker", marked ? page.uploads.back().upload_id : "");
  if (!query.delimiter.empty()) encoding.element(out, "Delimiter", query.delimiter);
  if (!query.prefix.empty()) encoding.element(out, "Prefix", query.prefix);
  out.number("MaxUploads", query.max);
  encoding.write_type(out);
  out.boolean("IsTruncated", page.truncated);
  for (const object::Upload& upload : page.uploads) write_upload(out, encoding, upload);
  for (const std::string& prefix : page.common_prefixes) {
    out.open("CommonPrefixes");
    encoding.element(out, "Prefix", prefix);
    out.close();
  }
  return xml_reply(out);
}

constexpr std::array kOperations = {
    Operation{.name = "CreateMultipartUpload",
              .method = "POST",
              .level = Level::kObject,
              .query = "uploads",
              .handler = create_multipart_upload},
    Operation{.name = "CompleteMultipartUpload",
              .method = "POST",
              .level = Level::kObject,
              .query = "uploadId",
              .body_limit_bytes = kXmlListLimitBytes,
              .body_checksum = BodyChecksum::kOfTheObject,
              .handler = complete_multipart_upload},
    Operation{.name = "AbortMultipartUpload",
              .method = "DELETE",
              .level = Level::kObject,
              .query = "uploadId",
              .runs = Runs::kInBackground,
              .handler = abort_multipart_upload},
    Operation{.name = "ListMultipartUploads",
              .method = "GET",
              .level = Level::kBucket,
              .query = "uploads",
              .handler = list_multipart_uploads},
};

}  // namespace

std::string_view read_upload_id(const Call& call) { return call.param("uploadId"); }

object::Upload require_upload(const Call& call) {
  return value_or_throw(call.engine.find_upload(call.bucket, call.key, read_upload_id(call)), call);
}

UploadChecksum checksum_of(const object::Attributes& attributes) {
  UploadChecksum checksum;
  checksum.algorithm = find_checksum(attributes.checksum.algorithm);
  if (checksum.algorithm == nullptr) checksum.algorithm = &default_checksum();
  checksum.type = attributes.checksum.type;
  checksum.asked_for = !attributes.properties.contains(kDefaultMark);
  return checksum;
}

void mark_default_checksum(object::Attributes& attributes) {
  attributes.properties.insert_or_assign(std::string(kDefaultMark), "1");
}

void unmark_default_checksum(object::Attributes& attributes) {
  attributes.properties.erase(std::string(kDefaultMark));
}

std::span<const Operation> multipart_operations() { return kOperations; }

}  // namespace bodega::s3
