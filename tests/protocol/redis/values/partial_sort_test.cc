#include "protocol/redis/values/partial_sort.h"

#include <numeric>
#include <random>

#include "tests/catch.h"

namespace bodega::redis::test {
namespace {

int compare(int a, int b) { return a < b ? -1 : a > b ? 1 : 0; }

}  // namespace

TEST_CASE("partial_sort_front: the front is as a whole sort would have it") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<int> items(1 + random() % 200);
    for (int& item : items) item = static_cast<int>(random() % 50);
    const std::size_t wanted = 1 + random() % items.size();
    std::vector<int> sorted = items;
    std::sort(sorted.begin(), sorted.end());
    partial_sort_front(items, wanted, compare);
    CHECK(std::equal(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(wanted),
                     sorted.begin()));
    std::sort(items.begin(), items.end());
    CHECK(items == sorted);
  }
}

TEST_CASE("partial_sort_front: does not go deep on input that is in order or all the same") {
  std::vector<int> items(200'000);
  std::iota(items.begin(), items.end(), 0);
  partial_sort_front(items, 10, compare);
  CHECK(items[9] == 9);
  std::fill(items.begin(), items.end(), 1);
  partial_sort_front(items, items.size(), compare);
  CHECK(items.back() == 1);
}

}  // namespace bodega::redis::test
