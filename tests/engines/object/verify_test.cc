// Engine::verify: every kind of damage is found and named, and nothing else is.
#include "engines/object/verify.h"

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/object/format.h"
#include "tests/engines/object/fixture.h"
#include "tests/faulty_blobs.h"
#include "tests/faulty_store.h"

namespace bodega::object::testing {

namespace {

std::string md5_of(std::string_view bytes) { return base::to_hex(base::md5(bytes)); }

std::string sum_of(base::DigestKind kind, std::string_view bytes) {
  return base::to_base64(base::digest(kind, bytes));
}

struct World {
  World() {
    REQUIRE(engine.create_bucket({"bucket", "111122223333", "us-east-1", 0, {}, false, {}}));
  }

  Data data(std::string_view bytes) {
    DataWriter writer = engine.begin_write();
    writer.write(bytes);
    Data written = writer.finish();
    if (!written.bytes().slices.empty()) last_blob = written.bytes().slices[0].blob;
    return written;
  }
  std::string put(std::string_view key, std::string_view bytes, Checksum checksum = {}) {
    Put request;
    request.bucket = "bucket";
    request.key = key;
    request.attributes.etag = md5_of(bytes);
    request.attributes.checksum = std::move(checksum);
    const auto done = engine.put(request, data(bytes));
    REQUIRE(done);
    return done->version_id;
  }
  std::string create_upload(std::string_view key, ChecksumType type) {
    CreateUpload request;
    request.bucket = "bucket";
    request.key = key;
    request.attributes.checksum = {"SHA256", type, ""};
    return engine.create_upload(request)->upload_id;
  }
  Part put_part(std::string_view key, const std::string& id, int number, std::string_view bytes) {
    Part part;
    part.number = number;
    part.etag = md5_of(bytes);
    part.checksum = sum_of(base::DigestKind::kSha256, bytes);
    const auto stored = engine.put_part("bucket", key, id, part, data(bytes));
    REQUIRE(stored);
    return *stored;
  }

  // The lines about what is damaged.
  std::vector<std::string> verify() {
    std::vector<std::string> lines;
    VerifyRequest request;
    request.go_on = [] { return true; };
    request.damaged = [&lines](Damage&& damage) {
      CHECK(damage.bucket == "bucket");
      const std::string part =
          damage.part_number == 0 ? "" : " part " + std::to_string(damage.part_number);
      lines.push_back(damage.key + part + ": " + damage.what);
    };
    verified = engine.verify(request);
    return lines;
  }

  base::ManualClock clock;
  tests::FaultyStore store{kv::make_memory_store(kv::Database::kShared)};
  tests::FaultyBlobs blobs{blob::make_memory_store()};
  Engine engine{store, blobs, clock, Options{kTestInlineLimitBytes}};
  blob::BlobId last_blob = 0;
  Verified verified;
};

using Lines = std::vector<std::string>;

const std::string kBytes = bytes_of(500, 1);
const std::string kOther = bytes_of(500, 2);

}  // namespace

TEST_CASE("Verify: what is as it was written is found to be") {
  World world;
  using base::DigestKind;
  world.put("small", "small",
            {"CRC32C", ChecksumType::kFullObject, sum_of(DigestKind::kCrc32c, "small")});
  world.put("empty", "");
  const std::vector<std::pair<std::string, DigestKind>> algorithms = {
      {"CRC32", DigestKind::kCrc32},
      {"CRC32C", DigestKind::kCrc32c},
      {"CRC64NVME", DigestKind::kCrc64Nvme},
      {"SHA1", DigestKind::kSha1},
      {"SHA256", DigestKind::kSha256}};
  for (const auto& [name, kind] : algorithms) {
    world.put(name, kBytes, {name, ChecksumType::kFullObject, sum_of(kind, kBytes)});
  }
  REQUIRE(world.engine.set_versioning("bucket", Versioning::kEnabled));
  world.put("SHA1", kOther);
  Remove remove;
  remove.bucket = "bucket";
  remove.key = "SHA1";
  REQUIRE(world.engine.remove(remove));
  const std::string id = world.create_upload("open", ChecksumType::kComposite);
  world.put_part("open", id, 1, kBytes);
  world.put_part("open", id, 7, "x");
  CHECK(world.verify() == Lines{});
  CHECK(world.verified.objects == 8);
  CHECK(world.verified.parts == 2);
  CHECK(world.verified.size_bytes == 5 + 5 * 500 + 500 + 500 + 1);
  CHECK(world.verified.unnamed_blobs == 0);
}

TEST_CASE("Verify: bytes that are not the record's are found, in every version") {
  World world;
  REQUIRE(world.engine.set_versioning("bucket", Versioning::kEnabled));
  world.put("key", kBytes);
  const blob::BlobId older = world.last_blob;
  world.put("key", kOther);
  world.put("good", kBytes);
  SECTION("a flipped bit of an older version") {
    std::string flipped = kBytes;
    flipped[250] ^= 4;
    world.blobs.damage(older, flipped);
    CHECK(world.verify() == Lines{"key: its bytes do not have its MD5"});
  }
  SECTION("a blob that is cut") {
    world.blobs.damage(older, kBytes.substr(0, 499));
    const Lines lines = world.verify();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("has 499 bytes, where its record needs 500") != std::string::npos);
  }
  SECTION("a blob that is missing") {
    world.blobs.remove(older);
    const Lines lines = world.verify();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("is missing") != std::string::npos);
  }
  CHECK(world.verified.objects == 3);
}

TEST_CASE("Verify: a checksum is held against the bytes, also where the etag is none") {
  World world;
  Put request;
  request.bucket = "bucket";
  request.key = "key";
  request.attributes.etag = "opaque";
  request.attributes.checksum = {"CRC32", ChecksumType::kFullObject,
                                 sum_of(base::DigestKind::kCrc32, kOther)};
  REQUIRE(world.engine.put(request, world.data(kBytes)));
  CHECK(world.verify() == Lines{"key: its bytes do not have its CRC32"});
}

TEST_CASE("Verify: the parts of a completed object and of an open upload are held against theirs") {
  World world;
  const auto type = GENERATE(ChecksumType::kComposite, ChecksumType::kFullObject);
  const std::string id = world.create_upload("done", type);
  CompleteUpload request;
  request.bucket = "bucket";
  request.key = "done";
  request.upload_id = id;
  request.min_part_bytes = 1;
  request.parts.push_back({1, world.put_part("done", id, 1, kBytes).etag, {}});
  request.parts.push_back({3, world.put_part("done", id, 3, kOther).etag, {}});
  const blob::BlobId third = world.last_blob;
  request.seal = [&](const std::vector<Part>&, Attributes& attributes) {
    attributes.etag = "of-etags-2";
    attributes.checksum.value = type == ChecksumType::kComposite
                                    ? "of-sums-2"
                                    : sum_of(base::DigestKind::kSha256, kBytes + kOther);
  };
  REQUIRE(world.engine.complete_upload(request));
  const std::string open = world.create_upload("open", type);
  world.put_part("open", open, 2, kOther);
  const blob::BlobId second = world.last_blob;
  CHECK(world.verify() == Lines{});

  std::string flipped = kOther;
  flipped.back() ^= 1;
  world.blobs.damage(third, flipped);
  world.blobs.damage(second, flipped);
  CHECK(world.verify() == Lines{"done: part 3: its bytes do not have its MD5",
                                "open part 2: its bytes do not have its MD5"});
}

TEST_CASE("Verify: records that cannot be understood are said, and do not end the walk") {
  World world;
  world.put("a", kBytes);
  world.put("b", kBytes);
  kv::Batch batch;
  batch.put(kv::Family::kS3Objects, format::latest_key("bucket", "a"), "nonsense");
  world.store.commit(batch);
  const Lines lines = world.verify();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("a: its record cannot be understood"));
  CHECK(world.verified.objects == 1);
}

TEST_CASE("Verify: a record without its bucket is said") {
  World world;
  kv::Batch batch;
  world.put("a", kBytes);
  const auto value = world.store.get(kv::Family::kS3Objects, format::latest_key("bucket", "a"), {});
  batch.put(kv::Family::kS3Objects, format::latest_key("nowhere", "a"), *value);
  world.store.commit(batch);
  std::size_t found = 0;
  VerifyRequest request;
  request.go_on = [] { return true; };
  request.damaged = [&found](Damage&& damage) {
    CHECK(damage.bucket == "nowhere");
    CHECK(damage.what == "it has no bucket");
    ++found;
  };
  world.engine.verify(request);
  CHECK(found == 1);
}

TEST_CASE("Verify: it can be stopped in the middle of an object") {
  World world;
  for (int i = 0; i < 10; ++i) world.put("key" + std::to_string(i), kBytes);
  int left = 7;
  VerifyRequest request;
  request.go_on = [&left] { return left-- > 0; };
  request.damaged = [](Damage&& damage) { FAIL(damage.what); };
  const Verified verified = world.engine.verify(request);
  CHECK(verified.objects > 0);
  CHECK(verified.objects < 10);
}

TEST_CASE("Verify: blobs that no record names are counted, once they are of an earlier run") {
  Fixture f(Backend::kRocks);
  f.put("key", bytes_of(500));
  const auto orphan = f.blobs->create();
  orphan->write("nobody's");
  orphan->finish();
  VerifyRequest request;
  request.go_on = [] { return true; };
  request.damaged = [](Damage&&) {};
  CHECK(f.engine->verify(request).unnamed_blobs == 0);
  f.reopen();
  CHECK(f.engine->verify(request).unnamed_blobs == 1);
  // One that is on its way out is no orphan.
  const auto opened = f.engine->open(f.bucket, "key");
  REQUIRE(opened);
  f.remove("key");
  CHECK(f.engine->verify(request).unnamed_blobs == 1);
}

}  // namespace bodega::object::testing
