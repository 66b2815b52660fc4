#include "protocol/s3/wire/tag_set.h"

#include <algorithm>

#include "protocol/http/percent.h"
#include "protocol/http/query.h"
#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {
namespace {

constexpr std::size_t kMaxTagKeyCharacters = 128;
constexpr std::size_t kMaxTagValueCharacters = 256;

std::size_t characters_of(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++count;
  }
  return count;
}

// Letters, digits and white space of any script, and + - = . _ : / @.
bool has_allowed_characters(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (byte >= 0x80 || alphanumeric) continue;
    if (std::string_view(" \t+-=._:/@").find(c) == std::string_view::npos) return false;
  }
  return true;
}

Error reserved_key(const Tag& tag, TagsOf whose) {
  switch (whose) {
    case TagsOf::kObject:
      return Error(Code::kInvalidTag, "Your TagKey cannot be prefixed with aws:")
          .with("TagKey", tag.key);
    case TagsOf::kBucket:
      return Error(Code::kInvalidTag, "System tags cannot be added/updated by requester")
          .with("TagKey", tag.key);
    case TagsOf::kNewBucket: break;
  }
  return Error(Code::kInvalidTag,
               "User-defined tag keys can't start with \"aws:\". This prefix is reserved for "
               "system tags. Remove \"aws:\" from your tag keys and try again.");
}

void check_tags(const Tags& tags, TagsOf whose) {
  const std::size_t max_tags = whose == TagsOf::kObject ? kMaxObjectTags : kMaxBucketTags;
  if (tags.size() > max_tags) {
    throw Error(Code::kBadRequest,
                "Object tags cannot be greater than " + std::to_string(max_tags));
  }
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const Tag& tag = tags[i];
    if (tag.key.empty() || characters_of(tag.key) > kMaxTagKeyCharacters ||
        !has_allowed_characters(tag.key)) {
      throw Error(Code::kInvalidTag, "The TagKey you have provided is invalid")
          .with("TagKey", tag.key);
    }
    if (tag.key.starts_with("aws:")) throw reserved_key(tag, whose);
    if (characters_of(tag.value) > kMaxTagValueCharacters || !has_allowed_characters(tag.value)) {
      throw Error(Code::kInvalidTag, "The TagValue you have provided is invalid")
          .with("TagKey", tag.key)
          .with("TagValue", tag.value);
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (tags[k].key == tag.key) {
        throw Error(Code::kInvalidTag, "Cannot provide multiple Tags with the same key")
            .with("TagKey", tag.key);
      }
    }
  }
}

}  // namespace

Tags read_tagging_header(std::string_view header) {
  const auto query = http::Query::parse(header);
  const auto malformed = [header] {
    return invalid_argument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
        "without tag name duplicates.",
        "x-amz-tagging", header);
  };
  if (!query.well_formed()) throw malformed();
  Tags tags;
  for (const auto& parameter : query) {
    // "a=1,b=2" is not two tags, nor one.
    if (std::count(parameter.raw.begin(), parameter.raw.end(), '=') > 1) throw malformed();
    if (!http::is_utf8(parameter.name) || !http::is_utf8(parameter.value)) throw malformed();
    for (const Tag& tag : tags) {
      if (tag.key == parameter.name) throw malformed();
    }
    tags.push_back({std::string(parameter.name), std::string(parameter.value)});
  }
  check_tags(tags, TagsOf::kObject);
  return tags;
}

Tags read_tag_set(const xml::Element& tag_set, TagsOf whose) {
  Tags tags;
  for (const xml::Element& element : tag_set.children()) {
    if (element.name() != "Tag") throw Error(Code::kMalformedXML);
    if (!element.child("Key") || !element.child("Value")) throw Error(Code::kMalformedXML);
    tags.push_back({element.child("Key").text(), element.child("Value").text()});
  }
  check_tags(tags, whose);
  return tags;
}

std::string pack_tags(const Tags& tags) {
  std::string out;
  for (const Tag& tag : tags) {
    if (!out.empty()) out.push_back('&');
    http::append_percent_encoded(out, tag.key, http::Slash::kEncode);
    out.push_back('=');
    http::append_percent_encoded(out, tag.value, http::Slash::kEncode);
  }
  return out;
}

Tags unpack_tags(std::string_view packed) {
  Tags tags;
  for (const auto& parameter : http::Query::parse(packed)) {
    tags.push_back({std::string(parameter.name), std::string(parameter.value)});
  }
  return tags;
}

void write_tag_set(xml::Writer& out, const Tags& tags) {
  out.open("TagSet");
  for (const Tag& tag : tags) {
    out.open("Tag").element("Key", tag.key).element("Value", tag.value).close();
  }
  out.close();
}

}  // namespace bodega::s3
