// Lifeline: a task in the background works on its owner, or finds that it is gone.
#include "engines/base/executor.h"

#include <optional>

#include "tests/catch.h"
#include "tests/held_executor.h"

using namespace bodega;

namespace {

struct Counter {
  explicit Counter(int& the_count) : count(the_count) {}
  int& count;
  base::Lifeline<Counter> lifeline{*this};
};

}  // namespace

TEST_CASE("Lifeline: tasks work on the owner as long as it is there") {
  int count = 0;
  std::optional<Counter> owner(std::in_place, count);
  tests::HeldExecutor executor;
  int answered = 0;
  const auto task = [handle = owner->lifeline.handle(), &answered] {
    if (handle.with([](Counter& counter) { ++counter.count; })) ++answered;
  };
  executor.post(task);
  executor.run_all();
  CHECK(count == 1);
  CHECK(answered == 1);
  executor.post(task);
  owner.reset();
  executor.run_all();
  CHECK(count == 1);
  CHECK(answered == 1);
}
