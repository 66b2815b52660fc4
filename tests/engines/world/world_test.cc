// World: opening, locking, versions, scratch folders, and that what it owns works together.
#include "engines/world/world.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/world/worlds.h"
#include "tests/catch.h"
#include "tests/held_executor.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using world::World;
using world::WorldOptions;

namespace {

WorldOptions in(const std::filesystem::path& folder) {
  WorldOptions options;
  options.folder = folder;
  return options;
}

std::string fault_of(const WorldOptions& options) {
  const base::ManualClock clock;
  try {
    World::open(options, clock);
  } catch (const base::StorageFault& fault) {
    return fault.what();
  }
  return "";
}

// Puts an object of that size.
void put_object(World& world, std::string_view key, std::size_t size) {
  object::DataWriter writer = world.objects().begin_write();
  writer.write(std::string(size, 'x'));
  object::Put put;
  put.bucket = "bucket";
  put.key = key;
  REQUIRE(world.objects().put(put, writer.finish()));
}

void make_bucket(World& world) {
  object::Bucket bucket;
  bucket.name = "bucket";
  REQUIRE(world.objects().create_bucket(bucket));
}

// As if a process had been killed between the bytes and the record.
void leave_unnamed_blob(const std::filesystem::path& folder) {
  blob::OpenOptions options;
  options.directory = folder / "blobs";
  const auto blobs = blob::open_file_store(options);
  const auto writer = blobs->create();
  writer->write("nobody will name this");
  writer->finish();
}

std::size_t files_below(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("World: what was stored is there when the folder is opened again") {
  const tests::ScratchFolder folder;
  const base::ManualClock clock;
  {
    const auto world = World::open(in(folder / "data"), clock);
    make_bucket(*world);
    put_object(*world, "small", 10);
    put_object(*world, "large", 300'000);
    world->keyspace().refresh_now();
    world->keyspace().set_string(0, "key", "value");
    world->keyspace().commit_tick();
  }
  const auto world = World::open(in(folder / "data"), clock);
  CHECK(world->swept_blobs() == 0);
  CHECK(world->objects().head("bucket", "small"));
  const auto large = world->objects().head("bucket", "large");
  REQUIRE(large);
  CHECK(large->size_bytes == 300'000);
  CHECK(world->keyspace().exists(0, "key"));
}

TEST_CASE("World: opening removes blobs that no record names") {
  const tests::ScratchFolder folder;
  const base::ManualClock clock;
  {
    const auto world = World::open(in(folder.path()), clock);
    make_bucket(*world);
    put_object(*world, "large", 300'000);
  }
  const std::size_t files = files_below(folder / "blobs");
  leave_unnamed_blob(folder.path());
  CHECK(files_below(folder / "blobs") > files);
  const auto world = World::open(in(folder.path()), clock);
  CHECK(world->swept_blobs() == 1);
  CHECK(files_below(folder / "blobs") == files);
  CHECK(world->objects().open("bucket", "large"));
}

TEST_CASE("World: with an executor, the sweep is its work and spares what comes meanwhile") {
  const tests::ScratchFolder folder;
  const base::ManualClock clock;
  {
    const auto world = World::open(in(folder.path()), clock);
    make_bucket(*world);
    put_object(*world, "old", 300'000);
    put_object(*world, "gone", 300'000);
  }
  leave_unnamed_blob(folder.path());
  tests::HeldExecutor executor;
  WorldOptions options = in(folder.path());
  options.executor = &executor;
  const auto world = World::open(options, clock);
  CHECK(world->swept_blobs() == 0);
  put_object(*world, "new", 300'000);
  put_object(*world, "gone", 10);
  REQUIRE(executor.held() == 1);
  executor.run_all();
  CHECK(world->swept_blobs() == 1);
  CHECK(files_below(folder / "blobs") == 2);
  CHECK(world->blob_figures()[1].value == 600'000);
}

TEST_CASE("World: a sweep that comes after the world has gone touches nothing") {
  const tests::ScratchFolder folder;
  const base::ManualClock clock;
  tests::HeldExecutor executor;
  WorldOptions options = in(folder.path());
  options.executor = &executor;
  World::open(options, clock).reset();
  CHECK(executor.held() == 1);
  const std::size_t files = files_below(folder.path());
  executor.run_all();
  CHECK(files_below(folder.path()) == files);
}

TEST_CASE("World: a folder is open once at a time") {
  const tests::ScratchFolder folder;
  const base::ManualClock clock;
  auto world = World::open(in(folder.path()), clock);
  CHECK(world::FolderLock::is_held(folder.path()));
  const std::string fault = fault_of(in(folder.path()));
  CHECK(fault.find("is in use by another Bodega (process " + std::to_string(::getpid()) + ")") !=
        std::string::npos);
  world.reset();
  CHECK_FALSE(world::FolderLock::is_held(folder.path()));
  CHECK(fault_of(in(folder.path())).empty());
}

TEST_CASE("World: a folder that cannot be used, or a newer one, is refused in one line") {
  const tests::ScratchFolder folder;
  std::ofstream(folder / "file") << "not a folder";
  CHECK(fault_of(in(folder / "file")).find("cannot be created") != std::string::npos);

  const base::ManualClock clock;
  World::open(in(folder / "data"), clock).reset();
  {
    kv::OpenOptions options;
    options.directory = folder / "data" / "store";
    const auto store = kv::open_rocks_store(options);
    std::string newer;
    base::put_u32(newer, world::kFormatVersion + 1);
    kv::Batch batch;
    batch.put(kv::Family::kMeta, "format_version", newer);
    store->commit(batch);
  }
  const std::string fault = fault_of(in(folder / "data"));
  CHECK(fault.find("written by a newer Bodega (format 3, this one reads up to 2)") !=
        std::string::npos);
  CHECK(fault.find('\n') == std::string::npos);
}

TEST_CASE("World: a folder that it makes is its owner's alone, one that is there keeps its mode") {
  using std::filesystem::perms;
  const tests::ScratchFolder folder;
  const base::ManualClock clock;
  const auto mode_of = [](const std::filesystem::path& path) {
    return std::filesystem::status(path).permissions();
  };
  World::open(in(folder / "a" / "made"), clock).reset();
  CHECK(mode_of(folder / "a" / "made") == perms::owner_all);
  CHECK(mode_of(folder / "a" / "made" / "lock") == (perms::owner_read | perms::owner_write));
  std::filesystem::create_directory(folder / "there");
  std::filesystem::permissions(folder / "there", perms::owner_all | perms::group_read);
  World::open(in(folder / "there"), clock).reset();
  CHECK(mode_of(folder / "there") == (perms::owner_all | perms::group_read));
}

TEST_CASE("World: a scratch world takes its folder with it") {
  const tests::ScratchFolder folder;
  const base::ManualClock clock;
  WorldOptions options = in(folder / "scratch");
  options.scratch = true;
  auto world = World::open(options, clock);
  make_bucket(*world);
  put_object(*world, "large", 300'000);
  CHECK(std::filesystem::exists(folder / "scratch"));
  world.reset();
  CHECK_FALSE(std::filesystem::exists(folder / "scratch"));
}

TEST_CASE("World: two worlds in one process know nothing of each other") {
  const tests::ScratchFolder folder;
  const base::ManualClock clock;
  const auto one = World::open(in(folder / "one"), clock);
  const std::shared_ptr<World> two = World::in_memory(clock);
  make_bucket(*one);
  CHECK(one->objects().find_bucket("bucket"));
  CHECK_FALSE(two->objects().find_bucket("bucket"));
}

TEST_CASE("Worlds: an engine that was asked for keeps its world") {
  const base::ManualClock clock;
  std::shared_ptr<World> main = World::in_memory(clock);
  const std::weak_ptr<World> watched = main;
  std::optional<world::Worlds> worlds(std::in_place, main, clock);
  auto pinned = worlds->objects().engine_for("any key");
  CHECK(pinned.engine.get() == &main->objects());
  CHECK(pinned.clock == &main->clock());
  CHECK(worlds->tables().engine_for("").engine.get() == &main->tables());
  CHECK(worlds->tables().engine_for("").state == pinned.state);
  make_bucket(*main);
  main.reset();
  worlds.reset();
  REQUIRE_FALSE(watched.expired());
  CHECK(pinned.engine->find_bucket("bucket") != nullptr);
  pinned = {};
  CHECK(watched.expired());
}

TEST_CASE("World: changes of objects and tables stand in one journal, which a restart keeps") {
  tests::ScratchFolder folder;
  const base::ManualClock clock;
  std::vector<journal::SourceId> sources;
  journal::Sequence position = 0;
  const auto read = [&](World& world) {
    journal::ReadRequest request;
    request.sources = sources;
    request.from = position;
    const auto page = world.journal().read(request);
    REQUIRE(page.has_value());
    position = page->next;
    return page->events.size();
  };
  const auto put_item = [](World& world, const table::OpenTable& table) {
    table::Item item;
    item.set("p", table::Value::of_string(std::to_string(world.journal().end())));
    REQUIRE(world.tables()
                .modify(table, table::item_key(*table, item),
                        [&](const table::Previous&) { return table::Decision::put(item); })
                .has_value());
  };
  {
    const auto world = World::open(in(folder.path()), clock);
    make_bucket(*world);
    table::Table table;
    table.name = {"000000000000", "us-east-1", "t"};
    table.keys.hash = {{"p", table::Type::kString}};
    const auto made = world->tables().create_table(table);
    REQUIRE(made.has_value());
    journal::Subscription subscription;
    subscription.name = "feed";
    subscription.keep_us = 1'000'000;
    REQUIRE(world->objects().subscribe("bucket", subscription));
    REQUIRE(world->tables().subscribe(*made, subscription).has_value());
    sources = {world->objects().find_bucket("bucket")->source->id,
               world->journal().sources(journal::SourceKind::kTable).front().id};
    put_object(*world, "a", 1);
    put_item(*world, *made);
    CHECK(read(*world) == 2);
    put_object(*world, "b", 1);
  }
  const auto world = World::open(in(folder.path()), clock);
  put_item(*world, *world->tables().open_table("000000000000", "us-east-1", "t"));
  CHECK(read(*world) == 2);
  world::VerifyRequest verify;
  verify.go_on = [] { return true; };
  verify.damaged = [](object::Damage&& damage) { FAIL(damage.what); };
  CHECK(world->verify(verify).damages == 0);
}

TEST_CASE("World: Redis data that is missing beside a full store stops the start") {
  const tests::ScratchFolder scratch;
  const base::ManualClock clock;
  WorldOptions options = in(scratch / "world");
  {
    const auto world = World::open(options, clock);
    make_bucket(*world);
  }
  std::filesystem::remove_all(scratch / "world" / "keyspace");
  const std::string line = fault_of(options);
  CHECK(line.find((scratch / "world" / "keyspace").string()) != std::string::npos);
  CHECK(line.find("--repair") != std::string::npos);
  // A start that was refused leaves an empty keyspace, which does not become the right one by that.
  CHECK(!fault_of(options).empty());
  options.damage = kv::Damage::kSetAside;
  CHECK(fault_of(options).empty());
  options.damage = kv::Damage::kRefuse;
  CHECK(fault_of(options).empty());
}

TEST_CASE("World: objects and tables that are missing beside Redis data stop the start") {
  const tests::ScratchFolder scratch;
  const base::ManualClock clock;
  const WorldOptions options = in(scratch / "world");
  {
    const auto world = World::open(options, clock);
    world->keyspace().set_string(0, "key", "value");
    world->keyspace().commit_tick();
  }
  std::filesystem::remove_all(scratch / "world" / "store");
  CHECK(fault_of(options).find((scratch / "world" / "store").string()) != std::string::npos);
}

TEST_CASE("World: databases of two worlds do not make one") {
  const tests::ScratchFolder scratch;
  const base::ManualClock clock;
  for (const char* name : {"one", "two"}) {
    const auto world = World::open(in(scratch / name), clock);
    make_bucket(*world);
  }
  std::filesystem::remove_all(scratch / "one" / "keyspace");
  std::filesystem::rename(scratch / "two" / "keyspace", scratch / "one" / "keyspace");
  CHECK(fault_of(in(scratch / "one")).find("belongs to another world") != std::string::npos);
}

TEST_CASE("World: while records are lost or kept aside, no blob is removed") {
  const tests::ScratchFolder scratch;
  const base::ManualClock clock;
  const auto folder = scratch / "world";
  {
    const auto world = World::open(in(folder), clock);
    make_bucket(*world);
  }
  leave_unnamed_blob(folder);
  std::filesystem::create_directories(folder / "damaged-2");
  CHECK(World::open(in(folder), clock)->blob_figures().front().value == 1);
  std::filesystem::remove(folder / "damaged-2");
  const auto world = World::open(in(folder), clock);
  CHECK(world->swept_blobs() == 1);
  CHECK(world->blob_figures().front().value == 0);
}
