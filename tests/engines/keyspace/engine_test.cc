#include "engines/keyspace/engine.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engines/base/random.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "tests/catch.h"

namespace bodega::keyspace {
namespace {

class Notes : public Observer {
 public:
  void key_touched(unsigned db, std::string_view key) override { note("touched", db, key); }
  void key_created(unsigned db, std::string_view key, Type type) override {
    note("created-" + std::string(name_of(type)), db, key);
  }
  void key_expired(unsigned db, std::string_view key) override { note("expired", db, key); }
  void fields_expired(unsigned db, std::string_view key, std::span<const std::string> fields,
                      Closed closed) override {
    note(closed == Closed::kRemoved ? "last fields expired" : "fields expired", db,
         std::string(key) + "*" + std::to_string(fields.size()));
  }
  void database_flushed(unsigned db) override { note("flushed", db, ""); }
  void databases_swapped(unsigned a, unsigned b) override { note("swapped", a, std::to_string(b)); }
  void key_restored(unsigned db, std::string_view key) override { note("restored", db, key); }
  void all_restored() override { note("all restored", 0, ""); }
  std::vector<std::string> take() { return std::exchange(all_, {}); }

 private:
  void note(const std::string& what, unsigned db, std::string_view key) {
    all_.push_back(what + " " + std::to_string(db) + " " + std::string(key));
  }
  std::vector<std::string> all_;
};

struct World {
  base::ManualClock clock;
  std::unique_ptr<kv::Store> store = kv::make_memory_store(kv::Database::kKeyspace);
  Engine engine{*store, clock};
  Notes notes;
  World() { engine.set_observer(&notes); }

  std::string get(std::string_view key, unsigned db = 0) {
    const Entry* entry = engine.find(db, key);
    return entry == nullptr ? "(none)" : entry->str();
  }
};

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("Engine: strings of all sizes, their encodings, overwriting across them") {
  World world;
  Engine& engine = world.engine;
  const auto encoding = [&] { return name_of(engine.find(0, "k")->encoding()); };
  const std::string values[] = {"12345",
                                "",
                                std::string(44, 'e'),
                                std::string(45, 'r'),
                                "-9223372036854775808",
                                "9223372036854775808",
                                std::string(150, 'm'),
                                std::string(1000, 'h'),
                                std::string(100'000, 'p'),
                                "007"};
  const std::string_view encodings[] = {"int",    "embstr", "embstr", "raw", "int",
                                        "embstr", "raw",    "raw",    "raw", "embstr"};
  base::seed_random_for_test(31);
  for (int round = 0; round < 500; ++round) {
    const std::size_t pick = base::random_below(std::size(values));
    engine.set_string(0, "k", values[pick]);
    REQUIRE(world.get("k") == values[pick]);
    REQUIRE(encoding() == encodings[pick]);
  }
  engine.set_string(0, "k", "12");
  CHECK(engine.find(0, "k")->integer() == 12);
  CHECK(engine.size(0) == 1);
}

TEST_CASE("Engine: APPEND makes a string raw, SETRANGE pads with zero bytes") {
  World world;
  Engine& engine = world.engine;
  CHECK(engine.append(0, "k", "12") == 2);
  CHECK(engine.find(0, "k")->encoding() == Encoding::kInt);
  CHECK(engine.append(0, "k", "3") == 3);
  CHECK(engine.find(0, "k")->encoding() == Encoding::kRaw);
  CHECK(world.get("k") == "123");
  auto bytes = engine.edit_string(0, "k", 5, 2);
  std::copy_n("xy", 2, bytes.begin());
  CHECK(world.get("k") == std::string("123\0\0xy", 7));
  bytes = engine.edit_string(0, "new", 3, 1);
  bytes[0] = 'z';
  CHECK(world.get("new") == std::string("\0\0\0z", 4));
}

TEST_CASE("Engine: text that reads as an integer stays text and keeps the expiry") {
  World world;
  Engine& engine = world.engine;
  const auto encoding = [&] { return name_of(engine.find(0, "k")->encoding()); };
  engine.set_text(0, "k", "17");
  CHECK(encoding() == "embstr");
  CHECK(world.get("k") == "17");
  engine.set_string(0, "k", std::string(1000, 'x'), engine.now_ms() + 1000);
  engine.set_text(0, "k", "-5");
  CHECK(encoding() == "embstr");
  CHECK(world.get("k") == "-5");
  CHECK(engine.expiry_of(0, *engine.find(0, "k")) == engine.now_ms() + 1000);
  engine.set_text(0, "k", std::string(45, '1'));
  CHECK(encoding() == "raw");
  engine.set_string(0, "k", "17");
  CHECK(encoding() == "int");
  // An absent key that is appended to is made as set_string() makes it, even of nothing.
  CHECK(engine.append(0, "new", "") == 0);
  CHECK(name_of(engine.find(0, "new")->encoding()) == "embstr");
}

TEST_CASE("Engine: an edit creates the key, tells once, and takes an empty key away") {
  World world;
  Engine& engine = world.engine;
  {
    auto edit = engine.edit_hash(0, "h");
    CHECK(edit.created());
    CHECK(edit.set("f", "1"));
    CHECK_FALSE(edit.set("f", "2"));
    CHECK(edit->size() == 1);
    CHECK(edit.close() == Closed::kKept);
  }
  CHECK(world.notes.take() == Strings{"created-hash 0 h", "touched 0 h"});
  {
    auto edit = engine.edit_hash(0, "h");
    CHECK_FALSE(edit.created());
    CHECK(edit.remove("f"));
    CHECK(edit.close() == Closed::kRemoved);
  }
  CHECK(world.notes.take() == Strings{"touched 0 h"});
  CHECK(engine.find(0, "h") == nullptr);
  {
    auto edit = engine.edit_set(0, "s");
    CHECK_FALSE(edit.remove("x"));
    CHECK(edit.close() == Closed::kNever);
  }
  CHECK(world.notes.take().empty());
  CHECK(engine.size(0) == 0);
}

TEST_CASE("Engine: a key is gone one millisecond after its instant, by look or by cycle") {
  World world;
  Engine& engine = world.engine;
  const std::int64_t now = engine.now_ms();
  engine.set_string(0, "a", "1", now + 10);
  engine.set_string(0, "b", "1");
  engine.set_expiry(0, "b", now + 20);
  engine.set_string(0, "c", "1", now + 30);
  engine.set_string(0, "forever", "1");
  CHECK(engine.expiring_count(0) == 3);
  CHECK(engine.next_expiry_ms() == now + 10);
  world.notes.take();
  engine.set_now(now + 10);
  CHECK(engine.exists(0, "a"));
  engine.set_now(now + 11);
  CHECK_FALSE(engine.exists(0, "a"));
  CHECK(world.notes.take() == Strings{"expired 0 a", "touched 0 a"});
  engine.set_now(now + 100);
  CHECK(engine.expire_some(1) == 1);
  CHECK(engine.expire_some(100) == 1);
  CHECK(engine.expire_some(100) == 0);
  CHECK(engine.size(0) == 1);
  CHECK_FALSE(engine.next_expiry_ms().has_value());
}

TEST_CASE("Engine: while expiry is held, keys past their time are invisible and stay") {
  World world;
  Engine& engine = world.engine;
  engine.set_string(0, "a", "1", engine.now_ms() + 10);
  engine.hold_expiry(true);
  engine.set_now(engine.now_ms() + 100);
  CHECK_FALSE(engine.exists(0, "a"));
  CHECK(engine.size(0) == 1);
  CHECK(engine.expire_some(10) == 0);
  engine.set_string(0, "a", "2");
  CHECK(world.get("a") == "2");
  CHECK(engine.size(0) == 1);
}

TEST_CASE("Engine: overwriting clears the expiry unless it is kept") {
  World world;
  Engine& engine = world.engine;
  const std::int64_t later = engine.now_ms() + 1000;
  engine.set_string(0, "k", "1", later);
  engine.set_string(0, "k", "2", Expiry::kKeep);
  CHECK(engine.expiry_of(0, *engine.find(0, "k")) == later);
  engine.set_integer(0, "k", 3);
  CHECK(engine.expiry_of(0, *engine.find(0, "k")) == later);
  engine.set_string(0, "k", "4");
  CHECK(engine.expiry_of(0, *engine.find(0, "k")) == kNoExpiry);
  engine.edit_list(0, "l").push(End::kBack, "x");
  engine.set_expiry(0, "l", later);
  engine.set_string(0, "l", "now a string", Expiry::kKeep);
  CHECK(engine.expiry_of(0, *engine.find(0, "l")) == later);
  CHECK(engine.clear_expiry(0, "l"));
  CHECK_FALSE(engine.clear_expiry(0, "l"));
}

TEST_CASE("Engine: rename, move and copy carry value and expiry") {
  World world;
  Engine& engine = world.engine;
  const std::int64_t later = engine.now_ms() + 1000;
  engine.edit_hash(0, "h").set("f", "v");
  engine.set_expiry(0, "h", later);
  engine.set_string(0, "target", "x");
  CHECK(engine.rename(0, "h", "target"));
  CHECK_FALSE(engine.exists(0, "h"));
  CHECK(engine.find(0, "target")->hash().get("f") == "v");
  CHECK(engine.expiry_of(0, *engine.find(0, "target")) == later);
  CHECK(engine.move(0, "target", 3));
  CHECK_FALSE(engine.move(0, "target", 3));
  engine.set_string(0, "target", "in the way");
  CHECK_FALSE(engine.move(0, "target", 3));
  CHECK(engine.copy(3, "target", 5, "copy"));
  engine.edit_hash(3, "target").set("f", "changed");
  CHECK(engine.find(5, "copy")->hash().get("f") == "v");
  CHECK(engine.expiry_of(5, *engine.find(5, "copy")) == later);
  engine.append(0, "raw", "abc");
  engine.append(0, "raw", "def");
  CHECK(engine.copy(0, "raw", 0, "raw2"));
  CHECK(engine.find(0, "raw2")->encoding() == Encoding::kRaw);
  CHECK(world.get("raw2") == "abcdef");
}

TEST_CASE("Engine: flush and swap of databases") {
  World world;
  Engine& engine = world.engine;
  for (int i = 0; i < 1000; ++i) engine.set_string(1, "k" + std::to_string(i), "v");
  for (int i = 0; i < 1000; ++i) engine.edit_set(1, "s").add(std::to_string(i));
  engine.set_string(2, "other", "v");
  world.notes.take();
  engine.swap(1, 2);
  CHECK(engine.size(2) == 1001);
  CHECK(world.get("other", 1) == "v");
  engine.flush(2);
  CHECK(world.notes.take() == Strings{"swapped 1 2", "flushed 2 "});
  CHECK(engine.size(2) == 0);
  CHECK(engine.pending_frees() > 0);
  engine.commit_tick();
  while (engine.tidy_some(100)) {
  }
  CHECK(engine.pending_frees() == 0);
  CHECK(world.get("other", 1) == "v");
}

TEST_CASE("Engine: the memory account goes up with data and comes back to where it was") {
  World world;
  Engine& engine = world.engine;
  const std::size_t before = engine.used_memory();
  base::seed_random_for_test(33);
  for (int i = 0; i < 3000; ++i) {
    const std::string key = "k" + std::to_string(base::random_below(50));
    switch (base::random_below(7)) {
      case 0: engine.set_string(0, key, std::string(base::random_below(40'000), 'x')); break;
      case 1:
        engine.remove(0, key);
        engine.edit_list(0, key).push(End::kBack, std::string(base::random_below(100), 'x'));
        break;
      case 2:
        engine.remove(0, key);
        for (int k = 0; k < 200; ++k) engine.edit_hash(0, key).set(std::to_string(k), key);
        break;
      case 3:
        engine.remove(0, key);
        for (int k = 0; k < 200; ++k) engine.edit_sorted_set(0, key).set(std::to_string(k), k);
        break;
      case 4:
        engine.remove(0, key);
        engine.append(0, key, "abc");
        engine.append(0, key, std::string(500, 'y'));
        break;
      case 5:
        engine.remove(0, key);
        for (int k = 0; k < 200; ++k) engine.edit_set(0, key).add("m" + std::to_string(k));
        break;
      default:
        if (engine.exists(0, key)) engine.rename(0, key, key + "x");
    }
  }
  CHECK(engine.used_memory() > before + 10'000);
  for (const Entry* entry = engine.random(0); entry != nullptr; entry = engine.random(0)) {
    engine.remove(0, std::string(entry->key()));
  }
  while (engine.tidy_some(1000)) {
  }
  CHECK(engine.used_memory() < before + 4096);
}

TEST_CASE("Engine: scan passes keys past their time over, and they go") {
  World world;
  Engine& engine = world.engine;
  for (int i = 0; i < 100; ++i) engine.set_string(0, "k" + std::to_string(i), "v");
  engine.set_expiry(0, "k7", engine.now_ms() - 1);
  std::set<std::string> seen;
  std::uint64_t cursor = 0;
  do {
    cursor = engine.scan(0, cursor, 10, [&](const Entry& e) { seen.emplace(e.key()); });
  } while (cursor != 0);
  CHECK(seen.size() == 99);
  CHECK(seen.count("k7") == 0);
  CHECK(engine.size(0) == 99);
}

TEST_CASE("Engine: idle time counts from the last use, frequency grows with use") {
  World world;
  Engine& engine = world.engine;
  engine.set_string(0, "k", "v");
  engine.set_now(engine.now_ms() + 5000);
  CHECK(engine.idle_seconds(*engine.find(0, "k", Touch::kNo)) == 5);
  CHECK(engine.idle_seconds(*engine.find(0, "k", Touch::kYes)) == 0);
  engine.set_idle_seconds(0, "k", 100);
  CHECK(engine.idle_seconds(*engine.find(0, "k", Touch::kNo)) == 100);
  engine.set_access_policy(AccessPolicy::kLfu);
  engine.set_frequency(0, "k", 50);
  CHECK(engine.frequency(*engine.find(0, "k", Touch::kNo)) == 50);
  engine.set_now(engine.now_ms() + 10 * 60'000);
  CHECK(engine.frequency(*engine.find(0, "k", Touch::kNo)) == 40);
}

}  // namespace bodega::keyspace
