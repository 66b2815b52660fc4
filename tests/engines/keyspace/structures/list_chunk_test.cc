#include "engines/keyspace/structures/list_chunk.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.h"

namespace bodega::keyspace::test {
namespace {

using Model = std::vector<std::pair<std::uint64_t, std::string>>;

Model contents(ListChunk chunk) {
  Model out;
  for (std::size_t i = 0; i < chunk.count(); ++i) {
    out.emplace_back(chunk.position(i), std::string(chunk.at(i)));
  }
  return out;
}

struct Holder {
  ListChunk chunk = ListChunk::make(0);
  ~Holder() { chunk.destroy(); }
};

TEST_CASE("ListChunk: elements stand in order, whichever end they were pushed at") {
  Holder holder;
  ListChunk& chunk = holder.chunk;
  chunk.insert(0, 1000000, "b");
  chunk.insert(1, 1000000 + ListChunk::kGap, "");
  chunk.insert(0, 1000000 - ListChunk::kGap, "first");
  CHECK(contents(chunk) == Model{{1000000 - ListChunk::kGap, "first"},
                                 {1000000, "b"},
                                 {1000000 + ListChunk::kGap, ""}});
}

TEST_CASE("ListChunk: positions as pushes make them take no memory, others do") {
  Holder holder;
  ListChunk& chunk = holder.chunk;
  for (std::uint64_t i = 0; i < 100; ++i) chunk.push_back(i * ListChunk::kGap, "sixteen bytes...");
  chunk.fit();
  CHECK(chunk.memory() <= 100 * 18 + 300);
  const std::size_t before = chunk.memory();
  chunk.insert(50, 49 * ListChunk::kGap + 7, "x");
  CHECK(chunk.memory() > before + 100 * 8);
  CHECK(chunk.position(49) == 49 * ListChunk::kGap);
  CHECK(chunk.position(50) == 49 * ListChunk::kGap + 7);
  CHECK(chunk.position(51) == 50 * ListChunk::kGap);
}

TEST_CASE("ListChunk: a single element may be of any length, others share 8 KiB") {
  Holder holder;
  ListChunk& chunk = holder.chunk;
  const std::string large(1'000'000, 'x');
  CHECK(chunk.takes(large.size()));
  chunk.push_back(5, large);
  CHECK(chunk.at(0) == large);
  CHECK(!chunk.takes(1));
  chunk.assign(0, large + "y");
  CHECK(chunk.at(0) == large + "y");
  CHECK(chunk.position(0) == 5);
  chunk.assign(0, "short");
  CHECK(chunk.takes(8000));
  CHECK(!chunk.takes(8188));
  chunk.push_back(6, "other");
  CHECK(chunk.takes_instead(0, 8187));
  CHECK(!chunk.takes_instead(0, 8188));
}

TEST_CASE("ListChunk: a full chunk that is popped from gives its room back") {
  Holder holder;
  ListChunk& chunk = holder.chunk;
  for (std::uint64_t i = 0; i < 400; ++i) chunk.push_back(i * ListChunk::kGap, "sixteen bytes...");
  const std::size_t full = chunk.memory();
  while (chunk.count() > 1) chunk.erase(0);
  CHECK(chunk.memory() < full / 20);
  CHECK(contents(chunk) == Model{{399 * ListChunk::kGap, "sixteen bytes..."}});
}

TEST_CASE("ListChunk: random changes leave what a plain vector has") {
  std::mt19937 random(7);  // NOLINT: the same each time
  const auto below = [&](std::size_t bound) { return random() % bound; };
  for (int round = 0; round < 40; ++round) {
    Holder holder;
    ListChunk& chunk = holder.chunk;
    Model model;
    for (int step = 0; step < 800; ++step) {
      const std::string value(below(round % 2 == 0 ? 12 : 300), static_cast<char>('a' + below(26)));
      const std::size_t kind = below(10);
      const std::size_t at = below(4) == 0 ? below(model.size() + 1) : below(2) * model.size();
      if (kind < 6 && chunk.takes(value.size())) {
        const std::uint64_t position = random();
        chunk.insert(at, position, value);
        model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), {position, value});
      } else if (kind < 8 && !model.empty()) {
        const std::size_t from = at == model.size() ? at - 1 : at;
        const std::size_t count = 1 + below(std::min<std::size_t>(model.size() - from, 3));
        chunk.erase(from, count);
        const auto first = model.begin() + static_cast<std::ptrdiff_t>(from);
        model.erase(first, first + static_cast<std::ptrdiff_t>(count));
      } else if (kind == 8 && !model.empty()) {
        const std::size_t index = below(model.size());
        if (!chunk.takes_instead(index, value.size())) continue;
        chunk.assign(index, value);
        model[index].second = value;
      } else {
        chunk.fit();
      }
      REQUIRE(contents(chunk) == model);
    }
  }
}

}  // namespace
}  // namespace bodega::keyspace::test
