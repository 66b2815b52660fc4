// The bytes of the object engine's keys and records, both directions.
//
// kS3Buckets
//   name                                   -> bucket record
//   name 00 configuration                  -> the configuration's bytes, as given
//
// kS3Objects
//   01 bucket 00 key                       -> version record: the latest, when it is an object
//   02 bucket 00 ORDERED(key) ~order:8     -> version record: older versions and delete markers
//   03 bucket 00 key                       -> order:8 of the null version, when it is in space 02
//
// kS3Uploads
//   01 bucket 00 ORDERED(key) order:8           -> upload record
//   02 bucket 00 ORDERED(key) order:8 number:2  -> part record
//
// Bucket names hold no 00. ORDERED is base::put_ordered, which lets something follow the key
// without disturbing the order of keys. `order` counts up within one key (microseconds of the
// clock, pushed past its predecessor), is inverted in space 02 so that the newest comes first, and
// together with a random salt makes the version id, so that an id leads to its record without a
// search.
//
//   version record   format:1 flags:1 order:8 salt:16 modified_ms
//                    delete marker: owner
//                    object: size etag algorithm type:1 checksum storage_class owner
//                            | headers metadata properties
//                            | upload_id count { number size etag checksum }
//                            | 00 bytes  or  01 count { blob:8 offset length }
//   upload record    format:1 salt:16 initiated_ms initiator observed_order:8 attributes
//   part record      format:1 size etag checksum modified_ms count { blob:8 offset length }
//   bucket record    format:1 owner region created_ms versioning:1 object_lock:1
//
// Integers without a width are varints, texts are varint-length-prefixed, maps are a count and then
// their texts. What lists show stands first, so that they need not read on; inline bytes stand
// last.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/object/content.h"
#include "engines/object/model.h"

namespace bodega::object::format {

// ---- Keys ----

// Behind all names of buckets, which are ASCII, and their configurations.
inline constexpr std::string_view kBehindBuckets = "\x7f";

// The configurations of a bucket: this and their name.
std::string configuration_prefix(std::string_view bucket);

// Everything a bucket has in one space, i.e. the start of the keys below.
std::string latest_space(std::string_view bucket);
std::string older_space(std::string_view bucket);
std::string null_space(std::string_view bucket);
std::string upload_space(std::string_view bucket);
std::string part_space(std::string_view bucket);

std::string latest_key(std::string_view bucket, std::string_view key);
std::string null_key(std::string_view bucket, std::string_view key);
// The start of all older versions of `key`, and one of them.
std::string older_prefix(std::string_view bucket, std::string_view key);
std::string older_key(std::string_view bucket, std::string_view key, std::uint64_t order);
// The start of all uploads of `key`, one of them, the start of its parts, and one of those.
std::string upload_prefix(std::string_view bucket, std::string_view key);
std::string upload_key(std::string_view bucket, std::string_view key, std::uint64_t order);
std::string part_prefix(std::string_view bucket, std::string_view key, std::uint64_t order);
std::string part_key(std::string_view bucket, std::string_view key, std::uint64_t order,
                     int number);

// The start of the ordered form of every key that starts with `prefix`.
std::string ordered_prefix(std::string_view prefix);

// What stands behind the space's start. Corrupt keys throw StorageFault.
struct OlderKey {
  std::string key;
  std::uint64_t order;
};
OlderKey split_older_key(std::string_view behind_space);
OlderKey split_upload_key(std::string_view behind_space);
int part_number(std::string_view key);  // of a whole part key

// ---- Ids ----

// What makes a version id or an upload id.
struct Id {
  std::uint64_t order = 0;
  std::string salt;  // 16 bytes
  bool operator==(const Id&) const = default;
};

Id new_id(std::uint64_t order);
std::string to_text(const Id& id);                  // 32 characters
std::optional<Id> parse_id(std::string_view text);  // nothing when it is not of that form

// ---- Records. Corrupt ones throw StorageFault. ----

struct VersionRecord {
  Id id;  // of a null version: the salt is all zero
  bool is_null = false;
  bool is_delete_marker = false;
  std::int64_t modified_ms = 0;
  std::uint64_t size_bytes = 0;
  Attributes attributes;
  std::string upload_id;
  std::vector<Part> parts;
  Bytes bytes;

  std::string version_id() const { return is_null ? std::string(kNullVersion) : to_text(id); }
};

enum class Depth : std::uint8_t {
  kSummary,      // up to the owner: what lists show
  kAllButBytes,  // everything except inline bytes
  kAll,
};

std::string encode(const VersionRecord& record);
VersionRecord decode_version(std::string_view value, Depth depth);

struct UploadRecord {
  Id id;
  std::int64_t initiated_ms = 0;
  std::string initiator;
  std::uint64_t observed_order = 0;  // of the latest object when it was created; 0: there was none
  Attributes attributes;
};

std::string encode(const UploadRecord& record);
// The order is in the key.
UploadRecord decode_upload(std::uint64_t order, std::string_view value);

struct PartRecord {
  Part part;
  std::vector<Slice> slices;
};

std::string encode(const PartRecord& record);
// The number is in the key.
PartRecord decode_part(int number, std::string_view value);

std::string encode(const Bucket& bucket);  // without its name and configurations
Bucket decode_bucket(std::string_view name, std::string_view value);

std::string encode_order(std::uint64_t order);
std::uint64_t decode_order(std::string_view value);

}  // namespace bodega::object::format
