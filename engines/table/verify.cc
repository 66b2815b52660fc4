#include "engines/table/verify.h"

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/table/format.h"
#include "engines/table/table_format.h"

namespace bodega::table {
namespace {

// The table's id and the hash are in front of every key of an item or an index entry.
constexpr std::size_t kLeastItemKeyBytes = 8 + 4;

void check_table_record(std::string_view key, std::string_view value) {
  if (key.starts_with(kTablePrefix)) {
    decode_table(value);
  } else if (key.starts_with(kCountersPrefix)) {
    decode_counters(value);
  } else if (key != kNextTableIdKey || value.size() != sizeof(std::uint64_t)) {
    throw base::StorageFault("a record of the tables cannot be understood");
  }
}

}  // namespace

void check_record(kv::Family family, std::string_view key, std::string_view value) {
  if (family == kv::Family::kTables) return check_table_record(key, value);
  BODEGA_CHECK(family == kv::Family::kItems || family == kv::Family::kIndexes);
  if (key.size() < kLeastItemKeyBytes) throw base::StorageFault("a key cannot be understood");
  decode_item(value);
}

}  // namespace bodega::table
