// Changes of objects as events of the journal: what stands in the body of one, both directions.
//
//   body   format:1 = 1 | change:1 | flags:1 (bits: 1 delete marker) | versioning:1 | key | version
//   id
//          | etag | size | count { name of a property that changed }
//
// The size is a varint, texts are varint-length-prefixed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engines/object/model.h"

namespace bodega::object {

// On disk as these numbers.
enum class ObjectChange : std::uint8_t {
  kPut = 1,
  kCopied = 2,             // PutObject by CopyObject
  kCompleted = 3,          // CompleteMultipartUpload
  kRemoved = 4,            // a version, or the object of an unversioned bucket, is gone for good
  kMarked = 5,             // a delete marker was made
  kAttributesChanged = 6,  // of a version, in place
};

struct ObjectEvent {
  ObjectChange change = ObjectChange::kPut;
  std::string key;
  std::string version_id;         // "null" unless versioning was enabled when it was made
  bool is_delete_marker = false;  // the version is one: made (kMarked), or gone (kRemoved)
  std::string etag;               // without quotes; empty: a delete marker
  std::uint64_t size_bytes = 0;
  Versioning versioning = Versioning::kUnversioned;  // the bucket's, at that time
  // Of Attributes::properties, those that came, went or changed (kAttributesChanged).
  std::vector<std::string> properties;

  friend bool operator==(const ObjectEvent&, const ObjectEvent&) = default;
};

std::string encode_event(const ObjectEvent& event);

// Throws StorageFault when the bytes are no event.
ObjectEvent decode_event(std::string_view body);

}  // namespace bodega::object
