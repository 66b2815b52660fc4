// Stores that fail at any of their calls: what was acknowledged is never lost, no record names a
// blob that is not there, in this run and after the next start.
#include <functional>
#include <map>

#include "engines/base/fault.h"
#include "tests/engines/object/fixture.h"
#include "tests/faulty_blobs.h"
#include "tests/faulty_store.h"

namespace bodega::object::testing {

using Failure = tests::FaultyStore::Failure;

namespace {

constexpr std::string_view kBucket = "bucket";
constexpr std::string_view kGone = "(none)";

// An engine on stores that can fail, and short words for what a client does. All objects are larger
// than what is kept inline.
struct World {
  World() {
    start();
    REQUIRE(engine->create_bucket(
        {std::string(kBucket), "111122223333", "us-east-1", 0, {}, false, {}}));
  }

  void start() {
    engine = std::make_unique<Engine>(store, blobs, clock, Options{kTestInlineLimitBytes});
  }

  // The process ends, the next one opens the same folder and sweeps.
  void restart() {
    engine.reset();
    store.restart();
    blobs.calm();
    start();
    std::set<blob::BlobId> named;
    engine->named_blobs([&named](blob::BlobId id) { named.insert(id); });
    std::vector<blob::BlobId> unnamed;
    blobs.for_each([&](blob::BlobId id) {
      if (!named.contains(id)) unnamed.push_back(id);
    });
    for (const blob::BlobId id : unnamed) blobs.remove(id);
    CHECK(blobs.usage().blobs == named.size());
  }

  Data data(std::string_view bytes) {
    DataWriter writer = engine->begin_write();
    writer.write(bytes);
    return writer.finish();
  }
  bool put(std::string_view key, std::string_view bytes) {
    Put request;
    request.bucket = kBucket;
    request.key = key;
    return engine->put(request, data(bytes)).has_value();
  }
  bool copy(std::string_view from, std::string_view to) {
    Put request;
    request.bucket = kBucket;
    request.key = to;
    const auto opened = engine->open(kBucket, from);
    return opened && engine->put(request, engine->duplicate(opened->content)).has_value();
  }
  bool remove(std::string_view key) {
    Remove request;
    request.bucket = kBucket;
    request.key = key;
    return engine->remove(request).has_value();
  }
  bool remove_many(const std::vector<std::string>& keys) {
    std::vector<Remove> requests;
    for (const std::string& key : keys) {
      requests.emplace_back();
      requests.back().bucket = kBucket;
      requests.back().key = key;
    }
    return engine->remove_many(requests).has_value();
  }
  std::string create_upload(std::string_view key) {
    CreateUpload request;
    request.bucket = kBucket;
    request.key = key;
    const auto created = engine->create_upload(request);
    REQUIRE(created);
    return created->upload_id;
  }
  bool put_part(std::string_view key, const std::string& id, int number, std::string_view bytes) {
    Part part;
    part.number = number;
    part.etag = "e" + std::to_string(number);
    return engine->put_part(kBucket, key, id, part, data(bytes)).has_value();
  }
  bool complete(std::string_view key, const std::string& id) {
    CompleteUpload request;
    request.bucket = kBucket;
    request.key = key;
    request.upload_id = id;
    request.parts = {{1, "e1", {}}, {2, "e2", {}}};
    request.min_part_bytes = 1;
    return engine->complete_upload(request).has_value();
  }
  // The whole of an object, or kGone. Throws when a blob that its record names is not there.
  std::string get(std::string_view key, std::optional<std::string_view> version_id = {}) {
    const auto opened = engine->open(kBucket, key, version_id);
    if (!opened) return std::string(kGone);
    std::string bytes(static_cast<std::size_t>(opened->content.size_bytes()), '\0');
    ContentReader reader(opened->content, 0, bytes.size());
    std::size_t done = 0;
    while (const std::size_t got = reader.read(std::span(bytes).subspan(done))) done += got;
    return bytes;
  }
  // Every record's blobs are there, of uploads too.
  void check_no_blob_is_missing() {
    std::size_t missing = 0;
    engine->named_blobs([&](blob::BlobId id) { missing += blobs.exists(id) ? 0 : 1; });
    CHECK(missing == 0);
  }

  base::ManualClock clock;
  tests::FaultyStore store{kv::make_memory_store(kv::Database::kShared)};
  tests::FaultyBlobs blobs{blob::make_memory_store()};
  std::unique_ptr<Engine> engine;
  std::string upload;  // of "big"
};

const std::string kOld = bytes_of(200, 1);
const std::string kNew = bytes_of(300, 2);
const std::string kOne = bytes_of(150, 3);
const std::string kTwo = bytes_of(150, 4);

void prepare(World& world) {
  REQUIRE(world.put("key", kOld));
  REQUIRE(world.put("other", kOne));
  world.upload = world.create_upload("big");
  REQUIRE(world.put("big", kOld));
  for (int number = 1; number <= 2; ++number) {
    REQUIRE(world.put_part("big", world.upload, number, number == 1 ? kOne : kTwo));
  }
  REQUIRE(world.put_part("big", world.upload, 3, kNew));
}

// An operation, the object that it changes, and what that object is afterwards. Everything else
// stays as prepare() made it.
struct Operation {
  enum class Commits { kSingle, kDouble };

  const char* name;
  const char* key;
  std::function<bool(World&)> run;
  std::string after;
  Commits commits = Commits::kSingle;
};

const std::vector<Operation>& operations() {
  static const std::vector<Operation> kAll = {
      {"put over", "key", [](World& w) { return w.put("key", kNew); }, kNew},
      {"put new", "new", [](World& w) { return w.put("new", kNew); }, kNew},
      {"put small over", "key", [](World& w) { return w.put("key", "small"); }, "small"},
      {"copy over", "key", [](World& w) { return w.copy("other", "key"); }, kOne},
      {"copy onto itself", "key", [](World& w) { return w.copy("key", "key"); }, kOld},
      {"complete over", "big", [](World& w) { return w.complete("big", w.upload); }, kOne + kTwo},
      {"abort", "big",
       [](World& w) { return w.engine->abort_upload(kBucket, "big", w.upload).has_value(); }, kOld},
      {"put part over", "big", [](World& w) { return w.put_part("big", w.upload, 1, kNew); }, kOld},
      {"put small part", "big", [](World& w) { return w.put_part("big", w.upload, 4, "x"); }, kOld},
      {"delete", "key", [](World& w) { return w.remove("key"); }, std::string(kGone)},
      {"delete twice", "key",
       [](World& w) {
         return w.remove_many({"key", "key"});
       },
       std::string(kGone), Operation::Commits::kDouble},
      {"change attributes", "key",
       [](World& w) {
         const auto edit = [](Attributes& attributes) { attributes.metadata["m"] = "1"; };
         return w.engine->update(kBucket, "key", {}, edit).has_value();
       },
       kOld},
  };
  return kAll;
}

// Runs the operation; whether it was acknowledged.
bool acknowledged(World& world, const Operation& operation) {
  try {
    return operation.run(world);
  } catch (const base::StorageFault&) {
    return false;
  }
}

void check_others(World& world, const Operation& operation) {
  const std::map<std::string, std::string> all = {{"key", kOld}, {"other", kOne}, {"big", kOld}};
  for (const auto& [key, bytes] : all) {
    if (key != operation.key) CHECK(world.get(key) == bytes);
  }
}

// What must hold after an operation that met a failure.
void check_after(World& world, const Operation& operation, bool done, std::string_view before) {
  const std::string now = world.get(operation.key);
  if (done) {
    CHECK(now == operation.after);
  } else if (operation.commits == Operation::Commits::kSingle) {
    // No read sees a commit of unknown outcome.
    CHECK(now == before);
  } else {
    CHECK((now == before || now == operation.after));
  }
  check_others(world, operation);
  world.check_no_blob_is_missing();

  world.restart();
  const std::string later = world.get(operation.key);
  if (done) {
    CHECK(later == operation.after);
  } else {
    CHECK((later == before || later == operation.after));
  }
  check_others(world, operation);
  world.check_no_blob_is_missing();
  // And the world can be worked on.
  CHECK(world.put("key", kTwo));
  CHECK(world.get("key") == kTwo);
}

}  // namespace

TEST_CASE("Faults: a commit of any outcome loses nothing that was acknowledged") {
  for (const Operation& operation : operations()) {
    for (const Failure failure : {Failure::kNotCommitted, Failure::kLost, Failure::kWritten}) {
      for (std::size_t nth = 1;; ++nth) {
        World world;
        prepare(world);
        const std::string before = world.get(operation.key);
        INFO(operation.name << ", commit " << nth << ", failure " << static_cast<int>(failure));
        world.store.fail_commit(nth, failure);
        const bool done = acknowledged(world, operation);
        const bool met = !world.store.calm();
        CHECK(done == !met);
        check_after(world, operation, done, before);
        if (!met) break;
        REQUIRE(nth < 10);
      }
    }
  }
}

TEST_CASE("Faults: every read of the store fails once") {
  for (const Operation& operation : operations()) {
    for (std::size_t nth = 1;; ++nth) {
      World world;
      prepare(world);
      const std::string before = world.get(operation.key);
      INFO(operation.name << ", read " << nth);
      world.store.fail_read(nth);
      const bool done = acknowledged(world, operation);
      const bool met = !world.store.calm();
      CHECK(done == !met);
      check_after(world, operation, done, before);
      if (!met) break;
      REQUIRE(nth < 30);
    }
  }
}

TEST_CASE("Faults: every call to the blobs fails once") {
  for (const Operation& operation : operations()) {
    for (std::size_t nth = 1;; ++nth) {
      World world;
      prepare(world);
      const std::string before = world.get(operation.key);
      INFO(operation.name << ", call " << nth);
      world.blobs.fail_call(nth);
      // A blob that cannot be removed after the commit fails nothing.
      const bool done = acknowledged(world, operation);
      const bool met = !world.blobs.calm();
      if (!met) CHECK(done);
      check_after(world, operation, done, before);
      if (!met) break;
      REQUIRE(nth < 30);
    }
  }
}

TEST_CASE(
    "Faults: after a commit of unknown outcome old and new blobs stay, after a refused one the "
    "new are gone") {
  World world;
  REQUIRE(world.put("key", kOld));
  CHECK(world.blobs.usage().blobs == 1);
  world.store.fail_commit(1, Failure::kNotCommitted);
  CHECK_THROWS_AS(world.put("key", kNew), base::NotCommitted);
  CHECK(world.blobs.usage().blobs == 1);
  world.store.fail_commit(1, Failure::kWritten);
  CHECK_THROWS_AS(world.put("key", kNew), base::StorageFault);
  CHECK(world.blobs.usage().blobs == 2);
  CHECK(world.get("key") == kOld);
  SECTION("the next start finds the change") {
    world.restart();
    CHECK(world.get("key") == kNew);
  }
  SECTION("the store recovers in place, without the change") {
    CHECK(world.store.recover());
    CHECK(world.get("key") == kOld);
    CHECK(world.put("key", kTwo));
    world.restart();
    CHECK(world.get("key") == kTwo);
  }
  CHECK(world.blobs.usage().blobs == 1);
}

TEST_CASE("Faults: versions survive a delete whose outcome is unknown") {
  for (const Failure failure : {Failure::kLost, Failure::kWritten}) {
    World world;
    REQUIRE(world.engine->set_versioning(kBucket, Versioning::kEnabled));
    REQUIRE(world.put("key", kOld));
    const std::string older = world.engine->head(kBucket, "key")->version_id;
    REQUIRE(world.put("key", kNew));
    Remove request;
    request.bucket = kBucket;
    request.key = "key";
    request.version_id = world.engine->head(kBucket, "key")->version_id;
    world.store.fail_commit(1, failure);
    CHECK_THROWS_AS(world.engine->remove(request), base::StorageFault);
    CHECK(world.get("key") == kNew);
    world.restart();
    CHECK(world.get("key") == (failure == Failure::kLost ? kNew : kOld));
    CHECK(world.get("key", older) == kOld);
  }
}

TEST_CASE("Faults: deletes may use the reserve of a full disk, writes may not") {
  World world;
  prepare(world);
  const auto frees_room = [&] { return world.store.last_batch().frees_room(); };
  REQUIRE(world.put("key", kNew));
  CHECK_FALSE(frees_room());
  REQUIRE(world.remove("key"));
  CHECK(frees_room());
  REQUIRE(world.remove_many({"other", "big"}));
  CHECK(frees_room());
  REQUIRE(world.engine->abort_upload(kBucket, "big", world.upload));
  CHECK(frees_room());
  REQUIRE(world.engine->remove_bucket(kBucket));
  CHECK(frees_room());
}

}  // namespace bodega::object::testing
