// CopyObject: attributes, directives, conditions, versions.
#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;

namespace {

struct Source : World {
  Source() {
    run("PUT", "/bucket");
    run("PUT", "/bucket/from", "body",
        {{"Content-Type", "text/plain"}, {"x-amz-meta-a", "1"}, {"x-amz-tagging", "t=1"}});
  }
  Answer copy(const std::string& to, const std::string& from,
              std::vector<http::Header> headers = {}) {
    headers.push_back({"x-amz-copy-source", from});
    return run("PUT", to, "", std::move(headers));
  }
};

std::string etag_of(std::string_view body) { return "\"" + base::to_hex(base::md5(body)) + "\""; }

}  // namespace

TEST_CASE("CopyObject: takes bytes, metadata and tags along") {
  Source world;
  const auto answer = world.copy("/bucket/to", "/bucket/from");
  CHECK(answer.status == 200);
  CHECK(answer.operation == "CopyObject");
  CHECK(answer.at("ETag") == etag_of("body"));
  CHECK(answer.at("LastModified") == "2026-01-02T03:04:05.000Z");
  CHECK_FALSE(answer.at("ChecksumCRC64NVME").empty());
  const auto got = world.run("GET", "/bucket/to");
  CHECK(got.body == "body");
  CHECK(got.header("content-type") == "text/plain");
  CHECK(got.header("x-amz-meta-a") == "1");
  CHECK(got.header("x-amz-tagging-count") == "1");
}

TEST_CASE("CopyObject: REPLACE takes the request's metadata, other words are refused") {
  Source world;
  world.copy("/bucket/to", "bucket/from",
             {{"x-amz-metadata-directive", "REPLACE"},
              {"x-amz-meta-b", "2"},
              {"x-amz-tagging-directive", "REPLACE"}});
  const auto got = world.run("GET", "/bucket/to");
  CHECK_FALSE(got.headers.has("x-amz-meta-a"));
  CHECK(got.header("x-amz-meta-b") == "2");
  CHECK(got.header("content-type") == "binary/octet-stream");
  CHECK_FALSE(got.headers.has("x-amz-tagging-count"));
  CHECK(world.copy("/bucket/to", "bucket/from", {{"x-amz-metadata-directive", "MOVE"}})
            .at("Message") == "Unknown metadata directive.");
}

TEST_CASE("CopyObject: sources are decoded once, a plus is a space") {
  Source world;
  world.run("PUT", "/bucket/a%20b", "space");
  world.run("PUT", "/bucket/a%252Bb", "percent");
  world.run("PUT", "/bucket/%C3%A9", "accent");
  CHECK(world.copy("/bucket/1", "/bucket/a+b").status == 200);
  CHECK(world.run("GET", "/bucket/1").body == "space");
  world.copy("/bucket/2", "bucket/a%252Bb");
  CHECK(world.run("GET", "/bucket/2").body == "percent");
  world.copy("/bucket/3", "bucket%2F%C3%A9");
  CHECK(world.run("GET", "/bucket/3").body == "accent");
}

TEST_CASE("CopyObject: the source may be a whole URL") {
  Source world;
  CHECK(world.copy("/bucket/to", "http://localhost:4566/bucket/from").status == 200);
  CHECK(world.copy("/bucket/to", "https://s3.amazonaws.com/bucket/none").at("Code") == "NoSuchKey");
  CHECK(world.copy("/bucket/to", "https://s3.amazonaws.com").at("ArgumentName") ==
        "x-amz-copy-source");
}

TEST_CASE("CopyObject: what cannot be a source is an invalid argument") {
  Source world;
  for (const auto* source : {"", "bucket", "/bucket", "/bucket/", "bucket/%f"}) {
    INFO(source);
    const auto answer = world.copy("/bucket/to", source);
    CHECK(answer.status == 400);
    CHECK(answer.at("ArgumentName") == "x-amz-copy-source");
  }
  CHECK(world.copy("/bucket/to", "bucket").at("Message") == "Invalid copy source object key");
  CHECK(world.copy("/bucket/to", "bucket/none").at("Code") == "NoSuchKey");
  CHECK(world.copy("/bucket/to", "none/key").at("BucketName") == "none");
  CHECK(world.copy("/none/to", "bucket/from").at("BucketName") == "none");
}

TEST_CASE("CopyObject: onto itself only with a change") {
  Source world;
  CHECK(world.copy("/bucket/from", "bucket/from").at("Code") == "InvalidRequest");
  CHECK(world
            .copy("/bucket/from", "bucket/from",
                  {{"x-amz-metadata-directive", "REPLACE"}, {"x-amz-meta-n", "new"}})
            .status == 200);
  CHECK(world.run("GET", "/bucket/from").header("x-amz-meta-n") == "new");
  CHECK(
      world.copy("/bucket/from", "bucket/from", {{"x-amz-storage-class", "STANDARD_IA"}}).status ==
      200);
}

TEST_CASE("CopyObject: conditions on the source carry the service's odd names") {
  Source world;
  const auto failed =
      world.copy("/bucket/to", "bucket/from", {{"x-amz-copy-source-if-match", "\"no\""}});
  CHECK(failed.status == 412);
  CHECK(failed.at("Condition") == "x-amz-copy-source-If-Match");
  CHECK(
      world
          .copy("/bucket/to", "bucket/from", {{"x-amz-copy-source-if-none-match", etag_of("body")}})
          .at("Condition") == "x-amz-copy-source-If-None-Match");
  CHECK(world
            .copy("/bucket/to", "bucket/from",
                  {{"x-amz-copy-source-if-unmodified-since", "Thu, 01 Jan 2015 00:00:00 GMT"}})
            .at("Condition") == "x-amz-copy-source-If-Unmodified-Since");
  CHECK(world
            .copy("/bucket/to", "bucket/from",
                  {{"x-amz-copy-source-if-match", etag_of("body")},
                   {"x-amz-copy-source-if-unmodified-since", "Thu, 01 Jan 2015 00:00:00 GMT"}})
            .status == 200);
}

TEST_CASE("CopyObject: another checksum algorithm is computed, large bytes are linked") {
  Source world;
  const std::string body = pattern(300'000);
  world.run("PUT", "/bucket/large", body);
  const auto answer =
      world.copy("/bucket/to", "bucket/large", {{"x-amz-checksum-algorithm", "SHA256"}});
  CHECK(answer.at("ChecksumSHA256") == base::to_base64(base::sha256(body)));
  world.run("DELETE", "/bucket/large");
  CHECK(world.run("GET", "/bucket/to").body == body);
  CHECK(world.run("HEAD", "/bucket/to").header("etag") == etag_of(body));
}

TEST_CASE("CopyObject: a version can be the source, a delete marker cannot") {
  Source world;
  const std::string enable =
      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  world.run("PUT", "/bucket?versioning", enable, {content_md5(enable)});
  const auto id = world.run("PUT", "/bucket/from", "new").header("x-amz-version-id");
  const auto marker = world.run("DELETE", "/bucket/from").header("x-amz-version-id");
  const auto copied = world.copy("/bucket/to", "bucket/from?versionId=" + id);
  CHECK(copied.status == 200);
  CHECK(copied.header("x-amz-copy-source-version-id") == id);
  CHECK(copied.header("x-amz-version-id").size() == 32);
  CHECK(world.copy("/bucket/to", "bucket/from").at("Code") == "NoSuchKey");
  CHECK(world.copy("/bucket/to", "bucket/from?versionId=" + marker).at("Code") == "InvalidRequest");
  // Copying an old version over its own key brings it back.
  CHECK(world.copy("/bucket/from", "bucket/from?versionId=null").status == 200);
  CHECK(world.run("GET", "/bucket/from").body == "body");
}
