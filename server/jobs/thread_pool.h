// A few threads for work that need not run on an event loop, such as the digests of large bodies.
// Threads start when there is work for them, so an idle process has none.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "engines/base/executor.h"

namespace bodega::server {

class ThreadPool : public base::Executor {
 public:
  explicit ThreadPool(unsigned max_threads);
  // Runs what was posted, then ends. What tasks post meanwhile is dropped: a task that goes on in
  // another one need not be waited for.
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void post(std::function<void()> task) override;

 private:
  void start_thread();
  void work();

  const unsigned max_threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool stopping_ = false;
};

}  // namespace bodega::server
