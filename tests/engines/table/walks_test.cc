#include <algorithm>
#include <set>

#include "tests/engines/table/table_test.h"

namespace bodega::table {
namespace {

using testing::b;
using testing::index_of;
using testing::item;
using testing::n;
using testing::put;
using testing::query;
using testing::s;
using testing::scan;
using testing::StoreKind;
using testing::table_of;
using testing::TestEngine;

OpenTable create(Engine& engine, Table table) {
  auto created = engine.create_table(std::move(table));
  REQUIRE(created.has_value());
  return *created;
}

std::string ranges(const std::vector<Item>& items, std::string_view name = "r") {
  std::string text;
  for (const Item& each : items) {
    const Value& value = *each.find(name);
    text += (value.is(Type::kNumber)   ? value.as_number().to_string()
             : value.is(Type::kString) ? value.as_string()
                                       : value.as_binary()) +
            " ";
  }
  return text;
}

QueryRequest of_partition(Value partition) {
  QueryRequest request;
  request.partition.push_back(std::move(partition));
  return request;
}

}  // namespace

TEST_CASE("Query: number range keys sort as numbers, and every bound does what it says") {
  TestEngine engine;
  const OpenTable table = create(*engine, table_of("t", Type::kString, Type::kNumber));
  for (const char* r : {"-10", "-1", "-0.5", "0", "0.5", "2", "10", "100", "1e10"}) {
    put(*engine, table, item({{"p", s("x")}, {"r", n(r)}}));
    put(*engine, table, item({{"p", s("other")}, {"r", n(r)}}));
  }
  QueryRequest request = of_partition(s("x"));
  CHECK(ranges(query(*engine, table, request)) == "-10 -1 -0.5 0 0.5 2 10 100 10000000000 ");
  request.direction = Direction::kBackward;
  CHECK(ranges(query(*engine, table, request, 3)) == "10000000000 100 10 ");
  request.direction = Direction::kForward;
  const auto between = [&](std::optional<SortBound> lower, std::optional<SortBound> upper) {
    request.range = {};
    request.range.lower = lower;
    request.range.upper = upper;
    request.direction = Direction::kForward;
    const std::string forward = ranges(query(*engine, table, request));
    request.direction = Direction::kBackward;
    std::vector<Item> backward = query(*engine, table, request);
    std::reverse(backward.begin(), backward.end());
    CHECK(ranges(backward) == forward);
    return forward;
  };
  CHECK(between(SortBound{n(2), true}, {}) == "2 10 100 10000000000 ");
  CHECK(between(SortBound{n(2), false}, {}) == "10 100 10000000000 ");
  CHECK(between({}, SortBound{n("-0.5"), true}) == "-10 -1 -0.5 ");
  CHECK(between({}, SortBound{n("-0.5"), false}) == "-10 -1 ");
  CHECK(between(SortBound{n(0), true}, SortBound{n(10), true}) == "0 0.5 2 10 ");
  CHECK(between(SortBound{n(1), true}, SortBound{n("1.5"), true}) == "");
  CHECK(between(SortBound{n(10), true}, SortBound{n(2), true}) == "");
  request.range = {};
  request.range.equal = {n("1e2")};
  CHECK(ranges(query(*engine, table, request)) == "100 ");
  CHECK(query(*engine, table, of_partition(s("none"))).empty());
}

TEST_CASE("Query: strings and binaries with awkward bytes, bounds and prefixes, table and index") {
  const std::vector<std::string> keys = {"a",
                                         "ab",
                                         "abc",
                                         "b",
                                         std::string("a\0", 2),
                                         std::string("a\0b", 3),
                                         "a\xff",
                                         "a\xff\xff",
                                         std::string("\0", 1),
                                         std::string("\0\xff", 2),
                                         "\xff",
                                         "\xff\xff"};
  for (const Type type : {Type::kString, Type::kBinary}) {
    for (const char* index_name : {"", "l"}) {
      TestEngine engine;
      Table spec = table_of("t", Type::kString, type);
      spec.indexes = {index_of("l", IndexKind::kLocal, {{"p", Type::kString}}, {{"d", type}})};
      const OpenTable table = create(*engine, spec);
      const auto value = [&](const std::string& key) {
        return type == Type::kString ? s(key) : b(key);
      };
      for (const std::string& key : keys) {
        put(*engine, table, item({{"p", s("x")}, {"r", value(key)}, {"d", value(key)}}));
      }
      std::vector<std::string> sorted = keys;
      std::sort(sorted.begin(), sorted.end());
      const auto expect = [&](const SortRange& range, auto wanted) {
        QueryRequest request = of_partition(s("x"));
        request.index_name = index_name;
        request.range = range;
        std::string expected;
        for (const std::string& key : sorted) {
          if (wanted(key)) expected += key + " ";
        }
        CHECK(ranges(query(*engine, table, request)) == expected);
        request.direction = Direction::kBackward;
        std::vector<Item> backward = query(*engine, table, request);
        std::reverse(backward.begin(), backward.end());
        CHECK(ranges(backward) == expected);
      };
      for (const std::string& key : keys) {
        SortRange range;
        range.lower = SortBound{value(key), true};
        expect(range, [&](const std::string& other) { return other >= key; });
        range.lower->inclusive = false;
        expect(range, [&](const std::string& other) { return other > key; });
        range = {};
        range.upper = SortBound{value(key), true};
        expect(range, [&](const std::string& other) { return other <= key; });
        range.upper->inclusive = false;
        expect(range, [&](const std::string& other) { return other < key; });
        range = {};
        range.prefix = value(key);
        expect(range, [&](const std::string& other) { return other.starts_with(key); });
        range = {};
        range.equal = {value(key)};
        expect(range, [&](const std::string& other) { return other == key; });
      }
    }
  }
}

TEST_CASE("Query: pages join without gap or repeat both ways, also where the start was deleted") {
  for (const StoreKind kind : {StoreKind::kMemory, StoreKind::kRocks}) {
    TestEngine engine(kind);
    Table spec = table_of("t", Type::kString, Type::kNumber);
    spec.indexes = {
        index_of("g", IndexKind::kGlobal, {{"h", Type::kString}}, {{"i", Type::kNumber}})};
    const OpenTable table = create(*engine, spec);
    for (int i = 0; i < 60; ++i) {
      put(*engine, table, item({{"p", s("x")}, {"r", n(i)}, {"h", s("y")}, {"i", n(i / 7)}}));
    }
    for (const char* index_name : {"", "g"}) {
      for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
        QueryRequest request = of_partition(s(*index_name == '\0' ? "x" : "y"));
        request.index_name = index_name;
        request.direction = direction;
        const std::vector<Item> whole = query(*engine, table, request);
        REQUIRE(whole.size() == 60);
        std::vector<Item> joined;
        Item start;
        for (;;) {
          const std::vector<Item> page = query(*engine, table, request, 7);
          joined.insert(joined.end(), page.begin(), page.end());
          if (page.size() < 7) break;
          start = key_attributes(*table, table->find_index(index_name), page.back());
          CHECK(Engine::start_is_valid(*table, table->find_index(index_name), start));
          request.exclusive_start = &start;
          if (joined.size() == 14) {
            testing::remove(*engine, table, start);
            put(*engine, table, page.back());
          }
        }
        CHECK(joined == whole);
        // From a start that is not there any more.
        start = key_attributes(*table, table->find_index(index_name), whole[20]);
        testing::remove(*engine, table, whole[20]);
        CHECK(query(*engine, table, request, 1) == std::vector<Item>{whole[21]});
        put(*engine, table, whole[20]);
      }
    }
  }
}

TEST_CASE("Query: a start that lacks a key attribute or has a wrong type is not valid") {
  Table table = table_of("t", Type::kString, Type::kNumber);
  table.indexes = {index_of("g", IndexKind::kGlobal, {{"h", Type::kString}})};
  const Index* const index = &table.indexes[0];
  const auto valid = [&](const Index* of, std::vector<Attribute> attributes) {
    return Engine::start_is_valid(table, of, item(std::move(attributes)));
  };
  CHECK(valid(nullptr, {{"p", s("x")}, {"r", n(1)}}));
  CHECK_FALSE(valid(nullptr, {{"p", s("x")}}));
  CHECK_FALSE(valid(nullptr, {{"p", s("x")}, {"r", s("1")}}));
  CHECK(valid(index, {{"p", s("x")}, {"r", n(1)}, {"h", s("y")}}));
  CHECK_FALSE(valid(index, {{"p", s("x")}, {"r", n(1)}}));
  CHECK_FALSE(valid(index, {{"h", s("y")}}));
  CHECK_FALSE(valid(index, {{"p", s("x")}, {"r", n(1)}, {"h", s("")}}));
}

TEST_CASE("Query: an index with several hash and range attributes, narrowed from the left") {
  TestEngine engine;
  Table spec = table_of("t", Type::kNumber);
  spec.indexes = {index_of("m", IndexKind::kGlobal, {{"a", Type::kString}, {"b", Type::kNumber}},
                           {{"c", Type::kString}, {"d", Type::kNumber}})};
  const OpenTable table = create(*engine, spec);
  int p = 0;
  for (const char* a : {"x", "y"}) {
    for (int bb = 0; bb < 2; ++bb) {
      for (const char* c : {"k", "kk", "l"}) {
        for (int d = -1; d < 3; ++d) {
          put(*engine, table,
              item({{"p", n(p++)}, {"a", s(a)}, {"b", n(bb)}, {"c", s(c)}, {"d", n(d)}}));
        }
      }
    }
  }
  put(*engine, table, item({{"p", n(p++)}, {"a", s("x")}, {"b", n(1)}, {"c", s("k")}}));
  QueryRequest request;
  request.index_name = "m";
  request.partition = {s("x"), n(1)};
  CHECK(ranges(query(*engine, table, request), "d") == "-1 0 1 2 -1 0 1 2 -1 0 1 2 ");
  request.range.prefix = s("k");
  CHECK(query(*engine, table, request).size() == 8);
  request.range = {};
  request.range.equal = {s("kk")};
  CHECK(ranges(query(*engine, table, request), "d") == "-1 0 1 2 ");
  request.range.lower = SortBound{n(0), false};
  CHECK(ranges(query(*engine, table, request), "d") == "1 2 ");
  request.range = {};
  request.range.equal = {s("l"), n(2)};
  CHECK(query(*engine, table, request).size() == 1);
}

TEST_CASE("Query: a local index shows what it keeps, or the whole item when asked") {
  TestEngine engine(StoreKind::kRocks);
  Table spec = table_of("t", Type::kString, Type::kNumber);
  spec.indexes = {index_of("l", IndexKind::kLocal, {{"p", Type::kString}}, {{"d", Type::kNumber}},
                           {ProjectionType::kInclude, {"x"}})};
  const OpenTable table = create(*engine, spec);
  const Item whole =
      item({{"p", s("k")}, {"r", n(1)}, {"d", n(2)}, {"x", s("kept")}, {"y", s("left")}});
  put(*engine, table, whole);
  QueryRequest request = of_partition(s("k"));
  request.index_name = "l";
  Item kept = whole;
  kept.erase("y");
  CHECK(query(*engine, table, request) == std::vector<Item>{kept});
  request.fetch = Fetch::kWhole;
  (void)engine->query(table, request, [&](const Row& row) {
    CHECK(row.entry.to_item() == kept);
    CHECK(row.entry.size_bytes() == item_size_bytes(kept));
    CHECK(row.item.to_item() == whole);
    return true;
  });
  request.index_name = "none";
  CHECK(engine->query(table, request, [](const Row&) { return true; }).error() ==
        Outcome::kNoSuchIndex);
}

TEST_CASE("Scan: pages and parallel segments cover every item exactly once, tables and indexes") {
  TestEngine engine(StoreKind::kRocks);
  Table spec = table_of("t", Type::kString, Type::kNumber);
  spec.indexes = {index_of("g", IndexKind::kGlobal, {{"h", Type::kString}})};
  const OpenTable table = create(*engine, spec);
  for (int i = 0; i < 300; ++i) {
    const std::string p = "p" + std::to_string(i / 3);
    put(*engine, table, item({{"p", s(p)}, {"r", n(i)}, {"h", s(std::to_string(i % 97))}}));
  }
  for (const char* index_name : {"", "g"}) {
    ScanRequest request;
    request.index_name = index_name;
    const std::vector<Item> whole = scan(*engine, table, request);
    REQUIRE(whole.size() == 300);
    for (const std::uint32_t total : {1u, 3u, 16u, 5000u}) {
      std::vector<Item> joined;
      for (std::uint32_t segment = 0; segment < total; ++segment) {
        request.segment = segment;
        request.total_segments = total;
        request.exclusive_start = nullptr;
        Item start;
        for (;;) {
          const std::vector<Item> page = scan(*engine, table, request, 11);
          joined.insert(joined.end(), page.begin(), page.end());
          if (page.size() < 11) break;
          start = key_attributes(*table, table->find_index(index_name), page.back());
          CHECK(in_segment(*table, table->find_index(index_name), start, segment, total));
          request.exclusive_start = &start;
        }
      }
      // The segments are contiguous, so their concatenation is the whole scan in its order.
      CHECK(joined == whole);
    }
  }
}

TEST_CASE("Scan: partitions come in the order of the service's hash") {
  TestEngine engine;
  const OpenTable table = create(*engine, table_of("t", Type::kString));
  for (const char* p : {"1", "2", "3", "4", "a", "b"}) {
    put(*engine, table, item({{"p", s(p)}}));
  }
  std::string order;
  for (const Item& each : scan(*engine, table)) order += each.find("p")->as_string();
  CHECK(order == "21b43a");
}

TEST_CASE("Query: ten items of a large partition cost what ten of a small one do") {
  // Cost is counted in what the cursor is made to visit: the visitor sees exactly the ten.
  TestEngine engine;
  const OpenTable table = create(*engine, table_of("t", Type::kString, Type::kNumber));
  for (int i = 0; i < 5000; ++i) put(*engine, table, item({{"p", s("x")}, {"r", n(i)}}));
  QueryRequest request = of_partition(s("x"));
  const Item start = item({{"p", s("x")}, {"r", n(4000)}});
  request.exclusive_start = &start;
  int visited = 0;
  const auto end = engine->query(table, request, [&](const Row&) { return ++visited < 10; });
  REQUIRE(end.has_value());
  CHECK(*end == WalkEnd::kStopped);
  CHECK(visited == 10);
  request.exclusive_start = nullptr;
  CHECK(ranges(query(*engine, table, request, 2)) == "0 1 ");
}

}  // namespace bodega::table
