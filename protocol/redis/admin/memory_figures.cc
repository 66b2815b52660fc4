#include "protocol/redis/admin/memory_figures.h"

#include <algorithm>

#include "engines/base/process/allocator.h"
#include "engines/keyspace/engine.h"

namespace bodega::redis {

MemoryFigures memory_figures(Instance& instance) {
  const keyspace::Engine& keyspace = instance.keyspace();
  MemoryFigures out;
  out.used = instance.used_memory();
  out.peak = instance.peak_memory();
  out.clients = instance.client_memory();
  for (unsigned db = 0; db < keyspace.database_count(); ++db) {
    out.tables += keyspace.overhead_memory(db);
    out.keys += keyspace.size(db);
  }
  out.overhead = std::min(out.used, Instance::kStartupBytes + out.clients + out.tables);
  out.dataset = out.used - out.overhead;
  out.allocated = out.active = out.resident = out.used;
  if (const auto allocator = base::allocator_figures()) {
    out.allocated = allocator->allocated;
    out.active = allocator->active;
    out.resident = allocator->resident;
  }
  out.rss = instance.options().resident_bytes ? instance.options().resident_bytes() : out.resident;
  return out;
}

double ratio_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace bodega::redis
