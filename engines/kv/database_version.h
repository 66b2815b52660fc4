// Which database library the program runs with. The body is in rocks_version.cc.
#pragma once

#include <string>

namespace bodega::kv {

// "RocksDB 7.8.3"
std::string database_version();

}  // namespace bodega::kv
