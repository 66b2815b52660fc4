#include <memory>
#include <set>

#include "engines/base/bytes.h"
#include "engines/table/table_format.h"
#include "tests/engines/table/table_test.h"
#include "tests/held_executor.h"

namespace bodega::table {
namespace {

using testing::describe;
using testing::index_of;
using testing::item;
using testing::n;
using testing::put;
using testing::query;
using testing::s;
using testing::scan;
using testing::StoreKind;
using testing::table_of;
using testing::TemporaryFolder;
using testing::TestEngine;

OpenTable create(Engine& engine, Table table) {
  auto created = engine.create_table(std::move(table));
  REQUIRE(created.has_value());
  return *created;
}

Table full_table() {
  Table table = table_of("full", Type::kString, Type::kNumber);
  table.indexes = {index_of("g", IndexKind::kGlobal, {{"a", Type::kString}, {"b", Type::kNumber}},
                            {{"c", Type::kBinary}}, {ProjectionType::kInclude, {"x", "y"}}),
                   index_of("l", IndexKind::kLocal, {{"p", Type::kString}}, {{"d", Type::kString}},
                            {ProjectionType::kKeysOnly, {}})};
  table.indexes[0].throughput = {3, 4, 5, 6, 7};
  table.indexes[0].on_demand = {8, 9};
  TableSettings& settings = table.settings;
  settings.attribute_definitions = {{"p", Type::kString}, {"r", Type::kNumber}};
  settings.billing_mode = BillingMode::kPayPerRequest;
  settings.pay_per_request_since_us = 11;
  settings.throughput = {1, 2, 0, 0, 0};
  settings.warm = {12000, 4000};
  settings.table_class = TableClass::kStandardInfrequentAccess;
  settings.deletion_protection = true;
  settings.stream = {true, StreamViewType::kNewAndOldImages, "2026-01-02T03:04:05.678"};
  settings.encryption = {true, "alias/key"};
  settings.time_to_live = {true, "expires", 42};
  settings.tags = {{"k", "v"}, {"", "\xc3\xa9"}};
  settings.extras = {{"policy", "{}"}};
  return table;
}

}  // namespace

TEST_CASE("Tables: a record holds everything of a table") {
  Table table = full_table();
  table.id = 77;
  table.uuid = "u";
  table.created_us = 123456789;
  table.indexes[1].id = 5;
  table.indexes[1].status = IndexStatus::kCreating;
  const std::string encoded = encode_table(table);
  CHECK(decode_table(encoded) == table);
  for (std::size_t length = 0; length < encoded.size(); ++length) {
    CHECK_THROWS(decode_table(encoded.substr(0, length)));
  }
}

TEST_CASE("Tables: create gives id, uuid and time, and a name is taken in its account and region") {
  TestEngine engine;
  const OpenTable first = create(*engine, table_of("t", Type::kString));
  CHECK(first->uuid.size() == 36);
  CHECK(first->uuid[14] == '4');
  CHECK(first->created_us == engine.clock().now_us());
  const auto again = engine->create_table(table_of("t", Type::kString));
  REQUIRE(again.has_error());
  CHECK(again.error() == Outcome::kTableExists);

  Table elsewhere = table_of("t", Type::kString);
  elsewhere.name.region = "eu-west-1";
  const OpenTable second = create(*engine, elsewhere);
  elsewhere.name.account = "111111111111";
  const OpenTable third = create(*engine, elsewhere);
  CHECK(std::set<std::uint64_t>{first->id, second->id, third->id}.size() == 3);
  CHECK(std::set<std::string>{first->uuid, second->uuid, third->uuid}.size() == 3);

  put(*engine, first, item({{"p", s("k")}, {"v", n(1)}}));
  CHECK(scan(*engine, second).empty());
  CHECK(scan(*engine, first).size() == 1);
  CHECK(engine->table_count() == 3);
  CHECK_FALSE(engine->open_table("000000000000", "us-east-1", "T").has_value());
}

TEST_CASE("Tables: one that is made on demand has been so since its creation") {
  TestEngine engine;
  Table spec = table_of("t", Type::kString);
  spec.settings.billing_mode = BillingMode::kPayPerRequest;
  const OpenTable table = create(*engine, spec);
  CHECK(table->created_us > 0);
  CHECK(table->settings.pay_per_request_since_us == table->created_us);
}

TEST_CASE("Tables: lists are sorted, paged, and start behind a name that need not exist") {
  TestEngine engine;
  for (const char* name : {"b", "a", "c.d", "B", "z"}) {
    create(*engine, table_of(name, Type::kString));
  }
  Table elsewhere = table_of("aa", Type::kString);
  elsewhere.name.region = "us-east-2";
  create(*engine, elsewhere);
  using Page = std::pair<std::vector<std::string>, bool>;
  const auto list = [&](std::string_view after, std::size_t limit) {
    return engine->list_tables("000000000000", "us-east-1", after, limit);
  };
  CHECK(list("", 100) == Page({"B", "a", "b", "c.d", "z"}, false));
  CHECK(list("", 2) == Page({"B", "a"}, true));
  CHECK(list("a", 3) == Page({"b", "c.d", "z"}, false));
  CHECK(list("bb", 1) == Page({"c.d"}, true));
  CHECK(list("zz", 5) == Page({}, false));
}

TEST_CASE("Tables: delete drops items and entries, and a new table of the name is empty") {
  TestEngine engine;
  Table spec = table_of("t", Type::kString);
  spec.indexes = {index_of("i", IndexKind::kGlobal, {{"g", Type::kString}})};
  const OpenTable old = create(*engine, spec);
  const OpenTable other = create(*engine, table_of("other", Type::kString));
  put(*engine, old, item({{"p", s("k")}, {"g", s("x")}}));
  put(*engine, other, item({{"p", s("k")}}));
  const auto deleted = engine->delete_table(old);
  REQUIRE(deleted.has_value());
  CHECK(deleted->counts.items == 1);
  CHECK(engine->delete_table(old).error() == Outcome::kNoSuchTable);
  CHECK(engine->describe_table(old).error() == Outcome::kNoSuchTable);
  CHECK_FALSE(engine->open_table("000000000000", "us-east-1", "t").has_value());

  const OpenTable fresh = create(*engine, spec);
  CHECK(scan(*engine, fresh).empty());
  CHECK(scan(*engine, old).empty());
  const Item key = item({{"p", s("k")}, {"g", s("x")}});
  const auto write =
      engine->modify(old, item_key(*old, key), [&](const Previous&) { return Decision::put(key); });
  CHECK(write.error() == Outcome::kNoSuchTable);
  CHECK(scan(*engine, fresh).empty());
  CHECK(scan(*engine, other).size() == 1);
  const auto cursor = engine.store().cursor(kv::Family::kIndexes);
  cursor->seek_first();
  CHECK_FALSE(cursor->valid());
}

TEST_CASE("Tables: deletion protection, and settings that change") {
  TestEngine engine;
  const OpenTable table = create(*engine, full_table());
  CHECK(engine->delete_table(table).error() == Outcome::kDeletionProtected);
  const auto changed =
      engine->change_settings(table, [](TableSettings& settings, std::vector<Index>& indexes) {
        settings.deletion_protection = false;
        settings.tags["new"] = "tag";
        indexes[1].throughput.read_units = 99;
      });
  REQUIRE(changed.has_value());
  CHECK((*changed)->settings.tags.size() == 3);
  CHECK_THROWS_AS(engine->change_settings(table,
                                          [](TableSettings& settings, std::vector<Index>&) {
                                            settings.tags.clear();
                                            throw std::runtime_error("refused");
                                          }),
                  std::runtime_error);
  CHECK(describe(*engine, table).table == **changed);
  CHECK(describe(*engine, table).table.indexes[0].name == "l");  // local ones first
  CHECK(engine->delete_table(table).has_value());
}

TEST_CASE("Tables: everything is there after a restart, and ids are not used again") {
  TestEngine engine(StoreKind::kRocks);
  const OpenTable table = create(*engine, full_table());
  const Item one = item({{"p", s("x")},
                         {"r", n(1)},
                         {"d", s("l")},
                         {"a", s("g")},
                         {"b", n(2)},
                         {"c", testing::b("c")},
                         {"x", s("kept")},
                         {"z", s("not kept")}});
  put(*engine, table, one);
  const OpenTable gone = create(*engine, table_of("gone", Type::kString));
  const std::uint64_t gone_id = gone->id;
  REQUIRE(engine->delete_table(gone).has_value());
  const TableDescription before = describe(*engine, table);

  engine.restart();
  const auto opened = engine->open_table("000000000000", "us-east-1", "full");
  REQUIRE(opened.has_value());
  const TableDescription after = describe(*engine, *opened);
  CHECK(after.table == before.table);
  CHECK(after.counts.items == 1);
  CHECK(after.counts.size_bytes == before.counts.size_bytes);
  REQUIRE(after.indexes.size() == 2);
  CHECK(after.indexes[1].items == 1);
  CHECK(after.indexes[1].size_bytes == before.indexes[1].size_bytes);
  CHECK(scan(*engine, *opened) == std::vector<Item>{one});
  CHECK(create(*engine, table_of("next", Type::kString))->id > gone_id);
}

TEST_CASE("Tables: after a crash nothing acknowledged is lost, and counters are counted anew") {
  TestEngine engine(StoreKind::kMemory);
  Table spec = table_of("t", Type::kString);
  spec.indexes = {index_of("i", IndexKind::kGlobal, {{"g", Type::kString}})};
  const OpenTable table = create(*engine, spec);
  for (int i = 0; i < 50; ++i) {
    Item what = item({{"p", s(std::to_string(i))}});
    if (i % 2 == 0) what.set("g", s("x"));
    put(*engine, table, what);
  }
  const TableDescription before = describe(*engine, table);
  // A second engine on the same store, while the first one has not closed: what a crash leaves.
  Engine crashed(engine.store(), engine.clock());
  const auto opened = crashed.open_table("000000000000", "us-east-1", "t");
  REQUIRE(opened.has_value());
  testing::remove(crashed, *opened, item({{"p", s("0")}}));
  const TableDescription after = describe(crashed, *opened);
  CHECK(after.counts.items == 49);
  CHECK(after.counts.size_bytes < before.counts.size_bytes);
  CHECK(after.indexes[0].items == 24);
  put(crashed, *opened, item({{"p", s("0")}, {"g", s("x")}}));
  CHECK(describe(crashed, *opened).counts.size_bytes == before.counts.size_bytes);
  CHECK(describe(crashed, *opened).indexes[0].size_bytes == before.indexes[0].size_bytes);
}

TEST_CASE("Tables: the files of a running store, copied as a kill leaves them, hold every write") {
  TestEngine running(StoreKind::kMemory);
  TemporaryFolder folder;
  kv::OpenOptions options;
  options.directory = folder.path() / "live";
  auto store = kv::open_rocks_store(options);
  Engine engine(*store, running.clock());
  const OpenTable table = create(engine, table_of("t", Type::kString));
  for (int i = 0; i < 300; ++i) {
    put(engine, table, item({{"p", s(std::to_string(i))}, {"v", n(i)}}));
  }
  // A running store removes what it has outlived, which can pull a file away from under the copy;
  // then the copy is made again.
  std::error_code vanished;
  for (int attempt = 0; attempt < 10; ++attempt) {
    std::filesystem::remove_all(folder.path() / "killed");
    std::filesystem::copy(folder.path() / "live", folder.path() / "killed",
                          std::filesystem::copy_options::recursive, vanished);
    if (!vanished) break;
  }
  REQUIRE(!vanished);
  options.directory = folder.path() / "killed";
  auto killed = kv::open_rocks_store(options);
  Engine again(*killed, running.clock());
  const auto opened = again.open_table("000000000000", "us-east-1", "t");
  REQUIRE(opened.has_value());
  CHECK(scan(again, *opened) == scan(engine, table));
  CHECK(describe(again, *opened).counts.items == 300);
}

TEST_CASE("Tables: an index added later takes in older items in steps, and skips misfits") {
  TestEngine engine(StoreKind::kRocks);
  const OpenTable table = create(*engine, table_of("t", Type::kNumber));
  for (int i = 0; i < 100; ++i) {
    Item what = item({{"p", n(i)}, {"g", s(i % 2 == 0 ? "even" : "odd")}});
    if (i % 10 == 0) what.set("g", n(i));                       // a wrong type
    if (i % 10 == 1) what.erase("g");                           // absent
    if (i % 10 == 2) what.set("g", s(std::string(2049, 'x')));  // too long for a key
    if (i % 10 == 3) what.set("g", s(""));                      // empty
    put(*engine, table, what);
  }
  const auto added =
      engine->add_index(table, index_of("i", IndexKind::kGlobal, {{"g", Type::kString}}));
  REQUIRE(added.has_value());
  CHECK((*added)->indexes[0].status == IndexStatus::kCreating);
  CHECK(
      engine->add_index(table, index_of("i", IndexKind::kGlobal, {{"g", Type::kString}})).error() ==
      Outcome::kIndexExists);
  // Writes between the steps: to items already in, and to items not yet in.
  int steps = 0;
  while (engine->backfill(*added, 7)) {
    const int i = 4 + 10 * (steps % 10);
    if (steps % 2 == 0) {
      put(*engine, *added, item({{"p", n(i)}, {"g", s("moved")}}));
    } else {
      testing::remove(*engine, *added, item({{"p", n(i)}}));
    }
    ++steps;
  }
  CHECK(steps >= 10);
  const auto now = engine->open_table("000000000000", "us-east-1", "t");
  REQUIRE(now.has_value());
  CHECK((*now)->indexes[0].status == IndexStatus::kActive);

  std::size_t fitting = 0;
  for (const Item& what : scan(*engine, *now)) {
    const Value* const g = what.find("g");
    if (g == nullptr || !g->is(Type::kString)) continue;
    if (g->as_string().empty() || g->as_string().size() > 2048) continue;
    ++fitting;
    QueryRequest request;
    request.index_name = "i";
    request.partition = {*g};
    const std::vector<Item> entries = query(*engine, *now, request);
    CHECK(std::count(entries.begin(), entries.end(), what) == 1);
  }
  ScanRequest all;
  all.index_name = "i";
  CHECK(scan(*engine, *now, all).size() == fitting);
  CHECK(describe(*engine, *now).indexes[0].items == static_cast<std::int64_t>(fitting));

  REQUIRE(engine->remove_index(*now, "i").has_value());
  CHECK(engine->remove_index(*now, "i").error() == Outcome::kNoSuchIndex);
  const auto cursor = engine.store().cursor(kv::Family::kIndexes);
  cursor->seek_first();
  CHECK_FALSE(cursor->valid());
}

TEST_CASE("Tables: a filling that was cut short is finished at the next open") {
  TestEngine engine(StoreKind::kRocks);
  const OpenTable table = create(*engine, table_of("t", Type::kNumber));
  for (int i = 0; i < 40; ++i) put(*engine, table, item({{"p", n(i)}, {"g", s("x")}}));
  const auto added =
      engine->add_index(table, index_of("i", IndexKind::kGlobal, {{"g", Type::kString}}));
  REQUIRE(added.has_value());
  CHECK(engine->backfill(*added, 10));
  engine.restart();
  const auto now = engine->open_table("000000000000", "us-east-1", "t");
  REQUIRE(now.has_value());
  CHECK((*now)->indexes[0].status == IndexStatus::kActive);
  ScanRequest all;
  all.index_name = "i";
  CHECK(scan(*engine, *now, all).size() == 40);
}

TEST_CASE(
    "Tables: a filling in the background ends with its engine, and the next one starts anew") {
  TestEngine first;
  tests::HeldExecutor later;
  auto engine = std::make_unique<Engine>(first.store(), first.clock(), &later);
  const OpenTable table = create(*engine, table_of("t", Type::kNumber));
  constexpr int kItems = 10'500;
  for (int i = 0; i < kItems; ++i) put(*engine, table, item({{"p", n(i)}, {"g", s("x")}}));
  const auto with_index =
      engine->add_index(table, index_of("i", IndexKind::kGlobal, {{"g", Type::kString}}));
  REQUIRE(with_index.has_value());
  engine->fill_indexes(*with_index);
  REQUIRE(later.held() == 1);
  CHECK(describe(*engine, table).table.indexes[0].status == IndexStatus::kCreating);
  CHECK(describe(*engine, table).indexes[0].items == 10'000);
  engine.reset();
  later.run_one();  // finds nobody
  CHECK(later.held() == 0);

  first.restart();
  const auto again = first->open_table("000000000000", "us-east-1", "t");
  REQUIRE(again.has_value());
  CHECK(describe(*first, *again).table.indexes[0].status == IndexStatus::kActive);
  CHECK(describe(*first, *again).indexes[0].items == kItems);
}

}  // namespace bodega::table
