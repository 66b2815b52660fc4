// The journal over its store: order, what readers are shown, positions over restarts, retention.
#include "engines/journal/journal.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engines/base/fault.h"
#include "engines/journal/source.h"
#include "tests/catch.h"
#include "tests/faulty_store.h"
#include "tests/scratch_folder.h"

namespace bodega::journal {
namespace {

using Failure = tests::FaultyStore::Failure;

constexpr std::int64_t kHourUs = 3'600'000'000;

Subscription kept_for(std::string name, std::int64_t keep_us, Release release = Release::kByAge) {
  return {std::move(name), Images::kKeysOnly, keep_us, release, 0, kNoEnd};
}

// A journal with a few sources, on any store, and short words for what an engine does.
struct Fixture {
  explicit Fixture(kv::Store& the_store) : store(&the_store) { open(); }

  void open() { journal = std::make_unique<Journal>(*store, clock); }

  Source subscribe(Source source, const Subscription& subscription) {
    begin_subscription(source, subscription, journal->take());
    write(source);
    return source;
  }
  Source subscribe(std::string name, const Subscription& subscription) {
    Source source;
    source.id = journal->take();
    source.kind = SourceKind::kTable;
    source.name = std::move(name);
    return subscribe(std::move(source), subscription);
  }
  void write(Source& source) {
    kv::Batch batch;
    journal->put_source(batch, source);
    store->commit(batch);
  }

  // A change of something, with events of these bodies in the same batch.
  void change(SourceId source, const std::vector<std::string>& bodies) {
    kv::Batch batch;
    batch.put(kv::Family::kItems, bodies.front(), "changed");
    std::vector<NewEvent> events;
    for (const std::string& body : bodies) events.push_back({source, {}, body});
    journal->commit(batch, events);
  }
  bool has_changed(const std::string& body) const {
    return store->get(kv::Family::kItems, body).has_value();
  }

  Result<Page> read(const std::vector<SourceId>& sources, Sequence from, std::size_t max = 1000) {
    ReadRequest request;
    request.sources = sources;
    request.from = from;
    request.max_events = max;
    return journal->read(request);
  }
  std::string bodies(const std::vector<SourceId>& sources, Sequence from = 0) {
    const auto page = read(sources, from);
    if (!page) return page.error() == Outcome::kTrimmed ? "(trimmed)" : "(no source)";
    std::string all;
    for (const Event& event : page->events) all += event.body;
    return all;
  }
  std::size_t rows() const {
    std::size_t count = 0;
    const auto cursor = store->cursor(kv::Family::kJournal);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) ++count;
    return count;
  }

  base::ManualClock clock;
  kv::Store* store;
  std::unique_ptr<Journal> journal;
};

std::unique_ptr<kv::Store> memory_store() { return kv::make_memory_store(kv::Database::kShared); }

std::unique_ptr<kv::Store> rocks_store(const tests::ScratchFolder& folder) {
  kv::OpenOptions options;
  options.directory = folder / "store";
  return kv::open_rocks_store(options);
}

// A store in which one commit can be held up before it is written.
class HeldStore : public tests::FaultyStore {
 public:
  HeldStore() : FaultyStore(memory_store()) {}

  void commit(const kv::Batch& batch) override {
    if (holds_next.exchange(false)) {
      is_held = true;
      while (is_held) std::this_thread::yield();
    }
    FaultyStore::commit(batch);
  }

  std::atomic<bool> holds_next = false;
  std::atomic<bool> is_held = false;
};

// A store that lets something happen right after the next cursor was made, which shows the data as
// it was before.
class InterruptedStore : public tests::FaultyStore {
 public:
  InterruptedStore() : FaultyStore(memory_store()) {}

  std::unique_ptr<kv::Cursor> cursor(kv::Family family, std::string_view lower,
                                     std::string_view upper,
                                     const kv::Snapshot* snapshot) const override {
    auto made = FaultyStore::cursor(family, lower, upper, snapshot);
    if (const auto interrupt = std::exchange(after_next_cursor, nullptr)) interrupt();
    return made;
  }

  mutable std::function<void()> after_next_cursor;
};

}  // namespace

TEST_CASE("Journal: events are read in the order of their commits, with all they carry") {
  const auto store = memory_store();
  Fixture fixture(*store);
  const SourceId source = fixture.subscribe("t", kept_for("stream", kHourUs)).id;
  kv::Batch batch;
  const std::vector<NewEvent> events{
      {source, {Origin::kTimeToLive, "arn:aws:iam::000000000000:root"}, "a"}, {source, {}, "b"}};
  fixture.journal->commit(batch, events);
  fixture.clock.advance_us(5);
  fixture.change(source, {"c"});

  const auto page = fixture.read({source}, 0);
  REQUIRE(page.has_value());
  REQUIRE(page->events.size() == 3);
  const Event& first = page->events[0];
  CHECK(first.source == source);
  CHECK(first.origin == Origin::kTimeToLive);
  CHECK(first.caller == "arn:aws:iam::000000000000:root");
  CHECK(first.body == "a");
  CHECK(first.time_us == base::ManualClock::kDefaultStartUs);
  CHECK(page->events[1].sequence == first.sequence + 1);
  CHECK(page->events[1].caller.empty());
  CHECK(page->events[2].time_us == first.time_us + 5);
  CHECK(page->next == page->events[2].sequence + 1);
  CHECK_FALSE(page->more);
  CHECK(fixture.journal->end() == page->next);
  CHECK(fixture.read({source}, page->next)->events.empty());
  CHECK(fixture.read({source}, page->next)->next == page->next);
}

TEST_CASE("Journal: a page ends at its limits, and the next goes on behind it") {
  const auto store = memory_store();
  Fixture fixture(*store);
  const SourceId source = fixture.subscribe("t", kept_for("stream", kHourUs)).id;
  for (const char* const body : {"a", "b", "c", "d", "e"}) fixture.change(source, {body});
  std::string all;
  Sequence from = 0;
  for (bool more = true; more;) {
    const auto page = fixture.read({source}, from, 2);
    REQUIRE(page.has_value());
    for (const Event& event : page->events) all += event.body;
    CHECK(page->events.size() == (page->more ? 2 : 1));
    more = page->more;
    from = page->next;
  }
  CHECK(all == "abcde");

  ReadRequest small;
  const std::vector<SourceId> sources{source};
  small.sources = sources;
  small.max_bytes = 1;  // less than an event has
  CHECK(fixture.journal->read(small)->events.size() == 1);
  ReadRequest ended;
  ended.sources = sources;
  ended.until = fixture.read(sources, 0, 3)->next;
  CHECK(fixture.journal->read(ended)->events.size() == 3);
  CHECK_FALSE(fixture.journal->read(ended)->more);
}

TEST_CASE("Journal: several sources are read as one, in one order") {
  const auto store = memory_store();
  Fixture fixture(*store);
  const SourceId first = fixture.subscribe("t", kept_for("stream", kHourUs)).id;
  const SourceId second = fixture.subscribe("u", kept_for("stream", kHourUs)).id;
  fixture.change(first, {"a"});
  fixture.change(second, {"b"});
  fixture.change(second, {"c"});
  fixture.change(first, {"d"});
  CHECK(fixture.bodies({first}) == "ad");
  CHECK(fixture.bodies({second}) == "bc");
  CHECK(fixture.bodies({second, first}) == "abcd");
  CHECK(fixture.bodies({second, first}, fixture.read({first, second}, 0, 2)->next) == "cd");
  CHECK(fixture.bodies({first, 12345}) == "(no source)");
}

TEST_CASE("Journal: readers wait for a commit that is older than one they could see") {
  HeldStore store;
  Fixture fixture(store);
  const SourceId source = fixture.subscribe("t", kept_for("stream", kHourUs)).id;
  fixture.change(source, {"a"});
  const Sequence before = fixture.journal->end();
  store.holds_next = true;
  std::thread slow([&] { fixture.change(source, {"b"}); });
  while (!store.is_held) std::this_thread::yield();
  fixture.change(source, {"c"});
  CHECK(fixture.has_changed("c"));
  CHECK(fixture.bodies({source}) == "a");
  CHECK(fixture.journal->end() == before);
  CHECK(fixture.read({source}, 0)->next == before);
  store.is_held = false;
  slow.join();
  CHECK(fixture.bodies({source}) == "abc");
  CHECK(fixture.bodies({source}, before) == "bc");
}

TEST_CASE("Journal: a commit that fails leaves no event, and change and event share their fate") {
  tests::FaultyStore store(memory_store());
  Fixture fixture(store);
  const SourceId source = fixture.subscribe("t", kept_for("stream", kHourUs)).id;
  fixture.change(source, {"a"});
  store.fail_commit(1, Failure::kNotCommitted);
  CHECK_THROWS_AS(fixture.change(source, {"b"}), base::NotCommitted);
  fixture.change(source, {"c"});
  CHECK_FALSE(fixture.has_changed("b"));
  CHECK(fixture.bodies({source}) == "ac");

  for (const Failure failure : {Failure::kLost, Failure::kWritten}) {
    const std::string body = failure == Failure::kLost ? "d" : "e";
    store.fail_commit(1, failure);
    CHECK_THROWS_AS(fixture.change(source, {body}), base::StorageFault);
    CHECK(fixture.bodies({source}) == "ac");  // and readers do not pass by it
    CHECK(fixture.read({source}, 0)->next == fixture.journal->end());
    store.restart();
    fixture.open();
    CHECK(fixture.has_changed(body) == (failure == Failure::kWritten));
    CHECK(fixture.bodies({source}) == (failure == Failure::kWritten ? "ace" : "ac"));
  }
}

TEST_CASE("Journal: what failed holds readers up until the store takes writes again") {
  HeldStore store;
  Fixture fixture(store);
  const SourceId source = fixture.subscribe("t", kept_for("stream", kHourUs)).id;
  // "b" has a later number and is committed; then "a" fails, and nobody knows whether it is there.
  store.holds_next = true;
  std::thread slow([&] { CHECK_THROWS_AS(fixture.change(source, {"a"}), base::StorageFault); });
  while (!store.is_held) std::this_thread::yield();
  fixture.change(source, {"b"});
  store.fail_commit(1, Failure::kLost);
  store.is_held = false;
  slow.join();
  CHECK(fixture.bodies({source}).empty());
  CHECK(store.recover());
  CHECK(fixture.bodies({source}) == "b");
  fixture.change(source, {"c"});
  CHECK(fixture.bodies({source}) == "bc");
}

TEST_CASE("Journal: positions are good after a restart, and no number is given twice") {
  tests::ScratchFolder folder;
  auto store = rocks_store(folder);
  Fixture fixture(*store);
  const Source source = fixture.subscribe("t", kept_for("stream", kHourUs));
  fixture.change(source.id, {"a"});
  const Sequence position = fixture.read({source.id}, 0)->next;
  fixture.change(source.id, {"b"});
  const Sequence end = fixture.journal->end();
  const auto restart = [&] {
    fixture.journal.reset();
    store.reset();
    store = rocks_store(folder);
    fixture.store = store.get();
    fixture.open();
  };
  restart();
  CHECK(fixture.journal->find_source(source.id) == source);
  CHECK(fixture.journal->end() == end);
  fixture.change(source.id, {"c"});
  CHECK(fixture.bodies({source.id}, position) == "bc");
  CHECK(fixture.bodies({source.id}, end) == "c");

  const Sequence last = fixture.journal->end();
  fixture.clock.advance_us(2 * kHourUs);
  CHECK_FALSE(fixture.journal->trim(1000));  // no event is left that tells how far the numbers were
  restart();
  CHECK(fixture.journal->end() >= last);
  CHECK(fixture.journal->take() > last);
}

TEST_CASE("Journal: eight writers and a reader that polls; nothing is missed, doubled or late") {
  tests::ScratchFolder folder;
  const auto store = rocks_store(folder);
  Fixture fixture(*store);
  const std::vector<SourceId> sources{fixture.subscribe("t", kept_for("stream", kHourUs)).id,
                                      fixture.subscribe("u", kept_for("stream", kHourUs)).id};
  constexpr int kWriters = 8;
  constexpr int kChanges = 300;
  std::atomic<int> writing = kWriters;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kChanges; ++i) {
        const std::string body = std::to_string(writer) + ":" + std::to_string(i);
        fixture.change(sources[static_cast<std::size_t>(writer) % 2], {body + "x", body + "y"});
      }
      --writing;
    });
  }
  std::map<std::string, std::vector<std::string>> read;  // by writer
  Sequence from = 0;
  Sequence last = 0;
  bool ascending = true;
  for (bool more = true; more;) {
    const bool written = writing == 0;
    ReadRequest request;
    request.sources = sources;
    request.from = from;
    request.max_events = 64;
    const auto page = fixture.journal->read(request);
    if (!page) break;
    for (const Event& event : page->events) {
      ascending = ascending && event.sequence > last;
      last = event.sequence;
      read[event.body.substr(0, 1)].push_back(event.body);
    }
    from = page->next;
    more = !written || !page->events.empty();
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(ascending);
  REQUIRE(read.size() == kWriters);
  for (int writer = 0; writer < kWriters; ++writer) {
    std::vector<std::string> expected;
    for (int i = 0; i < kChanges; ++i) {
      const std::string body = std::to_string(writer) + ":" + std::to_string(i);
      expected.insert(expected.end(), {body + "x", body + "y"});
    }
    CHECK(read[std::to_string(writer)] == expected);
  }
}

TEST_CASE("Journal: events are given up by age, and a position before them is told so") {
  const auto store = memory_store();
  Fixture fixture(*store);
  const SourceId source = fixture.subscribe("t", kept_for("stream", kHourUs)).id;
  fixture.change(source, {"a"});
  fixture.change(source, {"b"});
  const Sequence second = fixture.read({source}, 0, 1)->next;
  fixture.clock.advance_us(kHourUs);
  fixture.change(source, {"c"});
  CHECK_FALSE(fixture.journal->trim(1000));
  CHECK(fixture.bodies({source}) == "abc");  // not older than an hour
  fixture.clock.advance_us(1);
  CHECK(fixture.journal->trim(1));  // there may be more
  CHECK(fixture.bodies({source}) == "(trimmed)");
  CHECK(fixture.bodies({source}, second) == "bc");
  CHECK_FALSE(fixture.journal->trim(1000));
  CHECK(fixture.bodies({source}, second) == "(trimmed)");
  CHECK(*fixture.journal->oldest(source) == second + 1);
  CHECK(fixture.bodies({source}, *fixture.journal->oldest(source)) == "c");
}

TEST_CASE("Journal: an event stays for the slowest of those who acknowledge, up to an age") {
  const auto store = memory_store();
  Fixture fixture(*store);
  Source source = fixture.subscribe("t", kept_for("quick", kHourUs, Release::kWhenAcknowledged));
  source = fixture.subscribe(source, kept_for("slow", kHourUs, Release::kWhenAcknowledged));
  for (const char* const body : {"a", "b", "c"}) fixture.change(source.id, {body});
  const Sequence second = fixture.read({source.id}, 0, 1)->next;
  const auto position_after_trim = [&] {
    fixture.journal->trim(1000);
    return *fixture.journal->oldest(source.id);
  };
  CHECK_FALSE(fixture.journal->acknowledged(source.id, "quick").has_value());
  fixture.journal->acknowledge(source.id, "quick", fixture.journal->end());
  CHECK(position_after_trim() == 0);
  fixture.journal->acknowledge(source.id, "slow", second);
  CHECK(position_after_trim() == second);
  CHECK(fixture.bodies({source.id}, second) == "bc");
  CHECK(fixture.journal->acknowledged(source.id, "slow") == second);
  fixture.clock.advance_us(kHourUs + 1);
  CHECK(position_after_trim() == second + 2);
}

TEST_CASE("Journal: a subscription that begins while a trim reads the sources loses no event") {
  InterruptedStore store;
  Fixture fixture(store);
  Source source = fixture.subscribe("t", kept_for("stream", kHourUs));
  end_subscription(source, "stream", fixture.journal->take());
  fixture.write(source);
  store.after_next_cursor = [&] {
    fixture.subscribe(source, kept_for("stream", kHourUs));
    fixture.change(source.id, {"a"});
  };
  fixture.journal->trim(1000);
  CHECK(fixture.bodies({source.id}) == "a");
}

TEST_CASE("Journal: events outlive their source and an ended subscription until their age") {
  const auto store = memory_store();
  Fixture fixture(*store);
  Source source = fixture.subscribe("t", kept_for("stream", kHourUs));
  fixture.change(source.id, {"a"});
  REQUIRE(end_subscription(source, "stream", fixture.journal->take()));
  fixture.write(source);
  CHECK_FALSE(is_recorded(source));
  source = fixture.subscribe(source, kept_for("stream", 2 * kHourUs));
  CHECK(source.subscriptions.size() == 2);  // the first one still has an event
  fixture.change(source.id, {"b"});
  close_source(source, fixture.journal->take());
  fixture.write(source);
  fixture.journal->acknowledge(source.id, "stream", 1);
  REQUIRE(fixture.journal->sources(SourceKind::kTable).size() == 1);
  CHECK(fixture.journal->sources(SourceKind::kTable).front().closed);
  CHECK(fixture.journal->sources(SourceKind::kBucket).empty());
  fixture.clock.advance_us(kHourUs + 1);
  fixture.journal->trim(1000);
  CHECK(fixture.bodies({source.id}, *fixture.journal->oldest(source.id)) == "b");
  fixture.clock.advance_us(kHourUs);
  fixture.journal->trim(1000);
  CHECK(fixture.bodies({source.id}) == "(no source)");
  CHECK(fixture.rows() == 1);  // how far the numbers have come
  fixture.journal->acknowledge(source.id, "stream", 1);
  CHECK(fixture.rows() == 1);  // no position is kept of a source that is gone
}

TEST_CASE("Journal: an ended subscription without events leaves nothing behind") {
  const auto store = memory_store();
  Fixture fixture(*store);
  Source source = fixture.subscribe("t", kept_for("stream", kHourUs));
  for (int i = 0; i < 5; ++i) {
    end_subscription(source, "stream", fixture.journal->take());
    source = fixture.subscribe(source, kept_for("stream", kHourUs));
  }
  CHECK(source.subscriptions.size() == 1);
}

TEST_CASE("Journal: tending gives up old events once a minute, and does without a store at fault") {
  tests::FaultyStore store(memory_store());
  Fixture fixture(store);
  const SourceId source = fixture.subscribe("t", kept_for("stream", kHourUs)).id;
  fixture.change(source, {"a"});
  fixture.journal->tend();
  fixture.clock.advance_us(kHourUs + 1);
  store.fail_commit(1, Failure::kNotCommitted);
  fixture.journal->tend();
  CHECK(fixture.bodies({source}) == "a");
  fixture.journal->tend();
  CHECK(fixture.bodies({source}) == "a");  // it is not due again yet
  fixture.clock.advance_us(60'000'000);
  fixture.journal->tend();
  CHECK(fixture.bodies({source}) == "(trimmed)");
}

TEST_CASE("Journal: of several subscriptions the images add up") {
  Source source;
  CHECK_FALSE(is_recorded(source));
  begin_subscription(source, {"stream", Images::kNew, kHourUs, Release::kByAge, 0, 0}, 7);
  CHECK(recorded_images(source) == Images::kNew);
  begin_subscription(source, {"history", Images::kOld, kHourUs, Release::kByAge, 0, 0}, 8);
  CHECK(recorded_images(source) == Images::kNewAndOld);
  CHECK(source.subscriptions.front().since == 7);
  begin_subscription(source, {"stream", Images::kKeysOnly, 1, Release::kByAge, 0, 0}, 9);
  CHECK(source.subscriptions.front().since == 7);  // it was changed, not begun again
  CHECK(source.subscriptions.front().keep_us == 1);
  CHECK(recorded_images(source) == Images::kOld);
  CHECK(end_subscription(source, "history", 10));
  CHECK_FALSE(end_subscription(source, "history", 11));
  CHECK(recorded_images(source) == Images::kKeysOnly);
  CHECK(is_recorded(source));
  close_source(source, 12);
  CHECK_FALSE(is_recorded(source));
  CHECK(source.subscriptions.front().until == 12);
}

}  // namespace bodega::journal
