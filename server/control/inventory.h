// What is stored, in numbers: buckets with their objects and bytes, tables with their items, KMS
// keys. Tables have counters; objects are counted by listing them, up to a bound, on a thread of
// the pool, and the count is kept the longer the longer it took.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "engines/base/executor.h"
#include "engines/world/worlds.h"

namespace bodega::server {

class Inventory {
 public:
  // What is beyond is left out, and the count says "at_least".
  static constexpr std::size_t kMaxObjects = 100'000;
  static constexpr std::size_t kMaxBuckets = 1000;
  static constexpr std::size_t kMaxTables = 1000;
  static constexpr std::size_t kMaxKeys = 100'000;

  // Both must outlive the tasks on the executor.
  Inventory(world::Worlds& worlds, base::Executor& executor);
  ~Inventory();
  Inventory(const Inventory&) = delete;
  Inventory& operator=(const Inventory&) = delete;

  // Calls `ready` once there is a count that is new enough, on any thread. Thread-safe.
  void refresh(std::function<void()> ready);
  // The last count, a JSON object: "s3", "dynamodb" and "kms", or "fault". Thread-safe.
  std::string json() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace bodega::server
