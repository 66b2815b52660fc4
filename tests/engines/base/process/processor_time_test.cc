#include "engines/base/process/processor_time.h"

#include "tests/catch.h"

namespace bodega::base::test {
namespace {

TEST_CASE("ProcessorTime: work is counted, for the thread and for the process") {
  const ProcessorTime thread = processor_time(TimeOf::kThread);
  const ProcessorTime process = processor_time(TimeOf::kProcess);
  const auto total = [](const ProcessorTime& time) { return time.system_s + time.user_s; };
  volatile unsigned sum = 0;
  for (unsigned i = 0; total(processor_time(TimeOf::kThread)) - total(thread) < 0.02; ++i) {
    sum = sum + i;
  }
  // The kernel counts threads and processes apart, each to its tick.
  CHECK(total(processor_time(TimeOf::kProcess)) - total(process) >= 0.01);
}

}  // namespace
}  // namespace bodega::base::test
