// Changes of items in the journal: what is recorded, for whom, and what it costs where no one
// reads.
#include "engines/table/events.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engines/base/fault.h"
#include "engines/journal/journal.h"
#include "tests/engines/table/table_test.h"
#include "tests/faulty_store.h"

namespace bodega::table {

using namespace testing;
using journal::Images;
using Failure = tests::FaultyStore::Failure;

namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

struct World {
  World() { start(); }
  void start() {
    log = std::make_unique<journal::Journal>(store, clock);
    engine = std::make_unique<Engine>(store, clock, nullptr, log.get());
  }
  void restart() {
    engine.reset();
    store.restart();
    start();
  }
  OpenTable create(const Table& table) {
    auto made = engine->create_table(table);
    REQUIRE(made.has_value());
    return *made;
  }
  void subscribe(const OpenTable& table, Images images, std::string name = "stream") {
    REQUIRE(engine
                ->subscribe(table, {std::move(name), images, kDayUs, journal::Release::kByAge, 0,
                                    journal::kNoEnd})
                .has_value());
  }
  // Nothing when there never was a subscription.
  std::optional<journal::SourceId> source(const OpenTable& table) {
    for (const journal::Source& one : log->sources(journal::SourceKind::kTable)) {
      if (one.incarnation == table->uuid) return one.id;
    }
    return std::nullopt;
  }
  std::vector<journal::Event> events(const OpenTable& table) {
    const auto found = source(table);
    REQUIRE(found.has_value());
    return events(*found);
  }
  std::vector<journal::Event> events(journal::SourceId source) {
    const std::vector<journal::SourceId> sources{source};
    journal::ReadRequest request;
    request.sources = sources;
    const auto page = log->read(request);
    REQUIRE(page.has_value());
    return page->events;
  }

  base::ManualClock clock;
  tests::FaultyStore store{kv::make_memory_store(kv::Database::kShared)};
  std::unique_ptr<journal::Journal> log;
  std::unique_ptr<Engine> engine;
};

std::optional<Item> to_item(const std::optional<StoredItem>& image) {
  return image ? std::optional(image->to_item()) : std::nullopt;
}

Item key_of(int i) { return item({{"p", n(i)}}); }
Item item_of(int i, const char* text) { return item({{"p", n(i)}, {"v", s(text)}}); }

Table table_with_index() {
  Table table = table_of("t", Type::kNumber);
  table.indexes = {index_of("i", IndexKind::kGlobal, {{"v", Type::kString}})};
  return table;
}

}  // namespace

TEST_CASE("Table events: put, update and delete carry the images that were asked for") {
  for (const Images images : {Images::kKeysOnly, Images::kNew, Images::kOld, Images::kNewAndOld}) {
    CAPTURE(static_cast<int>(images));
    World world;
    const OpenTable table = world.create(table_with_index());
    world.subscribe(table, images);
    put(*world.engine, table, item_of(1, "a"));
    put(*world.engine, table, item_of(1, "b"));
    testing::remove(*world.engine, table, key_of(1));
    const std::vector<journal::Event> events = world.events(table);
    REQUIRE(events.size() == 3);
    const std::optional<Item> first = item_of(1, "a");
    const std::optional<Item> second = item_of(1, "b");
    const std::optional<Item> none;
    const bool with_new = has(images, Images::kNew);
    const bool with_old = has(images, Images::kOld);
    const auto check = [&](const journal::Event& event, ItemChange change,
                           const std::optional<Item>& before, const std::optional<Item>& after) {
      const ItemEvent told = decode_event(event.body, Images::kNewAndOld);
      CHECK(told.change == change);
      CHECK(told.keys.to_item() == key_of(1));
      CHECK(to_item(told.old_image) == (with_old ? before : none));
      CHECK(to_item(told.new_image) == (with_new ? after : none));
      CHECK(event.origin == journal::Origin::kClient);
    };
    check(events[0], ItemChange::kInsert, none, first);
    check(events[1], ItemChange::kModify, first, second);
    check(events[2], ItemChange::kRemove, second, none);
  }
}

TEST_CASE("Table events: a reader gets no more images than it wants") {
  World world;
  const OpenTable table = world.create(table_of("t", Type::kNumber));
  world.subscribe(table, Images::kNewAndOld);
  put(*world.engine, table, item_of(1, "a"));
  put(*world.engine, table, item_of(1, "b"));
  const std::string body = world.events(table)[1].body;
  CHECK_FALSE(decode_event(body, Images::kKeysOnly).new_image.has_value());
  CHECK_FALSE(decode_event(body, Images::kNew).old_image.has_value());
  CHECK(decode_event(body, Images::kOld).old_image.has_value());
}

TEST_CASE("Table events: a range key is among the keys") {
  World world;
  const OpenTable table = world.create(table_of("t", Type::kString, Type::kNumber));
  world.subscribe(table, Images::kKeysOnly);
  put(*world.engine, table, item({{"p", s("x")}, {"a", n(1)}, {"r", n(2)}}));
  CHECK(decode_event(world.events(table)[0].body, Images::kNew).keys.to_item() ==
        item({{"p", s("x")}, {"r", n(2)}}));
}

TEST_CASE("Table events: where no one reads, a batch has what it had without a journal") {
  World world;
  const OpenTable table = world.create(table_with_index());
  put(*world.engine, table, item_of(1, "a"));
  CHECK(world.store.last_batch().size() == 2);  // the item and its index entry
  CHECK_FALSE(world.source(table).has_value());
  world.subscribe(table, Images::kNew);
  put(*world.engine, table, item_of(2, "a"));
  CHECK(world.store.last_batch().size() == 3);
  put(*world.engine, table, item_of(2, "a"));  // nothing changes
  CHECK(world.events(table).size() == 1);
  REQUIRE(world.engine->unsubscribe(table, "stream").has_value());
  put(*world.engine, table, item_of(3, "a"));
  CHECK(world.store.last_batch().size() == 2);
  CHECK(world.events(table).size() == 1);  // and what was recorded stays
}

TEST_CASE(
    "Table events: a transaction's are side by side, and those of a refused one are not there") {
  World world;
  const OpenTable table = world.create(table_of("t", Type::kNumber));
  world.subscribe(table, Images::kNew);
  put(*world.engine, table, item_of(1, "a"));
  std::vector<Change> changes;
  const auto add = [&](int i, Decide decide) {
    changes.push_back({table,
                       item_key(*table, key_of(i)),
                       std::move(decide),
                       {journal::Origin::kClient, "caller"}});
  };
  add(1, [](const Previous&) { return Decision::remove(); });
  add(2, [](const Previous&) { return Decision::put(item_of(2, "b")); });
  add(3, [](const Previous&) { return Decision::keep(); });
  const auto done = world.engine->modify_many(changes);
  REQUIRE((done.has_value() && done->applied));
  add(4, [](const Previous&) { return Decision::refuse(); });
  const auto refused = world.engine->modify_many(changes);
  REQUIRE((refused.has_value() && !refused->applied));
  const std::vector<journal::Event> events = world.events(table);
  REQUIRE(events.size() == 3);
  CHECK(decode_event(events[1].body, Images::kNew).change == ItemChange::kRemove);
  CHECK(decode_event(events[2].body, Images::kNew).change == ItemChange::kInsert);
  CHECK(events[2].sequence == events[1].sequence + 1);
  CHECK(events[2].caller == "caller");
}

TEST_CASE("Table events: a delete frees room where its event is smaller than the item") {
  for (const auto& [images, frees_room] :
       {std::pair(Images::kKeysOnly, true), std::pair(Images::kNew, true),
        std::pair(Images::kOld, false), std::pair(Images::kNewAndOld, false)}) {
    CAPTURE(static_cast<int>(images));
    World world;
    const OpenTable table = world.create(table_of("t", Type::kNumber));
    world.subscribe(table, images);
    put(*world.engine, table, item_of(1, std::string(1000, 'x').c_str()));
    testing::remove(*world.engine, table, key_of(1));
    CHECK(world.store.last_batch().frees_room() == frees_room);
    put(*world.engine, table, key_of(1));
    testing::remove(*world.engine, table, key_of(1));
    CHECK_FALSE(world.store.last_batch().frees_room());
  }
}

TEST_CASE("Table events: an item that expired says so") {
  World world;
  const OpenTable table = world.create(table_of("t", Type::kNumber));
  world.subscribe(table, Images::kOld);
  put(*world.engine, table, item_of(1, "a"));
  const auto done = world.engine->modify(table, item_key(*table, key_of(1)),
                                         [](const Previous&) { return Decision::remove(); },
                                         {journal::Origin::kTimeToLive, "dynamodb.amazonaws.com"});
  REQUIRE(done.has_value());
  const journal::Event event = world.events(table).back();
  CHECK(event.origin == journal::Origin::kTimeToLive);
  CHECK(event.caller == "dynamodb.amazonaws.com");
  CHECK(to_item(decode_event(event.body, Images::kOld).old_image) == item_of(1, "a"));
}

TEST_CASE("Table events: item and event share their fate when the commit fails") {
  for (const Failure failure : {Failure::kNotCommitted, Failure::kLost, Failure::kWritten}) {
    CAPTURE(static_cast<int>(failure));
    World world;
    const OpenTable table = world.create(table_of("t", Type::kNumber));
    world.subscribe(table, Images::kNew);
    const journal::SourceId source = world.source(table).value();
    world.store.fail_commit(1, failure);
    CHECK_THROWS_AS(put(*world.engine, table, item_of(1, "a")), base::StorageFault);
    CHECK(world.events(source).empty());
    world.restart();
    const auto opened = world.engine->open_table("000000000000", "us-east-1", "t");
    REQUIRE(opened.has_value());
    const bool is_there = get(*world.engine, *opened, key_of(1)).has_value();
    CHECK(is_there == (failure == Failure::kWritten));
    CHECK(world.events(source).size() == (is_there ? 1 : 0));
  }
}

TEST_CASE("Table events: a subscription survives a restart, with its images") {
  World world;
  const OpenTable table = world.create(table_of("t", Type::kNumber));
  world.subscribe(table, Images::kNew);
  world.subscribe(table, Images::kOld, "history");
  world.restart();
  const auto opened = world.engine->open_table("000000000000", "us-east-1", "t");
  REQUIRE(opened.has_value());
  put(*world.engine, *opened, item_of(1, "a"));
  put(*world.engine, *opened, item_of(1, "b"));
  const ItemEvent event = decode_event(world.events(*opened).at(1).body, Images::kNewAndOld);
  CHECK(event.new_image.has_value());
  CHECK(event.old_image.has_value());
}

TEST_CASE("Table events: settings change in the same commit as the subscription") {
  World world;
  const OpenTable table = world.create(table_of("t", Type::kNumber));
  const std::size_t commits = world.store.commits();
  const auto enabled = world.engine->subscribe(
      table, {"stream", Images::kNew, kDayUs, journal::Release::kByAge, 0, journal::kNoEnd},
      [](TableSettings& settings, std::vector<Index>&) { settings.stream.enabled = true; });
  REQUIRE(enabled.has_value());
  CHECK((*enabled)->settings.stream.enabled);
  CHECK(world.store.commits() == commits + 1);
  world.store.fail_commit(1, Failure::kNotCommitted);
  CHECK_THROWS_AS(world.engine->unsubscribe(table, "stream",
                                            [](TableSettings& settings, std::vector<Index>&) {
                                              settings.stream.enabled = false;
                                            }),
                  base::NotCommitted);
  CHECK(describe(*world.engine, table).table.settings.stream.enabled);
  put(*world.engine, table, item_of(1, "a"));
  CHECK(world.events(table).size() == 1);  // it goes on being recorded
}

TEST_CASE("Table events: a table made again under its name is another source, and both are read") {
  World world;
  const OpenTable table = world.create(table_of("t", Type::kNumber));
  world.subscribe(table, Images::kNew);
  put(*world.engine, table, item_of(1, "a"));
  const journal::SourceId source = world.source(table).value();
  REQUIRE(world.engine->delete_table(table).has_value());
  CHECK_FALSE(world.engine
                  ->subscribe(table, {"stream", Images::kNew, kDayUs, journal::Release::kByAge, 0,
                                      journal::kNoEnd})
                  .has_value());
  const OpenTable again = world.create(table_of("t", Type::kNumber));
  put(*world.engine, again, item_of(1, "b"));
  CHECK(world.store.last_batch().size() == 1);  // the item without an event
  world.restart();
  put(*world.engine, *world.engine->open_table("000000000000", "us-east-1", "t"), item_of(2, "b"));
  CHECK(world.store.last_batch().size() == 1);
  const auto closed = world.log->find_source(source);
  REQUIRE(closed.has_value());
  CHECK(closed->closed);
  CHECK(closed->incarnation == table->uuid);
  CHECK(closed->subscriptions.front().has_ended());
  CHECK(world.events(source).size() == 1);
}

TEST_CASE("Table events: bytes that are no event are refused") {
  World world;
  const OpenTable table = world.create(table_of("t", Type::kNumber));
  world.subscribe(table, Images::kNewAndOld);
  put(*world.engine, table, item_of(1, "a"));
  put(*world.engine, table, item_of(1, "b"));
  const std::string body = world.events(table)[1].body;
  for (std::size_t length = 0; length < body.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(decode_event(body.substr(0, length), Images::kKeysOnly), base::StorageFault);
  }
  CHECK_THROWS_AS(decode_event(body + "x", Images::kNew), base::StorageFault);
  for (const std::size_t place : {0, 1, 2}) {
    std::string wrong = body;
    wrong[place] = 9;
    CHECK_THROWS_AS(decode_event(wrong, Images::kNew), base::StorageFault);
  }
}

}  // namespace bodega::table
