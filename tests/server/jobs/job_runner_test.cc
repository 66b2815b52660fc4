#include "server/jobs/job_runner.h"

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <thread>

#include "engines/world/worlds.h"
#include "protocol/dynamodb/idempotency.h"
#include "tests/catch.h"

using namespace bodega;
using server::JobRunner;

namespace {

constexpr auto kPatience = std::chrono::seconds(10);

// Due once, at a moment.
class Alarm : public base::Job {
 public:
  std::optional<std::int64_t> next_due_us(std::int64_t) override {
    const std::int64_t due_us = due_us_;
    return due_us == 0 ? std::nullopt : std::optional(due_us);
  }
  void run(std::int64_t now_us, std::size_t) override {
    due_us_ = 0;
    rang.set_value(now_us);
  }
  void set(std::int64_t due_us) { due_us_ = due_us; }

  std::promise<std::int64_t> rang;

 private:
  std::atomic<std::int64_t> due_us_{0};
};

// Has steps to do, and does one at a time.
class Steps : public base::Job {
 public:
  explicit Steps(int count) : left_(count) {}
  std::optional<std::int64_t> next_due_us(std::int64_t now_us) override {
    return left_ == 0 ? std::nullopt : std::optional(now_us);
  }
  void run(std::int64_t, std::size_t budget) override {
    REQUIRE(budget > 0);
    if (--left_ == 0) done.set_value();
  }
  std::promise<void> done;

 private:
  std::atomic<int> left_;
};

// Fails the first times.
class Failing : public base::Job {
 public:
  std::optional<std::int64_t> next_due_us(std::int64_t now_us) override { return now_us; }
  void run(std::int64_t now_us, std::size_t) override {
    if (++tries < 3) throw std::runtime_error("as the test wants");
    if (tries == 3) recovered.set_value(now_us);
  }
  std::atomic<int> tries = 0;
  std::promise<std::int64_t> recovered;
};

template <class Condition>
bool within_patience(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace

TEST_CASE("JobRunner: moving one world's clock runs what became due in it, and there alone") {
  const base::ManualClock process;
  world::Worlds worlds(world::World::in_memory(process), process);
  const auto one = worlds.open("one", world::Worlds::Kept::kInMemory);
  const auto two = worlds.open("two", world::Worlds::Kept::kInMemory);
  const std::int64_t due_us = process.now_us() + 3'600'000'000;
  auto& first = one->service_state().get<Alarm>();
  auto& second = two->service_state().get<Alarm>();
  first.set(due_us);
  second.set(due_us);
  auto rang_first = first.rang.get_future();
  auto rang_second = second.rang.get_future();
  JobRunner runner([&](JobRunner::Visit visit) { worlds.for_each_job(visit); });
  CHECK(rang_first.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout);
  one->clock().set_offset_us(3'600'000'000);
  REQUIRE(rang_first.wait_for(kPatience) == std::future_status::ready);
  CHECK(rang_first.get() == due_us);
  CHECK(rang_second.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout);
}

TEST_CASE("JobRunner: tokens of transactions are forgotten by their world's clock") {
  const base::ManualClock process;
  world::Worlds worlds(world::World::in_memory(process), process);
  const auto& main = worlds.main();
  auto& tokens = main->service_state().get<dynamodb::Idempotency>();
  tokens.begin("account", "token", "digest", main->clock().now_us());
  JobRunner runner([&](JobRunner::Visit visit) { worlds.for_each_job(visit); });
  CHECK(tokens.size() == 1);
  main->clock().move_by_us(dynamodb::kTokenLifetimeUs);
  CHECK(within_patience([&] { return tokens.size() == 0; }));
}

TEST_CASE("JobRunner: what is left of a job goes on, also beside one that fails") {
  const base::ManualClock clock;
  Failing failing;
  Steps steps(50);
  auto done = steps.done.get_future();
  JobRunner runner([&](JobRunner::Visit visit) {
    visit(clock, failing);
    visit(clock, steps);
  });
  CHECK(done.wait_for(kPatience) == std::future_status::ready);
  CHECK(failing.recovered.get_future().wait_for(kPatience) == std::future_status::ready);
}
