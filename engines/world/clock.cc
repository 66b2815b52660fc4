#include "engines/world/clock.h"

#include <cmath>

#include "engines/base/check.h"

namespace bodega::world {

std::int64_t Clock::Course::at(std::int64_t process_now_us) const {
  const std::int64_t elapsed_us = process_now_us - process_us;
  if (rate == 1) return world_us + elapsed_us;
  return world_us + std::llround(static_cast<double>(elapsed_us) * rate);
}

// The stores of set() are releases, so a reader that took one of its values also sees that the
// version has changed.
Clock::Course Clock::course() const {
  for (;;) {
    const std::uint32_t before = version_.load(std::memory_order_acquire);
    Course read;
    read.process_us = process_us_.load(std::memory_order_acquire);
    read.world_us = world_us_.load(std::memory_order_acquire);
    read.rate = rate_.load(std::memory_order_acquire);
    const bool whole = before % 2 == 0 && version_.load(std::memory_order_acquire) == before;
    if (whole) return read;
  }
}

void Clock::set(const Course& course) {
  const std::uint32_t before = version_.load(std::memory_order_relaxed);
  version_.store(before + 1, std::memory_order_release);
  process_us_.store(course.process_us, std::memory_order_release);
  world_us_.store(course.world_us, std::memory_order_release);
  rate_.store(course.rate, std::memory_order_release);
  version_.store(before + 2, std::memory_order_release);
}

std::int64_t Clock::now_us() const { return course().at(process_.now_us()); }

void Clock::set_offset_us(std::int64_t offset_us) {
  BODEGA_CHECK(offset_us >= -kMaxOffsetUs && offset_us <= kMaxOffsetUs);
  const base::Lock lock(setting_);
  set({0, offset_us, 1});
}

void Clock::freeze_at_us(std::int64_t moment_us) {
  const base::Lock lock(setting_);
  set({0, moment_us, 0});
}

void Clock::scale(double rate) {
  BODEGA_CHECK(rate > 0 && rate <= kMaxRate);
  const base::Lock lock(setting_);
  const std::int64_t process_now_us = process_.now_us();
  set({process_now_us, course().at(process_now_us), rate});
}

void Clock::move_by_us(std::int64_t delta_us) {
  const base::Lock lock(setting_);
  Course moved = course();
  moved.world_us += delta_us;
  set(moved);
}

}  // namespace bodega::world
