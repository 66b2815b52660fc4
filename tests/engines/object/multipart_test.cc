#include "tests/engines/object/fixture.h"

namespace bodega::object::testing {

using Lines = std::vector<std::string>;

static std::string create(Fixture& f, std::string key) {
  CreateUpload request;
  request.bucket = f.bucket;
  request.key = std::move(key);
  request.initiator = "42";
  request.attributes.metadata = {{"m", "1"}};
  request.attributes.checksum = {"CRC32", ChecksumType::kComposite, ""};
  const auto upload = f.engine->create_upload(request);
  REQUIRE(upload);
  return upload->upload_id;
}

static Result<Part> put_part(Fixture& f, std::string_view key, std::string_view upload_id,
                             int number, std::string_view bytes, std::string etag) {
  Part part;
  part.number = number;
  part.etag = std::move(etag);
  part.checksum = "c" + std::to_string(number);
  return f.engine->put_part(f.bucket, key, upload_id, part, f.data(bytes));
}

static CompleteUpload completion(Fixture& f, std::string key, std::string upload_id,
                                 std::vector<NamedPart> parts) {
  CompleteUpload request;
  request.bucket = f.bucket;
  request.key = std::move(key);
  request.upload_id = std::move(upload_id);
  request.parts = std::move(parts);
  request.min_part_bytes = 100;
  request.seal = [](const std::vector<Part>& sealed, Attributes& attributes) {
    attributes.etag = "md5-" + std::to_string(sealed.size());
    for (const Part& part : sealed) attributes.checksum.value += part.checksum;
  };
  return request;
}

TEST_CASE("Multipart: parts become one object without moving a byte") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::string id = create(f, "key");
  const std::int64_t initiated_ms = f.clock.now_ms();
  f.clock.advance_ms(60'000);
  const std::string one = bytes_of(200, 1);
  const std::string two = bytes_of(150, 2);
  REQUIRE(put_part(f, "key", id, 3, "tail", "e3"));
  REQUIRE(put_part(f, "key", id, 1, one, "e1"));
  REQUIRE(put_part(f, "key", id, 2, two, "e2"));
  REQUIRE(put_part(f, "key", id, 7, bytes_of(500, 7), "e7"));
  CHECK(f.get("key") == "(none)");
  std::set<blob::BlobId> before;
  f.engine->named_blobs([&](blob::BlobId blob) { before.insert(blob); });
  CHECK(before.size() == 4);

  const auto done = f.engine->complete_upload(
      completion(f, "key", id, {{1, "e1", "c1"}, {2, "e2", {}}, {3, "e3", {}}}));
  REQUIRE(done);
  CHECK(done->etag == "md5-3");
  CHECK(done->checksum.value == "c1c2c3");
  CHECK(done->put.version_id == "null");
  CHECK_FALSE(done->repeated);
  std::size_t kept = 0;
  f.engine->named_blobs([&](blob::BlobId blob) { kept += before.count(blob); });
  CHECK(kept == 3);
  CHECK(f.get("key") == one + two + "tail");
  f.check_blobs_agree();

  const auto head = f.engine->head(f.bucket, "key");
  REQUIRE(head);
  CHECK(head->size_bytes == 354);
  CHECK(head->modified_ms == initiated_ms);
  CHECK(head->attributes.metadata.at("m") == "1");
  CHECK(head->attributes.checksum.type == ChecksumType::kComposite);
  REQUIRE(head->parts.size() == 3);
  CHECK(head->parts[2].number == 3);
  CHECK(head->parts[2].size_bytes == 4);
  CHECK(head->parts[2].checksum == "c3");
  CHECK(f.engine->list_uploads({f.bucket, "", "", "", "", 10})->uploads.empty());
  CHECK(outcome(f.engine->list_parts(f.bucket, "key", id, 0, 10)) == Outcome::kNoSuchUpload);

  // The same again gives the same, until that version is gone.
  const auto again = f.engine->complete_upload(completion(f, "key", id, {{1, "e1", {}}}));
  REQUIRE(again);
  CHECK(again->repeated);
  CHECK(again->etag == "md5-3");
  CHECK(again->checksum.value == "c1c2c3");
  f.put("key", "other");
  CHECK(outcome(f.engine->complete_upload(completion(f, "key", id, {{1, "e1", {}}}))) ==
        Outcome::kNoSuchUpload);
  f.check_blobs_agree();
}

TEST_CASE("Multipart: what a completion may not be") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::string id = create(f, "key");
  REQUIRE(put_part(f, "key", id, 1, bytes_of(99), "e1"));
  REQUIRE(put_part(f, "key", id, 2, bytes_of(100), "e2"));
  const auto refused = [&](std::vector<NamedPart> parts) {
    const auto done = f.engine->complete_upload(completion(f, "key", id, std::move(parts)));
    REQUIRE(!done);
    return done.error();
  };
  CHECK(refused({{2, "e2", {}}, {1, "e1", {}}}).outcome == Outcome::kInvalidPartOrder);
  CHECK(refused({{1, "e1", {}}, {1, "e1", {}}}).outcome == Outcome::kInvalidPartOrder);
  CHECK(refused({{2, "wrong", {}}}).outcome == Outcome::kInvalidPart);
  CHECK(refused({{2, "e2", "wrong"}}).outcome == Outcome::kInvalidPart);
  const Refusal missing = refused({{2, "e2", {}}, {3, "e3", {}}});
  CHECK(missing.outcome == Outcome::kInvalidPart);
  CHECK(missing.part_number == 3);
  CHECK(missing.part_etag == "e3");
  const Refusal small = refused({{1, "e1", {}}, {2, "e2", {}}});
  CHECK(small.outcome == Outcome::kEntityTooSmall);
  CHECK(small.part_number == 1);
  CHECK(small.part_size_bytes == 99);
  // A seal that throws refuses, and the upload is as it was.
  auto thrown = completion(f, "key", id, {{2, "e2", {}}});
  thrown.seal = [](const std::vector<Part>&, Attributes&) { throw 1; };
  CHECK_THROWS_AS(f.engine->complete_upload(thrown), int);
  CHECK(f.engine->complete_upload(completion(f, "key", id, {{2, "e2", {}}})));
  CHECK(outcome(f.engine->complete_upload(completion(f, "key", "bad", {{2, "e2", {}}}))) ==
        Outcome::kNoSuchUpload);
  f.bucket = "none";
  CHECK(outcome(f.engine->complete_upload(completion(f, "key", id, {{2, "e2", {}}}))) ==
        Outcome::kNoSuchBucket);
}

TEST_CASE("Multipart: a part put again replaces the first, and its blob") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::string id = create(f, "key");
  REQUIRE(put_part(f, "key", id, 1, bytes_of(500, 1), "first"));
  REQUIRE(put_part(f, "key", id, 1, bytes_of(300, 2), "second"));
  CHECK(f.blobs->usage().blobs == 1);
  CHECK(outcome(f.engine->complete_upload(completion(f, "key", id, {{1, "first", {}}}))) ==
        Outcome::kInvalidPart);
  REQUIRE(f.engine->complete_upload(completion(f, "key", id, {{1, "second", {}}})));
  CHECK(f.get("key") == bytes_of(300, 2));
}

TEST_CASE("Multipart: an aborted upload is gone with its parts") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::string id = create(f, "key");
  REQUIRE(put_part(f, "key", id, 1, bytes_of(500), "e"));
  REQUIRE(f.engine->abort_upload(f.bucket, "key", id));
  CHECK(f.blobs->usage().blobs == 0);
  CHECK(outcome(f.engine->abort_upload(f.bucket, "key", id)) == Outcome::kNoSuchUpload);
  CHECK(outcome(put_part(f, "key", id, 1, bytes_of(500), "e")) == Outcome::kNoSuchUpload);
  CHECK(outcome(f.engine->complete_upload(completion(f, "key", id, {{1, "e", {}}}))) ==
        Outcome::kNoSuchUpload);
  CHECK(f.blobs->usage().blobs == 0);
  // An upload belongs to its key.
  const std::string other = create(f, "key");
  CHECK(outcome(f.engine->find_upload(f.bucket, "other", other)) == Outcome::kNoSuchUpload);
  CHECK(f.engine->find_upload(f.bucket, "key", other)->initiator == "42");
}

TEST_CASE("Multipart: conditions at completion look back to the creation") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const auto complete = [&](const std::string& id, const Conditions& conditions) {
    REQUIRE(put_part(f, "key", id, 1, "bytes", "e"));
    auto request = completion(f, "key", id, {{1, "e", {}}});
    request.conditions = conditions;
    return f.engine->complete_upload(request);
  };
  Conditions none_there;
  none_there.if_none_match_any = true;
  Conditions matches;
  matches.if_match = "a";

  CHECK(outcome(complete(create(f, "key"), matches)) == Outcome::kNoSuchKey);
  f.put("key", "a");
  CHECK(outcome(complete(create(f, "key"), none_there)) == Outcome::kPreconditionFailed);
  const std::string before_put = create(f, "key");
  f.put("key", "a");
  const auto replaced = complete(before_put, matches);
  CHECK(outcome(replaced) == Outcome::kConditionalRequestConflict);
  CHECK(replaced.error().condition == Condition::kIfMatch);
  const std::string before_delete = create(f, "key");
  f.remove("key");
  const auto deleted = complete(before_delete, none_there);
  CHECK(outcome(deleted) == Outcome::kConditionalRequestConflict);
  CHECK(deleted.error().condition == Condition::kIfNoneMatch);
  CHECK(complete(create(f, "key"), none_there));
  f.put("key", "a");
  CHECK(complete(create(f, "key"), matches));
}

TEST_CASE("Multipart: a completion in a versioned bucket is a version, also when repeated later") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  f.put("key", "old");
  const std::string id = create(f, "key");
  REQUIRE(put_part(f, "key", id, 1, bytes_of(300), "e"));
  const auto done = f.engine->complete_upload(completion(f, "key", id, {{1, "e", {}}}));
  REQUIRE(done);
  CHECK(is_version_id(done->put.version_id));
  CHECK(done->put.version_id != "null");
  f.put("key", "new");
  const auto again = f.engine->complete_upload(completion(f, "key", id, {{1, "e", {}}}));
  REQUIRE(again);
  CHECK(again->put.version_id == done->put.version_id);
  f.remove("key", done->put.version_id);
  CHECK(outcome(f.engine->complete_upload(completion(f, "key", id, {{1, "e", {}}}))) ==
        Outcome::kNoSuchUpload);
}

TEST_CASE("UploadPartCopy: a part may be a piece of an object of several blobs") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::string first = create(f, "source");
  const std::string one = bytes_of(200, 1);
  const std::string two = bytes_of(200, 2);
  REQUIRE(put_part(f, "source", first, 1, one, "1"));
  REQUIRE(put_part(f, "source", first, 2, two, "2"));
  REQUIRE(f.engine->complete_upload(completion(f, "source", first, {{1, "1", {}}, {2, "2", {}}})));
  const auto source = f.engine->open(f.bucket, "source");
  const std::string id = create(f, "copy");
  Part part;
  part.number = 1;
  part.etag = "range";
  const auto put = f.engine->put_part(f.bucket, "copy", id, part,
                                      f.engine->duplicate(source->content, 100, 200));
  REQUIRE(put);
  CHECK(put->size_bytes == 200);
  f.remove("source");
  REQUIRE(f.engine->complete_upload(completion(f, "copy", id, {{1, "range", {}}})));
  CHECK(f.get("copy") == (one + two).substr(100, 200));
}

TEST_CASE("ListParts: pages by number") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::string id = create(f, "key");
  for (const int number : {1, 2, 300, 10'000}) {
    REQUIRE(put_part(f, "key", id, number, "x", "e" + std::to_string(number)));
  }
  auto page = f.engine->list_parts(f.bucket, "key", id, 0, 2);
  REQUIRE(page);
  CHECK(page->upload.upload_id == id);
  REQUIRE(page->parts.size() == 2);
  CHECK(page->truncated);
  CHECK(page->next_part_number_marker == 2);
  CHECK(page->parts[1].etag == "e2");
  CHECK(page->parts[1].modified_ms == f.clock.now_ms());
  page = f.engine->list_parts(f.bucket, "key", id, 2, 2);
  CHECK(page->parts.size() == 2);
  CHECK(page->parts[1].number == 10'000);
  CHECK_FALSE(page->truncated);
  CHECK(f.engine->list_parts(f.bucket, "key", id, 10'000, 2)->parts.empty());
  CHECK(f.engine->list_parts(f.bucket, "key", id, 1'000'000, 2)->parts.empty());
  CHECK(f.engine->list_parts(f.bucket, "key", id, 0, 0)->parts.empty());
}

TEST_CASE("ListMultipartUploads: by key, then by initiation, in pages") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const std::string b1 = create(f, "b");
  const std::string b2 = create(f, "b");  // the clock stands still
  f.clock.advance_us(1);
  const std::string b3 = create(f, "b");
  const std::string a1 = create(f, "a");
  create(f, "dir/1");
  create(f, "dir/2");
  const std::string z1 = create(f, "z");
  const auto list = [&](const UploadQuery& query) {
    Lines lines;
    const auto page = f.engine->list_uploads(query);
    for (const Upload& upload : page->uploads) lines.push_back(upload.upload_id);
    for (const std::string& prefix : page->common_prefixes) lines.push_back(prefix);
    return lines;
  };
  CHECK(list({f.bucket, "", "/", "", "", 10}) == Lines{a1, b1, b2, b3, z1, "dir/"});
  CHECK(list({f.bucket, "b", "", "", "", 10}) == Lines{b1, b2, b3});
  CHECK(list({f.bucket, "", "/", "b", "", 10}) == Lines{z1, "dir/"});
  CHECK(list({f.bucket, "", "/", "b", b2, 10}) == Lines{b3, z1, "dir/"});
  CHECK(list({f.bucket, "", "/", "", b2, 10}).size() == 6);
  CHECK(list({f.bucket, "", "/", "dir/", "", 10}) == Lines{z1});

  UploadQuery query{f.bucket, "", "/", "", "", 1};
  std::size_t count = 0;
  for (int guard = 0; guard < 20; ++guard) {
    const auto page = f.engine->list_uploads(query);
    count += page->uploads.size() + page->common_prefixes.size();
    if (!page->truncated) break;
    query.key_marker = page->next_key_marker;
    query.upload_id_marker = page->next_upload_id_marker;
  }
  CHECK(count == 6);
}

TEST_CASE("Multipart: uploads and parts survive a restart") {
  Fixture f(Backend::kRocks);
  const std::string id = create(f, "key");
  REQUIRE(put_part(f, "key", id, 1, bytes_of(300), "e"));
  f.reopen();
  f.check_blobs_agree();
  REQUIRE(f.engine->complete_upload(completion(f, "key", id, {{1, "e", {}}})));
  f.reopen();
  CHECK(f.get("key") == bytes_of(300));
  CHECK(f.engine->complete_upload(completion(f, "key", id, {{1, "e", {}}}))->repeated);
}

}  // namespace bodega::object::testing
