// ProcessorTime: what the processor has spent on this process so far, as the kernel counts it.
#pragma once

#include <cstdint>

namespace bodega::base {

struct ProcessorTime {
  double system_s = 0;
  double user_s = 0;
};

enum class TimeOf : std::uint8_t { kProcess, kThread, kChildren };

// kThread: the calling one. kChildren: processes that have ended.
ProcessorTime processor_time(TimeOf whom);

}  // namespace bodega::base
