#include <thread>

#include "tests/engines/table/table_test.h"

namespace bodega::table {
namespace {

using testing::describe;
using testing::get;
using testing::index_of;
using testing::item;
using testing::n;
using testing::put;
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

Decision increment(const Previous& previous, const Item& key) {
  Item next = previous.exists() ? *previous.item() : key;
  const Value* const count = next.find("count");
  const Number before = count != nullptr ? count->as_number() : Number{};
  next.set("count", Value::of_number(*add(before, Number::from_int(1))));
  return Decision::put(std::move(next));
}

}  // namespace

TEST_CASE("Items: put, read, replace and remove, with what was before") {
  TestEngine engine;
  const OpenTable table = create(*engine, table_of("t", Type::kString));
  const Item key = item({{"p", s("k")}});
  CHECK_FALSE(get(*engine, table, key).has_value());

  const Item first = item({{"p", s("k")}, {"v", n(1)}});
  const Modified created = put(*engine, table, first);
  CHECK(created.changed);
  CHECK_FALSE(created.previous.has_value());
  CHECK(created.next == first);
  CHECK(created.old_size_bytes == 0);
  CHECK(created.new_size_bytes == 1 + 1 + 1 + 2);
  CHECK(get(*engine, table, key) == first);

  const Item second = item({{"p", s("k")}, {"w", s("other")}});
  const Modified replaced = put(*engine, table, second);
  CHECK(replaced.previous->to_item() == first);
  CHECK(replaced.old_size_bytes == 5);
  CHECK(describe(*engine, table).counts.items == 1);

  const Modified same = put(*engine, table, second);
  CHECK_FALSE(same.changed);
  CHECK(same.previous->to_item() == second);

  const Modified removed = testing::remove(*engine, table, key);
  CHECK(removed.changed);
  CHECK(removed.previous->to_item() == second);
  CHECK(removed.new_size_bytes == 0);
  CHECK_FALSE(get(*engine, table, key).has_value());
  CHECK_FALSE(testing::remove(*engine, table, key).changed);
  CHECK(describe(*engine, table).counts.items == 0);
  CHECK(describe(*engine, table).counts.size_bytes == 0);
}

TEST_CASE("Items: a borrowed item is stored like any other") {
  TestEngine engine;
  const OpenTable table = create(*engine, table_of("t", Type::kString));
  const Item lent = item({{"p", s("k")}, {"v", n(1)}});
  const auto done = engine->modify(table, item_key(*table, lent),
                                   [&](const Previous&) { return Decision::put_borrowed(lent); });
  REQUIRE(done.has_value());
  CHECK(done->changed);
  CHECK_FALSE(done->next.has_value());
  CHECK(get(*engine, table, lent) == lent);
}

TEST_CASE("Items: a refused or kept or throwing write changes nothing") {
  TestEngine engine;
  const OpenTable table = create(*engine, table_of("t", Type::kString));
  const Item original = item({{"p", s("k")}, {"v", n(1)}});
  put(*engine, table, original);
  const ItemKey key = item_key(*table, original);

  const auto refused = engine->modify(table, key, [&](const Previous& previous) {
    CHECK(*previous.item() == original);
    CHECK(previous.view().find("v")->number() == Number::from_int(1));
    return Decision::refuse();
  });
  REQUIRE(refused.has_error());
  CHECK(refused.error() == Outcome::kRefused);
  const auto kept = engine->modify(table, key, [](const Previous&) { return Decision::keep(); });
  REQUIRE(kept.has_value());
  CHECK_FALSE(kept->changed);
  CHECK(kept->new_size_bytes == kept->old_size_bytes);
  const auto fail = [](const Previous&) -> Decision { throw std::runtime_error("x"); };
  CHECK_THROWS_AS(engine->modify(table, key, fail), std::runtime_error);
  CHECK(get(*engine, table, original) == original);
  CHECK(put(*engine, table, item({{"p", s("k")}})).changed);  // no lock was left behind
}

TEST_CASE("Items: each index tells what a write did to it") {
  TestEngine engine;
  Table spec = table_of("t", Type::kString, Type::kNumber);
  spec.indexes = {
      index_of("keys", IndexKind::kGlobal, {{"g", Type::kString}}, {},
               {ProjectionType::kKeysOnly, {}}),
      index_of("some", IndexKind::kGlobal, {{"g", Type::kString}}, {{"h", Type::kNumber}},
               {ProjectionType::kInclude, {"x"}}),
      index_of("local", IndexKind::kLocal, {{"p", Type::kString}}, {{"h", Type::kNumber}})};
  const OpenTable table = create(*engine, spec);
  const auto changes = [&](const Item& what) {
    std::string told;
    for (const IndexChange& change : put(*engine, table, what).index_changes) {
      told += change.index_name + (change.moved ? "~" : "") +
              std::to_string(change.old_size_bytes) + ">" + std::to_string(change.new_size_bytes) +
              " ";
    }
    return told;
  };
  Item what = item({{"p", s("k")}, {"r", n(1)}});
  CHECK(changes(what) == "");
  what.set("g", s("gg"));
  CHECK(changes(what) == "keys0>8 ");  // p k r(2) g gg
  what.set("h", n(5));
  CHECK(changes(what) == "local0>11 some0>11 ");
  what.set("z", s("zzz"));
  CHECK(changes(what) == "local11>15 ");
  what.set("x", s("xx"));
  CHECK(changes(what) == "local15>18 some11>14 ");
  what.set("h", n(6));
  CHECK(changes(what) == "local~18>18 some~14>14 ");
  what.set("g", s("g"));
  CHECK(changes(what) == "local18>17 keys~8>7 some~14>13 ");
  what.erase("g");
  CHECK(changes(what) == "local17>15 keys7>0 some13>0 ");
  CHECK(testing::remove(*engine, table, what).index_changes.size() == 1);
  const TableDescription last = describe(*engine, table);
  for (const Counts& counts : last.indexes) {
    CHECK(counts.items == 0);
    CHECK(counts.size_bytes == 0);
  }
}

TEST_CASE("Items: modify_many writes all or nothing, and says who refused") {
  TestEngine engine;
  const OpenTable one = create(*engine, table_of("one", Type::kString));
  const OpenTable two = create(*engine, table_of("two", Type::kNumber));
  put(*engine, two, item({{"p", n(2)}, {"v", n(1)}}));
  const Item a = item({{"p", s("a")}});
  const Item b = item({{"p", n(2)}});
  const auto run = [&](Decide second) {
    const std::vector<Change> changes = {
        {one, item_key(*one, a), [&](const Previous&) { return Decision::put(a); }},
        {two, item_key(*two, b), std::move(second)},
        {two, item_key(*two, item({{"p", n(3)}})),
         [](const Previous&) { return Decision::keep(); }}};
    auto many = engine->modify_many(changes);
    REQUIRE(many.has_value());
    return std::move(*many);
  };
  const ManyModified refused = run([](const Previous&) { return Decision::refuse(); });
  CHECK_FALSE(refused.applied);
  CHECK(refused.refused == std::vector<bool>{false, true, false});
  CHECK(refused.results[1].previous->to_item() == item({{"p", n(2)}, {"v", n(1)}}));
  CHECK_FALSE(get(*engine, one, a).has_value());

  CHECK_THROWS(run([](const Previous&) -> Decision { throw std::runtime_error("x"); }));
  CHECK_FALSE(get(*engine, one, a).has_value());

  const ManyModified applied = run([](const Previous&) { return Decision::remove(); });
  CHECK(applied.applied);
  CHECK(applied.results[0].changed);
  CHECK_FALSE(applied.results[2].changed);
  CHECK(get(*engine, one, a) == a);
  CHECK_FALSE(get(*engine, two, b).has_value());
  CHECK(describe(*engine, one).counts.items == 1);
  CHECK(describe(*engine, two).counts.items == 0);

  const std::vector<ItemAddress> addresses = {{two, item_key(*two, b)}, {one, item_key(*one, a)}};
  const auto read = engine->get_many(addresses);
  REQUIRE(read.size() == 2);
  CHECK_FALSE(read[0].has_value());
  CHECK(read[1]->to_item() == a);
}

TEST_CASE("Items: threads that increment one item lose nothing") {
  for (const StoreKind kind : {StoreKind::kMemory, StoreKind::kRocks}) {
    TestEngine engine(kind);
    Table spec = table_of("t", Type::kString);
    spec.indexes = {
        index_of("i", IndexKind::kGlobal, {{"p", Type::kString}}, {{"count", Type::kNumber}})};
    const OpenTable table = create(*engine, spec);
    const Item key = item({{"p", s("k")}});
    constexpr int kThreads = 4;
    constexpr int kTimes = 250;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kTimes; ++i) {
          (void)engine->modify(table, item_key(*table, key),
                               [&](const Previous& previous) { return increment(previous, key); });
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(get(*engine, table, key)->find("count")->as_number() ==
          Number::from_int(kThreads * kTimes));
    ScanRequest entries;
    entries.index_name = "i";
    CHECK(scan(*engine, table, entries).size() == 1);
    CHECK(describe(*engine, table).indexes[0].items == 1);
  }
}

TEST_CASE("Items: transfers between items, walks, index changes and table changes at once") {
  TestEngine engine(StoreKind::kRocks);
  const OpenTable table = create(*engine, table_of("t", Type::kNumber));
  constexpr int kItems = 40;
  for (int i = 0; i < kItems; ++i) {
    put(*engine, table, item({{"p", n(i)}, {"v", n(100)}, {"g", s("x")}}));
  }
  const auto shift = [&](int at, int by) {
    const Item key = item({{"p", n(at)}});
    return Change{table, item_key(*table, key), [by](const Previous& previous) {
                    Item next = *previous.item();
                    const Number now = next.find("v")->as_number();
                    next.set("v", Value::of_number(*add(now, Number::from_int(by))));
                    return Decision::put(std::move(next));
                  }};
  };
  std::atomic<bool> failed{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 150; ++i) {
        // In both orders, so that locks taken out of order would meet.
        const int from = (i * 7 + t) % kItems;
        const int to = (i * 11 + t + 1) % kItems;
        if (from == to) continue;
        const std::vector<Change> changes = {shift(from, -1), shift(to, 1)};
        if (!engine->modify_many(changes)->applied) failed = true;
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 20; ++i) {
      Number sum;
      int rows = 0;
      (void)engine->scan(table, {}, [&](const Row& row) {
        sum = *add(sum, row.item.find("v")->number());
        return ++rows > 0;
      });
      if (rows != kItems || sum != Number::from_int(100 * kItems)) failed = true;
    }
  });
  threads.emplace_back([&] {
    for (int i = 0; i < 5; ++i) {
      const auto added =
          engine->add_index(table, index_of("i", IndexKind::kGlobal, {{"g", Type::kString}}));
      while (engine->backfill(*added, 9)) {
      }
      int rows = 0;
      ScanRequest entries;
      entries.index_name = "i";
      (void)engine->scan(*added, entries, [&](const Row&) { return ++rows > 0; });
      if (rows != kItems) failed = true;
      if (!engine->remove_index(*added, "i")) failed = true;
    }
  });
  threads.emplace_back([&] {
    for (int i = 0; i < 30; ++i) {
      Table other = table_of("other", Type::kString);
      const auto created = engine->create_table(other);
      if (!created || !engine->delete_table(*created)) failed = true;
      (void)engine->list_tables("000000000000", "us-east-1", "", 100);
      (void)engine->describe_table(table);
    }
  });
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(failed);
  CHECK(describe(*engine, table).counts.items == kItems);
}

}  // namespace bodega::table
