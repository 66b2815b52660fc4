// GetObjectAttributes: what is known of an object, without its bytes.
#include <algorithm>
#include <array>

#include "engines/base/number_text.h"
#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/checksums.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/parameters.h"
#include "protocol/s3/wire/reply.h"
#include "protocol/s3/wire/version_id.h"

namespace bodega::s3 {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"ETag", "Checksum", "ObjectParts",
                                                    "StorageClass", "ObjectSize"};

// Which of kNames are asked for, by position.
std::array<bool, kNames.size()> read_names(const Call& call) {
  constexpr std::string_view kHeader = "x-amz-object-attributes";
  std::array<bool, kNames.size()> wanted = {};
  bool any = false;
  for (std::string_view list : call.head.headers.get_all(kHeader)) {
    while (!list.empty()) {
      const std::size_t comma = list.find(',');
      const std::string_view name = base::trim(list.substr(0, comma));
      list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
      if (name.empty()) continue;
      const auto found = std::find(kNames.begin(), kNames.end(), name);
      if (found == kNames.end()) {
        throw invalid_argument("Invalid attribute name specified.", kHeader, name);
      }
      wanted[static_cast<std::size_t>(found - kNames.begin())] = true;
      any = true;
    }
  }
  if (!any) {
    throw invalid_request(
        "The x-amz-object-attributes header specifying the attributes to be retrieved is either "
        "missing or empty");
  }
  return wanted;
}

// A number in a header, e.g. x-amz-max-parts.
std::size_t read_header_number(const Call& call, std::string_view name, std::size_t absent) {
  const auto text = call.find_header(name);
  if (!text || text->empty()) return absent;
  const auto number = base::parse_integer<std::int64_t>(*text);
  if (!number || *number < 0) {
    throw invalid_argument(
        "Provided " + std::string(name) + " not an integer or within integer range", name, *text);
  }
  return static_cast<std::size_t>(*number);
}

void write_whole_checksum(xml::Writer& out, const object::Checksum& stored) {
  const ChecksumAlgorithm* algorithm = find_checksum(stored.algorithm);
  if (algorithm == nullptr) return;
  // Recorded on the service: a composite value comes without its "-N" here, unlike everywhere else.
  const std::string_view value = stored.value;
  const bool composite = stored.type == object::ChecksumType::kComposite;
  out.open("Checksum")
      .element(algorithm->element, composite ? value.substr(0, value.rfind('-')) : value)
      .element("ChecksumType", checksum_type_name(stored.type))
      .close();
}

void write_parts(const Call& call, xml::Writer& out, const object::ObjectVersion& version) {
  const std::size_t max = std::min(read_header_number(call, "x-amz-max-parts", kMaxPage), kMaxPage);
  const std::size_t marker = read_header_number(call, "x-amz-part-number-marker", 0);
  const ChecksumAlgorithm* algorithm = find_checksum(version.attributes.checksum.algorithm);
  // Parts are shown one by one only where each has a checksum that the client asked for.
  const bool shown =
      algorithm != nullptr && version.attributes.checksum.type == object::ChecksumType::kComposite;
  out.open("ObjectParts");
  out.number("PartsCount", version.parts.size());
  if (shown) {
    std::vector<const object::Part*> page;
    bool truncated = false;
    for (const object::Part& part : version.parts) {
      if (static_cast<std::size_t>(part.number) <= marker) continue;
      if (page.size() == max) {
        truncated = true;
        break;
      }
      page.push_back(&part);
    }
    out.number("PartNumberMarker", marker);
    out.number("NextPartNumberMarker",
               page.empty() ? 0 : static_cast<std::uint64_t>(page.back()->number));
    out.number("MaxParts", max);
    out.boolean("IsTruncated", truncated);
    for (const object::Part* part : page) {
      out.open("Part")
          .element(algorithm->element, part->checksum)
          .number("PartNumber", static_cast<std::uint64_t>(part->number))
          .number("Size", part->size_bytes)
          .close();
    }
  }
  out.close();
}

http::Reply get_object_attributes(Call& call, std::string_view) {
  const auto wanted = read_names(call);
  const auto version =
      value_or_throw(call.engine.head(call.bucket, call.key, read_version_id(call)), call);
  const object::Attributes& attributes = version.attributes;
  xml::Writer out;
  out.open("GetObjectAttributesResponse", kXmlns);
  if (wanted[0]) out.element("ETag", attributes.etag);
  if (wanted[1]) write_whole_checksum(out, attributes.checksum);
  if (wanted[2] && !version.parts.empty()) write_parts(call, out, version);
  if (wanted[3]) out.element("StorageClass", shown_storage_class(attributes.storage_class));
  if (wanted[4]) out.number("ObjectSize", version.size_bytes);
  http::Reply reply = xml_reply(out);
  reply.headers.add("Last-Modified", http::http_date(version.modified_ms / 1000));
  if (version.versioning != object::Versioning::kUnversioned) {
    reply.headers.add("x-amz-version-id", version.version_id);
  }
  return reply;
}

constexpr std::array kOperations = {
    Operation{.name = "GetObjectAttributes",
              .method = "GET",
              .level = Level::kObject,
              .query = "attributes",
              .handler = get_object_attributes},
};

}  // namespace

std::span<const Operation> object_attributes_operations() { return kOperations; }

}  // namespace bodega::s3
