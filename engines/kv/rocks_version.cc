// The version of RocksDB, for database_version.h.
#include <rocksdb/version.h>

#include "engines/kv/database_version.h"

namespace bodega::kv {

std::string database_version() { return "RocksDB " + rocksdb::GetRocksVersionAsString(); }

}  // namespace bodega::kv
