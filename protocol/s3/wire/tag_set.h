// Tags of buckets and objects: read from a header or from XML, checked by S3's rules, kept as a
// query string ("a=1&b=2", percent-encoded, in the order given).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/xml/reader.h"
#include "protocol/xml/writer.h"

namespace bodega::s3 {

inline constexpr std::size_t kMaxObjectTags = 10;
inline constexpr std::size_t kMaxBucketTags = 50;

// Whose tags: how many there may be, and the service's words for those of its own ("aws:…").
enum class TagsOf : std::uint8_t { kObject, kBucket, kNewBucket };

struct Tag {
  std::string key;
  std::string value;
};
using Tags = std::vector<Tag>;

// The value of x-amz-tagging. Throws InvalidArgument, InvalidTag, BadRequest.
Tags read_tagging_header(std::string_view header);
// A <Tagging> or <Tags> element with its <TagSet> or <Tag>s. Throws MalformedXML, InvalidTag,
// BadRequest.
Tags read_tag_set(const xml::Element& tag_set, TagsOf whose);

std::string pack_tags(const Tags& tags);
Tags unpack_tags(std::string_view packed);

// <TagSet><Tag>…</Tag></TagSet>
void write_tag_set(xml::Writer& out, const Tags& tags);

}  // namespace bodega::s3
