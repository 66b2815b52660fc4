#include "engines/base/clock.h"

#include <time.h>

namespace bodega::base {

std::int64_t SystemClock::now_us() const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace bodega::base
