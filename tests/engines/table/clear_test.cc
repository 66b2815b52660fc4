// Engine::clear: all tables go in one commit.
#include <atomic>
#include <thread>

#include "engines/base/fault.h"
#include "engines/journal/journal.h"
#include "tests/engines/table/table_test.h"
#include "tests/faulty_store.h"

namespace bodega::table {
namespace {

using testing::get;
using testing::index_of;
using testing::item;
using testing::put;
using testing::s;
using testing::scan;
using testing::StoreKind;
using testing::table_of;
using testing::TestEngine;

constexpr std::string_view kAccount = "000000000000";

OpenTable create(Engine& engine, const std::string& name,
                 const std::string& account = std::string(kAccount)) {
  Table table = table_of(name, Type::kString);
  table.name.account = account;
  table.settings.deletion_protection = true;
  table.indexes = {index_of("g", IndexKind::kGlobal, {{"a", Type::kString}})};
  auto created = engine.create_table(std::move(table));
  REQUIRE(created.has_value());
  return *created;
}

void fill(Engine& engine, const OpenTable& table, int items) {
  for (int i = 0; i < items; ++i) {
    put(engine, table, item({{"p", s(std::to_string(i))}, {"a", s("x")}}));
  }
}

std::size_t records(const kv::Store& store) {
  std::size_t count = 0;
  for (const auto family : {kv::Family::kItems, kv::Family::kIndexes}) {
    const auto cursor = store.cursor(family);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("clear: no table is left, whatever protects it, and names start from nothing") {
  TestEngine engine(GENERATE(StoreKind::kMemory, StoreKind::kRocks));
  const OpenTable first = create(*engine, "first");
  fill(*engine, first, 5);
  fill(*engine, create(*engine, "second", "111122223333"), 3);
  const Cleared cleared = engine->clear();
  CHECK(cleared.tables == 2);
  CHECK(cleared.items == 8);
  CHECK(engine->table_count() == 0);
  CHECK(records(engine.store()) == 0);
  CHECK(engine
            ->modify(first, item_key(*first, item({{"p", s("1")}})),
                     [](const Previous&) { return Decision::remove(); })
            .error() == Outcome::kNoSuchTable);
  CHECK(engine->clear().tables == 0);
  const OpenTable again = create(*engine, "first");
  CHECK(scan(*engine, again).empty());
  fill(*engine, again, 1);
  engine.restart();
  CHECK(engine->table_count() == 1);
  CHECK(scan(*engine, *engine->open_table(kAccount, "us-east-1", "first")).size() == 1);
}

TEST_CASE("clear: one account's tables go, and no other's") {
  TestEngine engine(GENERATE(StoreKind::kMemory, StoreKind::kRocks));
  fill(*engine, create(*engine, "first"), 5);
  const OpenTable other = create(*engine, "between", "111122223333");
  fill(*engine, other, 3);
  fill(*engine, create(*engine, "last"), 5);
  CHECK(engine->clear("9").tables == 0);
  const Cleared cleared = engine->clear(kAccount);
  CHECK(cleared.tables == 2);
  CHECK(cleared.items == 10);
  CHECK(scan(*engine, other).size() == 3);
  CHECK(records(engine.store()) == 6);
}

TEST_CASE("clear: a commit that was refused has changed nothing") {
  base::ManualClock clock;
  tests::FaultyStore store(kv::make_memory_store(kv::Database::kShared));
  Engine engine(store, clock);
  const OpenTable table = create(engine, "first");
  fill(engine, table, 2);
  store.fail_commit(1);
  CHECK_THROWS_AS(engine.clear(), base::StorageFault);
  fill(engine, table, 3);
  CHECK(scan(engine, table).size() == 3);
  store.fill_up();
  CHECK(engine.clear().tables == 1);
}

TEST_CASE("clear: the subscriptions to a table end with it") {
  base::ManualClock clock;
  const auto store = kv::make_memory_store(kv::Database::kShared);
  journal::Journal log(*store, clock);
  Engine engine(*store, clock, nullptr, &log);
  const OpenTable table = create(engine, "first");
  REQUIRE(engine.subscribe(table, {"reader", journal::Images::kKeysOnly, 86'400'000'000,
                                   journal::Release::kByAge, 0, journal::kNoEnd}));
  fill(engine, table, 1);
  engine.clear();
  const auto sources = log.sources(journal::SourceKind::kTable);
  REQUIRE(sources.size() == 1);
  CHECK(sources[0].closed);
}

TEST_CASE("clear: beside writers, transactions and new tables nothing of before comes back") {
  TestEngine engine(GENERATE(StoreKind::kMemory, StoreKind::kRocks));
  std::atomic<bool> ends = false;
  std::vector<std::thread> threads;
  for (int number = 0; number < 3; ++number) {
    threads.emplace_back([&engine, &ends, number] {
      const std::string names[] = {"table" + std::to_string(number),
                                   "table" + std::to_string((number + 1) % 3)};
      while (!ends) {
        Table made = table_of(names[0], Type::kString);
        engine->create_table(std::move(made));
        const auto one = engine->open_table(kAccount, "us-east-1", names[0]);
        const auto two = engine->open_table(kAccount, "us-east-1", names[1]);
        if (!one || !two) continue;
        const Item what = item({{"p", s("k")}});
        const auto decide = [&what](const Previous&) { return Decision::put(what); };
        const Change changes[] = {{*one, item_key(**one, what), decide},
                                  {*two, item_key(**two, what), decide}};
        engine->modify_many(changes);
        engine->modify(*one, item_key(**one, what), decide);
      }
    });
  }
  for (int i = 0; i < 30; ++i) engine->clear();
  ends = true;
  for (std::thread& thread : threads) thread.join();
  engine->clear();
  CHECK(engine->table_count() == 0);
  CHECK(records(engine.store()) == 0);
}

}  // namespace bodega::table
