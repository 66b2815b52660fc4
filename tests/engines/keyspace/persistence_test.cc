// What was committed comes back: random operations, a commit per tick, engines opened on the same store.
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "engines/base/fault.h"
#include "engines/base/random.h"
#include "engines/keyspace/engine.h"
#include "engines/keyspace/format.h"
#include "engines/keyspace/hash.h"
#include "engines/keyspace/list.h"
#include "engines/keyspace/set.h"
#include "engines/keyspace/sorted_set.h"
#include "tests/catch.h"

namespace bodega::keyspace {
namespace {

using base::random_below;

// Everything in an engine, as text that two engines can be compared by.
std::map<std::string, std::string> picture(Engine& engine) {
  std::map<std::string, std::string> out;
  for (unsigned db = 0; db < engine.database_count(); ++db) {
    engine.for_each(db, [&](const Entry& entry) {
      std::string text(name_of(entry.type()));
      text += " expires " + std::to_string(engine.expiry_of(db, entry)) + ":";
      switch (entry.type()) {
        case Type::kString:
          text += entry.str();
          break;
        case Type::kList:
          entry.list().for_range(0, entry.list().size(), Order::kForward, [&](std::string_view v) {
            text += " " + std::string(v);
            return true;
          });
          break;
        case Type::kSet: {
          std::map<std::string, int> sorted;
          entry.set().for_each([&](std::string_view m) { return ++sorted[std::string(m)] == 1; });
          for (const auto& item : sorted) text += " " + item.first;
          break;
        }
        case Type::kSortedSet:
          entry.sorted_set().for_range(0, entry.length(), Order::kForward,
                                       [&](std::string_view m, double s) {
                                         text += " " + std::string(m) + "=" + std::to_string(s);
                                         return true;
                                       });
          break;
        case Type::kHash: {
          std::map<std::string, std::string> sorted;
          entry.hash().for_each([&](std::string_view f, std::string_view v) {
            sorted.emplace(f, v);
          });
          for (const auto& item : sorted) text += " " + item.first + "=" + item.second;
          break;
        }
        case Type::kStream:
          break;
      }
      out[std::to_string(db) + "/" + std::string(entry.key())] = text;
    });
  }
  return out;
}

std::string key_for(const char* kind) { return kind + std::to_string(random_below(6)); }

void random_string_operation(Engine& engine, unsigned db) {
  const std::string key = key_for("str");
  if (const Entry* entry = engine.find(db, key); entry != nullptr && !entry->is(Type::kString)) {
    engine.remove(db, key);
  }
  switch (random_below(5)) {
    case 0:
      engine.set_string(db, key, std::to_string(random_below(1000)));
      break;
    case 3:
      engine.set_text(db, key, std::to_string(random_below(1000)));
      break;
    case 1:
      engine.set_string(db, key, std::string(random_below(60'000), static_cast<char>('a' + random_below(26))));
      break;
    case 2:
      if (!engine.exists(db, key) || engine.find(db, key)->length() < 100'000) {
        engine.append(db, key, std::string(random_below(9000), static_cast<char>('a' + random_below(26))));
      }
      break;
    default: {
      auto bytes = engine.edit_string(db, key, random_below(50'000), 1 + random_below(20));
      for (char& byte : bytes) byte = static_cast<char>('A' + random_below(26));
    }
  }
}

void random_operation(Engine& engine) {
  const auto db = static_cast<unsigned>(random_below(3));
  const std::string field = "f" + std::to_string(random_below(40));
  const std::string value = "v" + std::to_string(random_below(1000));
  // Operations of one kind work on keys of their own, which renames may mix.
  const auto usable = [&](const std::string& key, Type type) {
    const Entry* entry = engine.find(db, key);
    return entry == nullptr || entry->is(type);
  };
  switch (random_below(12)) {
    case 0:
    case 1:
      random_string_operation(engine, db);
      break;
    case 2:
    case 3: {
      const std::string key = key_for("hash");
      if (!usable(key, Type::kHash)) break;
      auto edit = engine.edit_hash(db, key);
      if (random_below(3) == 0) {
        edit.remove(field);
      } else {
        edit.set(field, value);
      }
      break;
    }
    case 4: {
      const std::string key = key_for("set");
      if (!usable(key, Type::kSet)) break;
      auto edit = engine.edit_set(db, key);
      if (random_below(3) == 0) {
        edit.remove(field);
      } else {
        edit.add(random_below(2) == 0 ? field : std::to_string(random_below(50)));
      }
      break;
    }
    case 5: {
      const std::string key = key_for("zset");
      if (!usable(key, Type::kSortedSet)) break;
      auto edit = engine.edit_sorted_set(db, key);
      if (random_below(4) == 0) {
        edit.remove(field);
      } else if (random_below(10) == 0 && edit->size() > 0) {
        const std::size_t first = random_below(edit->size());
        edit.erase_ranks(first, 1 + random_below(edit->size() - first));
      } else {
        edit.set(field, static_cast<double>(random_below(20)));
      }
      break;
    }
    case 6:
    case 7: {
      const std::string key = key_for("list");
      if (!usable(key, Type::kList)) break;
      auto edit = engine.edit_list(db, key);
      for (std::uint64_t i = random_below(5); i > 0; --i) {
        edit.push(random_below(2) == 0 ? End::kFront : End::kBack, value);
      }
      for (std::uint64_t i = random_below(30); i > 0; --i) {
        edit.insert(std::min<std::size_t>(edit->size(), 2), value);
      }
      if (edit->size() > 0 && random_below(2) == 0) edit.set(random_below(edit->size()), field);
      if (edit->size() > 0 && random_below(3) == 0) edit.pop(End::kFront);
      if (random_below(4) == 0) edit.remove_equal(value, Order::kBackward, random_below(3));
      if (edit->size() > 0 && random_below(5) == 0) {
        const std::size_t first = random_below(edit->size());
        edit.erase(first, 1 + random_below(edit->size() - first));
      }
      break;
    }
    case 8: {
      const Entry* entry = engine.random(db);
      if (entry == nullptr) break;
      const std::string key(entry->key());
      const std::string to = key_for("list");
      if (key != to) engine.rename(db, key, to);
      break;
    }
    case 9: {
      const Entry* entry = engine.random(db);
      if (entry == nullptr) break;
      const std::string key(entry->key());
      if (random_below(2) == 0) {
        engine.move(db, key, (db + 1) % 3);
      } else {
        engine.copy(db, key, (db + 1) % 3, key);
      }
      break;
    }
    case 10: {
      const Entry* entry = engine.random(db);
      if (entry == nullptr) break;
      const std::string key(entry->key());
      if (random_below(3) == 0) {
        engine.remove(db, key);
      } else if (random_below(2) == 0) {
        engine.set_expiry(db, key, engine.now_ms() + 1 + static_cast<std::int64_t>(random_below(200)));
      } else {
        engine.clear_expiry(db, key);
      }
      break;
    }
    default:
      if (random_below(60) == 0) engine.flush(db);
      if (random_below(20) == 0) engine.swap(db, (db + 1) % 3);
      engine.set_now(engine.now_ms() + 1);
      engine.expire_some(2);
      if (random_below(4) == 0) engine.tidy_some(50);
  }
}

Limits small_limits() {
  Limits limits;
  limits.hash_max_listpack_entries = limits.set_max_listpack_entries = 12;
  limits.zset_max_listpack_entries = limits.set_max_intset_entries = 12;
  return limits;
}

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
    // Time went on in it, so nothing more may have expired at the next start than is in the picture.
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
  CHECK(batch.size_bytes() < 2 * format::kPieceLength);
}

TEST_CASE("Persistence: what flushed and removed keys leave behind goes, at the latest at the start") {
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
