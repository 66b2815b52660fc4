// A few threads for work that need not run on an event loop, such as the digests of large bodies.
// Threads start when there is work for them, so an idle process has none.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "engines/base/executor.h"
#include "engines/base/mutex.h"

namespace bodega::server {

class ThreadPool : public base::Executor {
 public:
  explicit ThreadPool(unsigned max_threads);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void post(std::function<void()> task) override;

  // Runs what was posted, then ends the threads. What is posted meanwhile and later is dropped: a
  // task that goes on in another one need not be waited for. Call it on one thread only.
  void stop();

 private:
  void start_thread() REQUIRES_LOCK(mutex_);
  void work();

  const unsigned max_threads_;
  base::Mutex mutex_;
  base::Condition wake_;
  std::deque<std::function<void()>> tasks_ GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;  // only added to, under mutex_
  unsigned idle_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
};

}  // namespace bodega::server
