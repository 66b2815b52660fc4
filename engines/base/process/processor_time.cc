#include "engines/base/process/processor_time.h"

#include <sys/resource.h>

namespace bodega::base {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessorTime processor_time(TimeOf whom) {
  int who = RUSAGE_SELF;
  if (whom == TimeOf::kThread) who = RUSAGE_THREAD;
  if (whom == TimeOf::kChildren) who = RUSAGE_CHILDREN;
  rusage usage{};
  ::getrusage(who, &usage);
  return {seconds_of(usage.ru_stime), seconds_of(usage.ru_utime)};
}

}  // namespace bodega::base
