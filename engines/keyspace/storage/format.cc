#include "engines/keyspace/storage/format.h"

#include <bit>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"

namespace bodega::keyspace::format {
namespace {

constexpr std::uint8_t kMapVersion = 1;
constexpr char kMapTag = 0x00;
constexpr char kKeyTag = 0x01;
constexpr char kJournalMarkerTag = 0x02;
constexpr char kJournalPartTag = 0x03;
constexpr char kJournalEndTag = 0x04;
constexpr char kLibraryTag = 0x05;
constexpr char kNoteTag = 0x06;
constexpr char kIdentityTag = 0x10;
constexpr std::uint8_t kHasExpiry = 1;
constexpr std::uint8_t kInPieces = 2;
constexpr char kPlainFieldValue = 0x00;
constexpr char kExpiringFieldValue = 0x01;

[[noreturn]] void damaged(const char* what) {
  throw base::StorageFault(std::string("keyspace: damaged ") + what +
                           ", or written by a newer Bodega");
}

bool is_known(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(Type::kString) &&
         type <= static_cast<std::uint8_t>(Type::kStream);
}

}  // namespace

std::string database_map_key() { return std::string(1, kMapTag); }
std::string identity_key() { return std::string(1, kIdentityTag); }
std::string note_key(std::string_view name) { return kNoteTag + std::string(name); }

std::optional<std::string_view> decode_note_key(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kNoteTag) return std::nullopt;
  return bytes.substr(1);
}

bool is_beside_keys(std::string_view key) {
  const std::string kTags{kJournalMarkerTag, kJournalPartTag, kJournalEndTag, kNoteTag,
                          kIdentityTag};
  return !key.empty() && kTags.find(key.front()) != std::string::npos;
}

std::string encode(const DatabaseMap& map) {
  std::string out;
  base::put_u8(out, kMapVersion);
  base::put_u32(out, map.next_storage_id);
  for (const std::uint32_t id : map.storage_ids) base::put_u32(out, id);
  return out;
}

DatabaseMap decode_database_map(std::string_view value) {
  base::ByteReader in(value);
  if (in.u8() != kMapVersion) damaged("map of databases");
  DatabaseMap map;
  map.next_storage_id = in.u32();
  while (in.ok() && !in.at_end()) map.storage_ids.push_back(in.u32());
  if (!in.ok()) damaged("map of databases");
  return map;
}

std::string library_key(std::string_view name) {
  std::string out(1, kLibraryTag);
  out.append(name);
  return out;
}

std::optional<std::string_view> decode_library_key(std::string_view bytes) {
  if (!bytes.starts_with(kLibraryTag)) return std::nullopt;
  return bytes.substr(1);
}

std::string key_prefix(std::uint32_t storage_id) {
  std::string out(1, kKeyTag);
  base::put_u32(out, storage_id);
  return out;
}

std::string key_record_key(std::uint32_t storage_id, std::string_view key) {
  std::string out;
  out.reserve(5 + key.size());
  out.push_back(kKeyTag);
  base::put_u32(out, storage_id);
  out.append(key);
  return out;
}

std::optional<RecordKey> decode_record_key(std::string_view bytes) {
  if (bytes.size() < 5 || bytes.front() != kKeyTag) return std::nullopt;
  return RecordKey{base::read_u32(bytes.substr(1)), bytes.substr(5)};
}

std::string encode(const KeyRecord& record) {
  std::string out;
  const bool has_expiry = record.expiry_ms != kNoExpiry;
  out.reserve(26 + record.text.size());
  base::put_u8(out, static_cast<std::uint8_t>(record.type));
  base::put_u8(out, static_cast<std::uint8_t>((has_expiry ? kHasExpiry : 0) |
                                              (record.in_pieces ? kInPieces : 0)));
  if (has_expiry) base::put_u64(out, static_cast<std::uint64_t>(record.expiry_ms));
  if (record.type == Type::kString && !record.in_pieces) {
    out.append(record.text);
    return out;
  }
  base::put_u64(out, record.object_id);
  if (record.in_pieces) base::put_u64(out, record.length);
  return out;
}

KeyRecord decode_key_record(std::string_view value) {
  base::ByteReader in(value);
  const std::uint8_t type = in.u8();
  const std::uint8_t flags = in.u8();
  if (!is_known(type) || (flags & ~(kHasExpiry | kInPieces)) != 0) damaged("record of a key");
  KeyRecord record;
  record.type = static_cast<Type>(type);
  record.in_pieces = (flags & kInPieces) != 0;
  if ((flags & kHasExpiry) != 0) record.expiry_ms = static_cast<std::int64_t>(in.u64());
  if (record.type == Type::kString && !record.in_pieces) {
    record.text = in.rest();
  } else {
    record.object_id = in.u64();
    if (record.in_pieces) record.length = in.u64();
  }
  if (!in.ok()) damaged("record of a key");
  return record;
}

std::string journal_marker_key() { return std::string(1, kJournalMarkerTag); }

std::string journal_part_key(std::uint32_t number) {
  std::string out(1, kJournalPartTag);
  base::put_u32(out, number);
  return out;
}

std::string journal_end_key() { return std::string(1, kJournalEndTag); }

std::string element_key(std::uint64_t object_id, std::string_view suffix) {
  std::string out;
  out.reserve(8 + suffix.size());
  base::put_u64(out, object_id);
  out.append(suffix);
  return out;
}

std::string piece_suffix(std::uint64_t number) {
  std::string out;
  base::put_u32(out, static_cast<std::uint32_t>(number));
  return out;
}

std::string position_suffix(std::uint64_t position) {
  std::string out;
  base::put_u64(out, position);
  return out;
}

std::string encode_score(double score) {
  std::string out;
  base::put_u64(out, std::bit_cast<std::uint64_t>(score));
  return out;
}

double decode_score(std::string_view value) {
  if (value.size() != 8) damaged("score of a sorted set's member");
  return std::bit_cast<double>(base::read_u64(value));
}

void append_field_value(std::string& out, const FieldValue& field) {
  if (field.expiry_ms == kNoExpiry) {
    out.push_back(kPlainFieldValue);
  } else {
    out.push_back(kExpiringFieldValue);
    base::put_u64(out, static_cast<std::uint64_t>(field.expiry_ms));
  }
  out.append(field.value);
}

FieldValue decode_field_value(std::string_view stored) {
  if (stored.empty()) damaged("field of a hash");
  const char kind = stored.front();
  stored.remove_prefix(1);
  if (kind == kPlainFieldValue) return {stored};
  if (kind != kExpiringFieldValue || stored.size() < 8) damaged("field of a hash");
  return {stored.substr(8), static_cast<std::int64_t>(base::read_u64(stored))};
}

}  // namespace bodega::keyspace::format
