// JobRunner: the thread that runs the jobs of all worlds, each when it is due by the clock of its
// world. It looks several times a second, so a clock that was moved, and new work, are found soon.
#pragma once

#include <functional>
#include <thread>

#include "engines/base/clock.h"
#include "engines/base/function_ref.h"
#include "engines/base/job.h"
#include "engines/base/mutex.h"

namespace bodega::server {

class JobRunner {
 public:
  // Calls its argument with every job that there is and the clock that it goes by.
  using Visit = base::FunctionRef<void(const base::Clock&, base::Job&)>;
  using ForEachJob = std::function<void(Visit)>;

  // What `for_each_job` uses must outlive the runner.
  explicit JobRunner(ForEachJob for_each_job);
  ~JobRunner();
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

 private:
  void run();
  // Runs what is due; whether some of it still is.
  bool run_due();

  const ForEachJob for_each_job_;
  base::Mutex mutex_;
  base::Condition stop_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace bodega::server
