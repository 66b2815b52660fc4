// Inside the engine: the byte ranges of tables, indexes, partitions and segments in the store, and
// the entries that an item has in indexes. The drawing is in keys.h.
//
// Its functions stand in keys.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/table/format.h"
#include "engines/table/model.h"
#include "engines/table/requests.h"
#include "engines/table/value.h"

namespace bodega::table {

// Keys from `lower` up to and without `upper`.
struct KeyRange {
  std::string lower;
  std::string upper;

  bool empty() const { return lower >= upper; }
};

// Everything of a table (in the items or the indexes family), and of one index.
KeyRange table_range(std::uint64_t table_id);
KeyRange index_range(std::uint64_t table_id, std::uint32_t index_id);

// What a query visits, and a segment of a scan. `index` may be nullptr: the table.
KeyRange query_range(const Table& table, const Index* index, const QueryRequest& request);
KeyRange segment_range(const Table& table, const Index* index, std::uint32_t segment,
                       std::uint32_t total_segments);

// The store's key of the item or index entry with these key attributes. REQUIRES: is_position.
std::string position_key(const Table& table, const Index* index, const Item& attributes);

// Whether position_key can be made of these attributes.
bool is_position(const Table& table, const Index* index, const Item& attributes);

// Whether the item is the one that belongs at `key`.
bool belongs_at(const Table& table, const ItemKey& key, const ItemView& item);

// The item's key in the index; nothing when the item is not in it, because a key attribute is
// absent or does not fit.
std::optional<std::string> entry_key(const Table& table, const Index& index, const ItemView& item);

// The names that an index keeps of its items, sorted; empty when it keeps all.
std::vector<std::string> projected_names(const Table& table, const Index& index);

// The entry's value: the item, or what the index keeps of it.
std::string entry_value(const std::vector<std::string>& names, const ItemView& item);

}  // namespace bodega::table
