// Many worlds in one process: what they share, what they do not, and how they go.
#include "engines/world/worlds.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "engines/base/fault.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using world::Worlds;
using Kept = world::Worlds::Kept;

namespace {

std::shared_ptr<world::World> open_main(const std::filesystem::path& folder,
                                        const base::Clock& clock) {
  world::WorldOptions options;
  options.folder = folder;
  return world::World::open(options, clock);
}

std::string name_of(int number) { return "world-" + std::to_string(number); }

void put_object(world::World& world, std::string_view key, const std::string& bytes) {
  object::Bucket bucket;
  bucket.name = "bucket";
  if (world.objects().find_bucket("bucket") == nullptr) {
    REQUIRE(world.objects().create_bucket(bucket));
  }
  object::DataWriter writer = world.objects().begin_write();
  writer.write(bytes);
  object::Put put;
  put.bucket = "bucket";
  put.key = key;
  REQUIRE(world.objects().put(put, writer.finish()));
}

void set_key(keyspace::Engine& keyspace, std::string_view key, std::string_view value) {
  keyspace.refresh_now();
  keyspace.set_string(0, key, value);
  keyspace.commit_tick();
}

std::string string_at(keyspace::Engine& keyspace, std::string_view key) {
  const keyspace::Entry* entry = keyspace.find(0, key);
  if (entry == nullptr) return "(none)";
  keyspace::TextBuffer buffer;
  return std::string(entry->text(buffer));
}

table::OpenTable make_table(world::World& world) {
  table::Table table;
  table.name = {"000000000000", "us-east-1", "t"};
  table.keys.hash = {{"p", table::Type::kString}};
  const auto opened = world.tables().create_table(table);
  REQUIRE(opened.has_value());
  return *opened;
}

std::size_t blobs_of(world::World& world) {
  return static_cast<std::size_t>(world.blob_figures().front().value);
}

void run_upkeep(Worlds& worlds) {
  worlds.for_each_job([](const base::Clock& clock, base::Job& job) {
    const std::int64_t now_us = clock.now_us();
    const auto due_us = job.next_due_us(now_us);
    if (due_us && *due_us <= now_us) job.run(now_us, 1000);
  });
}

// What is allocated on the heap.
std::size_t heap_bytes() { return ::mallinfo2().uordblks; }

}  // namespace

TEST_CASE("Worlds: two hundred of them, each with its own data and its own clock") {
  constexpr int kWorlds = 200;
  const tests::ScratchFolder folder;
  base::ManualClock process;
  const auto main = open_main(folder / "data", process);
  Worlds worlds(main, process);
  for (int i = 0; i < kWorlds; ++i) {
    const auto world = worlds.open(name_of(i), i % 2 == 0 ? Kept::kOnDisk : Kept::kInMemory);
    put_object(*world, "key", "object of " + name_of(i));
    set_key(world->keyspace(), "key", name_of(i));
    CHECK(worlds.open(name_of(i), Kept::kOnDisk) == world);
  }
  CHECK(worlds.names().size() == kWorlds);
  CHECK(main->objects().find_bucket("bucket") == nullptr);
  CHECK(string_at(main->keyspace(), "key") == "(none)");
  for (int i = 0; i < kWorlds; ++i) {
    const auto world = worlds.find(name_of(i));
    REQUIRE(world != nullptr);
    const auto opened = world->objects().open("bucket", "key");
    REQUIRE(opened);
    CHECK(opened->content.inline_bytes() == "object of " + name_of(i));
    CHECK(string_at(world->keyspace(), "key") == name_of(i));
  }

  const auto moved = worlds.find(name_of(7));
  const auto still = worlds.find(name_of(8));
  for (const auto& world : {moved, still}) {
    world->keyspace().set_expiry(0, "key", world->clock().now_ms() + 1000);
  }
  moved->clock().set_offset_us(3'600'000'000);
  CHECK(moved->clock().now_us() == process.now_us() + 3'600'000'000);
  CHECK(still->clock().now_us() == process.now_us());
  put_object(*moved, "later", "x");
  CHECK(moved->objects().head("bucket", "later")->modified_ms == process.now_ms() + 3'600'000);
  for (const auto& world : {moved, still}) world->keyspace().refresh_now();
  CHECK(string_at(moved->keyspace(), "key") == "(none)");
  CHECK(string_at(still->keyspace(), "key") == name_of(8));
}

TEST_CASE("Worlds: those on disk are there when the folder is opened again, the others are not") {
  const tests::ScratchFolder folder;
  const base::ManualClock process;
  const std::string large(300'000, 'x');
  {
    const auto main = open_main(folder / "data", process);
    Worlds worlds(main, process);
    put_object(*main, "large", large);
    const auto kept = worlds.open("kept", Kept::kOnDisk);
    put_object(*kept, "large", large);
    make_table(*kept);
    set_key(kept->keyspace(), "key", "kept");
    set_key(*kept->keyspace_named("cache"), "key", "cached");
    put_object(*worlds.open("other", Kept::kInMemory), "key", "gone");
  }
  const auto main = open_main(folder / "data", process);
  CHECK(main->swept_blobs() == 0);
  Worlds worlds(main, process);
  CHECK(worlds.names() == std::vector<std::string>{"kept"});
  const auto kept = worlds.find("kept");
  CHECK(kept->objects().head("bucket", "large")->size_bytes == 300'000);
  CHECK(kept->tables().table_count() == 1);
  CHECK(string_at(kept->keyspace(), "key") == "kept");
  CHECK(kept->keyspace_names() == std::vector<std::string>{"cache"});
  CHECK(string_at(*kept->keyspace_named("cache"), "key") == "cached");
  CHECK(main->tables().table_count() == 0);
  CHECK(main->keyspace_names().empty());
}

TEST_CASE("Worlds: a dropped world takes its records and its blobs along, and its name is free") {
  const tests::ScratchFolder folder;
  base::ManualClock process;
  {
    const auto main = open_main(folder / "data", process);
    Worlds worlds(main, process);
    put_object(*main, "large", std::string(300'000, 'm'));
    auto world = worlds.open("one", Kept::kOnDisk);
    put_object(*world, "large", std::string(300'000, 'x'));
    set_key(world->keyspace(), "key", "of the first");
    set_key(*world->keyspace_named("cache"), "key", "of the first");
    CHECK(blobs_of(*main) == 2);
    CHECK_FALSE(worlds.drop("two"));
    CHECK(worlds.drop("one"));
    CHECK(worlds.find("one") == nullptr);
    CHECK_FALSE(worlds.drop("one"));
    process.advance_ms(1000);
    run_upkeep(worlds);
    CHECK(world->objects().open("bucket", "large"));  // somebody holds it

    const auto next = worlds.open("one", Kept::kOnDisk);
    CHECK(next->objects().find_bucket("bucket") == nullptr);
    CHECK(next->keyspace().size(0) == 0);
    put_object(*next, "small", "y");
    world.reset();
    process.advance_ms(1000);
    run_upkeep(worlds);
    CHECK(blobs_of(*main) == 1);
    CHECK(next->objects().head("bucket", "small"));
    CHECK(main->objects().open("bucket", "large"));
  }
  const auto main = open_main(folder / "data", process);
  Worlds worlds(main, process);
  CHECK(worlds.find("one")->objects().head("bucket", "small"));
  CHECK_FALSE(worlds.find("one")->objects().head("bucket", "large"));
  CHECK(worlds.find("one")->keyspace_names().empty());
}

TEST_CASE("Worlds: what a world left that was dropped before the end goes at the next start") {
  const tests::ScratchFolder folder;
  base::ManualClock process;
  {
    const auto main = open_main(folder / "data", process);
    Worlds worlds(main, process);
    const auto world = worlds.open("one", Kept::kOnDisk);
    put_object(*world, "small", "x");
    set_key(*main->keyspace_named("cache"), "key", "value");
    CHECK(worlds.drop("one"));
    CHECK(main->drop_keyspace("cache"));
  }
  const auto main = open_main(folder / "data", process);
  Worlds worlds(main, process);
  CHECK(worlds.names().empty());
  CHECK(main->keyspace_names().empty());
  run_upkeep(worlds);
  for (const kv::FamilyRow& row : kv::kFamilies) {
    kv::Store& store = row.database == kv::Database::kShared ? main->storage().shared()
                                                             : main->storage().keyspace();
    const auto cursor = store.cursor(row.family, world::kBeforeSections);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
      INFO(row.name);
      CHECK(cursor->key().size() == 2);  // the next number
    }
  }
}

TEST_CASE("Worlds: verifying reads all of them, and knows whose each blob is") {
  const tests::ScratchFolder folder;
  const base::ManualClock process;
  const auto check = [](const world::VerifyReport& report) {
    CHECK(report.damages == 0);
    CHECK(report.objects.objects == 3);
    CHECK(report.objects.unnamed_blobs == 0);
    CHECK(report.keys == 3);
    CHECK(report.finished);
  };
  world::VerifyRequest request;
  request.go_on = [] { return true; };
  request.damaged = [](object::Damage&& damage) { FAIL(world::line_of(damage)); };
  {
    const auto main = open_main(folder / "data", process);
    Worlds worlds(main, process);
    put_object(*main, "large", std::string(300'000, 'm'));
    for (const char* name : {"one", "two"}) {
      const auto world = worlds.open(name, Kept::kOnDisk);
      put_object(*world, "large", std::string(300'000, 'x'));
      set_key(world->keyspace(), "key", "value");
    }
    set_key(*main->keyspace_named("cache"), "key", "value");
    check(worlds.verify(request));
  }
  check(world::verify_folder(folder / "data", request));
  const auto main = open_main(folder / "data", process);
  Worlds worlds(main, process);
  check(worlds.verify(request));
}

TEST_CASE("Worlds: an older program refuses the folder once there is a second world or keyspace") {
  const tests::ScratchFolder folder;
  const base::ManualClock process;
  const auto version = [](world::World& main) {
    return main.storage().shared().get(kv::Family::kMeta, "format_version")->back();
  };
  {
    const auto main = open_main(folder / "one", process);
    Worlds worlds(main, process);
    worlds.open("memory", Kept::kInMemory);
    CHECK(version(*main) == 1);
    worlds.open("disk", Kept::kOnDisk);
    CHECK(version(*main) == 2);
  }
  CHECK(version(*open_main(folder / "one", process)) == 2);
  const auto main = open_main(folder / "two", process);
  main->keyspace_named("cache");
  CHECK(version(*main) == 2);
}

TEST_CASE("Worlds: dropped while others read and write them") {
  const tests::ScratchFolder folder;
  base::ManualClock process;
  const auto main = open_main(folder / "data", process);
  Worlds worlds(main, process);
  const std::string large(300'000, 'x');
  std::atomic<bool> done = false;
  std::atomic<int> read = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      const Kept kept = i == 0 ? Kept::kOnDisk : Kept::kInMemory;
      while (!done) {
        auto world = worlds.open(name_of(i), kept);
        object::Bucket bucket;
        bucket.name = "bucket";
        (void)world->objects().create_bucket(bucket);
        object::DataWriter writer = world->objects().begin_write();
        writer.write(large);
        object::Put put;
        put.bucket = "bucket";
        put.key = "key";
        if (!world->objects().put(put, writer.finish())) continue;
        auto opened = world->objects().open("bucket", "key");
        if (!opened) continue;
        world.reset();  // what follows rests on the content alone
        std::string bytes(large.size(), '\0');
        object::ContentReader reader(std::move(opened->content), 0, large.size());
        std::size_t filled = 0;
        while (const std::size_t got = reader.read(std::span(bytes).subspan(filled))) filled += got;
        if (bytes == large) ++read;
      }
    });
  }
  for (int round = 0; round < 50 || read < 20; ++round) {
    worlds.drop(name_of(0));
    worlds.drop(name_of(1));
    process.advance_ms(1000);
    run_upkeep(worlds);
    std::this_thread::yield();
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  worlds.drop(name_of(0));
  process.advance_ms(1000);
  run_upkeep(worlds);
  CHECK(blobs_of(*main) == 0);
}

TEST_CASE("World: keyspaces by name know nothing of each other, and outlive a start") {
  const tests::ScratchFolder folder;
  const base::ManualClock process;
  {
    const auto main = open_main(folder / "data", process);
    set_key(main->keyspace(), "key", "default");
    for (const char* name : {"a", "b"}) set_key(*main->keyspace_named(name), "key", name);
    main->keyspace_named("a")->flush_all();
    main->keyspace_named("a")->commit_tick();
    CHECK(main->keyspace_named("").get() == &main->keyspace());
    CHECK(string_at(main->keyspace(), "key") == "default");
    CHECK(string_at(*main->keyspace_named("b"), "key") == "b");
    // More than one commit holds.
    auto& keyspace = *main->keyspace_named("b");
    for (int i = 0; i < 30; ++i) {
      keyspace.set_string(0, "long" + std::to_string(i), std::string(1'000'000, 'v'));
    }
    keyspace.commit_tick();
  }
  const auto main = open_main(folder / "data", process);
  CHECK(main->keyspace_names() == std::vector<std::string>{"a", "b"});
  CHECK(main->keyspace().size(0) == 1);
  CHECK(main->keyspace_named("a")->size(0) == 0);
  CHECK(main->keyspace_named("b")->size(0) == 31);
  CHECK(string_at(*main->keyspace_named("b"), "long29") == std::string(1'000'000, 'v'));
}

// Not a check: run it by name for the figures of docs/performance.md.
TEST_CASE("Worlds: what one costs", "[.cost]") {
  constexpr int kWorlds = 200;
  for (const Kept kept : {Kept::kInMemory, Kept::kOnDisk}) {
    const tests::ScratchFolder folder;
    const base::SystemClock process;
    double open_ms = 0;
    const auto timed = [](auto work) {
      const auto start = std::chrono::steady_clock::now();
      work();
      return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
          .count();
    };
    std::size_t bytes = 0;
    double drop_ms = 0;
    {
      const auto main = open_main(folder / "data", process);
      Worlds worlds(main, process);
      const std::size_t before = heap_bytes();
      open_ms = timed([&] {
        for (int i = 0; i < kWorlds; ++i) worlds.open(name_of(i), kept);
      });
      bytes = heap_bytes() - before;
      if (kept == Kept::kInMemory) {
        drop_ms = timed([&] {
          for (int i = 0; i < kWorlds; ++i) worlds.drop(name_of(i));
        });
      }
    }
    double again_ms = 0;
    if (kept == Kept::kOnDisk) {
      const auto main = open_main(folder / "data", process);
      std::optional<Worlds> worlds;
      again_ms = timed([&] { worlds.emplace(main, process); });
      drop_ms = timed([&] {
        for (int i = 0; i < kWorlds; ++i) worlds->drop(name_of(i));
        run_upkeep(*worlds);
      });
    }
    std::printf("%s: %.3f ms to make, %.3f ms to open again, %.3f ms to drop, %.1f KiB\n",
                kept == Kept::kInMemory ? "in memory" : "on disk", open_ms / kWorlds,
                again_ms / kWorlds, drop_ms / kWorlds, static_cast<double>(bytes) / kWorlds / 1024);
  }
}

TEST_CASE("World: what a keyspace costs", "[.cost]") {
  constexpr int kKeyspaces = 200;
  const tests::ScratchFolder folder;
  const base::SystemClock process;
  const auto main = open_main(folder / "data", process);
  const std::size_t before = heap_bytes();
  for (int i = 0; i < kKeyspaces; ++i) main->keyspace_named("keyspace-" + std::to_string(i));
  const std::size_t bytes = heap_bytes() - before;
  std::printf("a keyspace: %.1f KiB\n", static_cast<double>(bytes) / kKeyspaces / 1024);
}
