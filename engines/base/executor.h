// Where work goes that need not run on the calling thread, such as a digest of a large body.
// Threads belong to server/, so the layers below are handed an Executor and never start one.
#pragma once

#include <functional>

namespace bodega::base {

class Executor {
 public:
  virtual ~Executor() = default;

  // Runs `task` soon, on some thread. Tasks may run at the same time and in any order.
  virtual void post(std::function<void()> task) = 0;
};

// Runs each task at once on the calling thread: for tests.
class InlineExecutor : public Executor {
 public:
  void post(std::function<void()> task) override { task(); }
};

}  // namespace bodega::base
