#include "server/jobs/caretaker.h"

#include <chrono>
#include <exception>
#include <string>

#include "engines/base/log.h"

namespace bodega::server {
namespace {

constexpr std::chrono::milliseconds kInterval{250};

}  // namespace

Caretaker::Caretaker(world::World& world) : world_(world), thread_([this] { run(); }) {}

Caretaker::~Caretaker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Caretaker::run() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kInterval, [this] { return stopping_; })) {
    lock.unlock();
    try {
      world_.tend();
    } catch (const std::exception& error) {
      log::error(std::string("bringing the stores back failed: ") + error.what());
    }
    lock.lock();
  }
}

}  // namespace bodega::server
