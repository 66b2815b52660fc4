// Clock: what time it is in one world. It follows the process's clock until it is moved, frozen
// or scaled; expiry, time to live and every job of the world go by it.
#pragma once

#include <atomic>
#include <cstdint>

#include "engines/base/clock.h"
#include "engines/base/mutex.h"

namespace bodega::world {

class Clock final : public base::Clock {
 public:
  // So far from the process's clock, at most, a world may be: a thousand years.
  static constexpr std::int64_t kMaxOffsetUs = 1000LL * 365 * 24 * 3600 * 1'000'000;
  static constexpr double kMaxRate = 1'000'000;

  // `process` must outlive this.
  explicit Clock(const base::Clock& process) : process_(process) {}
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  // Thread-safe and without a lock, also while the clock is set.
  std::int64_t now_us() const override;

  // What follows is thread-safe; time may go backwards by it, as the system's does when it is set.

  // Follows the process's clock again.
  void follow() { set_offset_us(0); }
  // Goes as the process's clock does, so far ahead of it (or behind).
  // REQUIRES: within kMaxOffsetUs.
  void set_offset_us(std::int64_t offset_us);
  // Stands still, at this moment.
  void freeze_at_us(std::int64_t moment_us);
  // From the time that it is on, goes so many times as fast. REQUIRES: 0 < rate <= kMaxRate.
  void scale(double rate);
  // Moves to another time, and stands still or goes on as before.
  void move_by_us(std::int64_t delta_us);

 private:
  // It was `world_us` here when it was `process_us` there; a rate of 0 is a clock that stands.
  struct Course {
    std::int64_t process_us = 0;
    std::int64_t world_us = 0;
    double rate = 1;
    std::int64_t at(std::int64_t process_now_us) const;
  };

  Course course() const;
  void set(const Course& course) REQUIRES_LOCK(setting_);

  const base::Clock& process_;
  base::Mutex setting_;  // one writer at a time
  // Odd while a writer is at it: a reader that saw it change reads again.
  std::atomic<std::uint32_t> version_{0};
  std::atomic<std::int64_t> process_us_{0};
  std::atomic<std::int64_t> world_us_{0};
  std::atomic<double> rate_{1};
};

}  // namespace bodega::world
