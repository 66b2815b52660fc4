// Table records in the tables family, and what else stands there.
//
//   't' | account, ordered | region, ordered | name   ->  the table, version u8 = 1 in front
//   'c' | table id u64                                ->  its counters as of a clean close
//   'n'                                               ->  the next table id u64
//
// A record is its fields in the order of model.h: strings with a varint length, integers as u64 but
// for the ids of indexes, which are u32, lists with a varint count, enums and flags as u8. A later
// version may append fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/table/model.h"
#include "engines/table/requests.h"

namespace bodega::table {

inline constexpr std::string_view kTablePrefix = "t";
inline constexpr std::string_view kCountersPrefix = "c";
inline constexpr std::string_view kNextTableIdKey = "n";

std::string table_record_key(const TableName& name);
std::string encode_table(const Table& table);

// Throws StorageFault when the bytes are no table record.
Table decode_table(std::string_view bytes);

// The table's counts first, then each index's with its id.
struct SavedCounters {
  Counts table;
  std::vector<std::pair<std::uint32_t, Counts>> indexes;
};

std::string counters_key(std::uint64_t table_id);
std::string encode_counters(const SavedCounters& counters);
SavedCounters decode_counters(std::string_view bytes);  // throws StorageFault

}  // namespace bodega::table
