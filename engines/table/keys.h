// Where items and index entries stand in the store. All integers big-endian.
//
//   item         table id u64 | hash u32 | hash key, ordered | range key, raw
//   index entry  table id u64 | index id u32 | hash u32 | hash keys, ordered | range keys, ordered
//                | tie u32 | the item's hash key, ordered | its range key, raw
//
// "ordered" is base::put_ordered (self-delimiting and order-preserving), "raw" the plain bytes; a
// number's bytes are its canonical ones. The hash is the first four bytes of
// MD5("Outliers" | hash key bytes): it is known from recordings of the service that a Scan walks
// partitions in this order, that a parallel Scan cuts its first 12 bits into contiguous ranges, and
// that entries of an index with equal keys come in the order of the same digest over the item's
// hash and range key bytes, which is the tie.
// A partition is one contiguous range, sorted by range key; so is a whole table, a whole index, and
// the item collection of a local index.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engines/table/format.h"
#include "engines/table/model.h"
#include "engines/table/value.h"

namespace bodega::table {

// The service's limits.
inline constexpr std::size_t kMaxHashKeyBytes = 2048;
inline constexpr std::size_t kMaxRangeKeyBytes = 1024;

enum class KeyFault : std::uint8_t {
  kMissing,
  kWrongType,
  kEmpty,  // an empty string or binary
  kTooLong,
};

// Why attributes do not make a key. The views point into the table.
struct KeyProblem {
  KeyFault fault;
  const KeyAttribute* attribute;  // which one is expected
  Type actual;                    // for kWrongType
  bool is_range;                  // a range attribute
  const Index* index;             // nullptr: the table's own key
};

// The first problem of the primary key in `attributes`: hash before range, or nothing. Attributes
// beyond the key are ignored.
std::optional<KeyProblem> check_primary_key(const Table& table, const Item& attributes);

// The first key attribute of an index that is there but not usable as its key. One that is absent
// is no problem: the index is sparse.
std::optional<KeyProblem> check_index_keys(const Table& table, const Item& item);

// An item's place: equal for equal keys, whatever the spelling of a number.
class ItemKey {
 public:
  const std::string& bytes() const { return bytes_; }

  friend bool operator==(const ItemKey&, const ItemKey&) = default;
  friend auto operator<=>(const ItemKey&, const ItemKey&) = default;

 private:
  friend ItemKey item_key(const Table& table, const Item& attributes);
  friend ItemKey item_key(const Table& table, const ItemView& attributes);
  explicit ItemKey(std::string bytes) : bytes_(std::move(bytes)) {}

  std::string bytes_;
};

// REQUIRES: check_primary_key(table, attributes) finds nothing.
ItemKey item_key(const Table& table, const Item& attributes);
ItemKey item_key(const Table& table, const ItemView& attributes);

// The primary key's attributes of an item, and with an index also the index key's: what
// LastEvaluatedKey holds. Attributes that are absent are left out.
Item key_attributes(const Table& table, const Index* index, const Item& item);
Item key_attributes(const Table& table, const Index* index, const ItemView& item);

// Whether the item with these key attributes (of the table, or of the index) lies in the segment of
// a parallel scan. REQUIRES: the hash key attributes are there with their types; segment <
// total_segments.
bool in_segment(const Table& table, const Index* index, const Item& attributes,
                std::uint32_t segment, std::uint32_t total_segments);

}  // namespace bodega::table
