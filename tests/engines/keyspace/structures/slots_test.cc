#include "engines/keyspace/structures/slots.h"

#include <set>
#include <string>

#include "engines/keyspace/engine.h"
#include "engines/kv/store.h"
#include "tests/catch.h"

namespace bodega::keyspace {
namespace {

struct Fixture {
  base::ManualClock clock;
  std::unique_ptr<kv::Store> store = kv::make_memory_store(kv::Database::kKeyspace);
  Engine engine{*store, clock};

  std::set<std::string> keys_in(unsigned slot) const {
    std::set<std::string> keys;
    engine.for_each_in_slot(slot, [&](const Entry& entry) {
      keys.emplace(entry.key());
      return true;
    });
    return keys;
  }
};

}  // namespace

// Expected: CLUSTER KEYSLOT of redis-server 7.0.15; 0x31C3 is the check value of CRC16/XMODEM.
TEST_CASE("slot_of: the slots of redis-server, hash tags included") {
  CHECK(slot_of("123456789") == 0x31C3);
  CHECK(slot_of("foo") == 12182);
  CHECK(slot_of("") == 0);
  CHECK(slot_of("{user1000}.following") == slot_of("user1000"));
  CHECK(slot_of("foo{}{bar}") == 8363);  // an empty tag is no tag
  CHECK(slot_of("foo{{bar}}zap") == slot_of("{bar"));
  CHECK(slot_of("foo{bar}{zap}") == slot_of("bar"));
  CHECK(slot_of("{open") != slot_of("open"));
}

TEST_CASE("SlotIndex: follows keys that come, go, grow, move and are flushed") {
  Fixture f;
  f.engine.set_string(0, "a{x}", "before");
  f.engine.index_slots();
  const unsigned slot = slot_of("x");
  CHECK(f.engine.count_in_slot(slot) == 1);
  f.engine.set_string(0, "b{x}", "1");
  // Grown inside, the entry stands at a new address.
  f.engine.set_string(0, "b{x}", std::string(60, 'b'));
  f.engine.edit_hash(0, "h{x}").set("f", "v");
  CHECK(f.keys_in(slot) == std::set<std::string>{"a{x}", "b{x}", "h{x}"});
  f.engine.rename(0, "a{x}", "a{y}");
  f.engine.edit_hash(0, "h{x}").remove("f");
  CHECK(f.keys_in(slot) == std::set<std::string>{"b{x}"});
  CHECK(f.keys_in(slot_of("y")) == std::set<std::string>{"a{y}"});
  f.engine.set_string(1, "c{x}", "another database");
  CHECK(f.engine.count_in_slot(slot) == 1);
  f.engine.flush(0);
  CHECK(f.engine.count_in_slot(slot) == 0);
  f.engine.set_string(0, "d{x}", "after");
  CHECK(f.engine.count_in_slot(slot) == 1);
}

TEST_CASE("SlotIndex: a key past its time is not shown, and goes when it expires") {
  Fixture f;
  f.engine.index_slots();
  f.engine.set_string(0, "k", "v", f.engine.now_ms() + 10);
  f.clock.advance_ms(100);
  f.engine.refresh_now();
  CHECK(f.keys_in(slot_of("k")).empty());
  f.engine.expire_some(10);
  CHECK(f.engine.count_in_slot(slot_of("k")) == 0);
}

TEST_CASE("SlotIndex: is there again after DEBUG RELOAD") {
  Fixture f;
  f.engine.index_slots();
  f.engine.set_string(0, "k", "v");
  f.engine.reload();
  CHECK(f.keys_in(slot_of("k")) == std::set<std::string>{"k"});
}

TEST_CASE("Engine notes: outlive FLUSHALL and a restart") {
  Fixture f;
  CHECK(f.engine.notes().text("cluster").empty());
  f.engine.notes().set("cluster", "three nodes");
  CHECK(f.engine.has_changes());
  f.engine.commit_tick();
  CHECK(!f.engine.has_changes());
  f.engine.flush_all();
  f.engine.commit_tick();
  Engine again(*f.store, f.clock);
  again.load();
  CHECK(again.notes().text("cluster") == "three nodes");
  CHECK(again.size(0) == 0);
}

}  // namespace bodega::keyspace
