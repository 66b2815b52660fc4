#include "engines/object/format.h"

#include <array>
#include <limits>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/random.h"

namespace bodega::object::format {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kIdTextCharacters = 32;
constexpr std::size_t kOrderBytes = 8;

constexpr char kLatestSpace = 0x01;
constexpr char kOlderSpace = 0x02;
constexpr char kNullSpace = 0x03;
constexpr char kUploadSpace = 0x01;
constexpr char kPartSpace = 0x02;

constexpr std::uint8_t kFlagDeleteMarker = 1;
constexpr std::uint8_t kFlagNull = 2;

constexpr std::uint8_t kBytesInline = 0;
constexpr std::uint8_t kBytesSliced = 1;

constexpr std::string_view kIdAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.";

[[noreturn]] void corrupt(const char* what) {
  throw base::StorageFault(std::string("corrupt object store: ") + what);
}

std::string space(char mark, std::string_view bucket, std::size_t more = 0) {
  std::string out;
  out.reserve(bucket.size() + 2 + more);
  out.push_back(mark);
  out.append(bucket);
  out.push_back('\0');
  return out;
}

std::string plain_key(char mark, std::string_view bucket, std::string_view key) {
  std::string out = space(mark, bucket, key.size());
  out.append(key);
  return out;
}

std::string ordered_key(char mark, std::string_view bucket, std::string_view key) {
  std::string out = space(mark, bucket, key.size() + 2 + kOrderBytes + 2);
  base::put_ordered(out, key);
  return out;
}

void put_checksum(std::string& out, const Checksum& checksum) {
  base::put_string(out, checksum.algorithm);
  base::put_u8(out, static_cast<std::uint8_t>(checksum.type));
  base::put_string(out, checksum.value);
}

Checksum take_checksum(base::ByteReader& in) {
  Checksum checksum;
  checksum.algorithm = in.string();
  checksum.type = static_cast<ChecksumType>(in.u8());
  checksum.value = in.string();
  return checksum;
}

void put_summary(std::string& out, const Attributes& attributes) {
  base::put_string(out, attributes.etag);
  put_checksum(out, attributes.checksum);
  base::put_string(out, attributes.storage_class);
  base::put_string(out, attributes.owner);
}

void take_summary(base::ByteReader& in, Attributes& attributes) {
  attributes.etag = in.string();
  attributes.checksum = take_checksum(in);
  attributes.storage_class = in.string();
  attributes.owner = in.string();
}

void put_maps(std::string& out, const Attributes& attributes) {
  base::put_fields(out, attributes.headers);
  base::put_fields(out, attributes.metadata);
  base::put_fields(out, attributes.properties);
}

void take_maps(base::ByteReader& in, Attributes& attributes) {
  attributes.headers = in.fields();
  attributes.metadata = in.fields();
  attributes.properties = in.fields();
}

void put_slices(std::string& out, const std::vector<Slice>& slices) {
  base::put_varint(out, slices.size());
  for (const Slice& slice : slices) {
    base::put_u64(out, slice.blob);
    base::put_varint(out, slice.offset);
    base::put_varint(out, slice.length_bytes);
  }
}

std::vector<Slice> take_slices(base::ByteReader& in) {
  std::vector<Slice> slices;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Slice slice;
    slice.blob = in.u64();
    slice.offset = in.varint();
    slice.length_bytes = in.varint();
    slices.push_back(slice);
  }
  return slices;
}

void put_parts(std::string& out, const std::vector<Part>& parts) {
  base::put_varint(out, parts.size());
  for (const Part& part : parts) {
    base::put_varint(out, static_cast<std::uint64_t>(part.number));
    base::put_varint(out, part.size_bytes);
    base::put_string(out, part.etag);
    base::put_string(out, part.checksum);
  }
}

std::vector<Part> take_parts(base::ByteReader& in) {
  std::vector<Part> parts;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Part part;
    part.number = static_cast<int>(in.varint());
    part.size_bytes = in.varint();
    part.etag = in.string();
    part.checksum = in.string();
    parts.push_back(std::move(part));
  }
  return parts;
}

void put_time(std::string& out, std::int64_t time_ms) {
  base::put_varint(out, static_cast<std::uint64_t>(time_ms));
}

std::int64_t take_time(base::ByteReader& in) { return static_cast<std::int64_t>(in.varint()); }

OlderKey split_ordered_key(std::string_view rest, const char* what) {
  std::optional<std::string> key = base::take_ordered(rest);
  if (!key || rest.size() != kOrderBytes) corrupt(what);
  return {*std::move(key), base::read_u64(rest)};
}

}  // namespace

std::string configuration_prefix(std::string_view bucket) {
  std::string out(bucket);
  out.push_back('\0');
  return out;
}

std::string latest_space(std::string_view bucket) { return space(kLatestSpace, bucket); }
std::string older_space(std::string_view bucket) { return space(kOlderSpace, bucket); }
std::string null_space(std::string_view bucket) { return space(kNullSpace, bucket); }
std::string upload_space(std::string_view bucket) { return space(kUploadSpace, bucket); }
std::string part_space(std::string_view bucket) { return space(kPartSpace, bucket); }

std::string latest_key(std::string_view bucket, std::string_view key) {
  return plain_key(kLatestSpace, bucket, key);
}

std::string null_key(std::string_view bucket, std::string_view key) {
  return plain_key(kNullSpace, bucket, key);
}

std::string older_prefix(std::string_view bucket, std::string_view key) {
  return ordered_key(kOlderSpace, bucket, key);
}

std::string older_key(std::string_view bucket, std::string_view key, std::uint64_t order) {
  std::string out = older_prefix(bucket, key);
  base::put_u64(out, ~order);
  return out;
}

std::string upload_prefix(std::string_view bucket, std::string_view key) {
  return ordered_key(kUploadSpace, bucket, key);
}

std::string upload_key(std::string_view bucket, std::string_view key, std::uint64_t order) {
  std::string out = upload_prefix(bucket, key);
  base::put_u64(out, order);
  return out;
}

std::string part_prefix(std::string_view bucket, std::string_view key, std::uint64_t order) {
  std::string out = ordered_key(kPartSpace, bucket, key);
  base::put_u64(out, order);
  return out;
}

std::string part_key(std::string_view bucket, std::string_view key, std::uint64_t order,
                     int number) {
  std::string out = part_prefix(bucket, key, order);
  base::put_u16(out, static_cast<std::uint16_t>(number));
  return out;
}

std::string ordered_prefix(std::string_view prefix) {
  std::string out;
  base::put_ordered(out, prefix);
  out.resize(out.size() - 2);  // the terminator, which a longer key does not have there
  return out;
}

OlderKey split_older_key(std::string_view behind_space) {
  OlderKey split = split_ordered_key(behind_space, "key of a version");
  split.order = ~split.order;
  return split;
}

OlderKey split_upload_key(std::string_view behind_space) {
  return split_ordered_key(behind_space, "key of an upload");
}

int part_number(std::string_view key) {
  if (key.size() < 2) corrupt("key of a part");
  base::ByteReader in(key.substr(key.size() - 2));
  return in.u16();
}

// An id is 24 bytes, salt first and then the order hidden under half of the salt, so that ids show
// nothing of their order; six bits a character.
Id new_id(std::uint64_t order) {
  Id id;
  id.order = order;
  base::put_u64(id.salt, base::random_u64());
  base::put_u64(id.salt, base::random_u64());
  return id;
}

std::string to_text(const Id& id) {
  std::string raw = id.salt;
  base::put_u64(raw, id.order ^ base::read_u64(id.salt));
  std::string text;
  text.reserve(kIdTextCharacters);
  for (std::size_t i = 0; i + 3 <= raw.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | static_cast<unsigned char>(raw[i + k]);
    }
    for (int shift = 18; shift >= 0; shift -= 6) text.push_back(kIdAlphabet[group >> shift & 63]);
  }
  return text;
}

std::optional<Id> parse_id(std::string_view text) {
  if (text.size() != kIdTextCharacters) return std::nullopt;
  std::string raw;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t value = kIdAlphabet.find(text[i + k]);
      if (value == std::string_view::npos) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(value);
    }
    for (int shift = 16; shift >= 0; shift -= 8) {
      raw.push_back(static_cast<char>(group >> shift & 0xff));
    }
  }
  Id id;
  id.salt = raw.substr(0, kSaltBytes);
  id.order = base::read_u64(std::string_view(raw).substr(kSaltBytes)) ^ base::read_u64(id.salt);
  return id;
}

std::string encode(const VersionRecord& record) {
  std::string out;
  out.reserve(256 + record.bytes.small.size());
  base::put_u8(out, kFormat);
  base::put_u8(out, static_cast<std::uint8_t>((record.is_delete_marker ? kFlagDeleteMarker : 0) |
                                              (record.is_null ? kFlagNull : 0)));
  base::put_u64(out, record.id.order);
  out.append(record.is_null ? std::string(kSaltBytes, '\0') : record.id.salt);
  put_time(out, record.modified_ms);
  if (record.is_delete_marker) {
    base::put_string(out, record.attributes.owner);
    return out;
  }
  base::put_varint(out, record.size_bytes);
  put_summary(out, record.attributes);
  put_maps(out, record.attributes);
  base::put_string(out, record.upload_id);
  put_parts(out, record.parts);
  if (record.bytes.slices.empty()) {
    base::put_u8(out, kBytesInline);
    out.append(record.bytes.small);
  } else {
    base::put_u8(out, kBytesSliced);
    put_slices(out, record.bytes.slices);
  }
  return out;
}

VersionRecord decode_version(std::string_view value, Depth depth) {
  base::ByteReader in(value);
  VersionRecord record;
  if (in.u8() != kFormat) corrupt("format of a version");
  const std::uint8_t flags = in.u8();
  record.is_delete_marker = (flags & kFlagDeleteMarker) != 0;
  record.is_null = (flags & kFlagNull) != 0;
  record.id.order = in.u64();
  record.id.salt = in.bytes(kSaltBytes);
  record.modified_ms = take_time(in);
  if (record.is_delete_marker) {
    record.attributes.owner = in.string();
  } else {
    record.size_bytes = in.varint();
    take_summary(in, record.attributes);
    if (depth != Depth::kSummary) {
      take_maps(in, record.attributes);
      record.upload_id = in.string();
      record.parts = take_parts(in);
      if (in.u8() == kBytesSliced) {
        record.bytes.slices = take_slices(in);
      } else if (depth == Depth::kAll) {
        record.bytes.small = in.rest();
      }
    }
  }
  if (!in.ok()) corrupt("record of a version");
  return record;
}

std::string encode(const UploadRecord& record) {
  std::string out;
  base::put_u8(out, kFormat);
  out.append(record.id.salt);
  put_time(out, record.initiated_ms);
  base::put_string(out, record.initiator);
  base::put_u64(out, record.observed_order);
  put_summary(out, record.attributes);
  put_maps(out, record.attributes);
  return out;
}

UploadRecord decode_upload(std::uint64_t order, std::string_view value) {
  base::ByteReader in(value);
  UploadRecord record;
  if (in.u8() != kFormat) corrupt("format of an upload");
  record.id.order = order;
  record.id.salt = in.bytes(kSaltBytes);
  record.initiated_ms = take_time(in);
  record.initiator = in.string();
  record.observed_order = in.u64();
  take_summary(in, record.attributes);
  take_maps(in, record.attributes);
  if (!in.ok()) corrupt("record of an upload");
  return record;
}

std::string encode(const PartRecord& record) {
  std::string out;
  base::put_u8(out, kFormat);
  base::put_varint(out, record.part.size_bytes);
  base::put_string(out, record.part.etag);
  base::put_string(out, record.part.checksum);
  put_time(out, record.part.modified_ms);
  put_slices(out, record.slices);
  return out;
}

PartRecord decode_part(int number, std::string_view value) {
  base::ByteReader in(value);
  PartRecord record;
  if (in.u8() != kFormat) corrupt("format of a part");
  record.part.number = number;
  record.part.size_bytes = in.varint();
  record.part.etag = in.string();
  record.part.checksum = in.string();
  record.part.modified_ms = take_time(in);
  record.slices = take_slices(in);
  if (!in.ok()) corrupt("record of a part");
  return record;
}

std::string encode(const Bucket& bucket) {
  std::string out;
  base::put_u8(out, kFormat);
  base::put_string(out, bucket.owner);
  base::put_string(out, bucket.region);
  put_time(out, bucket.created_ms);
  base::put_u8(out, static_cast<std::uint8_t>(bucket.versioning));
  base::put_u8(out, bucket.object_lock ? 1 : 0);
  return out;
}

Bucket decode_bucket(std::string_view name, std::string_view value) {
  base::ByteReader in(value);
  Bucket bucket;
  if (in.u8() != kFormat) corrupt("format of a bucket");
  bucket.name = name;
  bucket.owner = in.string();
  bucket.region = in.string();
  bucket.created_ms = take_time(in);
  bucket.versioning = static_cast<Versioning>(in.u8());
  bucket.object_lock = in.u8() != 0;
  if (!in.ok()) corrupt("record of a bucket");
  return bucket;
}

std::string encode_order(std::uint64_t order) {
  std::string out;
  base::put_u64(out, order);
  return out;
}

std::uint64_t decode_order(std::string_view value) {
  if (value.size() != kOrderBytes) corrupt("pointer to a null version");
  return base::read_u64(value);
}

}  // namespace bodega::object::format
