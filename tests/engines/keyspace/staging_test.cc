// Ticks with long strings that are written over several turns: each write is small, nothing of the
// tick counts before the last, and other ticks are committed meanwhile.
#include "engines/keyspace/staging.h"

#include <map>
#include <string>

#include "engines/keyspace/storage/change_log.h"
#include "tests/catch.h"
#include "tests/engines/keyspace/random_operations.h"
#include "tests/faulty_store.h"

namespace bodega::keyspace {
namespace {

using test::picture;
using tests::FaultyStore;

constexpr std::size_t kLong = 3 * kMaxBatchBytes;
constexpr std::size_t kMostInACommit = kStageSliceBytes + kStageSliceBytes / 4;

std::string dense(std::size_t size, char byte = 'x') { return std::string(size, byte); }

std::map<std::string, std::string> stored(kv::Store& store, const base::Clock& clock) {
  Engine engine(store, clock);
  engine.load();
  return picture(engine);
}

std::size_t count_elements(kv::Store& store) {
  std::size_t out = 0;
  const auto cursor = store.cursor(kv::Family::kElements);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) ++out;
  return out;
}

int finish_staging(Engine& engine) {
  int slices = 1;
  for (; !engine.stage_some(); ++slices) CHECK(engine.is_staging());
  CHECK_FALSE(engine.is_staging());
  return slices;
}

// Removes what earlier ticks have left in the store.
void commit_backlog(Engine& engine) {
  while (engine.has_backlog()) engine.commit_tick();
}

// A checkpoint of the store as a start would find it, without changing the store itself.
std::unique_ptr<kv::Store> copy_of(const kv::Store& store) {
  auto copy = kv::make_memory_store(kv::Database::kKeyspace);
  for (const kv::Family family : {kv::Family::kKeys, kv::Family::kElements}) {
    kv::Batch batch;
    const auto cursor = store.cursor(family);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
      batch.put(family, cursor->key(), cursor->value());
    }
    copy->commit(batch);
  }
  return copy;
}

}  // namespace

TEST_CASE("Staging: a long string is written in small commits and counts with the last") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.set_string(0, "old", "v");
  engine.commit_tick();
  const auto before = picture(engine);
  engine.set_string(0, "long", dense(kLong));
  engine.set_string(3, "beside", "w");
  engine.remove(0, "old");
  store.on_commit = [](const kv::Batch& batch) { CHECK(footprint(batch) <= kMostInACommit); };
  REQUIRE(engine.start_staging());
  CHECK_FALSE(engine.has_changes());
  CHECK(engine.is_staged("long"));
  CHECK(engine.is_staged("beside"));
  CHECK(engine.is_staged("old"));
  CHECK_FALSE(engine.is_staged("other"));
  int slices = 1;
  for (; !engine.stage_some(); ++slices) CHECK(stored(*copy_of(store), clock) == before);
  CHECK(slices >= static_cast<int>(kLong / kStageSliceBytes));
  CHECK_FALSE(engine.is_staged("long"));
  CHECK(stored(store, clock) == picture(engine));
}

TEST_CASE("Staging: a string of zero bytes is looked through in several turns as well") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.set_string(0, "zeros", std::string(kLong, '\0'));
  REQUIRE(engine.start_staging());
  CHECK(finish_staging(engine) >= static_cast<int>(kLong / kStageSliceBytes));
  CHECK(count_elements(store) == 0);
  CHECK(stored(store, clock) == picture(engine));
}

TEST_CASE("Staging: other ticks are committed meanwhile, and no key expires") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.edit_hash(0, "hash").set("f", "1");
  engine.set_string(0, "short-lived", "v", engine.now_ms() + 10);
  engine.commit_tick();
  engine.set_string(0, "long", dense(kLong));
  REQUIRE(engine.start_staging());
  engine.stage_some();
  engine.edit_hash(0, "hash").set("f", "2");
  for (int i = 0; i < 100; ++i) engine.edit_list(0, "new list").push(End::kBack, "e");
  engine.set_string(0, "another", dense(100'000));
  engine.commit_tick();
  auto seen = stored(*copy_of(store), clock);
  CHECK(seen.count("0/new list") == 1);
  CHECK(seen.count("0/another") == 1);
  CHECK(seen.count("0/long") == 0);
  clock.advance_ms(20);
  engine.refresh_now();
  CHECK(engine.find(0, "short-lived") == nullptr);
  CHECK(engine.expire_some(100) == 0);
  CHECK_FALSE(engine.has_changes());
  finish_staging(engine);
  CHECK(engine.expire_some(100) == 1);
  engine.commit_tick();
  CHECK(stored(store, clock) == picture(engine));
}

TEST_CASE("Staging: the value that is replaced stands until then, and goes after") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.set_string(0, "long", dense(kLong, 'a'));
  engine.commit_tick();
  const auto before = picture(engine);
  const std::size_t pieces = count_elements(store);
  SECTION("by a new one") { engine.set_string(0, "long", dense(kLong, 'b')); }
  SECTION("by what was appended") { engine.append(0, "long", dense(kLong, 'b')); }
  SECTION("in place") {
    for (char& byte : engine.edit_string(0, "long", 5, kMaxBatchBytes)) byte = 'c';
  }
  REQUIRE(engine.start_staging());
  // Each look copies the store, so not after every slice.
  for (int slice = 0; !engine.stage_some(); ++slice) {
    if (slice % 8 == 1) CHECK(stored(*copy_of(store), clock) == before);
  }
  CHECK(engine.has_backlog());
  commit_backlog(engine);
  CHECK(stored(*copy_of(store), clock) == picture(engine));
  CHECK(count_elements(store) >= pieces);
  CHECK(count_elements(store) <= 2 * pieces);
}

TEST_CASE("Staging: wherever a commit fails, none of it is there, and what was committed stays") {
  for (const int succeed_first : {0, 1, 5, 11}) {
    base::ManualClock clock;
    FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
    Engine engine(store, clock);
    engine.set_string(0, "long", dense(kLong, 'a'));
    engine.set_string(0, "beside", "first");
    engine.commit_tick();
    engine.append(0, "long", "tail");
    engine.append(0, "beside", "second");
    engine.set_string(0, "long", dense(kLong, 'b'));
    engine.set_string(0, "new", dense(1000));
    REQUIRE(engine.start_staging());
    engine.stage_some();
    engine.set_string(1, "committed meanwhile", "v");
    engine.commit_tick();
    store.fail_commit(succeed_first + 1);
    CHECK_THROWS_AS(finish_staging(engine), base::StorageFault);
    REQUIRE(engine.in_doubt());
    CHECK_FALSE(engine.is_staging());
    engine.roll_back();
    CHECK(engine.find(0, "long")->length() == kLong);
    CHECK(engine.find(0, "beside")->str() == "first");
    CHECK_FALSE(engine.exists(0, "new"));
    CHECK(engine.find(1, "committed meanwhile")->str() == "v");
    CHECK(stored(*copy_of(store), clock) == picture(engine));
    // What was written of it goes with the next commit.
    commit_backlog(engine);
    CHECK(count_elements(store) == kLong / 4096);
  }
}

TEST_CASE("Staging: a tick that changed collections has all keys for its own, and fails whole") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.edit_list(0, "list").push(End::kBack, "first");
  engine.commit_tick();
  const auto before = picture(engine);
  engine.edit_list(0, "list").push(End::kBack, "second");
  engine.set_string(0, "long", dense(kLong));
  REQUIRE(engine.start_staging());
  CHECK(engine.is_staged("anything"));  // elements do not tell their key
  store.fail_commit(3);
  CHECK_THROWS_AS(finish_staging(engine), base::StorageFault);
  engine.roll_back();
  CHECK(picture(engine) == before);
  commit_backlog(engine);
  CHECK(count_elements(store) == 1);
}

TEST_CASE("Staging: a tick that fails beside it takes it along") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  engine.set_string(0, "k", "v");
  engine.commit_tick();
  const auto before = picture(engine);
  engine.set_string(0, "long", dense(kLong));
  REQUIRE(engine.start_staging());
  engine.stage_some();
  engine.set_string(0, "k", "w");
  store.fail_commit(1);
  CHECK_THROWS_AS(engine.commit_tick(), base::StorageFault);
  engine.roll_back();
  CHECK(picture(engine) == before);
  CHECK_FALSE(engine.is_staging());
  commit_backlog(engine);
  CHECK(count_elements(store) == 0);
}

TEST_CASE("Staging: what a killed process has staged is dropped by the next start") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  {
    Engine engine(store, clock);
    engine.set_string(0, "k", "v");
    engine.commit_tick();
    engine.set_string(0, "long", dense(kLong));
    REQUIRE(engine.start_staging());
    engine.stage_some();
    engine.stage_some();
    CHECK(count_elements(store) > 0);
  }
  Engine engine(store, clock);
  engine.load();
  CHECK(engine.size(0) == 1);
  CHECK(count_elements(store) == 0);
  // Its object ids are not given to anyone else as long as its pieces may be there.
  engine.set_string(0, "long", dense(100'000, 'y'));
  engine.commit_tick();
  CHECK(stored(store, clock) == picture(engine));
}

TEST_CASE("Staging: only ticks with much of long strings are staged") {
  base::ManualClock clock;
  FaultyStore store{kv::make_memory_store(kv::Database::kKeyspace)};
  Engine engine(store, clock);
  CHECK_FALSE(engine.start_staging());
  engine.set_string(0, "k", dense(kStagedBytes - 5000));
  CHECK_FALSE(engine.start_staging());
  engine.commit_tick();
  for (int i = 0; i < 1500; ++i) engine.set_string(2, "k" + std::to_string(i), dense(15'000));
  CHECK_FALSE(engine.start_staging());
  engine.commit_tick();
  engine.flush(0);
  engine.set_string(0, "k", dense(kLong));
  CHECK_FALSE(engine.start_staging());
  engine.commit_tick();
  engine.set_string(0, "k", dense(kLong, 'y'));
  CHECK(engine.start_staging());
  engine.set_string(0, "l", dense(kLong));
  CHECK_FALSE(engine.start_staging());  // one at a time
  engine.commit_tick();
  finish_staging(engine);
  CHECK(stored(store, clock) == picture(engine));
  Engine scratch(store, clock, {.log_changes = false});
  scratch.set_string(0, "k", dense(kLong));
  CHECK_FALSE(scratch.start_staging());
}

}  // namespace bodega::keyspace
