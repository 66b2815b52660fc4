// Seeded random operations on the engine and on a naive model beside it: a sorted map of items,
// from which the content of every index follows by definition.
#include <algorithm>
#include <map>
#include <random>

#include "tests/engines/table/table_test.h"

namespace bodega::table {
namespace {

using testing::describe;
using testing::index_of;
using testing::item;
using testing::n;
using testing::query;
using testing::s;
using testing::scan;
using testing::StoreKind;
using testing::table_of;
using testing::TestEngine;

using Key = std::pair<std::string, std::int64_t>;  // p, r

const std::vector<std::string> kNames = {"g", "h", "i", "x", "y"};

class Model {
 public:
  std::map<Key, Item> items;

  static bool fits(const KeySchema& keys, const Item& item) {
    for (const auto* schema : {&keys.hash, &keys.range}) {
      for (const KeyAttribute& attribute : *schema) {
        const Value* const value = item.find(attribute.name);
        if (value == nullptr || !value->is(attribute.type)) return false;
        if (value->element_count() == 0 && !value->is(Type::kNumber)) return false;
      }
    }
    return true;
  }

  static Item kept(const Table& table, const Index& index, const Item& item) {
    if (index.projection.type == ProjectionType::kAll) return item;
    Item kept;
    for (const auto& [name, value] : item) {
      const auto& names = index.projection.non_key_attributes;
      const bool named = index.projection.type == ProjectionType::kInclude &&
                         std::find(names.begin(), names.end(), name) != names.end();
      if (named || table.keys.contains(name) || index.keys.contains(name)) kept.set(name, value);
    }
    return kept;
  }

  // What stands in the index, in no particular order.
  std::vector<Item> entries(const Table& table, const Index& index) const {
    std::vector<Item> result;
    for (const auto& [key, item] : items) {
      if (fits(index.keys, item)) result.push_back(kept(table, index, item));
    }
    return result;
  }
};

std::int64_t total_size(const std::vector<Item>& items) {
  std::int64_t total = 0;
  for (const Item& each : items) total += static_cast<std::int64_t>(item_size_bytes(each));
  return total;
}

bool same_items(std::vector<Item> a, std::vector<Item> b) {
  const auto encoded = [](const std::vector<Item>& items) {
    std::vector<std::string> all;
    for (const Item& each : items) all.push_back(encode_item(each));
    std::sort(all.begin(), all.end());
    return all;
  };
  return encoded(a) == encoded(b);
}

class Run {
 public:
  Run(StoreKind kind, std::uint64_t seed) : engine_(kind), random_(seed) {
    Table spec = table_of("t", Type::kString, Type::kNumber);
    spec.indexes = {
        index_of("all", IndexKind::kGlobal, {{"g", Type::kString}}, {{"h", Type::kNumber}}),
        index_of("keys", IndexKind::kGlobal, {{"h", Type::kNumber}}, {},
                 {ProjectionType::kKeysOnly, {}}),
        index_of("many", IndexKind::kGlobal, {{"g", Type::kString}, {"i", Type::kBinary}},
                 {{"h", Type::kNumber}, {"r", Type::kNumber}}, {ProjectionType::kInclude, {"x"}}),
        index_of("local", IndexKind::kLocal, {{"p", Type::kString}}, {{"h", Type::kNumber}},
                 {ProjectionType::kInclude, {"y"}})};
    REQUIRE(engine_->create_table(spec).has_value());
  }

  void step() {
    const auto dice = below(100);
    if (dice < 45) {
      put();
    } else if (dice < 65) {
      remove();
    } else if (dice < 80) {
      update();
    } else if (dice < 90) {
      transact();
    } else if (dice < 92) {
      toggle_index();
    } else if (dice < 93) {
      engine_.restart();
    } else {
      query_partition();
    }
  }

  void check_everything() {
    const OpenTable table = open();
    std::vector<Item> expected;
    for (const auto& [key, each] : model_.items) expected.push_back(each);
    REQUIRE(same_items(scan(*engine_, table), expected));
    const TableDescription description = describe(*engine_, table);
    REQUIRE(description.counts.items == static_cast<std::int64_t>(expected.size()));
    REQUIRE(description.counts.size_bytes == total_size(expected));
    for (std::size_t i = 0; i < table->indexes.size(); ++i) {
      const Index& index = table->indexes[i];
      INFO(index.name);
      ScanRequest request;
      request.index_name = index.name;
      const std::vector<Item> entries = model_.entries(*table, index);
      REQUIRE(same_items(scan(*engine_, table, request), entries));
      REQUIRE(description.indexes[i].items == static_cast<std::int64_t>(entries.size()));
      REQUIRE(description.indexes[i].size_bytes == total_size(entries));
    }
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  OpenTable open() {
    const auto table = engine_->open_table("000000000000", "us-east-1", "t");
    REQUIRE(table.has_value());
    return *table;
  }
  Key random_key() {
    return {std::string("p") + std::to_string(below(5)), static_cast<std::int64_t>(below(12)) - 6};
  }
  static Item key_item(const Key& key) {
    return item({{"p", s(key.first)}, {"r", Value::of_number(Number::from_int(key.second))}});
  }
  Value random_value() {
    switch (below(6)) {
      case 0: return s(std::string(below(3), 'a'));
      case 1: return s("b");
      case 2: return testing::b(std::string(below(3), '\0'));
      case 3: return Value::null();
      default: return n(static_cast<int>(below(4)) - 1);
    }
  }
  Item random_item(const Key& key) {
    Item result = key_item(key);
    for (const std::string& name : kNames) {
      if (below(10) < 7) result.set(name, random_value());
    }
    return result;
  }
  const Item* modelled(const Key& key) const {
    const auto found = model_.items.find(key);
    return found == model_.items.end() ? nullptr : &found->second;
  }
  void check_previous(const Key& key, const Previous& previous) const {
    const Item* const expected = modelled(key);
    REQUIRE(previous.exists() == (expected != nullptr));
    if (expected != nullptr) REQUIRE(*previous.item() == *expected);
  }

  void put() {
    const OpenTable table = open();
    const Key key = random_key();
    const Item next = random_item(key);
    const auto done = engine_->modify(table, item_key(*table, next), [&](const Previous& previous) {
      check_previous(key, previous);
      return Decision::put(next);
    });
    REQUIRE(done.has_value());
    const Item* const before = modelled(key);
    REQUIRE(done->changed == (before == nullptr || *before != next));
    model_.items[key] = next;
  }
  void remove() {
    const OpenTable table = open();
    const Key key = random_key();
    const auto done = testing::remove(*engine_, table, key_item(key));
    REQUIRE(done.changed == (model_.items.erase(key) == 1));
  }
  // Refuses when there is none; else changes one attribute.
  void update() {
    const OpenTable table = open();
    const Key key = random_key();
    const std::string& name = kNames[below(kNames.size())];
    const Value value = random_value();
    const auto done =
        engine_->modify(table, item_key(*table, key_item(key)), [&](const Previous& previous) {
          check_previous(key, previous);
          if (!previous.exists()) return Decision::refuse();
          Item next = *previous.item();
          next.set(name, value);
          return Decision::put(std::move(next));
        });
    REQUIRE(done.has_value() == (modelled(key) != nullptr));
    if (done) model_.items[key].set(name, value);
  }
  void transact() {
    const OpenTable table = open();
    std::map<Key, Item> next;
    for (auto count = 1 + below(4); count > 0; --count) {
      const Key key = random_key();
      next[key] = random_item(key);
    }
    const bool refuse = below(3) == 0;
    std::vector<Change> changes;
    for (const auto& [key, value] : next) {
      changes.push_back({table, item_key(*table, value), [&, this](const Previous& previous) {
                           check_previous(key, previous);
                           const bool last = key == next.rbegin()->first;
                           if (last && refuse) return Decision::refuse();
                           return Decision::put(value);
                         }});
    }
    const auto done = engine_->modify_many(changes);
    REQUIRE(done.has_value());
    REQUIRE(done->applied == !refuse);
    if (!refuse) {
      for (const auto& [key, value] : next) model_.items[key] = value;
    }
  }
  void toggle_index() {
    const OpenTable table = open();
    if (table->find_index("late") != nullptr) {
      REQUIRE(engine_->remove_index(table, "late").has_value());
      return;
    }
    const auto added = engine_->add_index(
        table, index_of("late", IndexKind::kGlobal, {{"i", Type::kBinary}}, {{"p", Type::kString}},
                        {ProjectionType::kInclude, {"g"}}));
    REQUIRE(added.has_value());
    while (engine_->backfill(*added, 1 + below(9))) {
      if (below(2) == 0) put();
      if (below(2) == 0) remove();
    }
  }
  // A range of one partition, forward or backward, in pages.
  void query_partition() {
    const OpenTable table = open();
    QueryRequest request;
    const std::string p = "p" + std::to_string(below(5));
    request.partition = {s(p)};
    const auto low = static_cast<int>(below(14)) - 7;
    const auto high = static_cast<int>(below(14)) - 7;
    request.range.lower = SortBound{n(low), below(2) == 0};
    request.range.upper = SortBound{n(high), below(2) == 0};
    request.direction = below(2) == 0 ? Direction::kForward : Direction::kBackward;
    std::vector<Item> expected;
    for (const auto& [key, each] : model_.items) {
      if (key.first != p || key.second < low || key.second > high) continue;
      if (key.second == low && !request.range.lower->inclusive) continue;
      if (key.second == high && !request.range.upper->inclusive) continue;
      expected.push_back(each);
    }
    if (request.direction == Direction::kBackward) std::reverse(expected.begin(), expected.end());
    std::vector<Item> actual;
    const std::size_t limit = 1 + below(4);
    Item start;
    for (;;) {
      const std::vector<Item> page = query(*engine_, table, request, limit);
      actual.insert(actual.end(), page.begin(), page.end());
      if (page.size() < limit) break;
      start = key_attributes(*table, nullptr, page.back());
      request.exclusive_start = &start;
    }
    REQUIRE(actual == expected);
  }

  TestEngine engine_;
  std::mt19937_64 random_;
  Model model_;
};

}  // namespace

TEST_CASE("Table engine: random operations agree with a naive model, in memory") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    INFO(seed);
    Run run(StoreKind::kMemory, seed);
    for (int i = 0; i < 600; ++i) {
      run.step();
      if (i % 30 == 0) run.check_everything();
    }
    run.check_everything();
  }
}

TEST_CASE("Table engine: random operations agree with a naive model, in RocksDB") {
  for (const std::uint64_t seed : {11u, 12u}) {
    INFO(seed);
    Run run(StoreKind::kRocks, seed);
    for (int i = 0; i < 600; ++i) {
      run.step();
      if (i % 60 == 0) run.check_everything();
    }
    run.check_everything();
  }
}

}  // namespace bodega::table
