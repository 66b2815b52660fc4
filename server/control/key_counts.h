// How many keys each Redis database has: told by the Redis loop, which alone may look, twice a
// second, and read by what shows it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/mutex.h"

namespace bodega::server {

class KeyCounts {
 public:
  struct Database {
    unsigned number = 0;
    std::uint64_t keys = 0;
    std::uint64_t expiring = 0;  // of them, those with a time to live
  };

  // The databases of the keyspace of that name that are not empty. Thread-safe, as all here.
  void set(std::string_view keyspace, std::vector<Database> databases);
  // There is no such keyspace any more.
  void forget(std::string_view keyspace);
  // An array of objects, one a keyspace.
  std::string json() const;

 private:
  mutable base::Mutex mutex_;
  std::map<std::string, std::vector<Database>, std::less<>> keyspaces_ GUARDED_BY(mutex_);
};

}  // namespace bodega::server
