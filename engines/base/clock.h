// The one clock. Nothing below server/ reads the system's time: everyone is handed a Clock&, so
// that expiry, TTL, presigned links and streams all move when a test (or a person) moves the clock.
#pragma once

#include <atomic>
#include <cstdint>

namespace bodega::base {

class Clock {
 public:
  virtual ~Clock() = default;

  // Microseconds since the Unix epoch. Thread-safe.
  virtual std::int64_t now_us() const = 0;

  // Milliseconds and seconds since the Unix epoch, rounded down.
  std::int64_t now_ms() const { return now_us() / 1000; }
  std::int64_t now_s() const { return now_us() / 1'000'000; }
};

// The system's wall clock. Only server/ and the tests make one.
class SystemClock : public Clock {
 public:
  std::int64_t now_us() const override;
};

// Stands still until it is moved. Thread-safe.
class ManualClock : public Clock {
 public:
  // 2026-01-02T03:04:05Z, a moment that looks like nothing special.
  static constexpr std::int64_t kDefaultStartUs = 1'767'323'045'000'000;

  explicit ManualClock(std::int64_t start_us = kDefaultStartUs) : now_us_(start_us) {}
  std::int64_t now_us() const override { return now_us_.load(std::memory_order_relaxed); }
  void set_us(std::int64_t value) { now_us_.store(value, std::memory_order_relaxed); }
  void advance_us(std::int64_t delta) { now_us_.fetch_add(delta, std::memory_order_relaxed); }
  void advance_ms(std::int64_t delta) { advance_us(delta * 1000); }

 private:
  std::atomic<std::int64_t> now_us_;
};

}  // namespace bodega::base
