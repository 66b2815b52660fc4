#include "server/jobs/job_runner.h"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "engines/base/log.h"

namespace bodega::server {
namespace {

constexpr std::chrono::milliseconds kInterval{100};
// What is left of a job's work waits until the others had their turn.
constexpr std::size_t kBudget = 10'000;

bool is_due(base::Job& job, std::int64_t now_us) {
  const auto due_us = job.next_due_us(now_us);
  return due_us && *due_us <= now_us;
}

// Whether there is more to do.
bool run_one(const base::Clock& clock, base::Job& job) {
  const std::int64_t now_us = clock.now_us();
  if (!is_due(job, now_us)) return false;
  try {
    job.run(now_us, kBudget);
  } catch (const std::exception& error) {
    log::error(std::string("work in the background failed: ") + error.what());
    return false;
  }
  return is_due(job, now_us);
}

}  // namespace

JobRunner::JobRunner(ForEachJob for_each_job)
    : for_each_job_(std::move(for_each_job)), thread_([this] { run(); }) {}

JobRunner::~JobRunner() {
  {
    const base::Lock lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

bool JobRunner::run_due() {
  bool more = false;
  for_each_job_([&more](const base::Clock& clock, base::Job& job) {
    if (run_one(clock, job)) more = true;
  });
  return more;
}

void JobRunner::run() {
  for (;;) {
    const bool more = run_due();
    const base::Lock lock(mutex_);
    if (!stopping_ && !more) stop_.wait_for(mutex_, kInterval);
    if (stopping_) return;
  }
}

}  // namespace bodega::server
