// Job: what a world has to do at some time rather than for some request, such as forgetting what is
// old. It goes by its world's clock, so moving the clock makes it due. server/jobs runs it, on one
// thread for all worlds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace bodega::base {

class Job {
 public:
  virtual ~Job() = default;

  // When there is something to do next; now or earlier: there is. Nothing: not before new
  // work comes. Cheap, and thread-safe beside the threads that bring it.
  virtual std::optional<std::int64_t> next_due_us(std::int64_t now_us) = 0;

  // Does what is due, at most about `budget` steps of it: the rest stays due. May throw
  // StorageFault; then it is tried again later.
  virtual void run(std::int64_t now_us, std::size_t budget) = 0;
};

}  // namespace bodega::base
