// Where work goes that need not run on the calling thread, such as a digest of a large body.
// Threads belong to server/, so the layers below are handed an Executor and never start one. And
// what a task holds of the object that it works for: a handle of its Lifeline.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "engines/base/mutex.h"

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

// Lifeline: what a task on an Executor holds of the object it works for, which may be gone by the
// time the task runs. The object owns the Lifeline; its tasks own Handles. At most one task works
// on the object at a time, and cutting the line waits for that one.
template <class Owner>
class Lifeline {
  struct Shared {
    Mutex mutex;
    Owner* owner GUARDED_BY(mutex);
  };

 public:
  class Handle {
   public:
    // Calls work(owner) unless the line is cut; tells whether it did.
    template <class Work>
    bool with(Work&& work) const {
      const Lock lock(shared_->mutex);
      if (shared_->owner == nullptr) return false;
      std::forward<Work>(work)(*shared_->owner);
      return true;
    }

   private:
    friend class Lifeline;
    explicit Handle(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    std::shared_ptr<Shared> shared_;
  };

  explicit Lifeline(Owner& owner) : shared_(std::make_shared<Shared>()) { shared_->owner = &owner; }
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;
  ~Lifeline() { cut(); }

  Handle handle() const { return Handle(shared_); }

  // From here on no task works on the owner. REQUIRES: not called by such a task.
  void cut() {
    const Lock lock(shared_->mutex);
    shared_->owner = nullptr;
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace bodega::base
