// Changes of objects in the journal: what is recorded of each, and what it costs where no one
// reads.
#include "engines/object/events.h"

#include "engines/base/fault.h"
#include "engines/journal/journal.h"
#include "engines/journal/source.h"
#include "tests/engines/object/fixture.h"
#include "tests/faulty_store.h"

namespace bodega::object::testing {

using Failure = tests::FaultyStore::Failure;

namespace {

constexpr std::string_view kBucket = "bucket";
constexpr std::string_view kOwner = "111122223333";
constexpr std::int64_t kDayUs = 86'400'000'000;
const journal::Subscription kNotifications{
    "notifications", journal::Images::kKeysOnly, kDayUs, journal::Release::kByAge, 0,
    journal::kNoEnd};

struct World {
  World() {
    start();
    create();
  }
  void start() {
    log = std::make_unique<journal::Journal>(store, clock);
    engine = std::make_unique<Engine>(store, *blobs, clock,
                                      Options{kTestInlineLimitBytes, nullptr, log.get()});
  }
  void restart() {
    engine.reset();
    store.restart();
    start();
  }
  void create() {
    REQUIRE(engine->create_bucket(
        {std::string(kBucket), std::string(kOwner), "us-east-1", 0, {}, false, {}}));
  }
  void subscribe() { REQUIRE(engine->subscribe(kBucket, kNotifications)); }

  std::string put(std::string_view key, std::string_view bytes,
                  Creation creation = Creation::kPut) {
    Put request;
    request.bucket = kBucket;
    request.key = key;
    request.attributes.etag = "etag-" + std::string(bytes);
    request.creation = creation;
    request.cause.caller = "caller";
    DataWriter writer = engine->begin_write();
    writer.write(bytes);
    const auto done = engine->put(request, writer.finish());
    REQUIRE(done);
    return done->version_id;
  }
  Removed remove(std::string_view key, std::optional<std::string> version_id = {},
                 journal::Cause cause = {}) {
    Remove request;
    request.bucket = kBucket;
    request.key = key;
    request.version_id = std::move(version_id);
    request.cause = cause;
    const auto done = engine->remove(request);
    REQUIRE(done);
    return *done;
  }

  std::vector<journal::Event> events() { return events(engine->find_bucket(kBucket)->source->id); }
  std::vector<journal::Event> events(journal::SourceId source) {
    const std::vector<journal::SourceId> sources{source};
    journal::ReadRequest request;
    request.sources = sources;
    const auto page = log->read(request);
    REQUIRE(page.has_value());
    return page->events;
  }
  ObjectEvent last() { return decode_event(events().back().body); }

  base::ManualClock clock;
  tests::FaultyStore store{kv::make_memory_store(kv::Database::kShared)};
  std::unique_ptr<blob::Store> blobs = blob::make_memory_store();
  std::unique_ptr<journal::Journal> log;
  std::unique_ptr<Engine> engine;
};

ObjectEvent event_of(ObjectChange change, std::string_view key, std::string version_id,
                     std::string_view bytes, Versioning versioning) {
  ObjectEvent event;
  event.change = change;
  event.key = key;
  event.version_id = std::move(version_id);
  event.etag = "etag-" + std::string(bytes);
  event.size_bytes = bytes.size();
  event.versioning = versioning;
  return event;
}

}  // namespace

TEST_CASE("Object events: put, copy and delete in an unversioned bucket") {
  World world;
  world.subscribe();
  constexpr Versioning kNone = Versioning::kUnversioned;
  world.put("a", "one");
  CHECK(world.last() == event_of(ObjectChange::kPut, "a", "null", "one", kNone));
  CHECK(world.events().back().caller == "caller");
  CHECK(world.events().back().origin == journal::Origin::kClient);
  world.put("b", "one", Creation::kCopy);
  CHECK(world.last() == event_of(ObjectChange::kCopied, "b", "null", "one", kNone));
  world.put("a", "three");  // over the other: one event
  CHECK(world.events().size() == 3);
  world.remove("a", {}, {journal::Origin::kLifecycle, {}});
  CHECK(world.last() == event_of(ObjectChange::kRemoved, "a", "null", "three", kNone));
  CHECK(world.events().back().origin == journal::Origin::kLifecycle);
  world.remove("a");  // is gone already
  CHECK(world.events().size() == 4);
}

TEST_CASE("Object events: delete markers and versions in a versioned bucket") {
  World world;
  constexpr Versioning kEnabled = Versioning::kEnabled;
  REQUIRE(world.engine->set_versioning(kBucket, kEnabled));
  world.subscribe();
  const std::string version = world.put("a", "one");
  CHECK(world.last() == event_of(ObjectChange::kPut, "a", version, "one", kEnabled));
  const Removed marker = world.remove("a");
  ObjectEvent expected;
  expected.change = ObjectChange::kMarked;
  expected.key = "a";
  expected.version_id = marker.version_id;
  expected.is_delete_marker = true;
  expected.versioning = kEnabled;
  CHECK(world.last() == expected);
  world.remove("a", marker.version_id);
  expected.change = ObjectChange::kRemoved;
  CHECK(world.last() == expected);
  world.remove("a", version);
  CHECK(world.last() == event_of(ObjectChange::kRemoved, "a", version, "one", kEnabled));
}

TEST_CASE("Object events: a delete frees room where its event is smaller than the version") {
  World world;
  REQUIRE(world.engine->set_versioning(kBucket, Versioning::kEnabled));
  world.subscribe();
  const auto frees_room = [&] { return world.store.last_batch().frees_room(); };
  const std::string version = world.put("a", std::string(1000, 'x'));
  const Removed marker = world.remove("a");
  CHECK_FALSE(frees_room());
  world.remove("a", marker.version_id);  // of a delete marker the event says as much
  CHECK_FALSE(frees_room());
  world.remove("a", version);
  CHECK(frees_room());
}

TEST_CASE("Object events: many deletes in one commit, a completed upload, changed attributes") {
  World world;
  world.subscribe();
  for (const char* const key : {"a", "b", "c"}) world.put(key, "one");
  std::vector<Remove> removes(4);
  for (std::size_t i = 0; i < removes.size(); ++i) {
    removes[i].bucket = kBucket;
    removes[i].key = std::string(1, static_cast<char>('a' + i));
  }
  REQUIRE(world.engine->remove_many(removes));  // there is no "d"
  CHECK(world.events().size() == 6);
  CHECK(world.last().key == "c");

  const auto upload = world.engine->create_upload({std::string(kBucket), "large", {}, "me"});
  REQUIRE(upload);
  DataWriter writer = world.engine->begin_write();
  writer.write("part");
  Part part;
  part.number = 1;
  part.etag = "p";
  REQUIRE(world.engine->put_part(kBucket, "large", upload->upload_id, part, writer.finish()));
  CHECK(world.events().size() == 6);  // parts are no objects
  CompleteUpload complete;
  complete.bucket = kBucket;
  complete.key = "large";
  complete.upload_id = upload->upload_id;
  complete.parts = {{1, "p", {}}};
  complete.min_part_bytes = 1;
  complete.seal = [](const std::vector<Part>&, Attributes& attributes) {
    attributes.etag = "etag-part";
  };
  REQUIRE(world.engine->complete_upload(complete));
  CHECK(world.last() ==
        event_of(ObjectChange::kCompleted, "large", "null", "part", Versioning::kUnversioned));

  const auto set = [&](std::string name, std::string value) {
    REQUIRE(world.engine->update(kBucket, "large", {}, [&](Attributes& attributes) {
      attributes.properties[name] = value;
    }));
  };
  set("tagging", "x");
  set("acl", "y");
  set("tagging", "z");
  CHECK(world.last().change == ObjectChange::kAttributesChanged);
  CHECK(world.last().properties == std::vector<std::string>{"tagging"});
  CHECK(world.last().etag == "etag-part");
}

TEST_CASE("Object events: where no one reads, a batch has what it had without a journal") {
  World world;
  world.put("a", "one");
  CHECK(world.store.last_batch().size() == 1);
  world.subscribe();
  world.put("a", "two");
  CHECK(world.store.last_batch().size() == 2);
  REQUIRE(world.engine->unsubscribe(kBucket, "notifications"));
  world.put("a", "three");
  CHECK(world.store.last_batch().size() == 1);
  CHECK(world.events().size() == 1);
}

TEST_CASE("Object events: object and event share their fate when the commit fails") {
  for (const Failure failure : {Failure::kNotCommitted, Failure::kLost, Failure::kWritten}) {
    CAPTURE(static_cast<int>(failure));
    World world;
    world.subscribe();
    world.put("a", "one");
    world.store.fail_commit(1, failure);
    CHECK_THROWS_AS(world.remove("a"), base::StorageFault);
    CHECK(world.events().size() == 1);
    world.restart();
    const bool is_gone = !world.engine->head(kBucket, "a");
    CHECK(is_gone == (failure == Failure::kWritten));
    CHECK(world.events().size() == (is_gone ? 2 : 1));
  }
}

TEST_CASE("Object events: a subscription stays with its bucket, and its events outlive it") {
  World world;
  world.subscribe();
  REQUIRE(world.engine->set_versioning(kBucket, Versioning::kEnabled));
  REQUIRE(world.engine->put_configuration(kBucket, "cors", "x"));
  world.restart();
  const std::string version = world.put("a", "one");
  CHECK(world.events().size() == 1);
  world.remove("a", version);
  const auto source = world.engine->find_bucket(kBucket)->source;
  REQUIRE(world.engine->remove_bucket(kBucket));
  world.clock.advance_ms(1);
  world.create();
  CHECK(world.engine->find_bucket(kBucket)->source == nullptr);
  world.put("a", "two");
  world.restart();
  CHECK(world.engine->find_bucket(kBucket)->source == nullptr);
  const auto closed = world.log->find_source(source->id);
  REQUIRE(closed.has_value());
  CHECK(closed->closed);
  CHECK(closed->account == kOwner);
  CHECK(world.events(source->id).size() == 2);
  CHECK(outcome(world.engine->subscribe("nowhere", kNotifications)) == Outcome::kNoSuchBucket);
}

TEST_CASE("Object events: bytes that are no event are refused") {
  ObjectEvent event =
      event_of(ObjectChange::kAttributesChanged, "key", "null", "bytes", Versioning::kSuspended);
  event.properties = {"acl", "tagging"};
  const std::string body = encode_event(event);
  CHECK(decode_event(body) == event);
  for (std::size_t length = 0; length < body.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(decode_event(body.substr(0, length)), base::StorageFault);
  }
  CHECK_THROWS_AS(decode_event(body + "x"), base::StorageFault);
  for (const std::size_t place : {0, 1, 3}) {
    std::string wrong = body;
    wrong[place] = 9;
    CHECK_THROWS_AS(decode_event(wrong), base::StorageFault);
  }
}

}  // namespace bodega::object::testing
