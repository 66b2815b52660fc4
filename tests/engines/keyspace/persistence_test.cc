// What was committed comes back: random operations, a commit per tick, engines opened on the same
// store.
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "engines/base/fault.h"
#include "engines/base/random.h"
#include "engines/keyspace/engine.h"
#include "engines/keyspace/storage/format.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "tests/catch.h"
#include "tests/engines/keyspace/random_operations.h"

namespace bodega::keyspace {
namespace {

using base::random_below;
using test::picture;
using test::random_operation;
using test::small_limits;

void run_rounds(kv::Store& store, int rounds) {
  base::ManualClock clock;
  std::int64_t now = clock.now_ms();
  std::map<std::string, std::string> committed;
  for (int round = 0; round < rounds; ++round) {
    Engine engine(store, clock);
    engine.limits() = small_limits();
    clock.set_us(now * 1000);
    engine.load();
    REQUIRE(picture(engine) == committed);
    for (std::uint64_t tick = 0; tick < 20; ++tick) {
      for (std::uint64_t i = random_below(60); i > 0; --i) random_operation(engine);
      engine.commit_tick();
      REQUIRE_FALSE(engine.has_changes());
    }
    now = engine.now_ms();
    committed = picture(engine);
    // A tick that is not committed leaves no trace.
    for (int i = 0; i < 30; ++i) random_operation(engine);
    // Time went on in it, so nothing more may have expired at the next start than is in the
    // picture.
    clock.set_us(now * 1000);
  }
}

std::size_t count(kv::Store& store, kv::Family family) {
  std::size_t out = 0;
  const auto cursor = store.cursor(family);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) ++out;
  return out;
}

struct TemporaryFolder {
  std::filesystem::path path;
  TemporaryFolder() {
    path = std::filesystem::temp_directory_path() /
           ("bodega-keyspace-" + base::random_string(12, "abcdefghijklmnop"));
    std::filesystem::create_directories(path);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("Persistence: random operations come back from a memory store tick by tick") {
  for (std::uint64_t seed = 41; seed < 47; ++seed) {
    base::seed_random_for_test(seed);
    const auto store = kv::make_memory_store(kv::Database::kKeyspace);
    run_rounds(*store, 12);
  }
}

TEST_CASE("Persistence: random operations come back from RocksDB, also when it is opened again") {
  base::seed_random_for_test(48);
  TemporaryFolder folder;
  base::ManualClock clock;
  std::map<std::string, std::string> committed;
  for (int round = 0; round < 5; ++round) {
    const auto store = kv::open_rocks_store({folder.path, kv::Database::kKeyspace});
    Engine engine(*store, clock);
    engine.limits() = small_limits();
    engine.load();
    REQUIRE(picture(engine) == committed);
    for (int tick = 0; tick < 20; ++tick) {
      for (std::uint64_t i = random_below(60); i > 0; --i) random_operation(engine);
      engine.commit_tick();
    }
    clock.set_us(engine.now_ms() * 1000);
    committed = picture(engine);
  }
}

TEST_CASE("Persistence: many changes of one key in a tick are one record") {
  base::ManualClock clock;
  const auto store = kv::make_memory_store(kv::Database::kKeyspace);
  Engine engine(*store, clock);
  for (int i = 0; i < 800; ++i) engine.set_integer(0, "counter", i);
  kv::Batch batch;
  engine.collect(batch);
  CHECK(batch.size() == 1);
  for (int i = 0; i < 100; ++i) engine.edit_list(0, "list").push(End::kFront, "x");
  batch.clear();
  engine.collect(batch);
  CHECK(batch.size() == 101);
  engine.rename(0, "list", "renamed");
  engine.set_expiry(0, "renamed", engine.now_ms() + 1000);
  batch.clear();
  engine.collect(batch);
  CHECK(batch.size() == 2);
}

TEST_CASE("Persistence: a small change of a long string writes its piece alone") {
  base::ManualClock clock;
  const auto store = kv::make_memory_store(kv::Database::kKeyspace);
  Engine engine(*store, clock);
  engine.set_string(0, "long", std::string(10'000'000, 'x'));
  engine.commit_tick();
  engine.edit_string(0, "long", 5'000'000, 1)[0] = 'y';
  kv::Batch batch;
  engine.collect(batch);
  CHECK(batch.size() == 2);
  CHECK(batch.size_bytes() < 2 * kPieceLength);
}

TEST_CASE(
    "Persistence: what flushed and removed keys leave behind goes, at the latest at the start") {
  base::ManualClock clock;
  const auto store = kv::make_memory_store(kv::Database::kKeyspace);
  {
    Engine engine(*store, clock);
    for (int k = 0; k < 100; ++k) {
      const std::string key = "h" + std::to_string(k);
      for (int i = 0; i < 10; ++i) engine.edit_hash(0, key).set(std::to_string(i), "v");
    }
    engine.commit_tick();
    CHECK(count(*store, kv::Family::kElements) == 1000);
    engine.remove(0, "h1");
    engine.commit_tick();
    CHECK(count(*store, kv::Family::kElements) == 990);
    engine.flush_all();
    engine.edit_hash(0, "new").set("f", "v");
    engine.commit_tick();
  }
  Engine engine(*store, clock);
  engine.load();
  CHECK(picture(engine) == std::map<std::string, std::string>{{"0/new", "hash expires -1: f=v"}});
  CHECK(count(*store, kv::Family::kElements) == 1);
  CHECK(count(*store, kv::Family::kKeys) == 2);
  engine.edit_hash(0, "another").set("f", "v");
  engine.commit_tick();
  CHECK(count(*store, kv::Family::kElements) == 2);
}

TEST_CASE("Persistence: keys that expired while the server was down are dropped at the start") {
  base::ManualClock clock;
  const auto store = kv::make_memory_store(kv::Database::kKeyspace);
  {
    Engine engine(*store, clock);
    engine.set_string(0, "gone", "v", engine.now_ms() + 1000);
    engine.edit_set(0, "set gone").add("m");
    engine.set_expiry(0, "set gone", engine.now_ms() + 1000);
    engine.set_string(0, "stays", "v", engine.now_ms() + 5000);
    engine.commit_tick();
  }
  clock.advance_ms(2000);
  Engine engine(*store, clock);
  engine.load();
  CHECK(engine.size(0) == 1);
  CHECK(engine.exists(0, "stays"));
  CHECK(count(*store, kv::Family::kElements) == 0);
}

TEST_CASE("Persistence: reload and write_all give the same world, with and without a log") {
  for (const bool logged : {true, false}) {
    base::seed_random_for_test(49);
    base::ManualClock clock;
    const auto store = kv::make_memory_store(kv::Database::kKeyspace);
    Engine engine(*store, clock, {16, logged});
    for (int i = 0; i < 2000; ++i) random_operation(engine);
    const auto before = picture(engine);
    engine.reload();
    CHECK(picture(engine) == before);
    const auto other = kv::make_memory_store(kv::Database::kKeyspace);
    engine.write_all(*other);
    Engine second(*other, clock);
    clock.set_us(engine.now_ms() * 1000);
    second.load();
    CHECK(picture(second) == before);
    if (!logged) CHECK_FALSE(engine.has_changes());
  }
}

TEST_CASE("Persistence: damage is reported, not guessed at") {
  base::ManualClock clock;
  const auto store = kv::make_memory_store(kv::Database::kKeyspace);
  kv::Batch batch;
  batch.put(kv::Family::kKeys, format::key_record_key(0, "k"), "\x63\x00");
  store->commit(batch);
  Engine engine(*store, clock);
  CHECK_THROWS_AS(engine.load(), base::StorageFault);
}

}  // namespace bodega::keyspace
