// Large memory: what the kernel is told about runs of memory of many megabytes.
#pragma once

#include <cstddef>

namespace bodega::base {

// All of these bytes will be written soon: a large run is given huge pages where the system has
// them, because a fault for each 4 KiB costs more than the writing does. Not for memory of which
// much may stay untouched, since a huge page takes its 2 MiB with the first byte.
void will_be_filled(void* at, std::size_t bytes);

}  // namespace bodega::base
