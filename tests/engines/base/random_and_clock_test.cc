#include <array>
#include <set>
#include <thread>

#include "engines/base/clock.h"
#include "engines/base/random.h"
#include "tests/catch.h"

using namespace bodega;

TEST_CASE("random: a seed gives its sequence again") {
  base::seed_random_for_test(1);
  const std::uint64_t first = base::random_u64();
  const std::string text = base::random_string(20, "abc");
  base::seed_random_for_test(1);
  CHECK(base::random_u64() == first);
  CHECK(base::random_string(20, "abc") == text);
}

TEST_CASE("random: numbers below a bound reach all of it and never the bound") {
  base::seed_random_for_test(4);
  std::array<int, 7> counts{};
  for (int i = 0; i < 7000; ++i) ++counts.at(base::random_below(7));
  for (const int count : counts) {
    CHECK(count > 800);
    CHECK(count < 1200);
  }
  CHECK(base::random_below(1) == 0);
}

TEST_CASE("random: threads have sequences of their own") {
  std::array<std::uint64_t, 4> drawn{};
  std::array<std::thread, 4> threads;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    threads[i] = std::thread([&drawn, i] { drawn[i] = base::random_u64(); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(std::set<std::uint64_t>(drawn.begin(), drawn.end()).size() == drawn.size());
}

TEST_CASE("random_string: only of its alphabet, and of the length asked for") {
  const std::string text = base::random_string(500, "xyz");
  CHECK(text.size() == 500);
  CHECK(text.find_first_not_of("xyz") == std::string::npos);
  CHECK(base::random_string(0, "x").empty());
}

TEST_CASE("ManualClock: it stands still until it is moved") {
  base::ManualClock clock(5'999'999);
  CHECK(clock.now_us() == 5'999'999);
  CHECK(clock.now_ms() == 5'999);
  CHECK(clock.now_s() == 5);
  clock.advance_us(1);
  CHECK(clock.now_s() == 6);
  clock.advance_ms(1500);
  CHECK(clock.now_ms() == 7500);
  clock.set_us(0);
  CHECK(clock.now_us() == 0);
}

TEST_CASE("SystemClock: it is in this century and does not stand still") {
  const base::SystemClock clock;
  const std::int64_t before = clock.now_us();
  CHECK(before > 1'700'000'000'000'000);
  while (clock.now_us() == before) {
  }
  CHECK(clock.now_us() > before);
}

TEST_CASE("secret_text: has the length, and draws from the whole alphabet") {
  std::set<char> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string text = base::secret_text(20, "abc");
    REQUIRE(text.size() == 20);
    seen.insert(text.begin(), text.end());
  }
  CHECK(seen == std::set<char>{'a', 'b', 'c'});
}
