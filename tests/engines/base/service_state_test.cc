#include "engines/base/service_state.h"

#include <atomic>
#include <thread>
#include <vector>

#include "tests/catch.h"

using bodega::base::ServiceState;

namespace {

struct Counter {
  std::atomic<int> value = 0;
};
struct Flag {
  bool up = false;
};
template <int>
struct Numbered {
  std::atomic<int> value = 0;
};

}  // namespace

TEST_CASE("ServiceState: each type has one object, each state its own") {
  ServiceState one;
  ServiceState two;
  one.get<Counter>().value = 7;
  CHECK_FALSE(one.get<Flag>().up);
  CHECK(one.get<Counter>().value == 7);
  CHECK(two.get<Counter>().value == 0);
}

TEST_CASE("ServiceState: threads that ask at the same time get the same object") {
  ServiceState state;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&state] {
      ++state.get<Numbered<0>>().value;
      ++state.get<Numbered<1>>().value;
      ++state.get<Numbered<2>>().value;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(state.get<Numbered<0>>().value == 4);
  CHECK(state.get<Numbered<1>>().value == 4);
  CHECK(state.get<Numbered<2>>().value == 4);
}
