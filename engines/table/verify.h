// Whether the engine's records can be understood, one at a time: for a check of a whole store.
#pragma once

#include <string_view>

#include "engines/kv/families.h"

namespace bodega::table {

// Decodes a record of kTables, kItems or kIndexes. Throws StorageFault when it is none.
void check_record(kv::Family family, std::string_view key, std::string_view value);

}  // namespace bodega::table
