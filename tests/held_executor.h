// An executor that keeps its tasks until it is told to run them, for tests of what may come in
// between.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "engines/base/executor.h"

namespace bodega::tests {

class HeldExecutor : public base::Executor {
 public:
  void post(std::function<void()> task) override { tasks_.push_back(std::move(task)); }
  // REQUIRES: held() > 0.
  void run_one() {
    const auto task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
  }
  void run_all() {
    while (!tasks_.empty()) run_one();
  }
  std::size_t held() const { return tasks_.size(); }

 private:
  std::deque<std::function<void()>> tasks_;
};

}  // namespace bodega::tests
