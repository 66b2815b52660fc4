#include "tests/engines/object/fixture.h"

namespace bodega::object::testing {

TEST_CASE("Put: what was stored comes back, small in the record and large in a blob") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::size_t size = GENERATE(0u, 1u, 64u, 65u, 300'000u);
  const std::string bytes = bytes_of(size);
  Put put;
  put.bucket = f.bucket;
  put.key = "key";
  put.attributes.etag = "etag";
  put.attributes.headers = {{"content-type", "text/plain"}, {"cache-control", ""}};
  put.attributes.metadata = {{"a", "1"}};
  put.attributes.properties = {{"tagging", "t=1"}};
  put.attributes.checksum = {"CRC32", ChecksumType::kFullObject, "AAAA"};
  put.attributes.storage_class = "STANDARD_IA";
  put.attributes.owner = "42";
  const auto done = f.engine->put(put, f.data(bytes));
  REQUIRE(done);
  CHECK(done->version_id == "null");
  CHECK(done->modified_ms == f.clock.now_ms());
  CHECK(f.blobs->usage().blobs == (size > kTestInlineLimitBytes ? 1 : 0));

  const auto opened = f.engine->open(f.bucket, "key");
  REQUIRE(opened);
  CHECK(f.read(opened->content) == bytes);
  CHECK(opened->content.is_inline() == (size <= kTestInlineLimitBytes));
  const auto head = f.engine->head(f.bucket, "key");
  REQUIRE(head);
  CHECK(head->size_bytes == size);
  CHECK(head->is_latest);
  CHECK(head->attributes.etag == "etag");
  CHECK(head->attributes.headers == put.attributes.headers);
  CHECK(head->attributes.metadata == put.attributes.metadata);
  CHECK(head->attributes.properties == put.attributes.properties);
  CHECK(head->attributes.checksum.algorithm == "CRC32");
  CHECK(head->attributes.checksum.type == ChecksumType::kFullObject);
  CHECK(head->attributes.checksum.value == "AAAA");
  CHECK(head->attributes.storage_class == "STANDARD_IA");
  CHECK(head->attributes.owner == "42");
  f.check_blobs_agree();
}

TEST_CASE("Put: into a bucket that is not there leaves nothing behind") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  f.bucket = "none";
  CHECK(outcome(f.try_put("key", bytes_of(1000), {})) == Outcome::kNoSuchBucket);
  CHECK(f.blobs->usage().blobs == 0);
  {
    DataWriter dropped = f.engine->begin_write();
    dropped.write(bytes_of(1000));
    Data also_dropped = f.data(bytes_of(1000));
    CHECK(f.blobs->usage().blobs == 1);
  }
  CHECK(f.blobs->usage().blobs == 0);
}

TEST_CASE("Put: an overwritten blob goes away, but not under its readers") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::string first = bytes_of(5000, 1);
  const std::string second = bytes_of(7000, 2);
  f.put("key", first);
  {
    const auto reader = f.engine->open(f.bucket, "key");
    REQUIRE(reader);
    const Content copy = reader->content;
    f.put("key", second);
    CHECK(f.read(reader->content) == first);
    CHECK(f.get("key") == second);
    f.remove("key");
    CHECK(f.read(copy) == first);
    CHECK(f.get("key") == "(none)");
  }
  CHECK(f.blobs->usage().blobs == 0);
}

TEST_CASE("Get: what is not there says what is missing") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  CHECK(outcome(f.engine->head("none", "key")) == Outcome::kNoSuchBucket);
  const auto missing = f.engine->open(f.bucket, "key");
  CHECK(outcome(missing) == Outcome::kNoSuchKey);
  CHECK(missing.error().version_id.empty());
  CHECK(outcome(f.engine->head(f.bucket, "key", std::string(32, 'A'))) == Outcome::kNoSuchVersion);
  CHECK(outcome(f.engine->head(f.bucket, "key", "null")) == Outcome::kNoSuchVersion);
}

TEST_CASE("Put: conditions are about the latest object") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  Conditions none_there;
  none_there.if_none_match_any = true;
  Conditions matches_a;
  matches_a.if_match = "a";
  CHECK(outcome(f.try_put("key", "a", matches_a)) == Outcome::kNoSuchKey);
  CHECK(f.try_put("key", "a", none_there));
  const auto exists = f.try_put("key", "b", none_there);
  CHECK(outcome(exists) == Outcome::kPreconditionFailed);
  CHECK(exists.error().condition == Condition::kIfNoneMatch);
  CHECK(f.try_put("key", "b", matches_a));
  const auto other = f.try_put("key", "c", matches_a);
  CHECK(outcome(other) == Outcome::kPreconditionFailed);
  CHECK(other.error().condition == Condition::kIfMatch);
  CHECK(f.get("key") == "b");

  // A delete marker is no object.
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  f.remove("key");
  CHECK(outcome(f.try_put("key", "c", matches_a)) == Outcome::kNoSuchKey);
  CHECK(f.try_put("key", "c", none_there));
}

TEST_CASE("Delete: conditions, and that what is not there is deleted already") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  Remove request;
  request.bucket = f.bucket;
  request.key = "key";
  request.conditions.if_match = "wrong";
  const auto absent = f.engine->remove(request);
  REQUIRE(absent);
  CHECK_FALSE(absent->existed);
  f.put("key", "a");
  CHECK(outcome(f.engine->remove(request)) == Outcome::kPreconditionFailed);
  request.conditions.if_match = "a";
  request.conditions.if_match_size_bytes = 2;
  CHECK(f.engine->remove(request).error().condition == Condition::kIfSize);
  request.conditions.if_match_size_bytes = 1;
  request.conditions.if_match_modified_s = f.clock.now_s() + 1;
  CHECK(f.engine->remove(request).error().condition == Condition::kIfModified);
  request.conditions.if_match_modified_s = f.clock.now_s();
  CHECK(f.engine->remove(request)->existed);
  CHECK(f.get("key") == "(none)");
}

TEST_CASE("Delete: a condition on a key without versions makes no marker") {
  Fixture f(Backend::kMemory);
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  Remove request;
  request.bucket = f.bucket;
  request.key = "key";
  request.conditions.if_match = "*";
  CHECK_FALSE(f.engine->remove(request)->delete_marker);
  CHECK(f.engine->list_versions({f.bucket, "", "", "", "", 10})->versions.empty());
  f.put("key", "a");
  CHECK(f.engine->remove(request)->delete_marker);
  CHECK(f.engine->remove(request)->delete_marker);
  request.conditions.if_match = "a";
  CHECK(outcome(f.engine->remove(request)) == Outcome::kPreconditionFailed);
}

TEST_CASE("Delete: may_destroy guards destruction, not hiding") {
  Fixture f(Backend::kMemory);
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string version = f.put("key", "a");
  Remove request;
  request.bucket = f.bucket;
  request.key = "key";
  request.may_destroy = [](const ObjectVersion&) { return false; };
  CHECK(f.engine->remove(request)->delete_marker);
  request.version_id = version;
  CHECK(outcome(f.engine->remove(request)) == Outcome::kAccessDenied);
  CHECK(f.get("key", version) == "a");
}

TEST_CASE("Delete: many at once answer as if one after the other") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string a1 = f.put("a", bytes_of(100, 1));
  const std::string a2 = f.put("a", bytes_of(100, 2));
  f.put("b", "b");
  std::vector<Remove> requests;
  const auto add = [&](std::string key, std::optional<std::string> version) {
    Remove& request = requests.emplace_back();
    request.bucket = f.bucket;
    request.key = std::move(key);
    request.version_id = std::move(version);
  };
  add("a", a2);
  add("a", a1);
  add("b", std::nullopt);
  add("c", std::string(32, 'A'));
  const auto results = f.engine->remove_many(requests);
  REQUIRE(results);
  REQUIRE(results->size() == 4);
  CHECK((*results)[0]->version_id == a2);
  CHECK((*results)[1]->existed);
  CHECK((*results)[2]->delete_marker);
  CHECK_FALSE((*results)[3]->existed);
  const auto page = f.engine->list_versions({f.bucket, "", "", "", "", 10});
  REQUIRE(page->versions.size() == 2);
  CHECK(page->versions[0].object.key == "b");
  f.check_blobs_agree();
  requests[0].bucket = requests[1].bucket = requests[2].bucket = requests[3].bucket = "none";
  CHECK(outcome(f.engine->remove_many(requests)) == Outcome::kNoSuchBucket);
}

TEST_CASE("Copy: shares bytes and outlives its source") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::string bytes = bytes_of(100'000);
  f.put("source", bytes);
  const auto source = f.engine->open(f.bucket, "source");
  REQUIRE(source);
  Put put;
  put.bucket = f.bucket;
  put.key = "copy";
  REQUIRE(f.engine->put(put, f.engine->duplicate(source->content)));
  put.key = "middle";
  REQUIRE(f.engine->put(put, f.engine->duplicate(source->content, 10, 1000)));
  f.remove("source");
  // A copy of what is deleted meanwhile, through the pin.
  put.key = "late";
  REQUIRE(f.engine->put(put, f.engine->duplicate(source->content)));
  CHECK(f.get("copy") == bytes);
  CHECK(f.get("late") == bytes);
  CHECK(f.get("middle") == bytes.substr(10, 1000));
  // In place: the old holding goes, the bytes stay.
  const auto copy = f.engine->open(f.bucket, "copy");
  put.key = "copy";
  REQUIRE(f.engine->put(put, f.engine->duplicate(copy->content)));
  CHECK(f.get("copy") == bytes);
  f.put("small", "tiny");
  const auto small = f.engine->open(f.bucket, "small");
  REQUIRE(f.engine->put(put, f.engine->duplicate(small->content, 1, 2)));
  CHECK(f.get("copy") == "in");
}

TEST_CASE("Update: changes attributes and nothing else") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string large = bytes_of(500);
  const std::string first = f.put("key", large);
  const std::string second = f.put("key", "small");
  const std::int64_t time_ms = f.clock.now_ms();
  f.clock.advance_ms(5000);
  const auto tag = [](Attributes& attributes) { attributes.properties["tagging"] = "t"; };
  REQUIRE(f.engine->update(f.bucket, "key", first, tag));
  const auto updated = f.engine->update(f.bucket, "key", std::nullopt, tag);
  REQUIRE(updated);
  CHECK(updated->version_id == second);
  CHECK(updated->modified_ms == time_ms);
  CHECK(f.get("key", first) == large);
  CHECK(f.get("key") == "small");
  CHECK(f.engine->head(f.bucket, "key", first)->attributes.properties.at("tagging") == "t");
  const auto refuse = [](Attributes& attributes) {
    attributes.properties.clear();
    throw 1;
  };
  CHECK_THROWS_AS(f.engine->update(f.bucket, "key", first, refuse), int);
  CHECK(f.engine->head(f.bucket, "key", first)->attributes.properties.size() == 1);
  const std::string marker = f.remove("key").version_id;
  CHECK(outcome(f.engine->update(f.bucket, "key", marker, tag)) == Outcome::kMethodNotAllowed);
  CHECK(outcome(f.engine->update(f.bucket, "key", std::nullopt, tag)) == Outcome::kNoSuchKey);
}

TEST_CASE("Restart: everything is there, and the sweep removes what no record names") {
  Fixture f(Backend::kRocks);
  const std::string bytes = bytes_of(1000);
  f.put("key", bytes);
  f.put("small", "s");
  // A blob whose record was never committed, as a kill between the two leaves it.
  const auto writer = f.blobs->create();
  writer->write("orphan");
  const blob::BlobId orphan = writer->finish().id;
  f.reopen();
  std::set<blob::BlobId> named;
  f.engine->named_blobs([&](blob::BlobId id) { named.insert(id); });
  const auto swept = f.blobs->sweep([&](blob::BlobId id) { return named.contains(id); });
  CHECK(swept.removed == 1);
  CHECK_FALSE(f.blobs->exists(orphan));
  CHECK(f.get("key") == bytes);
  CHECK(f.get("small") == "s");
  f.check_blobs_agree();
}

TEST_CASE("Content: ranges over several blobs, as runs and as reads") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const auto upload = f.engine->create_upload({f.bucket, "key", {}, "1"});
  CompleteUpload complete;
  complete.bucket = f.bucket;
  complete.key = "key";
  complete.upload_id = upload->upload_id;
  complete.min_part_bytes = 0;
  std::string whole;
  for (int number = 1; number <= 4; ++number) {
    const std::string bytes =
        bytes_of(static_cast<std::size_t>(number) * 10, static_cast<unsigned>(number));
    whole += bytes;
    Part part;
    part.number = number;
    part.etag = std::to_string(number);
    REQUIRE(f.engine->put_part(f.bucket, "key", upload->upload_id, part, f.data(bytes)));
    complete.parts.push_back({number, part.etag, {}});
  }
  REQUIRE(f.engine->complete_upload(complete));
  const auto opened = f.engine->open(f.bucket, "key");
  REQUIRE(opened);
  const Content& content = opened->content;
  REQUIRE(content.size_bytes() == whole.size());
  CHECK(content.run_count(0, whole.size()) == 4);
  CHECK(content.run_count(9, 2) == 2);
  for (std::size_t offset = 0; offset <= whole.size(); offset += 3) {
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{25}}) {
      if (offset + length > whole.size()) continue;
      std::string by_runs;
      for (const Content::Run& run : content.runs(offset, length)) {
        std::string piece(static_cast<std::size_t>(run.length_bytes), '\0');
        CHECK(run.reader->read(run.offset, piece) == piece.size());
        by_runs += piece;
      }
      CHECK(by_runs == whole.substr(offset, length));
      std::string by_reader(length, '\0');
      ContentReader reader(content, offset, length);
      std::size_t done = 0;
      while (const std::size_t got = reader.read(std::span(by_reader).subspan(done))) done += got;
      CHECK(by_reader == whole.substr(offset, length));
    }
  }
  std::string buffer(200, '\0');
  CHECK(content.read(whole.size() - 2, buffer) == 2);
  CHECK(content.read(whole.size(), buffer) == 0);
}

}  // namespace bodega::object::testing
