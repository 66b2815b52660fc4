// Engine::clear: everything goes in one commit, and the blobs follow.
#include "engines/base/fault.h"
#include "engines/journal/journal.h"
#include "engines/object/cleared_blobs.h"
#include "tests/engines/object/fixture.h"
#include "tests/faulty_store.h"
#include "tests/held_executor.h"

namespace bodega::object::testing {

namespace {

constexpr std::string_view kOwner = "111122223333";  // of the fixture's bucket

std::size_t records(const kv::Store& store) {
  std::size_t count = 0;
  for (const auto family :
       {kv::Family::kS3Buckets, kv::Family::kS3Objects, kv::Family::kS3Uploads}) {
    const auto cursor = store.cursor(family);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) ++count;
  }
  return count;
}

void make_bucket(Engine& engine, std::string name, std::string owner) {
  Bucket bucket;
  bucket.name = std::move(name);
  bucket.owner = std::move(owner);
  REQUIRE(engine.create_bucket(bucket));
}

// A bucket with what there is: versions, a marker, a null version, an upload, a configuration.
void fill(Fixture& f) {
  f.put("large", bytes_of(500));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  f.put("large", bytes_of(500, 2));
  f.put("small");
  f.remove("small");
  REQUIRE(f.engine->put_configuration(f.bucket, "cors", "c"));
  const auto upload = f.engine->create_upload({f.bucket, "open", {}, "1"});
  Part part;
  part.number = 1;
  REQUIRE(f.engine->put_part(f.bucket, "open", upload->upload_id, part, f.data(bytes_of(300))));
}

void put(Engine& engine, const std::string& bucket, const std::string& key, std::size_t size) {
  DataWriter writer = engine.begin_write();
  writer.write(bytes_of(size));
  Put request;
  request.bucket = bucket;
  request.key = key;
  REQUIRE(engine.put(request, writer.finish()));
}

}  // namespace

TEST_CASE("clear: nothing is left of any bucket, and its name starts from nothing") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  fill(f);
  make_bucket(*f.engine, "other", "9");
  CHECK(f.blobs->usage().blobs == 3);
  CHECK(f.engine->clear() == 2);
  CHECK(records(*f.store) == 0);
  CHECK(f.blobs->usage().blobs == 0);
  CHECK(f.engine->list_buckets({}).buckets.empty());
  CHECK(f.engine->clear() == 0);
  make_bucket(*f.engine, f.bucket, "9");
  CHECK(f.engine->find_bucket(f.bucket)->versioning == Versioning::kUnversioned);
  CHECK(f.engine->list_versions({f.bucket, "", "", "", "", 10})->versions.empty());
  f.put("large", bytes_of(200));
  CHECK(f.get("large") == bytes_of(200));
}

TEST_CASE("clear: it is so after a restart") {
  Fixture f(Backend::kRocks);
  fill(f);
  f.engine->clear();
  f.reopen();
  CHECK(f.engine->list_buckets({}).buckets.empty());
  CHECK(records(*f.store) == 0);
}

TEST_CASE("clear: one account's buckets go, and no other's") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  fill(f);
  make_bucket(*f.engine, f.bucket + "-2", "9");
  put(*f.engine, f.bucket + "-2", "key", 400);
  REQUIRE(f.engine->put_configuration(f.bucket + "-2", "cors", "kept"));
  CHECK(f.engine->clear("8") == 0);
  CHECK(f.engine->clear(kOwner) == 1);
  CHECK(f.engine->find_bucket(f.bucket) == nullptr);
  CHECK(f.blobs->usage().blobs == 1);
  CHECK(records(*f.store) == 3);
  f.bucket += "-2";
  CHECK(f.get("key") == bytes_of(400));
  CHECK(*f.engine->get_configuration(f.bucket, "cors") == "kept");
}

TEST_CASE("clear: who reads an object reads it to its end, and then its blob goes") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  f.put("key", bytes_of(500));
  auto opened = f.engine->open(f.bucket, "key");
  REQUIRE(opened);
  f.engine->clear();
  CHECK(f.read(opened->content) == bytes_of(500));
  CHECK(f.blobs->usage().blobs == 1);
  opened->content = Content();
  CHECK(f.blobs->usage().blobs == 0);
}

TEST_CASE("clear: what was on its way into a bucket is refused, and its bytes go") {
  Fixture f(Backend::kMemory);
  const auto upload = f.engine->create_upload({f.bucket, "open", {}, "1"});
  Data data = f.data(bytes_of(500));
  Data of_a_part = f.data(bytes_of(500));
  f.engine->clear();
  Put late;
  late.bucket = f.bucket;
  late.key = "key";
  CHECK(outcome(f.engine->put(late, std::move(data))) == Outcome::kNoSuchBucket);
  make_bucket(*f.engine, f.bucket, "9");
  Part part;
  part.number = 1;
  CHECK(outcome(f.engine->put_part(f.bucket, "open", upload->upload_id, part,
                                   std::move(of_a_part))) == Outcome::kNoSuchUpload);
  CHECK(f.blobs->usage().blobs == 0);
}

TEST_CASE("clear: blobs go on the executor, in slices, and no blob of after is among them") {
  base::ManualClock clock;
  tests::HeldExecutor executor;
  const auto store = kv::make_memory_store(kv::Database::kShared);
  const auto blobs = blob::make_memory_store();
  Engine engine(*store, *blobs, clock, Options{kTestInlineLimitBytes, &executor});
  make_bucket(engine, "bucket", "9");
  constexpr std::size_t kMany = ClearedBlobs::kSlice + 1;
  for (std::size_t i = 0; i < kMany; ++i) put(engine, "bucket", std::to_string(i), 100);
  CHECK(engine.clear() == 1);
  make_bucket(engine, "bucket", "9");
  put(engine, "bucket", "0", 100);
  CHECK(engine.clear() == 1);  // while the first is at work
  make_bucket(engine, "bucket", "9");
  put(engine, "bucket", "0", 100);
  CHECK(blobs->usage().blobs == kMany + 2);
  executor.run_one();
  CHECK(executor.held() == 2);  // the next slice, and the removal of the first one's blobs
  executor.run_all();
  CHECK(blobs->usage().blobs == 1);
  engine.named_blobs([&blobs](blob::BlobId id) { CHECK(blobs->exists(id)); });
}

TEST_CASE("clear: an engine that goes before the blobs did leaves them to the sweep") {
  base::ManualClock clock;
  tests::HeldExecutor executor;
  const auto store = kv::make_memory_store(kv::Database::kShared);
  const auto blobs = blob::make_memory_store();
  {
    Engine engine(*store, *blobs, clock, Options{kTestInlineLimitBytes, &executor});
    make_bucket(engine, "bucket", "9");
    put(engine, "bucket", "key", 100);
    engine.clear();
  }
  executor.run_all();
  CHECK(blobs->usage().blobs == 1);
  CHECK(records(*store) == 0);
}

TEST_CASE("clear: a commit that was refused has changed nothing") {
  base::ManualClock clock;
  tests::FaultyStore store(kv::make_memory_store(kv::Database::kShared));
  const auto blobs = blob::make_memory_store();
  Engine engine(store, *blobs, clock, Options{kTestInlineLimitBytes});
  make_bucket(engine, "bucket", "9");
  put(engine, "bucket", "key", 100);
  store.fail_commit(1);
  CHECK_THROWS_AS(engine.clear(), base::StorageFault);
  CHECK(engine.open("bucket", "key"));
  CHECK(blobs->usage().blobs == 1);
  CHECK(engine.clear() == 1);
  CHECK(blobs->usage().blobs == 0);
}

TEST_CASE("clear: a full disk is no hindrance") {
  base::ManualClock clock;
  tests::FaultyStore store(kv::make_memory_store(kv::Database::kShared));
  const auto blobs = blob::make_memory_store();
  Engine engine(store, *blobs, clock, Options{kTestInlineLimitBytes});
  make_bucket(engine, "bucket", "9");
  store.fill_up();
  CHECK(engine.clear() == 1);
}

TEST_CASE("clear: the subscriptions to a bucket end with it, and their events stay") {
  base::ManualClock clock;
  const auto store = kv::make_memory_store(kv::Database::kShared);
  const auto blobs = blob::make_memory_store();
  journal::Journal log(*store, clock);
  Engine engine(*store, *blobs, clock, Options{kTestInlineLimitBytes, nullptr, &log});
  make_bucket(engine, "bucket", "9");
  REQUIRE(engine.subscribe("bucket", {"reader", journal::Images::kKeysOnly, 86'400'000'000,
                                      journal::Release::kByAge, 0, journal::kNoEnd}));
  put(engine, "bucket", "key", 10);
  const journal::SourceId source = engine.find_bucket("bucket")->source->id;
  engine.clear();
  CHECK(log.find_source(source)->closed);
  const journal::SourceId sources[] = {source};
  CHECK(log.read({sources, *log.oldest(source)})->events.size() == 1);
  make_bucket(engine, "bucket", "9");
  CHECK(engine.find_bucket("bucket")->source == nullptr);
}

}  // namespace bodega::object::testing
