#include "protocol/s3/wire/object_headers.h"

#include <algorithm>
#include <array>

#include "engines/base/bytes.h"
#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/http/percent.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/reply.h"
#include "protocol/s3/wire/tag_set.h"

namespace bodega::s3 {
namespace {

constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::string_view kDefaultContentType = "binary/octet-stream";

struct ContentHeader {
  std::string_view key;   // in object::Attributes::headers
  std::string_view name;  // in replies
};

// Kept as opaque text, Expires included: S3 gives back what it got.
constexpr std::array kContentHeaders = {
    ContentHeader{"content-type", "Content-Type"},
    ContentHeader{"cache-control", "Cache-Control"},
    ContentHeader{"content-disposition", "Content-Disposition"},
    ContentHeader{"content-encoding", "Content-Encoding"},
    ContentHeader{"content-language", "Content-Language"},
    ContentHeader{"expires", "Expires"},
    ContentHeader{"x-amz-website-redirect-location", "x-amz-website-redirect-location"},
};

constexpr std::array<std::string_view, 13> kStorageClasses = {
    "STANDARD",        "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
    "GLACIER",         "DEEP_ARCHIVE",       "OUTPOSTS",    "GLACIER_IR", "SNOW",
    "EXPRESS_ONEZONE", "FSX_OPENZFS",        "FSX_ONTAP"};

std::string latin1_to_utf8(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xC0 | (byte >> 6)));
      out.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    }
  }
  return out;
}

// "=?UTF-8?B?…?=" and "=?UTF-8?Q?…?=" (RFC 2047), the whole value; anything else stays as it is.
std::string decode_word(std::string_view value) {
  if (!value.starts_with("=?") || !value.ends_with("?=") || value.size() < 10) {
    return std::string(value);
  }
  const std::string_view inner = value.substr(2, value.size() - 4);
  const std::size_t first = inner.find('?');
  if (first == std::string_view::npos || first + 2 >= inner.size() || inner[first + 2] != '?' ||
      !base::equals_ignoring_case(inner.substr(0, first), "utf-8")) {
    return std::string(value);
  }
  const char kind = inner[first + 1];
  const std::string_view text = inner.substr(first + 3);
  if (kind == 'B' || kind == 'b') return base::from_base64(text).value_or(std::string(value));
  if (kind != 'Q' && kind != 'q') return std::string(value);
  std::string percent;  // the same in percent-encoding
  for (const char c : text) {
    if (c == '%') {
      percent.append("%25");
    } else {
      percent.push_back(c == '=' ? '%' : c == '_' ? ' ' : c);
    }
  }
  return http::percent_decode(percent).value_or(std::string(value));
}

// What the client meant: UTF-8 as it is, other bytes as Latin-1.
std::string metadata_value(std::string_view raw) {
  const std::string decoded = decode_word(base::trim(raw));
  return http::is_utf8(decoded) ? decoded : latin1_to_utf8(decoded);
}

bool is_printable(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte < 0x7F) || c == '\t';
}

// Headers are printable ASCII: anything else goes out as an encoded word (RFC 2047). Recorded on
// the service: quoted where most characters are printable ASCII, else base64.
std::string metadata_header(const std::string& value) {
  if (std::all_of(value.begin(), value.end(), is_printable)) return value;
  std::size_t printable = 0;
  std::size_t others = 0;  // in UTF-16 units, as the service counts them
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_printable(c)) {
      ++printable;
    } else if (byte >= 0xF0) {
      others += 2;
    } else if ((byte & 0xC0) != 0x80) {
      ++others;
    }
  }
  if (printable <= others) return "=?UTF-8?B?" + base::to_base64(value) + "?=";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string word = "=?UTF-8?Q?";
  for (const char c : value) {
    if (c == ' ') {
      word.push_back('_');
    } else if (is_printable(c) && c != '=' && c != '?' && c != '_' && c != '\t') {
      word.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      word.push_back('=');
      word.push_back(kDigits[byte >> 4]);
      word.push_back(kDigits[byte & 15]);
    }
  }
  return word + "?=";
}

void refuse_acl_headers(const Call& call) {
  for (const std::string_view name :
       {"x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write",
        "x-amz-grant-write-acp"}) {
    if (call.find_header(name)) throw Error(Code::kAccessControlListNotSupported);
  }
  const auto acl = call.find_header("x-amz-acl");
  if (acl && *acl != "bucket-owner-full-control") {
    throw Error(Code::kAccessControlListNotSupported);
  }
}

void refuse_encryption_headers(const Call& call) {
  constexpr std::string_view kHeader = "x-amz-server-side-encryption";
  if (call.find_header("x-amz-server-side-encryption-customer-algorithm")) {
    throw not_implemented_header("x-amz-server-side-encryption-customer-algorithm",
                                 "Customer-provided keys are not implemented");
  }
  const auto algorithm = call.find_header(kHeader);
  if (!algorithm || *algorithm == "AES256") return;
  if (algorithm->starts_with("aws:kms")) {
    throw not_implemented_header(kHeader, "Encryption with KMS keys is not implemented");
  }
  throw invalid_argument("The encryption method specified is not supported", kHeader, *algorithm);
}

void refuse_lock_headers(const Call& call) {
  for (const std::string_view name :
       {"x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date",
        "x-amz-object-lock-legal-hold"}) {
    if (!call.find_header(name)) continue;
    const auto bucket = call.find_bucket();
    if (bucket && !bucket->object_lock) {
      throw invalid_request("Bucket is missing Object Lock Configuration");
    }
    throw not_implemented_header(name, "Object Lock is not implemented");
  }
}

}  // namespace

void read_content_attributes(const Call& call, object::Attributes& attributes) {
  std::size_t metadata_bytes = 0;
  for (const http::Header& field : call.head.headers) {
    const std::string_view name = field.name;
    if (name.size() > kMetaPrefix.size() &&
        base::equals_ignoring_case(name.substr(0, kMetaPrefix.size()), kMetaPrefix)) {
      std::string key = base::to_lower(name.substr(kMetaPrefix.size()));
      std::string value = metadata_value(field.value);
      metadata_bytes += key.size() + value.size();
      const auto [place, is_new] = attributes.metadata.try_emplace(std::move(key), value);
      if (!is_new) place->second.append(",").append(value);
      continue;
    }
    for (const ContentHeader& header : kContentHeaders) {
      if (name.size() != header.key.size() || !base::equals_ignoring_case(name, header.key)) {
        continue;
      }
      // As sent, spaces and all, unless the framing of the request is named in it.
      const bool framed = header.key == "content-encoding" &&
                          base::to_lower(field.value).find("aws-chunked") != std::string::npos;
      std::string value = framed ? aws::without_aws_chunked(field.value) : field.value;
      if (!value.empty()) attributes.headers.insert_or_assign(std::string(header.key), value);
      break;
    }
  }
  if (metadata_bytes > kMaxMetadataBytes) {
    throw Error(Code::kMetadataTooLarge)
        .with("Size", std::to_string(metadata_bytes))
        .with("MaxSizeAllowed", std::to_string(kMaxMetadataBytes));
  }
  const auto redirect = attributes.headers.find("x-amz-website-redirect-location");
  if (redirect != attributes.headers.end() && !redirect->second.starts_with('/') &&
      !redirect->second.starts_with("http://") && !redirect->second.starts_with("https://")) {
    throw Error(Code::kInvalidArgument,
                "The website redirect location must have a prefix of 'http://' or 'https://' or "
                "'/'.");
  }
}

std::string read_storage_class(const Call& call) {
  const auto name = call.find_header("x-amz-storage-class");
  if (!name || *name == "STANDARD") return "";
  if (std::find(kStorageClasses.begin(), kStorageClasses.end(), *name) == kStorageClasses.end() ||
      *name == "OUTPOSTS" || *name == "EXPRESS_ONEZONE") {
    throw Error(Code::kInvalidStorageClass).with("StorageClassRequested", *name);
  }
  return std::string(*name);
}

void read_storage_attributes(const Call& call, object::Attributes& attributes) {
  bool has_extras = false;
  for (const http::Header& field : call.head.headers) {
    if (field.name.size() > 6 && (field.name[0] | 0x20) == 'x' && field.name[1] == '-') {
      has_extras = true;
      break;
    }
  }
  attributes.owner = call.caller.account;
  if (!has_extras) return;
  refuse_acl_headers(call);
  refuse_encryption_headers(call);
  refuse_lock_headers(call);
  attributes.storage_class = read_storage_class(call);
  if (const auto tagging = call.find_header("x-amz-tagging"); tagging && !tagging->empty()) {
    attributes.properties.insert_or_assign(std::string(kTaggingProperty),
                                           pack_tags(read_tagging_header(*tagging)));
  }
}

void add_encryption_header(http::Headers& headers) {
  headers.add("x-amz-server-side-encryption", "AES256");
}

void add_put_version_header(const object::PutDone& done, http::Headers& headers) {
  if (done.versioning == object::Versioning::kEnabled) {
    headers.add("x-amz-version-id", done.version_id);
  }
}

std::string_view shown_storage_class(std::string_view storage_class) {
  return storage_class.empty() ? "STANDARD" : storage_class;
}

void add_object_headers(const Call&, const object::ObjectVersion& version, http::Headers& headers) {
  const object::Attributes& attributes = version.attributes;
  headers.add("Last-Modified", http::http_date(version.modified_ms / 1000));
  headers.add("ETag", quote_etag(attributes.etag));
  headers.add("Accept-Ranges", "bytes");
  if (!attributes.headers.contains("content-type")) {
    headers.add("Content-Type", std::string(kDefaultContentType));
  }
  for (const ContentHeader& header : kContentHeaders) {
    const auto found = attributes.headers.find(header.key);
    if (found != attributes.headers.end()) headers.add(std::string(header.name), found->second);
  }
  for (const auto& [name, value] : attributes.metadata) {
    headers.add(std::string(kMetaPrefix) + name, metadata_header(value));
  }
  add_encryption_header(headers);
  if (version.versioning != object::Versioning::kUnversioned) {
    headers.add("x-amz-version-id", version.version_id);
  }
  if (!attributes.storage_class.empty()) {
    headers.add("x-amz-storage-class", attributes.storage_class);
  }
  const auto tagging = attributes.properties.find(kTaggingProperty);
  if (tagging != attributes.properties.end() && !tagging->second.empty()) {
    const auto count = std::count(tagging->second.begin(), tagging->second.end(), '&') + 1;
    headers.add("x-amz-tagging-count", std::to_string(count));
  }
}

}  // namespace bodega::s3
