// The keyspace on disk. All integers are big-endian.
//
// Family kKeys:
//   00                            -> the map of databases: version u8 | next storage id u32 |
//                                    storage id u32 of database 0, 1, 2 ...
//   01 | storage id u32 | key     -> type u8 | flags u8 | expiry in ms u64 (kHasExpiry) | then
//                                    a string:            its bytes
//                                    a string in pieces:  object id u64 | length u64
//                                    a collection:        object id u64
//   02                            -> the journal counts: how many parts it has, u32
//   03 | part number u32          -> changes, one after the other: kind u8 | family u8 | lengths of
//                                    the two u32, u32 | key | value (journal.h)
//   05 | name                     -> a library of functions: its code
//   06 | name                     -> a note: a text (notes.h)
//   10                            -> the identity of the world (engines/world/identity.h)
// Family kElements:
//   object id u64 | suffix        -> string in pieces:  suffix = piece number u32, 4096 bytes each;
//                                                       what is not there reads as zero bytes
//                                    list:              suffix = position u64     -> element
//                                    set:               suffix = member           -> nothing
//                                    sorted set:        suffix = member           -> score, 8 bytes
//                                    hash:              suffix = field            -> 00 | value
//                                    with a time to live:  -> 01 | the instant in ms u64 | value
//                                    stream:            see stream_records.h
//
// A database is known by a storage id and a collection by an object id, neither ever used twice. So
// SWAPDB and FLUSHDB only change the map, RENAME, MOVE, EXPIRE and DEL only a key's record. What no
// record leads to is removed later, or at the next start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace::format {

inline constexpr std::size_t kMaxInlineString = 16 * 1024;  // longer strings are stored in pieces

struct DatabaseMap {
  std::uint32_t next_storage_id = 0;
  std::vector<std::uint32_t> storage_ids;
};

std::string database_map_key();
std::string identity_key();
std::string note_key(std::string_view name);
// The note's name; nothing: another record.
std::optional<std::string_view> decode_note_key(std::string_view bytes);
// Whether the key is of the journal or of the world: nothing that the keyspace loads.
bool is_beside_keys(std::string_view key);
std::string encode(const DatabaseMap& map);
DatabaseMap decode_database_map(std::string_view value);  // throws StorageFault

std::string key_prefix(std::uint32_t storage_id);
std::string key_record_key(std::uint32_t storage_id, std::string_view key);
struct RecordKey {
  std::uint32_t storage_id;
  std::string_view key;
};
std::optional<RecordKey> decode_record_key(std::string_view bytes);  // nothing: another record

struct KeyRecord {
  Type type = Type::kString;
  std::int64_t expiry_ms = kNoExpiry;
  bool in_pieces = false;
  std::string_view text;        // a string that is not in pieces
  std::uint64_t object_id = 0;  // everything else
  std::uint64_t length = 0;     // a string in pieces
};
std::string encode(const KeyRecord& record);
// The view in it points into `value`. Throws StorageFault.
KeyRecord decode_key_record(std::string_view value);

std::string journal_marker_key();
std::string journal_part_key(std::uint32_t number);
std::string journal_end_key();  // behind the last part there may be

std::string library_key(std::string_view name);
// The name of a library; nothing: another record.
std::optional<std::string_view> decode_library_key(std::string_view bytes);

std::string element_key(std::uint64_t object_id, std::string_view suffix);
std::string piece_suffix(std::uint64_t number);
std::string position_suffix(std::uint64_t position);

std::string encode_score(double score);
double decode_score(std::string_view value);  // throws StorageFault
struct FieldValue {
  std::string_view value;
  std::int64_t expiry_ms = kNoExpiry;
};
void append_field_value(std::string& out, const FieldValue& field);
FieldValue decode_field_value(std::string_view stored);  // throws StorageFault

}  // namespace bodega::keyspace::format
