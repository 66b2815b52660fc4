#include "engines/world/clock.h"

#include <atomic>
#include <thread>

#include "tests/catch.h"

using bodega::base::ManualClock;
using bodega::world::Clock;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kStart = ManualClock::kDefaultStartUs;

}  // namespace

TEST_CASE("Clock: it follows the process until it is set, and again when told") {
  ManualClock process;
  Clock clock(process);
  process.advance_us(5);
  CHECK(clock.now_us() == kStart + 5);
  clock.set_offset_us(3600 * kSecond);
  CHECK(clock.now_us() == kStart + 5 + 3600 * kSecond);
  process.advance_us(7);
  CHECK(clock.now_us() == kStart + 12 + 3600 * kSecond);
  clock.follow();
  CHECK(clock.now_us() == kStart + 12);
}

TEST_CASE("Clock: frozen, it stands, and moves only when it is moved") {
  ManualClock process;
  Clock clock(process);
  clock.freeze_at_us(1000 * kSecond);
  process.advance_us(kSecond);
  CHECK(clock.now_us() == 1000 * kSecond);
  CHECK(clock.now_ms() == 1'000'000);
  clock.move_by_us(-kSecond);
  process.advance_us(kSecond);
  CHECK(clock.now_us() == 999 * kSecond);
}

TEST_CASE("Clock: scaled, it goes on from the time that it was") {
  ManualClock process;
  Clock clock(process);
  clock.set_offset_us(50 * kSecond);
  clock.scale(60);
  CHECK(clock.now_us() == kStart + 50 * kSecond);
  process.advance_us(2 * kSecond);
  CHECK(clock.now_us() == kStart + 170 * kSecond);
  clock.move_by_us(kSecond);
  process.advance_us(kSecond);
  CHECK(clock.now_us() == kStart + 231 * kSecond);
  clock.scale(0.5);
  process.advance_us(2 * kSecond);
  CHECK(clock.now_us() == kStart + 232 * kSecond);
}

TEST_CASE("Clock: who reads while it is set sees one setting or the other, never a mixture") {
  ManualClock process;
  Clock clock(process);
  clock.freeze_at_us(kSecond);
  std::atomic<bool> done = false;
  std::atomic<int> mixed = 0;
  std::thread reader([&] {
    while (!done) {
      const std::int64_t now = clock.now_us();
      if (now != kSecond && now != kStart + 7) ++mixed;
    }
  });
  for (int i = 0; i < 20'000; ++i) {
    clock.freeze_at_us(kSecond);
    clock.set_offset_us(7);
  }
  done = true;
  reader.join();
  CHECK(mixed == 0);
}
