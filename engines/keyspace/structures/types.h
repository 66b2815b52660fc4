// The small vocabulary of the keyspace: what kinds of values there are, how they are said to be
// encoded, and the limits at which the small encodings give way to the large ones.
//
// The names are in entry.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bodega::keyspace {

// What stands under a key. The numbers are on disk and never change; the gaps are room for values
// to come. Bitmaps and HyperLogLogs are strings, geo indexes are sorted sets.
enum class Type : std::uint8_t {
  kString = 1,
  kList = 2,
  kSet = 3,
  kSortedSet = 4,
  kHash = 5,
  kStream = 6,
};

// What OBJECT ENCODING reports. Not on disk: it follows from size and history.
enum class Encoding : std::uint8_t {
  kInt,
  kEmbstr,
  kRaw,
  kListpack,
  kListpackEx,  // a listpack with fields that expire
  kQuicklist,
  kIntset,
  kHashtable,
  kSkiplist,
  kStream,
};

// "string", "list", "set", "zset", "hash", "stream": what TYPE answers.
std::string_view name_of(Type type);

// "int", "embstr", "raw", "listpack", ...: what OBJECT ENCODING answers.
std::string_view name_of(Encoding encoding);

// The configuration parameters that decide encodings, under their names in CONFIG. They are read at
// every insertion, so a change holds from then on and converts nothing by itself.
struct Limits {
  std::size_t hash_max_listpack_entries = 512;
  std::size_t hash_max_listpack_value = 64;
  std::size_t set_max_intset_entries = 512;
  std::size_t set_max_listpack_entries = 128;  // 0: sets are never listpacks, as before 7.2
  std::size_t set_max_listpack_value = 64;
  std::size_t zset_max_listpack_entries = 128;
  std::size_t zset_max_listpack_value = 64;
  // Positive: so many elements; -1 to -5: 4, 8, 16, 32, 64 KiB.
  std::int64_t list_max_listpack_size = -2;
  // Before 7.2 every list was a quicklist, however small.
  bool list_reports_listpack = true;
  // Where a node of a stream is full; 0: not for this reason.
  std::size_t stream_node_max_bytes = 4096;
  std::size_t stream_node_max_entries = 100;
};

inline constexpr std::size_t kMaxEmbstrLength = 44;  // longer strings are reported as raw

// An instant that never comes: the expiry of a key that has none.
inline constexpr std::int64_t kNoExpiry = -1;

enum class Order : std::uint8_t { kForward, kBackward };

// Which end of a list, or of a sorted set by score.
enum class End : std::uint8_t { kFront, kBack };

// A long string's value stands in the store in pieces of this size. On disk.
inline constexpr std::size_t kPieceLength = 4096;

}  // namespace bodega::keyspace
