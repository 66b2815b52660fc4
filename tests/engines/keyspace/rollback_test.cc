// Commits that fail: memory goes back to what the store has. Commits that would be too large: they
// are made in parts and count as one.
#include <map>
#include <string>

#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/storage/format.h"
#include "tests/catch.h"
#include "tests/engines/keyspace/random_operations.h"
#include "tests/faulty_store.h"

namespace bodega::keyspace {
namespace {

using base::random_below;
using test::picture;
using tests::FaultyStore;

constexpr std::size_t kMuch = kMaxBatchBytes + kMaxBatchBytes / 4;
constexpr int kManyElements = 150'000;  // of 100 bytes: two parts of a journal

// Bytes of which no piece is zero.
std::string dense(std::size_t size) { return std::string(size, 'x'); }

// What a start would make of the store.
std::map<std::string, std::string> stored(kv::Store& store, const base::Clock& clock) {
  Engine engine(store, clock);
  engine.limits() = test::small_limits();
  engine.load();
  return picture(engine);
}

void push_many(Engine& engine) {
  for (int i = 0; i < kManyElements; ++i) {
    engine.edit_list(0, "list").push(End::kBack, dense(100));
  }
}

std::size_t count(kv::Store& store, kv::Family family) {
  std::size_t out = 0;
  const auto cursor = store.cursor(family);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) ++out;
  return out;
}

void commit_failing(Engine& engine, FaultyStore& store, int succeed_first = 0) {
  store.fail_commit(succeed_first + 1);
  CHECK_THROWS_AS(engine.commit_tick(), base::StorageFault);
  REQUIRE(engine.in_doubt());
  engine.roll_back();
  REQUIRE_FALSE(engine.in_doubt());
  REQUIRE_FALSE(engine.has_changes());
}

}  // namespace

TEST_CASE("Rollback: after each commit that fails, memory is what a start reads from the store") {
  for (std::uint64_t seed = 60; seed < 72; ++seed) {
    base::seed_random_for_test(seed);
    base::ManualClock clock;
    FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
    Engine engine(store, clock);
    engine.limits() = test::small_limits();
    int lost = 0;
    for (int tick = 0; tick < 150; ++tick) {
      for (std::uint64_t i = random_below(25); i > 0; --i) test::random_operation(engine);
      if (random_below(3) == 0) store.fail_commit(1);
      try {
        engine.commit_tick();
      } catch (const base::StorageFault&) {
        ++lost;
        engine.roll_back();
      }
      store.calm();
      clock.set_us(engine.now_ms() * 1000);
      REQUIRE_FALSE(engine.in_doubt());
      REQUIRE(picture(engine) == stored(store, clock));
    }
    CHECK(lost > 20);
    engine.flush_all();
    engine.commit_tick();
    while (engine.tidy_some(1000)) {
    }
    CHECK(engine.used_memory() < 100'000);
  }
}

TEST_CASE("Rollback: a tick is there whole or not at all, whatever becomes of its commit") {
  using Failure = FaultyStore::Failure;
  const Failure failure = GENERATE(Failure::kNotCommitted, Failure::kLost, Failure::kWritten);
  CAPTURE(static_cast<int>(failure));
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.limits() = test::small_limits();
  engine.set_string(0, "s", "old");
  engine.edit_hash(0, "h").set("f", "old");
  engine.edit_list(0, "l").push(End::kBack, "old");
  engine.commit_tick();
  const auto before = picture(engine);
  const auto change = [&engine] {
    engine.set_string(0, "s", "new");
    engine.edit_hash(0, "h").set("f", "new");
    engine.rename(0, "l", "m");
    engine.swap(0, 1);
  };
  change();
  const auto after = picture(engine);
  REQUIRE(after != before);
  store.fail_commit(1, failure);
  CHECK_THROWS_AS(engine.commit_tick(), base::StorageFault);
  engine.roll_back();
  CHECK(picture(engine) == before);
  SECTION("the store recovers in place") {
    CHECK(store.recover());
    CHECK(stored(store, clock) == before);
    change();
    engine.commit_tick();
    CHECK(stored(store, clock) == after);
  }
  SECTION("the next start") {
    store.restart();
    CHECK(stored(store, clock) == (failure == Failure::kWritten ? after : before));
  }
}

TEST_CASE("Rollback: the key of a collection is found by what changed in it") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.edit_hash(0, "h").set("f", "1");
  engine.edit_list(3, "l").push(End::kBack, "a");
  engine.set_string(0, "s", "v", engine.now_ms() + 5000);
  engine.commit_tick();
  const auto before = picture(engine);
  engine.edit_hash(0, "h").set("f", "2");
  engine.edit_hash(0, "h").set("g", "3");
  engine.edit_list(3, "l").pop(End::kFront);
  engine.clear_expiry(0, "s");
  engine.set_string(0, "new", "v");
  commit_failing(engine, store);
  CHECK(picture(engine) == before);
  CHECK(engine.next_expiry_ms() == engine.now_ms() + 5000);
}

TEST_CASE("Rollback: while the store cannot be read the engine stays in doubt, and tries again") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.set_string(0, "k", "old");
  engine.commit_tick();
  engine.set_string(0, "k", "new");
  store.fail_commits();
  store.fail_reads();
  CHECK_THROWS_AS(engine.commit_tick(), base::StorageFault);
  CHECK_THROWS_AS(engine.roll_back(), base::StorageFault);
  CHECK(engine.in_doubt());
  store.allow_reads();
  engine.roll_back();
  CHECK(engine.find(0, "k")->str() == "old");
  CHECK_THROWS_AS(engine.settle(), base::StorageFault);
  store.calm();
  engine.settle();
}

TEST_CASE("Rollback: a flush that failed gives everything back, and nothing it dropped goes") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  for (int i = 0; i < 300; ++i) engine.edit_set(0, "s").add(std::to_string(i));
  engine.set_string(1, "k", "v");
  engine.commit_tick();
  const auto before = picture(engine);
  engine.flush_all();
  commit_failing(engine, store);
  CHECK(picture(engine) == before);
  while (engine.tidy_some(1000)) {
  }
  engine.commit_tick();
  CHECK(stored(store, clock) == before);
}

TEST_CASE("Rollback: a tick that is given up half-way is taken back") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.set_string(0, "k", "old");
  engine.edit_set(0, "s").add("m");
  engine.commit_tick();
  const auto before = picture(engine);
  engine.set_string(0, "k", "new");
  engine.edit_set(0, "s").add("n");
  const Engine::KeyName name{0, "half made"};
  engine.give_up_tick({&name, 1});
  REQUIRE(engine.in_doubt());
  engine.roll_back();
  CHECK(picture(engine) == before);
  CHECK(stored(store, clock) == before);
}

TEST_CASE("Large changes: no commit is larger than its bound, and a start reads all of it back") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.limits() = test::small_limits();
  store.on_commit = [](const kv::Batch& batch) {
    CHECK(footprint(batch) <= kMaxBatchBytes + 1024 * 1024);
  };
  const auto check = [&] {
    engine.commit_tick();
    CHECK(picture(engine) == stored(store, clock));
  };
  engine.set_string(0, "new string", dense(kMuch));
  check();
  engine.set_string(0, "new string", std::string(kMuch + 5, 'y'));  // in place of the old one
  check();
  engine.append(0, "new string", dense(kMuch));
  check();
  engine.copy(0, "new string", 1, "copy");
  check();
  engine.set_string(0, "short", "abc");
  engine.commit_tick();
  engine.append(0, "short", dense(kMuch));
  check();
  engine.remove(0, "new string");
  engine.remove(1, "copy");
  for (int i = 0; i < 400'000; ++i) {
    engine.edit_list(0, "list").push(End::kBack, "one of many " + std::string(60, 'e'));
  }
  check();
  // Elements of a collection that is there already go through the journal.
  for (int i = 0; i < 400'000; ++i) {
    engine.edit_list(0, "list").push(End::kFront, std::string(60, 'l') + std::to_string(i));
  }
  check();
  for (int i = 0; i < 1500; ++i) engine.set_string(2, "k" + std::to_string(i), dense(15'000));
  check();
}

TEST_CASE("Large changes: wherever their commits fail, they are not there at all") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.set_string(0, "string", "short");
  engine.edit_list(0, "list").push(End::kBack, "first");
  engine.commit_tick();
  const auto before = picture(engine);
  for (int succeed_first = 0; succeed_first < 4; ++succeed_first) {
    engine.append(0, "string", dense(kMuch));
    push_many(engine);
    // Two commits carry the string, two the parts of the list's journal.
    commit_failing(engine, store, succeed_first);
    CHECK(picture(engine) == before);
    engine.settle();
    CHECK(stored(store, clock) == before);
  }
  engine.commit_tick();
  CHECK(count(store, kv::Family::kElements) == 1);
}

TEST_CASE("Large changes: what is in the journal counts, and is carried out in the end") {
  for (const bool restarted : {false, true}) {
    base::ManualClock clock;
    FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
    Engine engine(store, clock);
    engine.edit_list(0, "list").push(End::kBack, "first");
    engine.commit_tick();
    push_many(engine);
    const auto after = picture(engine);
    // The parts and the marker go in, then the store fails.
    store.fail_commits(4);
    engine.commit_tick();
    REQUIRE(engine.unsettled());
    engine.set_string(0, "k", "v");
    CHECK_THROWS_AS(engine.commit_tick(), base::StorageFault);
    CHECK_THROWS_AS(engine.roll_back(), base::StorageFault);
    store.calm();
    if (restarted) {
      CHECK(stored(store, clock) == after);
    } else {
      engine.roll_back();
      CHECK_FALSE(engine.unsettled());
      CHECK(picture(engine) == after);
    }
    CHECK(stored(store, clock) == after);
    CHECK(count(store, kv::Family::kKeys) == 1);
  }
}

TEST_CASE("Large changes: zero bytes of a string are not stored, and are read back") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.edit_string(0, "far", 100'000'000, 1)[0] = 'a';
  engine.commit_tick();
  CHECK(count(store, kv::Family::kElements) == 1);
  CHECK(picture(engine) == stored(store, clock));
  // What stood there is removed when it becomes zero, also where the string shrank in between.
  engine.set_string(0, "s", dense(100'000));
  engine.commit_tick();
  engine.set_string(0, "s", dense(60'000));
  engine.edit_string(0, "s", 90'000, 1)[0] = 'b';
  engine.commit_tick();
  CHECK(picture(engine) == stored(store, clock));
  for (char& byte : engine.edit_string(0, "s", 0, 50'000)) byte = '\0';
  engine.commit_tick();
  CHECK(picture(engine) == stored(store, clock));
}

TEST_CASE("Commits: what a refused change left is cleared away without the kept room") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  store.fail_commit(2);  // a part of it gets in
  engine.set_string(0, "large", dense(40'000'000));
  CHECK_THROWS_AS(engine.commit_tick(), base::StorageFault);
  engine.roll_back();
  engine.settle();
  REQUIRE(engine.has_backlog());
  REQUIRE(count(store, kv::Family::kElements) > 0);
  store.fill_up();
  CHECK_THROWS_AS(engine.commit_tick(), base::StorageFault);
  engine.roll_back();
  store.calm();
  engine.commit_tick();
  CHECK(count(store, kv::Family::kElements) == 0);
}

TEST_CASE("Commits: what removes so much that it goes through the journal may use the kept room") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  constexpr int kKeys = 250;  // their names alone are more than one batch may have
  const auto key_of = [](int i) { return std::to_string(i) + std::string(100'000, 'k'); };
  for (int i = 0; i < kKeys; ++i) engine.set_string(0, key_of(i), "v");
  engine.commit_tick();
  store.fill_up();
  for (int i = 0; i < kKeys; ++i) engine.remove(0, key_of(i));
  engine.commit_tick();
  CHECK_FALSE(engine.unsettled());
  CHECK(stored(store, clock).empty());
}

TEST_CASE("Commits: what only removes may use the room that is kept for it") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  for (int i = 0; i < 100; ++i) engine.edit_hash(0, "h").set(std::to_string(i), "v");
  engine.set_string(0, "s", "v");
  engine.set_string(1, "t", "v");
  engine.commit_tick();
  store.fill_up();
  engine.edit_hash(0, "h").remove("5");
  engine.commit_tick();
  engine.remove(0, "h");
  engine.commit_tick();
  engine.flush(1);
  engine.commit_tick();
  CHECK(stored(store, clock).size() == 1);
  engine.set_string(0, "s", "w");
  CHECK_THROWS_AS(engine.commit_tick(), base::StorageFault);
}

}  // namespace bodega::keyspace
