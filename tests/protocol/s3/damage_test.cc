// Stored bytes that are not what they were: an error before the head goes out, never a made-up 200.
#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;

namespace {

constexpr std::size_t kLarge = 200'000;  // in a blob
constexpr std::size_t kPart = 5 * 1024 * 1024;

// The blobs that there are, in the order they were written.
std::vector<blob::BlobId> blobs_of(World& world) {
  std::vector<blob::BlobId> ids;
  world.blobs().for_each([&ids](blob::BlobId id) { ids.push_back(id); });
  return ids;
}

// An upload of `parts` parts of kPart bytes at /bucket/big, completed. They are linked from one
// object, so that nothing is digested but once.
void make_multipart(World& world, int parts) {
  world.run("PUT", "/bucket/part", pattern(kPart));
  const std::string id = world.run("POST", "/bucket/big?uploads").at("UploadId");
  std::string list;
  for (int number = 1; number <= parts; ++number) {
    const Answer put =
        world.run("PUT", "/bucket/big?partNumber=" + std::to_string(number) + "&uploadId=" + id, "",
                  {{"x-amz-copy-source", "/bucket/part"}});
    REQUIRE(put.status == 200);
    list += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + put.at("ETag") +
            "</ETag></Part>";
  }
  REQUIRE(world
              .run("POST", "/bucket/big?uploadId=" + id,
                   "<CompleteMultipartUpload>" + list + "</CompleteMultipartUpload>")
              .status == 200);
}

}  // namespace

TEST_CASE("GetObject: a blob that is shorter than its record, or missing, answers 500") {
  World world;
  world.run("PUT", "/bucket");
  const std::string body = pattern(kLarge);
  world.run("PUT", "/bucket/key", body);
  const blob::BlobId id = blobs_of(world).at(0);
  REQUIRE(world.run("GET", "/bucket/key").body == body);
  SECTION("shorter") { world.blobs().damage(id, body.substr(0, kLarge / 2)); }
  SECTION("one byte shorter") { world.blobs().damage(id, body.substr(1)); }
  SECTION("missing") { world.blobs().remove(id); }
  const Answer whole = world.run("GET", "/bucket/key");
  CHECK(whole.status == 500);
  CHECK(whole.code == "InternalError");
  // Also where the range that is asked for would be there.
  CHECK(world.run("GET", "/bucket/key", "", {{"Range", "bytes=0-9"}}).status == 500);
  CHECK(world.run("GET", "/bucket/key", "", {{"Range", "bytes=-10"}}).status == 500);
  CHECK(world.run("GET", "/bucket/key?partNumber=1").status == 500);
  CHECK(world.run("HEAD", "/bucket/key").status == 200);
  CHECK(world
            .run("PUT", "/bucket/copy", "",
                 {{"x-amz-copy-source", "/bucket/key"}, {"x-amz-checksum-algorithm", "SHA256"}})
            .status == 500);
}

TEST_CASE("GetObject: a blob that is longer than its record gives what the record says") {
  World world;
  world.run("PUT", "/bucket");
  const std::string body = pattern(kLarge);
  world.run("PUT", "/bucket/key", body);
  world.blobs().damage(blobs_of(world).at(0), body + "more");
  CHECK(world.run("GET", "/bucket/key").body == body);
}

TEST_CASE("GetObject: of an object of very many parts, too, a part that is cut is found first") {
  constexpr int kParts = 40;  // more than are opened at once
  World world;
  world.run("PUT", "/bucket");
  make_multipart(world, kParts);
  REQUIRE(world.run("GET", "/bucket/big").body.size() == kParts * kPart);
  const blob::BlobId last = blobs_of(world).back();
  world.blobs().damage(last, "short");
  CHECK(world.run("GET", "/bucket/big").status == 500);
  // A range is held against the blobs that it needs.
  const std::string most = "bytes=0-" + std::to_string((kParts - 1) * kPart - 1);
  CHECK(world.run("GET", "/bucket/big", "", {{"Range", most}}).status == 206);
  CHECK(world.run("GET", "/bucket/big", "", {{"Range", most + "0"}}).status == 500);
  CHECK(world.run("GET", "/bucket/big?partNumber=1").status == 206);
  CHECK(world.run("GET", "/bucket/big?partNumber=" + std::to_string(kParts)).status == 500);
}

TEST_CASE("GetObject: with --verify-reads 100, other bytes than were written answer 500") {
  WorldOptions options;
  options.verify_reads_percent = GENERATE(0u, 100u);
  const int expected = options.verify_reads_percent == 0 ? 200 : 500;
  World world(options);
  world.run("PUT", "/bucket");
  std::string body = pattern(kLarge);
  world.run("PUT", "/bucket/key", body);
  world.run("PUT", "/bucket/small", "hello");
  world.run("PUT", "/bucket/empty");
  make_multipart(world, 2);
  for (const std::string key : {"key", "small", "empty", "big"}) {
    CAPTURE(key);
    CHECK(world.run("GET", "/bucket/" + key).status == 200);
  }
  CHECK(world.run("GET", "/bucket/key").body == body);

  const auto blobs = blobs_of(world);
  body[kLarge / 2] ^= 1;
  world.blobs().damage(blobs.front(), body);
  std::string part = pattern(kPart);
  part.back() ^= 1;
  world.blobs().damage(blobs.back(), part);
  CHECK(world.run("GET", "/bucket/key").status == expected);
  CHECK(world.run("GET", "/bucket/big").status == expected);
  CHECK(world.run("GET", "/bucket/small").status == 200);
  // A range has no sum of its own.
  CHECK(world.run("GET", "/bucket/key", "", {{"Range", "bytes=0-9"}}).status == 206);
}
