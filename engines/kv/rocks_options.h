// How RocksDB is set up for each of the two databases. Only rocks_options.cc and rocks_store.cc may
// include this: it brings RocksDB in.
#pragma once

#include <rocksdb/options.h>

#include <cstdint>

#include "engines/kv/store.h"

namespace bodega::kv {

rocksdb::DBOptions database_options(Database database);
rocksdb::ColumnFamilyOptions family_options(Database database);

// The block cache that all databases of the process share.
std::uint64_t block_cache_used_bytes();

}  // namespace bodega::kv
