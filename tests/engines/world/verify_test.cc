// Verifying a world: open and serving, and as a folder that nobody has open.
#include "engines/world/verify.h"

#include <fstream>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/fault.h"
#include "engines/world/world.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using world::VerifyReport;
using world::World;

namespace {

struct Verification {
  std::vector<std::string> lines;
  VerifyReport report;
};

template <class Run>
Verification verification(Run run) {
  Verification made;
  world::VerifyRequest request;
  request.go_on = [] { return true; };
  request.damaged = [&made](object::Damage&& damage) {
    made.lines.push_back(world::line_of(damage));
  };
  made.report = run(request);
  return made;
}

Verification verify_folder(const std::filesystem::path& folder) {
  return verification([&](const auto& request) { return world::verify_folder(folder, request); });
}

std::shared_ptr<World> open(const std::filesystem::path& folder) {
  static const base::ManualClock clock;
  world::WorldOptions options;
  options.folder = folder;
  return World::open(options, clock);
}

// Two objects, two items with an index, two keys.
void fill(World& world) {
  object::Bucket bucket;
  bucket.name = "bucket";
  REQUIRE(world.objects().create_bucket(bucket));
  for (const std::size_t size : {10, 300'000}) {
    const std::string bytes(size, 'x');
    object::DataWriter writer = world.objects().begin_write();
    writer.write(bytes);
    object::Put put;
    put.bucket = "bucket";
    put.key = std::to_string(size);
    put.attributes.etag = base::to_hex(base::md5(bytes));
    REQUIRE(world.objects().put(put, writer.finish()));
  }
  table::Table table;
  table.name = {"000000000000", "us-east-1", "t"};
  table.keys.hash = {{"p", table::Type::kString}};
  const auto opened = world.tables().create_table(table);
  REQUIRE(opened.has_value());
  for (const char* key : {"a", "b"}) {
    const table::Item item = table::Item::from_unsorted({{"p", table::Value::of_string(key)}});
    REQUIRE(world.tables()
                .modify(*opened, table::item_key(**opened, item),
                        [&](const table::Previous&) { return table::Decision::put(item); })
                .has_value());
  }
  world.keyspace().refresh_now();
  world.keyspace().set_string(0, "one", "1");
  world.keyspace().set_string(0, "long", std::string(100'000, 'x'));
  world.keyspace().commit_tick();
}

void check_all_is_well(const Verification& made) {
  CHECK(made.lines == std::vector<std::string>{});
  CHECK(made.report.finished);
  CHECK(made.report.damages == 0);
  CHECK(made.report.objects.objects == 2);
  CHECK(made.report.objects.size_bytes == 300'010);
  CHECK(made.report.items == 2);
  CHECK(made.report.keys == 2);
  CHECK(made.report.records > 2 + 2 + 2);
}

std::filesystem::path the_blob(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "blobs")) {
    if (entry.is_regular_file()) return entry.path();
  }
  FAIL("there is no blob");
  return {};
}

void flip_a_byte(const std::filesystem::path& file) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(1000);
  stream.put('y');
}

}  // namespace

TEST_CASE("Verify: a world that is well, while it is open and when it is closed") {
  const tests::ScratchFolder folder;
  {
    const auto world = open(folder.path());
    fill(*world);
    check_all_is_well(verification([&](const auto& request) { return world->verify(request); }));
    CHECK_THROWS_WITH(verify_folder(folder.path()), Catch::Contains("is in use by another Bodega"));
  }
  check_all_is_well(verify_folder(folder.path()));
  check_all_is_well(verify_folder(folder.path()));
}

TEST_CASE("Verify: a flipped byte of a blob is one line") {
  const tests::ScratchFolder folder;
  fill(*open(folder.path()));
  flip_a_byte(the_blob(folder.path()));
  const Verification made = verify_folder(folder.path());
  CHECK(made.lines ==
        std::vector<std::string>{"bucket/300000, version null: its bytes do not have its MD5"});
  CHECK(made.report.damages == 1);
  CHECK(made.report.finished);
  const auto world = open(folder.path());
  CHECK(verification([&](const auto& request) { return world->verify(request); }).lines ==
        made.lines);
}

TEST_CASE("Verify: files that no record names are counted and stay") {
  const tests::ScratchFolder folder;
  fill(*open(folder.path()));
  {
    blob::OpenOptions options;
    options.directory = folder / "blobs";
    const auto blobs = blob::open_file_store(options);
    const auto writer = blobs->create();
    writer->write("nobody will name this");
    writer->finish();
  }
  for (int i = 0; i < 2; ++i) {
    const Verification made = verify_folder(folder.path());
    CHECK(made.report.objects.unnamed_blobs == 1);
    CHECK(made.report.damages == 0);
  }
}

TEST_CASE("Verify: records of tables and keys that cannot be understood are lines") {
  const tests::ScratchFolder folder;
  fill(*open(folder.path()));
  {
    kv::OpenOptions options;
    options.directory = folder / "store";
    kv::Batch batch;
    batch.put(kv::Family::kItems, "a key of an item", "nonsense");
    kv::open_rocks_store(options)->commit(batch);
    options.directory = folder / "keyspace";
    options.database = kv::Database::kKeyspace;
    kv::Batch keys;
    keys.put(kv::Family::kKeys, std::string("\x01\0\0\0\0key", 8), "");
    kv::open_rocks_store(options)->commit(keys);
  }
  const Verification made = verify_folder(folder.path());
  REQUIRE(made.lines.size() == 2);
  CHECK(made.lines[0].starts_with("the record of store/items at 61206b6579"));
  CHECK(made.lines[1].starts_with("the record of keyspace/default at 0100000000"));
}

TEST_CASE("Verify: a folder that is none is said to be none, and stays as it is") {
  const tests::ScratchFolder folder;
  CHECK_THROWS_AS(verify_folder(folder / "absent"), base::StorageFault);
  CHECK_FALSE(std::filesystem::exists(folder / "absent"));
  CHECK_THROWS_WITH(verify_folder(folder.path()), Catch::Contains("is no data folder of Bodega"));
  CHECK(std::filesystem::is_empty(folder.path()));
}
