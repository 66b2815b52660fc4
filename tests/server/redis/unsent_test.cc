#include "server/redis/unsent.h"

#include <algorithm>
#include <string>

#include "tests/catch.h"

namespace bodega::server::test {
namespace {

std::string drain(Unsent& unsent, std::size_t step) {
  std::string out;
  while (!unsent.empty()) {
    const std::string_view next = unsent.front().substr(0, step);
    out.append(next);
    unsent.sent(next.size());
  }
  return out;
}

TEST_CASE("Unsent: everything goes out in the order in which it came, in whatever steps") {
  for (const std::size_t step : {1u, 7u, 5000u, 1'000'000u}) {
    Unsent unsent;
    std::string expected;
    for (std::size_t i = 0; i < 300; ++i) {
      std::string output(i % 10 == 0 ? 20'000 : i % 7 * 100, static_cast<char>('a' + i % 26));
      expected += output;
      unsent.take(output, 0);
      CHECK(output.empty());
    }
    CHECK(unsent.bytes() == expected.size());
    CHECK(drain(unsent, step) == expected);
    CHECK(unsent.bytes() == 0);
  }
}

TEST_CASE("Unsent: of the first output a part may have gone out already") {
  for (const std::size_t length : {100u, 100'000u}) {
    Unsent unsent;
    std::string output(length, 'x');
    output.front() = output.back() = 'y';
    unsent.take(output, 40);
    CHECK(unsent.bytes() == length - 40);
    CHECK(drain(unsent, 1000) == std::string(length - 41, 'x') + 'y');
  }
}

TEST_CASE("Unsent: a long output is not copied") {
  Unsent unsent;
  std::string output(100'000, 'x');
  const char* where = output.data();
  unsent.take(output, 0);
  CHECK(unsent.front().data() == where);
}

}  // namespace
}  // namespace bodega::server::test
