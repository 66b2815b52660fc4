// Freeing many blobs: not on the thread that asked, in slices, and nothing twice.
#include "engines/object/blob_remover.h"

#include "tests/engines/object/fixture.h"
#include "tests/faulty_blobs.h"
#include "tests/held_executor.h"

namespace bodega::object::testing {

namespace {

std::vector<blob::BlobId> make_blobs(blob::Store& blobs, std::size_t count) {
  std::vector<blob::BlobId> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(blobs.create()->finish().id);
  return ids;
}

// An object of `parts` parts, each a blob, in an engine that removes them on a held executor.
struct World {
  explicit World(int parts) {
    REQUIRE(engine.create_bucket({"bucket", "111122223333", "us-east-1", 0, {}, false, {}}));
    CreateUpload create;
    create.bucket = "bucket";
    create.key = "key";
    upload = engine.create_upload(create)->upload_id;
    for (int number = 1; number <= parts; ++number) {
      Part part;
      part.number = number;
      part.etag = "e";
      DataWriter writer = engine.begin_write();
      writer.write("bytes of a part");
      REQUIRE(engine.put_part("bucket", "key", upload, part, writer.finish()));
    }
  }
  void complete(int parts) {
    CompleteUpload request;
    request.bucket = "bucket";
    request.key = "key";
    request.upload_id = upload;
    for (int number = 1; number <= parts; ++number) request.parts.push_back({number, "e", {}});
    request.min_part_bytes = 1;
    REQUIRE(engine.complete_upload(request));
  }
  void remove() {
    Remove request;
    request.bucket = "bucket";
    request.key = "key";
    REQUIRE(engine.remove(request));
  }

  base::ManualClock clock;
  tests::HeldExecutor executor;
  std::unique_ptr<kv::Store> store = kv::make_memory_store(kv::Database::kShared);
  std::unique_ptr<blob::Store> blobs = blob::make_memory_store();
  Engine engine{*store, *blobs, clock, Options{kTestInlineLimitBytes, &executor}};
  std::string upload;
};

constexpr int kMany = 1000;

}  // namespace

TEST_CASE("BlobRemover: a few go at once, many go slice by slice on the executor") {
  const auto blobs = blob::make_memory_store();
  tests::HeldExecutor executor;
  BlobRemover remover(*blobs, &executor);
  remover.remove(make_blobs(*blobs, BlobRemover::kAtOnce));
  CHECK(executor.held() == 0);
  CHECK(blobs->usage().blobs == 0);

  const auto many = make_blobs(*blobs, BlobRemover::kSlice * 2 + 1);
  remover.remove(many);
  CHECK(blobs->usage().blobs == many.size());
  CHECK(remover.is_waiting(many.back()));
  REQUIRE(executor.held() == 1);
  executor.run_one();
  CHECK(blobs->usage().blobs == BlobRemover::kSlice + 1);
  CHECK(remover.waiting() == BlobRemover::kSlice + 1);
  // What comes meanwhile queues up behind, with the one task there is.
  remover.remove(make_blobs(*blobs, BlobRemover::kSlice));
  CHECK(executor.held() == 1);
  executor.run_all();
  CHECK(blobs->usage().blobs == 0);
  CHECK(remover.waiting() == 0);
  remover.remove(make_blobs(*blobs, BlobRemover::kSlice));
  executor.run_all();
  CHECK(blobs->usage().blobs == 0);
}

TEST_CASE("BlobRemover: one that cannot be removed stops nothing") {
  tests::FaultyBlobs blobs(blob::make_memory_store());
  tests::HeldExecutor executor;
  BlobRemover remover(blobs, &executor);
  remover.remove(make_blobs(blobs, 100));
  blobs.fail_call(10);
  executor.run_all();
  CHECK(blobs.usage().blobs == 1);
  CHECK(remover.waiting() == 0);
}

TEST_CASE("BlobRemover: gone before its task runs, it leaves the rest") {
  const auto blobs = blob::make_memory_store();
  tests::HeldExecutor executor;
  {
    BlobRemover remover(*blobs, &executor);
    remover.remove(make_blobs(*blobs, 200));
    executor.run_one();
  }
  executor.run_all();
  CHECK(blobs->usage().blobs == 200 - BlobRemover::kSlice);
}

TEST_CASE("AbortMultipartUpload: thousands of parts are freed by the executor") {
  World world(kMany);
  REQUIRE(world.engine.abort_upload("bucket", "key", world.upload));
  CHECK(world.blobs->usage().blobs == kMany);
  CHECK(world.executor.held() == 1);
  world.executor.run_all();
  CHECK(world.blobs->usage().blobs == 0);
}

TEST_CASE("Deletes: an object of many parts that is being read goes with its last reader") {
  World world(kMany);
  world.complete(kMany);
  {
    const auto opened = world.engine.open("bucket", "key");
    REQUIRE(opened);
    world.remove();
    world.executor.run_all();
    CHECK(world.blobs->usage().blobs == kMany);
    CHECK(world.engine.open("bucket", "key").has_error());
    std::string byte(1, '\0');
    CHECK(opened->content.read(opened->content.size_bytes() - 1, byte) == 1);
  }
  CHECK(world.blobs->usage().blobs == kMany);
  CHECK(world.executor.held() == 1);
  world.executor.run_all();
  CHECK(world.blobs->usage().blobs == 0);
}

}  // namespace bodega::object::testing
