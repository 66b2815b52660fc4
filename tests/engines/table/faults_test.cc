// A store that fails: counters and indexes stay true, deletes may use the reserve.
#include "engines/base/fault.h"
#include "tests/engines/table/table_test.h"
#include "tests/faulty_store.h"
#include "tests/held_executor.h"

namespace bodega::table {

using namespace testing;
using Failure = tests::FaultyStore::Failure;

namespace {

struct World {
  World() { start(); }
  void start() { engine = std::make_unique<Engine>(store, clock, &later); }
  void restart() {
    engine.reset();
    store.restart();
    start();
  }
  OpenTable open() {
    auto table = engine->open_table("000000000000", "us-east-1", "t");
    REQUIRE(table.has_value());
    return *table;
  }
  std::size_t in_index() {
    ScanRequest all;
    all.index_name = "i";
    return scan(*engine, open(), all).size();
  }

  base::ManualClock clock;
  tests::FaultyStore store{kv::make_memory_store(kv::Database::kShared)};
  tests::HeldExecutor later;
  std::unique_ptr<Engine> engine;
};

Item item_of(int i) { return item({{"p", n(i)}, {"g", s("x")}}); }

OpenTable make_table(World& world) {
  auto made = world.engine->create_table(table_of("t", Type::kNumber));
  REQUIRE(made.has_value());
  return *made;
}

Index index_to_add() { return index_of("i", IndexKind::kGlobal, {{"g", Type::kString}}); }

}  // namespace

TEST_CASE("Table faults: items and counts agree after a commit of any outcome") {
  const Failure failure = GENERATE(Failure::kNotCommitted, Failure::kLost, Failure::kWritten);
  CAPTURE(static_cast<int>(failure));
  World world;
  const OpenTable table = make_table(world);
  put(*world.engine, table, item_of(1));
  world.store.fail_commit(1, failure);
  CHECK_THROWS_AS(put(*world.engine, table, item_of(2)), base::StorageFault);
  CHECK(describe(*world.engine, table).counts.items == 1);
  CHECK(scan(*world.engine, table).size() == 1);
  SECTION("the next start") {
    world.restart();
    const std::size_t expected = failure == Failure::kWritten ? 2 : 1;
    CHECK(scan(*world.engine, world.open()).size() == expected);
    CHECK(describe(*world.engine, world.open()).counts.items ==
          static_cast<std::int64_t>(expected));
  }
  SECTION("the store recovers in place") {
    CHECK(world.store.recover());
    put(*world.engine, table, item_of(3));
    world.restart();
    CHECK(scan(*world.engine, world.open()).size() == 2);
    CHECK(describe(*world.engine, world.open()).counts.items == 2);
  }
}

// A table with one item and an index, and a transaction that puts another in its place.
struct Exchange {
  Exchange() : table(make_table(world)) {
    const auto added = world.engine->add_index(table, index_to_add());
    REQUIRE(added.has_value());
    world.engine->fill_indexes(*added);
    table = world.open();
    put(*world.engine, table, item_of(1));
  }
  bool run() {
    const std::vector<Change> both = {
        {table, item_key(*table, item_of(1)), [](const Previous&) { return Decision::remove(); }},
        {table, item_key(*table, item_of(2)),
         [](const Previous&) { return Decision::put(item_of(2)); }}};
    try {
      return world.engine->modify_many(both).has_value();
    } catch (const base::StorageFault&) {
      return false;
    }
  }
  void check_has_only(int wanted) {
    const OpenTable now = world.open();
    CHECK(get(*world.engine, now, item({{"p", n(wanted)}})).has_value());
    CHECK_FALSE(get(*world.engine, now, item({{"p", n(3 - wanted)}})).has_value());
    CHECK(scan(*world.engine, now).size() == 1);
    CHECK(world.in_index() == 1);
    CHECK(describe(*world.engine, now).counts.items == 1);
  }

  World world;
  OpenTable table;
};

TEST_CASE("Table faults: a transaction is there whole or not at all, whichever commit fails") {
  for (const Failure failure : {Failure::kNotCommitted, Failure::kLost, Failure::kWritten}) {
    for (std::size_t nth = 1;; ++nth) {
      CAPTURE(static_cast<int>(failure), nth);
      Exchange exchange;
      exchange.world.store.fail_commit(nth, failure);
      const bool done = exchange.run();
      const bool met = !exchange.world.store.calm();
      CHECK(done == !met);
      exchange.check_has_only(done ? 2 : 1);
      exchange.world.restart();
      exchange.check_has_only(done || failure == Failure::kWritten ? 2 : 1);
      if (!met) break;
      REQUIRE(nth < 10);
    }
  }
}

TEST_CASE("Table faults: a transaction is there whole or not at all, whichever read fails") {
  for (std::size_t nth = 1;; ++nth) {
    CAPTURE(nth);
    Exchange exchange;
    exchange.world.store.fail_read(nth);
    const bool done = exchange.run();
    const bool met = !exchange.world.store.calm();
    CHECK(done == !met);
    exchange.check_has_only(done ? 2 : 1);
    exchange.world.restart();
    exchange.check_has_only(done ? 2 : 1);
    if (!met) break;
    REQUIRE(nth < 30);
  }
}

TEST_CASE("Table faults: a filling that met a fault goes on when the table is opened again") {
  const bool at_once = GENERATE(true, false);
  World world;
  const OpenTable table = make_table(world);
  const int items = at_once ? 2'500 : 11'500;
  for (int i = 0; i < items; ++i) put(*world.engine, table, item_of(i));
  const auto added = world.engine->add_index(table, index_to_add());
  REQUIRE(added.has_value());
  world.store.fail_commit(at_once ? 2 : 11, Failure::kLost);
  world.engine->fill_indexes(*added);
  if (!at_once) {
    REQUIRE(world.later.held() == 1);
    world.later.run_all();
  }
  CHECK(describe(*world.engine, table).table.indexes[0].status == IndexStatus::kCreating);
  CHECK(world.later.held() == 0);

  world.open();  // the fault is still there
  world.later.run_all();
  CHECK(describe(*world.engine, table).table.indexes[0].status == IndexStatus::kCreating);

  CHECK(world.store.recover());
  world.open();
  CHECK(world.later.held() == 1);
  world.later.run_all();
  CHECK(describe(*world.engine, table).table.indexes[0].status == IndexStatus::kActive);
  CHECK(world.in_index() == static_cast<std::size_t>(items));
}

TEST_CASE("Table faults: a filling that meets a fault at the start keeps no world from opening") {
  World world;
  const OpenTable table = make_table(world);
  put(*world.engine, table, item_of(1));
  REQUIRE(world.engine->add_index(table, index_to_add()).has_value());
  world.engine.reset();
  // The first commit clears what was there of the index, the second one fills it.
  world.store.fail_commit(2, Failure::kNotCommitted);
  world.start();
  CHECK(describe(*world.engine, world.open()).table.indexes[0].status == IndexStatus::kCreating);
  world.later.run_all();
  CHECK(describe(*world.engine, world.open()).table.indexes[0].status == IndexStatus::kActive);
  CHECK(world.in_index() == 1);
}

TEST_CASE("Table faults: deletes may use the reserve of a full disk, writes may not") {
  World world;
  const OpenTable table = make_table(world);
  const auto frees_room = [&] { return world.store.last_batch().frees_room(); };
  put(*world.engine, table, item_of(1));
  put(*world.engine, table, item_of(2));
  CHECK_FALSE(frees_room());
  remove(*world.engine, table, item_of(1));
  CHECK(frees_room());
  const std::vector<Change> both = {
      {table, item_key(*table, item_of(2)), [](const Previous&) { return Decision::remove(); }},
      {table, item_key(*table, item_of(3)),
       [](const Previous&) { return Decision::put(item_of(3)); }}};
  REQUIRE(world.engine->modify_many(both).has_value());
  CHECK_FALSE(frees_room());
  REQUIRE(world.engine->delete_table(table).has_value());
  CHECK(frees_room());
}

}  // namespace bodega::table
