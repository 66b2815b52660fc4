// Checksums and body framing: Content-MD5, x-amz-checksum-*, x-amz-content-sha256, aws-chunked.
#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;

namespace {

struct OneBucket : World {
  OneBucket() { run("PUT", "/bucket"); }
};

std::string encoded(base::DigestKind kind, std::string_view body) {
  return base::to_base64(base::digest(kind, body));
}

std::string aws_chunk(std::string_view body) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", body.size());
  return size + std::string(body) + "\r\n";
}

}  // namespace

TEST_CASE("PutObject: each checksum algorithm is verified and kept") {
  const std::string body = "hello checksum";
  const std::vector<std::pair<std::string, base::DigestKind>> all = {
      {"crc32", base::DigestKind::kCrc32},
      {"crc32c", base::DigestKind::kCrc32c},
      {"crc64nvme", base::DigestKind::kCrc64Nvme},
      {"sha1", base::DigestKind::kSha1},
      {"sha256", base::DigestKind::kSha256},
      {"sha512", base::DigestKind::kSha512},
      {"md5", base::DigestKind::kMd5}};
  for (const auto& [name, kind] : all) {
    INFO(name);
    OneBucket world;
    const std::string header = "x-amz-checksum-" + name;
    const std::string value = encoded(kind, body);
    const auto put = world.run("PUT", "/bucket/key", body, {{header, value}});
    CHECK(put.status == 200);
    CHECK(put.header(header) == value);
    const auto got = world.run("GET", "/bucket/key", "", {{"x-amz-checksum-mode", "ENABLED"}});
    CHECK(got.header(header) == value);
    CHECK(got.header("x-amz-checksum-type") == "FULL_OBJECT");
    CHECK_FALSE(world.run("GET", "/bucket/key").headers.has(header));
    const auto wrong =
        world.run("PUT", "/bucket/key", body, {{header, encoded(kind, "something else")}});
    CHECK(wrong.status == 400);
    CHECK(wrong.at("Code") == "BadDigest");
    CHECK(world.run("PUT", "/bucket/key", body, {{header, "AAA="}}).at("Code") == "InvalidRequest");
  }
}

TEST_CASE("PutObject: without a checksum CRC64NVME is computed and kept") {
  OneBucket world;
  const std::string value = encoded(base::DigestKind::kCrc64Nvme, "body");
  CHECK(world.run("PUT", "/bucket/key", "body").header("x-amz-checksum-crc64nvme") == value);
  const auto head = world.run("HEAD", "/bucket/key", "", {{"x-amz-checksum-mode", "ENABLED"}});
  CHECK(head.header("x-amz-checksum-crc64nvme") == value);
}

TEST_CASE("GetObject: a range has no checksum") {
  OneBucket world;
  world.run("PUT", "/bucket/key", "body");
  const auto got = world.run("GET", "/bucket/key", "",
                             {{"x-amz-checksum-mode", "ENABLED"}, {"Range", "bytes=0-1"}});
  CHECK(got.status == 206);
  CHECK_FALSE(got.headers.has("x-amz-checksum-crc64nvme"));
  CHECK(world
            .run("GET", "/bucket/key", "",
                 {{"x-amz-checksum-mode", "ENABLED"}, {"Range", "bytes=0-3"}})
            .headers.has("x-amz-checksum-crc64nvme"));
  CHECK(world.run("GET", "/bucket/key", "", {{"x-amz-checksum-mode", "on"}}).at("Message") ==
        "Value for x-amz-checksum-mode header is invalid.");
}

TEST_CASE("PutObject: what a request says of its checksum has to make sense") {
  OneBucket world;
  const std::string crc = encoded(base::DigestKind::kCrc32, "x");
  const std::string sha = encoded(base::DigestKind::kSha1, "x");
  const auto put = [&](std::vector<http::Header> headers) {
    return world.run("PUT", "/bucket/key", "x", std::move(headers)).at("Code");
  };
  CHECK(put({{"x-amz-checksum-crc32", crc}, {"x-amz-checksum-sha1", sha}}) == "InvalidRequest");
  CHECK(put({{"x-amz-checksum-rot13", crc}}) == "InvalidRequest");
  CHECK(put({{"x-amz-sdk-checksum-algorithm", "CRC32"}}) == "InvalidRequest");
  CHECK(put({{"x-amz-sdk-checksum-algorithm", "CRC32"}, {"x-amz-checksum-sha1", sha}}) ==
        "InvalidRequest");
  CHECK(put({{"x-amz-sdk-checksum-algorithm", "ROT13"}, {"x-amz-checksum-sha1", sha}}) ==
        "InvalidRequest");
  CHECK(put({{"x-amz-checksum-xxhash64", crc}}) == "NotImplemented");
}

TEST_CASE("PutObject: of two checksums neither is looked at") {
  World world;
  world.run("PUT", "/bucket");
  const auto answer = world.run("PUT", "/bucket/key", "x",
                                {{"x-amz-checksum-sha256", "no"}, {"x-amz-checksum-crc32", "no"}});
  CHECK(answer.at("Message") ==
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
}

TEST_CASE("PutObject: Content-MD5 that cannot be one is InvalidDigest, a wrong one BadDigest") {
  OneBucket world;
  const auto put = [&](const std::string& value) {
    return world.run("PUT", "/bucket/key", "body", {{"Content-MD5", value}});
  };
  CHECK(put(base::to_base64(base::md5("body"))).status == 200);
  for (const auto* bad : {"", "rubbish", "AAAA"}) {
    const auto answer = put(bad);
    CHECK(answer.status == 400);
    CHECK(answer.at("Code") == "InvalidDigest");
    CHECK(answer.at("Content-MD5") == bad);
  }
  const auto wrong = put(base::to_base64(base::md5("other")));
  CHECK(wrong.at("Code") == "BadDigest");
  CHECK(wrong.at("CalculatedDigest") == base::to_base64(base::md5("body")));
  // The service gives one digest in base64 and the other in hex.
  CHECK(wrong.at("ExpectedDigest") == base::to_hex(base::md5("other")));
}

TEST_CASE("PutObject: x-amz-content-sha256 is held against the body") {
  OneBucket world;
  const auto put = [&](const std::string& value) {
    return world.run("PUT", "/bucket/key", "body", {{"x-amz-content-sha256", value}});
  };
  CHECK(put(base::to_hex(base::sha256("body"))).status == 200);
  CHECK(put("UNSIGNED-PAYLOAD").status == 200);
  const auto wrong = put(base::to_hex(base::sha256("other")));
  CHECK(wrong.at("Code") == "XAmzContentSHA256Mismatch");
  CHECK(wrong.at("S3ComputedContentSHA256") == base::to_hex(base::sha256("body")));
  CHECK(put("nonsense").at("Code") == "InvalidArgument");
  CHECK(put("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD").status == 501);
}

TEST_CASE("PutObject: aws-chunked is peeled whatever the pieces, and a trailer is verified") {
  const std::string body = pattern(100'000);
  const std::string crc = encoded(base::DigestKind::kCrc32, body);
  const auto framed = [&](const std::string& value) {
    return aws_chunk(body.substr(0, 65'536)) + aws_chunk(body.substr(65'536)) +
           "0\r\nx-amz-checksum-crc32:" + value + "\r\n\r\n";
  };
  for (const std::size_t piece : {1u, 17u, 65536u}) {
    OneBucket world;
    const std::vector<http::Header> headers = {
        {"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
        {"Content-Encoding", "gzip,aws-chunked"},
        {"x-amz-decoded-content-length", std::to_string(body.size())},
        {"x-amz-sdk-checksum-algorithm", "CRC32"},
        {"x-amz-trailer", "x-amz-checksum-crc32"}};
    const auto put = world.run_in_pieces("PUT", "/bucket/key", framed(crc), piece, headers);
    REQUIRE(put.status == 200);
    CHECK(put.header("x-amz-checksum-crc32") == crc);
    const auto got = world.run("GET", "/bucket/key");
    CHECK(got.body == body);
    CHECK(got.header("content-encoding") == "gzip");
    const auto bad = world.run_in_pieces("PUT", "/bucket/bad", framed("AAAAAA=="), piece, headers);
    CHECK(bad.at("Code") == "BadDigest");
    CHECK(world.run("GET", "/bucket/bad").status == 404);
  }
}

TEST_CASE("PutObject: aws-chunked inside chunked transfer, with no length anywhere") {
  OneBucket world;
  auto head = head_of("PUT", "/bucket/key",
                      {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                       {"Content-Encoding", "aws-chunked"},
                       {"x-amz-trailer", "x-amz-checksum-crc32"}});
  head.chunked = true;
  const std::string body = "stream of unknown length";
  const auto put =
      world.send(std::move(head), aws_chunk(body) + "0\r\nx-amz-checksum-crc32:" +
                                      encoded(base::DigestKind::kCrc32, body) + "\r\n\r\n");
  CHECK(put.status == 200);
  const auto got = world.run("GET", "/bucket/key");
  CHECK(got.body == body);
  CHECK_FALSE(got.headers.has("content-encoding"));
}

TEST_CASE("PutObject: a decoded length that is not what came is IncompleteBody") {
  OneBucket world;
  const auto put = [&](const char* length) {
    return world.run("PUT", "/bucket/key", aws_chunk("12345") + "0\r\n\r\n",
                     {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                      {"x-amz-decoded-content-length", length}});
  };
  CHECK(put("5").status == 200);
  CHECK(put("6").at("Code") == "IncompleteBody");
  CHECK(put("4").at("Code") == "IncompleteBody");
  const auto cut = world.run("PUT", "/bucket/cut", "5\r\n123",
                             {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}});
  CHECK(cut.at("Code") == "IncompleteBody");
}

TEST_CASE("PutObject: a trailer that was announced and did not come is malformed") {
  OneBucket world;
  const auto put = world.run("PUT", "/bucket/key", aws_chunk("12345") + "0\r\n\r\n",
                             {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                              {"x-amz-trailer", "x-amz-checksum-crc32"}});
  CHECK(put.at("Code") == "MalformedTrailerError");
}

TEST_CASE("PutObject: a body without a length is refused, unless it is chunked") {
  OneBucket world;
  CHECK(world.send(head_of("PUT", "/bucket/key"), "").at("Code") == "MissingContentLength");
  auto chunked = head_of("PUT", "/bucket/key");
  chunked.chunked = true;
  CHECK(world.send(std::move(chunked), "body").status == 200);
  CHECK(world.run("GET", "/bucket/key").body == "body");
}

TEST_CASE("PutObject: more than 5 GiB is refused by its length alone") {
  OneBucket world;
  auto head = head_of("PUT", "/bucket/key");
  head.content_length = 5ULL * 1024 * 1024 * 1024 + 1;
  const auto answer = world.send(std::move(head), "");
  CHECK(answer.at("Code") == "EntityTooLarge");
  CHECK(answer.at("MaxSizeAllowed") == "5368709120");
}

TEST_CASE("configurations: a Content-MD5 or a checksum has to come along") {
  OneBucket world;
  const std::string body =
      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  const auto bare = world.run("PUT", "/bucket?versioning", body);
  CHECK(bare.at("Code") == "InvalidRequest");
  CHECK(bare.at("Message") ==
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  CHECK(world
            .run("PUT", "/bucket?versioning", body,
                 {{"x-amz-checksum-crc32", encoded(base::DigestKind::kCrc32, body)}})
            .status == 200);
  CHECK(world
            .run("PUT", "/bucket?versioning", body,
                 {{"x-amz-checksum-crc32", encoded(base::DigestKind::kCrc32, "x")}})
            .at("Code") == "BadDigest");
}
