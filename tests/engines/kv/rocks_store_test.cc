// What only the store on the disk has: reopening, kills, and folders that cannot be used.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/kv/store.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using kv::Batch;
using kv::Database;
using kv::Durability;
using kv::Family;

namespace {

struct Subject {
  Database database;
  Family family;
  Family other;
};

constexpr Subject kShared{Database::kShared, Family::kItems, Family::kS3Objects};
constexpr Subject kKeyspace{Database::kKeyspace, Family::kKeys, Family::kElements};

constexpr int kChildWasHere = 77;

std::string key_of(int i) {
  std::string key;
  base::put_u32(key, static_cast<std::uint32_t>(i));
  return key;
}

std::size_t count(const kv::Store& store, Family family) {
  std::size_t keys = 0;
  const auto cursor = store.cursor(family);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) ++keys;
  return keys;
}

// Runs one of the children's parts below in a process of its own, which is gone the moment the
// part is over: nothing is closed or flushed. It is this program started anew (a forked copy would
// believe in RocksDB threads that only its parent has); `run` and the store to open go by the
// environment.
void in_a_killed_child(const char* part, const kv::OpenOptions& options, int run = 0) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::setenv("BODEGA_TEST_FOLDER", options.directory.c_str(), 1);
    ::setenv("BODEGA_TEST_DATABASE", options.database == Database::kShared ? "0" : "1", 1);
    ::setenv("BODEGA_TEST_DURABILITY", std::to_string(static_cast<int>(options.durability)).c_str(),
             1);
    ::setenv("BODEGA_TEST_RUN", std::to_string(run).c_str(), 1);
    ::execl("/proc/self/exe", "test_kv", part, nullptr);
    ::_exit(3);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == kChildWasHere);
}

// The other side of it.
kv::OpenOptions options_of_child() {
  const char* const folder = ::getenv("BODEGA_TEST_FOLDER");
  REQUIRE(folder != nullptr);
  return {folder, static_cast<Database>(std::atoi(::getenv("BODEGA_TEST_DATABASE"))),
          static_cast<Durability>(std::atoi(::getenv("BODEGA_TEST_DURABILITY")))};
}
int run_of_child() { return std::atoi(::getenv("BODEGA_TEST_RUN")); }
Subject subject_of(Database database) {
  return database == Database::kShared ? kShared : kKeyspace;
}

std::string message_of_opening(const kv::OpenOptions& options) {
  try {
    kv::open_rocks_store(options);
  } catch (const base::StorageFault& fault) {
    return fault.what();
  }
  return "";
}

}  // namespace

TEST_CASE("rocks_store: what was committed is there after closing, at every durability") {
  const auto subject = GENERATE(kShared, kKeyspace);
  const auto durability = GENERATE(Durability::kNone, Durability::kProcess, Durability::kPower);
  const tests::ScratchFolder scratch;
  const kv::OpenOptions options{scratch / "a" / "b", subject.database, durability};
  for (int run = 0; run < 3; ++run) {
    const auto store = kv::open_rocks_store(options);
    CHECK(count(*store, subject.family) == static_cast<std::size_t>(run) * 20);
    for (int i = 0; i < 20; ++i) {
      Batch batch;
      batch.put(subject.family, key_of(run * 20 + i), "v");
      batch.put(subject.other, key_of(i), std::to_string(run));
      store->commit(batch);
    }
  }
  CHECK(kv::open_rocks_store(options)->get(subject.other, key_of(5)) == "2");
}

TEST_CASE("rocks_store: a process that goes without closing loses no commit") {
  const auto subject = GENERATE(kShared, kKeyspace);
  const auto durability = GENERATE(Durability::kProcess, Durability::kPower);
  const tests::ScratchFolder scratch;
  const kv::OpenOptions options{scratch / "store", subject.database, durability};
  for (int run = 0; run < 3; ++run) {
    in_a_killed_child("child: 60 commits", options, run);
  }
  const auto store = kv::open_rocks_store(options);
  CHECK(count(*store, subject.family) == 150);
  CHECK(count(*store, subject.other) == 180);
  CHECK(store->get(subject.family, key_of(5)) == std::nullopt);
  CHECK(store->get(subject.family, key_of(59)) == std::string(500, 'v'));
}

TEST_CASE("rocks_store: recovery from more log than a memtable holds") {
  const auto subject = GENERATE(kShared, kKeyspace);
  const tests::ScratchFolder scratch;
  const kv::OpenOptions options{scratch / "store", subject.database, Durability::kProcess};
  in_a_killed_child("child: 90 MB", options);
  const auto store = kv::open_rocks_store(options);
  CHECK(count(*store, subject.family) == 1000);
  CHECK(store->get(subject.family, key_of(499)) == std::string(60'000, 'a' + 1499 % 26));
  CHECK(store->get(subject.family, key_of(500)) == std::string(60'000, 'a' + 500 % 26));
}

TEST_CASE("rocks_store: starts leave few logs behind, whether anything was written or not") {
  const auto subject = GENERATE(kShared, kKeyspace);
  const bool writes = GENERATE(true, false);
  const tests::ScratchFolder scratch;
  const kv::OpenOptions options{scratch / "store", subject.database, Durability::kProcess};
  for (int run = 0; run < 30; ++run) {
    const auto store = kv::open_rocks_store(options);
    if (!writes) continue;
    CHECK(count(*store, subject.other) == static_cast<std::size_t>(run));
    Batch batch;
    batch.put(subject.other, key_of(run), "v");
    store->commit(batch);
  }
  // The next start drops them beside its work, so it is given the time that takes.
  const auto store = kv::open_rocks_store(options);
  const auto logs = [&] {
    return std::ranges::count_if(
        std::filesystem::directory_iterator(options.directory),
        [](const auto& entry) { return entry.path().extension() == ".log"; });
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (logs() >= 10 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  CHECK(logs() < 10);
}

TEST_CASE("rocks_store: sync makes the unlogged durable") {
  const tests::ScratchFolder scratch;
  const kv::OpenOptions options{scratch / "store", Database::kShared, Durability::kNone};
  in_a_killed_child("child: a sync", options);
  CHECK(kv::open_rocks_store(options)->get(Family::kItems, "k") == "v");
}

TEST_CASE("rocks_store: a checkpoint of a log without flushes opens on its own") {
  const auto durability = GENERATE(Durability::kNone, Durability::kProcess);
  const tests::ScratchFolder scratch;
  const auto store = kv::open_rocks_store({scratch / "store", Database::kShared, durability});
  Batch batch;
  batch.put(Family::kItems, "k", "v");
  store->commit(batch);
  store->checkpoint(scratch / "one");
  store->checkpoint(scratch / "two");
  CHECK_THROWS_AS(store->checkpoint(scratch / "two"), base::StorageFault);
  for (const char* name : {"one", "two"}) {
    const auto copy = kv::open_rocks_store({scratch / name, Database::kShared, durability});
    CHECK(copy->get(Family::kItems, "k") == "v");
  }
}

TEST_CASE("rocks_store: cursors over many deleted keys ask for their removal and stay right") {
  const tests::ScratchFolder scratch;
  const auto store =
      kv::open_rocks_store({scratch / "store", Database::kShared, Durability::kProcess});
  for (int i = 0; i < 30'000; i += 1000) {
    Batch batch;
    for (int k = i; k < i + 1000; ++k) batch.put(Family::kItems, key_of(k), "v");
    store->commit(batch);
  }
  for (int i = 0; i < 29'999; i += 1000) {
    Batch batch;
    for (int k = i; k < std::min(i + 1000, 29'999); ++k) batch.remove(Family::kItems, key_of(k));
    store->commit(batch);
  }
  for (int round = 0; round < 5; ++round) {
    const auto cursor = store->cursor(Family::kItems);
    cursor->seek_first();
    REQUIRE(cursor->valid());
    CHECK(cursor->key() == key_of(29'999));
    cursor->next();
    CHECK_FALSE(cursor->valid());
  }
}

TEST_CASE("rocks_store: a folder in use says so, in this process and from another") {
  const tests::ScratchFolder scratch;
  const kv::OpenOptions options{scratch / "store", Database::kShared, Durability::kProcess};
  const std::string expected =
      "the data folder " + options.directory.string() + " is in use by another Bodega";
  const auto store = kv::open_rocks_store(options);
  CHECK(message_of_opening(options) == expected);
  in_a_killed_child("child: a folder in use", options);
}

TEST_CASE("rocks_store: a folder that is not a folder or not ours to write") {
  const tests::ScratchFolder scratch;
  std::ofstream(scratch / "file") << "x";
  CHECK(message_of_opening({scratch / "file", Database::kShared, Durability::kProcess})
            .starts_with("cannot create the data folder "));
  CHECK(message_of_opening({scratch / "file" / "below", Database::kShared, Durability::kProcess})
            .starts_with("cannot create the data folder "));
  if (::geteuid() == 0) return;  // root may write everywhere
  std::filesystem::create_directory(scratch / "closed");
  std::filesystem::permissions(
      scratch / "closed", std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  CHECK(message_of_opening({scratch / "closed", Database::kShared, Durability::kProcess})
            .starts_with("cannot write to the data folder "));
}

TEST_CASE("rocks_store: a folder with families that this Bodega does not know is a newer one's") {
  const tests::ScratchFolder scratch;
  kv::open_rocks_store({scratch / "store", Database::kKeyspace, Durability::kProcess});
  const std::string message =
      message_of_opening({scratch / "store", Database::kShared, Durability::kProcess});
  CHECK(message.find("was written by a newer Bodega") != std::string::npos);
  CHECK(message.find("elements") != std::string::npos);
}

TEST_CASE("rocks_store: a damaged folder says so") {
  const tests::ScratchFolder scratch;
  const kv::OpenOptions options{scratch / "store", Database::kShared, Durability::kProcess};
  {
    const auto store = kv::open_rocks_store(options);
    Batch batch;
    batch.put(Family::kItems, "k", "v");
    store->commit(batch);
  }
  std::ofstream(options.directory / "CURRENT") << "MANIFEST-000000\n";
  const std::string message = message_of_opening(options);
  CHECK(message.starts_with("the data folder " + options.directory.string()));
}

// The children's parts; hidden, so that they run only when in_a_killed_child() asks for them.

TEST_CASE("child: 60 commits", "[.]") {
  const kv::OpenOptions options = options_of_child();
  const Subject subject = subject_of(options.database);
  const int first = run_of_child() * 60;
  const auto store = kv::open_rocks_store(options);
  for (int i = 0; i < 60; ++i) {
    Batch batch;
    batch.put(subject.family, key_of(first + i), std::string(500, 'v'));
    batch.put(subject.other, key_of(first + i), "w");
    if (i == 50) batch.remove_range(subject.family, key_of(first), key_of(first + 10));
    store->commit(batch);
  }
  ::_exit(kChildWasHere);
}

TEST_CASE("child: 90 MB", "[.]") {
  const kv::OpenOptions options = options_of_child();
  const Subject subject = subject_of(options.database);
  const auto store = kv::open_rocks_store(options);
  for (int i = 0; i < 1500; ++i) {
    Batch batch;
    batch.put(subject.family, key_of(i % 1000),
              std::string(60'000, static_cast<char>('a' + i % 26)));
    store->commit(batch);
  }
  ::_exit(kChildWasHere);
}

TEST_CASE("child: a sync", "[.]") {
  const auto store = kv::open_rocks_store(options_of_child());
  Batch batch;
  batch.put(Family::kItems, "k", "v");
  store->commit(batch);
  store->sync();
  ::_exit(kChildWasHere);
}

TEST_CASE("child: a folder in use", "[.]") {
  const kv::OpenOptions options = options_of_child();
  REQUIRE(message_of_opening(options) ==
          "the data folder " + options.directory.string() + " is in use by another Bodega");
  ::_exit(kChildWasHere);
}
