// Caretaker: a thread that asks a world a few times a second to see to itself: stores that failed
// are brought back when the disk allows it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "engines/world/world.h"

namespace bodega::server {

class Caretaker {
 public:
  // The world must outlive this.
  explicit Caretaker(world::World& world);
  ~Caretaker();
  Caretaker(const Caretaker&) = delete;
  Caretaker& operator=(const Caretaker&) = delete;

 private:
  void run();

  world::World& world_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bodega::server
