#include "engines/base/large_memory.h"

#include <sys/mman.h>

#include <cstdint>

namespace bodega::base {
namespace {

constexpr std::uintptr_t kHugePageBytes = 2 * 1024 * 1024;
constexpr std::size_t kLargeBytes = 8 * kHugePageBytes;

}  // namespace

void will_be_filled(void* at, std::size_t bytes) {
  if (bytes < kLargeBytes) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(at);
  // Whole huge pages only: what lies around them may belong to others.
  const std::uintptr_t first = (begin + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  const std::uintptr_t behind = (begin + bytes) / kHugePageBytes * kHugePageBytes;
  // Where it is not possible, all is as it was.
  ::madvise(reinterpret_cast<void*>(first), behind - first, MADV_HUGEPAGE);
}

}  // namespace bodega::base
