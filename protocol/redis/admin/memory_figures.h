// MemoryFigures: where memory goes, as INFO, MEMORY STATS and MEMORY DOCTOR tell it. The names are
// theirs.
#pragma once

#include <cstdint>

#include "protocol/redis/instance/instance.h"

namespace bodega::redis {

struct MemoryFigures {
  std::uint64_t used = 0;      // what maxmemory limits
  std::uint64_t peak = 0;      // the most of that so far
  std::uint64_t clients = 0;   // of it: clients and their buffers …
  std::uint64_t tables = 0;    // … hash tables and expiry heaps of the databases …
  std::uint64_t overhead = 0;  // … which are no data, with what is there at the start
  std::uint64_t dataset = 0;
  std::uint64_t keys = 0;
  // Of the whole process; where the allocator does not tell, what is used stands for them.
  std::uint64_t allocated = 0;
  std::uint64_t active = 0;
  std::uint64_t resident = 0;  // of the allocator
  std::uint64_t rss = 0;       // of the process

  std::uint64_t net_dataset() const { return used - Instance::kStartupBytes; }
};

MemoryFigures memory_figures(Instance& instance);

// 0 where there is nothing to compare with.
double ratio_of(std::uint64_t part, std::uint64_t whole);

}  // namespace bodega::redis
