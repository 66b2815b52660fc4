// Fields of hashes with a time to live: they go when it ends, and come back with it.
#include <memory>
#include <string>
#include <vector>

#include "engines/keyspace/engine.h"
#include "engines/keyspace/storage/format.h"
#include "engines/keyspace/structures/hash.h"
#include "tests/catch.h"
#include "tests/faulty_store.h"

namespace bodega::keyspace {
namespace {

struct World {
  explicit World(std::unique_ptr<kv::Store> made = kv::make_memory_store(kv::Database::kKeyspace))
      : store(std::move(made)), engine(*store, clock) {}

  void set(std::string_view key, std::string_view field, std::int64_t wait_ms) {
    const std::int64_t when = wait_ms == kNoExpiry ? kNoExpiry : engine.now_ms() + wait_ms;
    engine.edit_hash(0, key).set(field, "v", when);
  }
  // The fields that are there, in order.
  std::string fields(std::string_view key, unsigned db = 0) {
    const Entry* entry = engine.find(db, key);
    if (entry == nullptr) return "(none)";
    std::vector<std::string> all;
    entry->hash().for_each([&](std::string_view f, std::string_view) { all.emplace_back(f); });
    std::sort(all.begin(), all.end());
    CHECK(all.size() == entry->length());
    std::string out;
    for (const std::string& field : all) out += field;
    return out;
  }
  std::int64_t wait(std::string_view key, std::string_view field) {
    const std::int64_t when = engine.find(0, key)->hash().expiry_ms(field);
    return when == kNoExpiry ? kNoExpiry : when - engine.now_ms();
  }
  void pass_ms(std::int64_t ms) { engine.set_now(engine.now_ms() + ms); }

  base::ManualClock clock;
  std::unique_ptr<kv::Store> store;
  Engine engine;
};

}  // namespace

TEST_CASE("Field expiry: a field goes at the first look after its time, the hash with the last") {
  for (const std::size_t most_flat : {512, 0}) {
    World world;
    world.engine.limits().hash_max_listpack_entries = most_flat;
    world.set("h", "a", 10);
    world.set("h", "b", 20);
    world.set("h", "c", kNoExpiry);
    world.pass_ms(10);
    CHECK(world.fields("h") == "abc");
    world.pass_ms(1);
    CHECK(world.fields("h") == "bc");
    world.engine.edit_hash(0, "h").remove("c");
    world.pass_ms(10);
    CHECK(world.fields("h") == "(none)");
    CHECK(world.engine.size(0) == 0);
    CHECK_FALSE(world.engine.next_expiry_ms().has_value());
  }
}

TEST_CASE(
    "Field expiry: a timer is told when the next field is due, and takes no more than asked") {
  World world;
  world.set("h", "a", 30);
  world.set("h", "b", 20);
  world.set("other", "a", 25);
  CHECK(world.engine.next_expiry_ms() == world.engine.now_ms() + 20);
  CHECK(world.engine.field_expiring_count(0) == 2);
  world.engine.edit_hash(0, "h").remove("b");
  CHECK(world.engine.next_expiry_ms() == world.engine.now_ms() + 25);
  CHECK(world.engine.expire_some(100) == 0);
  world.pass_ms(31);
  CHECK(world.engine.expire_some(1) == 1);
  CHECK(world.engine.size(0) == 1);
  CHECK(world.engine.expire_some(100) == 1);
  CHECK(world.engine.size(0) == 0);
  CHECK(world.engine.field_expiring_count(0) == 0);
}

TEST_CASE("Field expiry: setting a field anew ends its time to live, unless it is given one") {
  World world;
  world.set("h", "a", 10);
  world.set("h", "b", 10);
  world.set("h", "a", kNoExpiry);
  world.engine.edit_hash(0, "h").set_expiry("b", kNoExpiry);
  CHECK_FALSE(world.engine.next_expiry_ms().has_value());
  world.pass_ms(100);
  CHECK(world.fields("h") == "ab");
}

TEST_CASE("Field expiry: it goes along with COPY, RENAME, MOVE and SWAPDB") {
  World world;
  world.set("h", "a", 10);
  world.set("h", "b", kNoExpiry);
  world.engine.copy(0, "h", 0, "copy");
  world.engine.copy(0, "h", 1, "moved");
  world.engine.rename(0, "h", "renamed");
  world.engine.move(1, "moved", 2);
  world.engine.swap(2, 3);
  CHECK(world.wait("renamed", "a") == 10);
  CHECK(world.wait("copy", "a") == 10);
  world.pass_ms(11);
  CHECK(world.engine.expire_some(100) == 3);
  CHECK(world.fields("renamed") == "b");
  CHECK(world.fields("copy") == "b");
  CHECK(world.fields("moved", 3) == "b");
}

TEST_CASE("Field expiry: it comes back from the store") {
  World world;
  world.set("h", "a", 1000);
  world.set("h", "b", kNoExpiry);
  world.set("past", "a", 5);
  world.engine.commit_tick();
  Engine again(*world.store, world.clock);
  again.load();
  CHECK(again.find(0, "h")->hash().expiry_ms("a") == again.now_ms() + 1000);
  CHECK(again.find(0, "h")->hash().expiry_ms("b") == kNoExpiry);
  again.set_now(again.now_ms() + 6);
  CHECK(again.find(0, "past") == nullptr);
  world.engine.reload();
  CHECK(world.wait("h", "a") == 1000);
}

TEST_CASE("Field expiry: a commit that fails takes it back") {
  auto store = std::make_unique<tests::FaultyStore>(kv::make_memory_store(kv::Database::kKeyspace));
  tests::FaultyStore& faulty = *store;
  World world(std::move(store));
  world.set("h", "a", 1000);
  world.set("h", "b", kNoExpiry);
  world.engine.commit_tick();
  world.engine.edit_hash(0, "h").set_expiry("b", world.engine.now_ms() + 1);
  world.pass_ms(1001);
  CHECK(world.fields("h") == "(none)");
  faulty.fail_commit(1);
  CHECK_THROWS_AS(world.engine.commit_tick(), base::StorageFault);
  world.engine.roll_back();
  CHECK(world.fields("h") == "b");
  CHECK(world.wait("h", "b") == kNoExpiry);
}

TEST_CASE("Field expiry: while it is held back, what is past its time is hidden and stays") {
  for (const std::size_t most_flat : {512, 0}) {
    World world;
    world.engine.limits().hash_max_listpack_entries = most_flat;
    world.set("h", "a", 10);
    world.set("h", "b", kNoExpiry);
    world.set("all", "a", 10);
    world.pass_ms(11);
    world.engine.hold_expiry(true);
    CHECK(world.fields("h") == "b");
    CHECK(world.fields("all") == "(none)");
    CHECK_FALSE(world.engine.find(0, "h")->hash().get("a").has_value());
    CHECK(world.engine.find(0, "h")->hash().random().first == "b");
    CHECK(world.engine.edit_hash(0, "h").set("a", "new"));
    CHECK(world.fields("h") == "ab");
    CHECK(world.engine.size(0) == 2);
    world.engine.hold_expiry(false);
    CHECK(world.engine.expire_some(100) == 1);
    CHECK(world.engine.size(0) == 1);
  }
}

TEST_CASE("Field expiry: a hash without any costs nothing more, and is no listpackex") {
  World world;
  world.set("h", "a", kNoExpiry);
  CHECK(world.engine.find(0, "h")->encoding() == Encoding::kListpack);
  const std::size_t plain = world.engine.used_memory();
  world.engine.edit_hash(0, "h").set_expiry("a", kNoExpiry);
  world.engine.remove(0, "h");
  world.set("h", "a", kNoExpiry);
  CHECK(world.engine.used_memory() == plain);
  world.set("h", "a", 10);
  CHECK(world.engine.find(0, "h")->encoding() == Encoding::kListpackEx);
  CHECK(world.engine.used_memory() > plain);
  world.engine.remove(0, "h");
  world.set("h", "a", kNoExpiry);
  CHECK(world.engine.find(0, "h")->encoding() == Encoding::kListpack);
}

TEST_CASE("Field expiry: a stored field that is cut off is damage") {
  CHECK_THROWS_AS(format::decode_field_value(std::string("\x01\0\0\0", 4)), base::StorageFault);
  CHECK_THROWS_AS(format::decode_field_value("\x02value"), base::StorageFault);
  CHECK_THROWS_AS(format::decode_field_value(""), base::StorageFault);
  std::string stored;
  format::append_field_value(stored, {"v", 258});
  CHECK(stored == std::string("\x01\0\0\0\0\0\0\x01\x02v", 10));
  CHECK(format::decode_field_value(stored).expiry_ms == 258);
}

}  // namespace bodega::keyspace
