#include "server/jobs/thread_pool.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "engines/base/log.h"
#include "engines/base/mutex.h"

namespace bodega::server {

ThreadPool::ThreadPool(unsigned max_threads) : max_threads_(std::max(1U, max_threads)) {}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  {
    const base::Lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ThreadPool::post(std::function<void()> task) {
  {
    const base::Lock lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
    if (tasks_.size() > idle_ && threads_.size() < max_threads_) {
      start_thread();
    }
  }
  wake_.notify_one();
}

// Where the system gives no more threads, those that are there do the work.
void ThreadPool::start_thread() {
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::exception&) {
    if (!threads_.empty()) return;
    tasks_.pop_back();
    throw;
  }
}

void ThreadPool::work() {
  const base::Lock lock(mutex_);
  while (true) {
    ++idle_;
    while (!stopping_ && tasks_.empty()) wake_.wait(mutex_);
    --idle_;
    if (tasks_.empty()) return;
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    mutex_.unlock();
    try {
      task();
    } catch (const std::bad_alloc&) {
      log::error("a task ran out of memory");
    }
    task = nullptr;  // here, as what it held may post another one when it goes
    mutex_.lock();
  }
}

}  // namespace bodega::server
