// Whether the engine's records can be understood, one at a time: for a check of a whole store.
#pragma once

#include <string_view>

#include "engines/kv/families.h"

namespace bodega::keyspace {

// Decodes a record of kKeys or kElements. Throws StorageFault when it is none. (Of an element only
// its key says whose it is; the loader reads its value.)
void check_record(kv::Family family, std::string_view key, std::string_view value);

// Whether a record of kKeys is a key, and not the map of databases.
bool is_key_record(std::string_view key);

}  // namespace bodega::keyspace
