// What the kernel knows of this process: memory, processor time, open files. For /_bodega/metrics.
#pragma once

#include <cstdint>
#include <vector>

#include "engines/base/figure.h"

namespace bodega::server {

// Named as Prometheus clients name them, without the "process_" in front: resident_memory_bytes,
// virtual_memory_bytes, cpu_seconds_total, open_fds, max_fds, threads.
std::vector<base::Figure> process_figures();

// The resident memory alone; 0 when the kernel does not say.
std::uint64_t resident_bytes();

}  // namespace bodega::server
