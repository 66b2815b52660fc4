// The last requests over HTTP, and the Redis commands that are not there, for a person who looks at
// what goes on. A ring of slots with a lock each, so that threads meet only at the counter.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/mutex.h"
#include "protocol/observe/observer.h"

namespace bodega::server {

class RecentRequests final : public observe::Observer {
 public:
  static constexpr std::size_t kSlots = 200;
  static constexpr std::size_t kMaxResourceBytes = 200;
  static constexpr std::size_t kMaxMessageBytes = 200;

  struct Request {
    std::uint64_t number = 0;  // 0: none yet
    std::int64_t time_us = 0;  // when it had been answered
    std::string_view service;
    std::string_view operation;
    std::string resource;
    int status = 0;
    std::string error_code;
    std::string error_message;
    std::uint64_t elapsed_us = 0;
    std::uint64_t request_bytes = 0;
    std::uint64_t response_bytes = 0;
  };

  // `clock` must outlive it.
  explicit RecentRequests(const base::Clock& clock) : clock_(clock) {}

  // Requests to the control service are left out: who looks here makes them.
  void after(const observe::Exchange& exchange) override;
  void after(const observe::Batch&) override {}

  // The last ones first. Thread-safe.
  std::vector<Request> list() const;
  // The same as JSON: an array of objects.
  std::string json() const;

 private:
  struct Slot {
    mutable base::Mutex mutex;
    Request request GUARDED_BY(mutex);
  };

  const base::Clock& clock_;
  std::atomic<std::uint64_t> count_{0};
  std::array<Slot, kSlots> slots_;
};

}  // namespace bodega::server
