// What every kv::Store does, proven on each of them. A new store is one more name in kStores.
#include <atomic>
#include <map>
#include <thread>

#include "engines/base/bytes.h"
#include "engines/base/figure.h"
#include "engines/base/random.h"
#include "engines/kv/section.h"
#include "engines/kv/store.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using kv::Batch;
using kv::Database;
using kv::Family;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// A store under test, and the two families of it that the tests write to.
struct Subject {
  std::string name;
  Database database;
  Family first;
  Family second;
};

std::vector<Subject> all_subjects() {
  return {{"rocks", Database::kShared, Family::kItems, Family::kIndexes},
          {"rocks", Database::kKeyspace, Family::kKeys, Family::kElements},
          {"memory", Database::kShared, Family::kItems, Family::kIndexes},
          {"memory", Database::kKeyspace, Family::kKeys, Family::kElements},
          {"section", Database::kShared, Family::kItems, Family::kIndexes},
          {"section", Database::kKeyspace, Family::kKeys, Family::kElements}};
}

// A store and, for a section, the one that it is of.
struct Made {
  std::unique_ptr<kv::Store> whole;
  std::unique_ptr<kv::Store> store;
};

// A section between strangers.
Made make_section(const Subject& subject, const std::filesystem::path& folder) {
  Made made;
  made.whole = kv::open_rocks_store({folder, subject.database, kv::Durability::kProcess});
  Batch strangers;
  for (const Family family : {subject.first, subject.second}) {
    strangers.put(family, "\xfe\x01 before", "1");
    strangers.put(family, "\xfe\x03 behind", "2");
  }
  made.whole->commit(strangers);
  made.store = kv::make_section(*made.whole, subject.database, "\xfe\x02");
  return made;
}

Made make_store(const Subject& subject, const std::filesystem::path& folder) {
  if (subject.name == "section") return make_section(subject, folder);
  if (subject.name == "memory") return {nullptr, kv::make_memory_store(subject.database)};
  return {nullptr, kv::open_rocks_store({folder, subject.database, kv::Durability::kProcess})};
}

void put(kv::Store& store, Family family, std::string_view key, std::string_view value) {
  Batch batch;
  batch.put(family, key, value);
  store.commit(batch);
}

Pairs walk(const kv::Store& store, Family family, std::string_view lower = {},
           std::string_view upper = {}, const kv::Snapshot* snapshot = nullptr) {
  Pairs pairs;
  const auto cursor = store.cursor(family, lower, upper, snapshot);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    pairs.emplace_back(cursor->key(), cursor->value());
  }
  return pairs;
}

std::string keys(const Pairs& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) text += key + " ";
  return text;
}

}  // namespace

#define FOR_EACH_STORE()                                        \
  const Subject subject = GENERATE(from_range(all_subjects())); \
  const tests::ScratchFolder scratch;                           \
  CAPTURE(subject.name, static_cast<int>(subject.database));    \
  const auto owned = make_store(subject, scratch / "store");    \
  kv::Store& store = *owned.store;                              \
  const Family family = subject.first;

TEST_CASE("Store: what is put is got, what is removed is not, and empty is not absent") {
  FOR_EACH_STORE();
  CHECK(store.get(family, "k") == std::nullopt);
  put(store, family, "k", "v");
  put(store, family, "empty", "");
  put(store, family, "", "the empty key");
  CHECK(store.get(family, "k") == "v");
  CHECK(store.get(family, "empty") == "");
  CHECK(store.get(family, "") == "the empty key");
  CHECK(store.get(subject.second, "k") == std::nullopt);
  Batch batch;
  batch.remove(family, "k");
  batch.remove(family, "never there");
  store.commit(batch);
  CHECK(store.get(family, "k") == std::nullopt);
}

TEST_CASE("Store: keys sort by unsigned bytes, zero bytes and all") {
  FOR_EACH_STORE();
  const std::vector<std::string> sorted = {std::string("\0", 1),
                                           std::string("\0\0", 2),
                                           "A",
                                           "a",
                                           std::string("a\0", 2),
                                           "aa",
                                           "b",
                                           "\x7f",
                                           "\x80",
                                           "\xff",
                                           "\xff\xff"};
  Batch batch;
  for (auto key = sorted.rbegin(); key != sorted.rend(); ++key) batch.put(family, *key, "");
  store.commit(batch);
  std::vector<std::string> seen;
  for (const auto& [key, value] : walk(store, family)) seen.push_back(key);
  CHECK(seen == sorted);
}

TEST_CASE("Store: a cursor keeps to its bounds in both directions") {
  FOR_EACH_STORE();
  Batch batch;
  for (const char* key : {"a", "b", "c", "d", "e"}) batch.put(family, key, key);
  store.commit(batch);
  CHECK(keys(walk(store, family, "b", "d")) == "b c ");
  CHECK(keys(walk(store, family, "bb", "dd")) == "c d ");
  CHECK(keys(walk(store, family, "", "b")) == "a ");
  CHECK(keys(walk(store, family, "d", "")) == "d e ");
  CHECK(keys(walk(store, family, "c", "c")).empty());
  CHECK(keys(walk(store, family, "x", "")).empty());

  const auto cursor = store.cursor(family, "b", "d");
  CHECK_FALSE(cursor->valid());
  cursor->seek_last();
  REQUIRE(cursor->valid());
  CHECK(cursor->key() == "c");
  cursor->prev();
  CHECK(cursor->key() == "b");
  cursor->prev();
  CHECK_FALSE(cursor->valid());
  cursor->seek("a");  // before the bound: the first within it
  REQUIRE(cursor->valid());
  CHECK(cursor->key() == "b");
  cursor->seek("d");
  CHECK_FALSE(cursor->valid());
  cursor->seek_for_prev("z");  // behind the bound: the last within it
  REQUIRE(cursor->valid());
  CHECK(cursor->key() == "c");
  cursor->seek_for_prev("d");
  REQUIRE(cursor->valid());
  CHECK(cursor->key() == "c");
  cursor->seek_for_prev("a");
  CHECK_FALSE(cursor->valid());
}

TEST_CASE("Store: seek finds the next key, seek_for_prev the one before, exact keys themselves") {
  FOR_EACH_STORE();
  for (const char* key : {"b", "d", "f"}) put(store, family, key, key);
  const auto cursor = store.cursor(family);
  cursor->seek("d");
  CHECK(cursor->key() == "d");
  cursor->seek("da");
  CHECK(cursor->key() == "f");
  cursor->seek("g");
  CHECK_FALSE(cursor->valid());
  cursor->seek_for_prev("d");
  CHECK(cursor->key() == "d");
  cursor->seek_for_prev("e");
  CHECK(cursor->key() == "d");
  CHECK(cursor->value() == "d");
  cursor->next();
  CHECK(cursor->key() == "f");
  cursor->prev();
  cursor->prev();
  CHECK(cursor->key() == "b");
  cursor->seek_for_prev("a");
  CHECK_FALSE(cursor->valid());
}

TEST_CASE("Store: a batch writes families together, and later entries win") {
  FOR_EACH_STORE();
  put(store, family, "gone", "1");
  Batch batch;
  batch.put(family, "k", "first");
  batch.put(subject.second, "k", "other family");
  batch.put(family, "k", "second");
  batch.remove(family, "gone");
  batch.put(family, "back", "1");
  batch.remove(family, "back");
  batch.put(family, "back", "2");
  store.commit(batch);
  CHECK(store.get(family, "k") == "second");
  CHECK(store.get(subject.second, "k") == "other family");
  CHECK(store.get(family, "gone") == std::nullopt);
  CHECK(store.get(family, "back") == "2");
  store.commit(Batch());
  CHECK(walk(store, family).size() == 2);
}

TEST_CASE("Store: remove_range removes [from, to), and a later put in the batch stays") {
  FOR_EACH_STORE();
  for (const char* key : {"a", "b", "c", "d", "e"}) put(store, family, key, key);
  put(store, subject.second, "c", "untouched");
  Batch batch;
  batch.put(family, "bb", "before the range removal");
  batch.remove_range(family, "b", "e");
  batch.put(family, "c", "after it");
  store.commit(batch);
  CHECK(walk(store, family) == Pairs{{"a", "a"}, {"c", "after it"}, {"e", "e"}});
  CHECK(store.get(family, "b") == std::nullopt);
  CHECK(store.get(subject.second, "c") == "untouched");
  put(store, family, "d", "again");
  CHECK(store.get(family, "d") == "again");
  Batch nothing;
  nothing.remove_range(family, "a", "a");
  store.commit(nothing);
  CHECK(store.get(family, "a") == "a");
}

TEST_CASE("Store: many dropped ranges between reads stay right") {
  FOR_EACH_STORE();
  for (int round = 0; round < 400; ++round) {
    std::string prefix;
    base::put_u32(prefix, static_cast<std::uint32_t>(round));
    Batch batch;
    for (char c = 'a'; c < 'e'; ++c) batch.put(family, prefix + c, "v");
    store.commit(batch);
    REQUIRE(store.get(family, prefix + 'b') == "v");
    Batch drop;
    drop.remove_range(family, prefix, base::prefix_end(prefix));
    drop.put(family, prefix + 'z', "left");
    store.commit(drop);
    REQUIRE(store.get(family, prefix + 'b') == std::nullopt);
  }
  CHECK(walk(store, family).size() == 400);
}

TEST_CASE("Store: multi_get answers by position") {
  FOR_EACH_STORE();
  put(store, family, "a", "1");
  put(store, family, "c", "3");
  const std::vector<std::string> wanted = {"c", "b", "a", "c"};
  const auto answers = store.multi_get(family, wanted);
  REQUIRE(answers.size() == 4);
  CHECK(answers[0] == "3");
  CHECK(answers[1] == std::nullopt);
  CHECK(answers[2] == "1");
  CHECK(answers[3] == "3");
  CHECK(store.multi_get(family, std::vector<std::string>{}).empty());
}

TEST_CASE("Store: a snapshot shows one instant, whatever comes later") {
  FOR_EACH_STORE();
  put(store, family, "a", "1");
  put(store, family, "b", "1");
  put(store, subject.second, "x", "1");
  const auto snapshot = store.snapshot();
  Batch batch;
  batch.put(family, "a", "2");
  batch.remove(family, "b");
  batch.put(family, "c", "2");
  batch.remove_range(subject.second, "a", "z");
  store.commit(batch);
  CHECK(store.get(family, "a", snapshot.get()) == "1");
  CHECK(store.get(family, "b", snapshot.get()) == "1");
  CHECK(store.get(family, "c", snapshot.get()) == std::nullopt);
  CHECK(store.multi_get(family, std::vector<std::string>{"a"}, snapshot.get())[0] == "1");
  CHECK(walk(store, family, {}, {}, snapshot.get()) == Pairs{{"a", "1"}, {"b", "1"}});
  CHECK(walk(store, subject.second, {}, {}, snapshot.get()) == Pairs{{"x", "1"}});
  CHECK(walk(store, family) == Pairs{{"a", "2"}, {"c", "2"}});
  CHECK(walk(store, subject.second).empty());
}

TEST_CASE("Store: a cursor shows the data as it was when it was made") {
  FOR_EACH_STORE();
  for (const char* key : {"a", "b", "c"}) put(store, family, key, "old");
  const auto cursor = store.cursor(family);
  cursor->seek_first();
  Batch batch;
  batch.put(family, "aa", "new");
  batch.put(family, "b", "new");
  batch.remove(family, "c");
  store.commit(batch);
  Pairs seen;
  for (; cursor->valid(); cursor->next()) seen.emplace_back(cursor->key(), cursor->value());
  CHECK(seen == Pairs{{"a", "old"}, {"b", "old"}, {"c", "old"}});
}

TEST_CASE("Store: random batches and reads agree with a plain map") {
  FOR_EACH_STORE();
  base::seed_random_for_test(42);
  std::map<std::string, std::string> plain;
  const auto random_key = [] { return base::random_string(1 + base::random_below(3), "abcd"); };
  for (int round = 0; round < 400; ++round) {
    Batch batch;
    for (std::uint64_t i = base::random_below(6); i > 0; --i) {
      const std::string key = random_key();
      switch (base::random_below(4)) {
        case 0: {
          batch.remove(family, key);
          plain.erase(key);
          break;
        }
        case 1: {
          std::string to = random_key();
          const std::string from = std::min(key, to);
          to = std::max(key, to);
          batch.remove_range(family, from, to);
          plain.erase(plain.lower_bound(from), plain.lower_bound(to));
          break;
        }
        default: {
          const std::string value = std::to_string(round) + "." + std::to_string(i);
          batch.put(family, key, value);
          plain[key] = value;
        }
      }
    }
    store.commit(batch);
    const std::string lower = random_key();
    const std::string upper = random_key();
    Pairs expected;
    for (auto at = plain.lower_bound(lower); at != plain.end() && at->first < upper; ++at) {
      expected.emplace_back(at->first, at->second);
    }
    REQUIRE(walk(store, family, lower, upper) == expected);
    const auto backwards = store.cursor(family, lower, upper);
    Pairs reversed;
    for (backwards->seek_last(); backwards->valid(); backwards->prev()) {
      reversed.emplace_back(backwards->key(), backwards->value());
    }
    std::reverse(expected.begin(), expected.end());
    REQUIRE(reversed == expected);
    const auto found = plain.find(lower);
    REQUIRE(store.get(family, lower) ==
            (found == plain.end() ? std::nullopt : std::optional(found->second)));
  }
}

TEST_CASE("Store: readers on other threads see whole batches only") {
  FOR_EACH_STORE();
  put(store, family, "a", "0");
  put(store, subject.second, "b", "0");
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto snapshot = store.snapshot();
        const auto a = store.get(family, "a", snapshot.get());
        const auto b = store.get(subject.second, "b", snapshot.get());
        if (a != b) ++torn;
      }
    });
  }
  for (int i = 1; i <= 2000; ++i) {
    Batch batch;
    batch.put(family, "a", std::to_string(i));
    batch.put(subject.second, "b", std::to_string(i));
    store.commit(batch);
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(torn == 0);
  CHECK(store.get(family, "a") == "2000");
}

TEST_CASE("Store: writers on several threads lose nothing") {
  FOR_EACH_STORE();
  if (subject.database == Database::kKeyspace) return;  // one writer by agreement
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&store, family, writer] {
      for (int i = 0; i < 250; ++i) {
        put(store, family, std::to_string(writer) + "/" + std::to_string(i), "v");
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(walk(store, family).size() == 1000);
}

TEST_CASE("Store: a checkpoint is a store of its own, as of its moment") {
  FOR_EACH_STORE();
  for (int i = 0; i < 100; ++i) put(store, family, "k" + std::to_string(i), std::string(1000, 'v'));
  put(store, subject.second, "other", "1");
  store.checkpoint(scratch / "copy");
  put(store, family, "later", "1");
  const auto copy =
      kv::open_rocks_store({scratch / "copy", subject.database, kv::Durability::kProcess});
  CHECK(walk(*copy, family).size() == 100);
  CHECK(copy->get(subject.second, "other") == "1");
  CHECK(copy->get(family, "later") == std::nullopt);
  put(*copy, family, "k0", "changed in the copy");
  CHECK(store.get(family, "k0") == std::string(1000, 'v'));
}

TEST_CASE("Store: figures have names and are not negative") {
  FOR_EACH_STORE();
  put(store, family, "k", "v");
  const auto figures = store.figures();
  CHECK_FALSE(figures.empty());
  for (const base::Figure& figure : figures) {
    CHECK_FALSE(figure.name.empty());
    CHECK(figure.value >= 0);
  }
}
