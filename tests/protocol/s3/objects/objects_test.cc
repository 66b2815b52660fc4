// PutObject, GetObject, HeadObject, DeleteObject: bytes, headers, ranges, conditions.
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

std::string etag_of(std::string_view body) { return "\"" + base::to_hex(base::md5(body)) + "\""; }

}  // namespace

TEST_CASE("PutObject: small and large bodies come back as they went in") {
  OneBucket world;
  for (const std::size_t size : {0u, 1u, 4096u, 65536u, 65537u, 300'000u}) {
    const std::string body = pattern(size);
    const auto put = world.run_in_pieces("PUT", "/bucket/key", body, 7001);
    REQUIRE(put.status == 200);
    CHECK(put.header("etag") == etag_of(body));
    CHECK(put.header("x-amz-server-side-encryption") == "AES256");
    CHECK(put.header("x-amz-checksum-type") == "FULL_OBJECT");
    const auto got = world.run("GET", "/bucket/key");
    CHECK(got.status == 200);
    CHECK(got.body == body);
    CHECK(got.header("etag") == etag_of(body));
    CHECK(got.header("last-modified") == "Fri, 02 Jan 2026 03:04:05 GMT");
    CHECK(got.header("accept-ranges") == "bytes");
    CHECK(got.header("content-type") == "binary/octet-stream");
    const auto head = world.run("HEAD", "/bucket/key");
    CHECK(head.status == 200);
    CHECK(head.header("content-length") == std::to_string(size));
    CHECK(head.body.empty());
  }
}

TEST_CASE("PutObject: every reply carries the ids and the server's name") {
  OneBucket world;
  const auto put = world.run("PUT", "/bucket/key", "x");
  CHECK(put.header("x-amz-request-id").size() == 16);
  CHECK(put.header("x-amz-id-2").size() == 76);
  CHECK(put.header("server") == "AmazonS3");
  const auto error = world.run("GET", "/bucket/none");
  CHECK(error.at("RequestId") == error.header("x-amz-request-id"));
  CHECK(error.at("HostId") == error.header("x-amz-id-2"));
}

TEST_CASE("PutObject: metadata and system headers come back, names in lower case") {
  OneBucket world;
  world.run("PUT", "/bucket/key", "x",
            {{"Content-Type", "text/plain"},
             {"Cache-Control", "no-store"},
             {"Content-Disposition", "inline"},
             {"Content-Encoding", "gzip,aws-chunked"},
             {"Content-Language", "de"},
             {"Expires", "tomorrow or so"},
             {"X-Amz-Meta-Colour", "  blue "},
             {"x-amz-meta-colour", "red"},
             {"x-amz-website-redirect-location", "/there"},
             {"x-amz-decoded-content-length", "1"}});
  // "aws-chunked" in Content-Encoding means the body is framed; this one is not and is refused.
  CHECK(world.run("HEAD", "/bucket/key").status == 404);
  world.run("PUT", "/bucket/key", "x",
            {{"Content-Type", "text/plain"},
             {"Cache-Control", "no-store"},
             {"Content-Disposition", "inline"},
             {"Content-Encoding", "deflate, gzip"},
             {"Content-Language", "de"},
             {"Expires", "tomorrow or so"},
             {"X-Amz-Meta-Colour", "  blue "},
             {"x-amz-meta-colour", "red"},
             {"x-amz-website-redirect-location", "/there"}});
  const auto head = world.run("HEAD", "/bucket/key");
  CHECK(head.header("content-type") == "text/plain");
  CHECK(head.header("cache-control") == "no-store");
  CHECK(head.header("content-disposition") == "inline");
  CHECK(head.header("content-encoding") == "deflate, gzip");
  CHECK(head.header("content-language") == "de");
  CHECK(head.header("expires") == "tomorrow or so");
  CHECK(head.header("x-amz-meta-colour") == "blue,red");
  CHECK(head.header("x-amz-website-redirect-location") == "/there");
  CHECK(head.headers.get_all("content-type").size() == 1);
}

TEST_CASE("PutObject: metadata that is not ASCII goes out as an RFC 2047 word") {
  OneBucket world;
  world.run("PUT", "/bucket/key", "x", {{"x-amz-meta-name", "J\xC3\xBCrgen"}});
  const auto sent_as = [&](std::string value) {
    world.run("PUT", "/bucket/key", "x", {{"x-amz-meta-name", std::move(value)}});
    return world.run("HEAD", "/bucket/key").header("x-amz-meta-name");
  };
  CHECK(sent_as("J\xC3\xBCrgen") == "=?UTF-8?Q?J=C3=BCrgen?=");
  CHECK(sent_as("=?UTF-8?B?" + base::to_base64("J\xC3\xBCrgen") + "?=") ==
        "=?UTF-8?Q?J=C3=BCrgen?=");
  CHECK(sent_as("a_\xC3\xA9 2?=%.") == "=?UTF-8?Q?a=5F=C3=A9_2=3F=3D%.?=");
  // Mostly not ASCII, counted in UTF-16 units.
  CHECK(sent_as("a\xF0\x9F\x91\x91") == "=?UTF-8?B?" + base::to_base64("a\xF0\x9F\x91\x91") + "?=");
  CHECK(sent_as("=?UTF-8?Q?plain?=") == "plain");
  CHECK(sent_as("=?UTF-8?Q?100%41_=C3=A9?=") == "=?UTF-8?Q?100%41_=C3=A9?=");
}

TEST_CASE("PutObject: metadata cannot carry line ends into a reply's headers") {
  OneBucket world;
  const auto sent_as = [&](const std::string& decoded) {
    world.run("PUT", "/bucket/key", "x",
              {{"x-amz-meta-name", "=?UTF-8?B?" + base::to_base64(decoded) + "?="}});
    return world.run("HEAD", "/bucket/key").header("x-amz-meta-name");
  };
  CHECK(sent_as(std::string("\0\1\2\3", 4)) == "=?UTF-8?B?AAECAw==?=");
  CHECK(sent_as("value\r\nSet-Cookie: x") == "=?UTF-8?Q?value=0D=0ASet-Cookie:_x?=");
}

TEST_CASE("PutObject: metadata of more than 2 KB is too large") {
  OneBucket world;
  const std::string name = "x-amz-meta-a";
  CHECK(world.run("PUT", "/bucket/key", "x", {{name, std::string(2047, 'v')}}).status == 200);
  const auto answer = world.run("PUT", "/bucket/key", "x", {{name, std::string(2048, 'v')}});
  CHECK(answer.at("Code") == "MetadataTooLarge");
  CHECK(answer.at("MaxSizeAllowed") == "2048");
}

TEST_CASE("PutObject: into a bucket that is not there answers NoSuchBucket before the body") {
  World world;
  const auto answer = world.run("PUT", "/bucket/key", "x");
  CHECK(answer.status == 404);
  CHECK(answer.at("Code") == "NoSuchBucket");
}

TEST_CASE("PutObject: storage class is kept, checked and shown when it is not STANDARD") {
  OneBucket world;
  CHECK(world.run("PUT", "/bucket/k", "x", {{"x-amz-storage-class", "STANDARD_IA"}}).status == 200);
  CHECK(world.run("HEAD", "/bucket/k").header("x-amz-storage-class") == "STANDARD_IA");
  const auto bad = world.run("PUT", "/bucket/k", "x", {{"x-amz-storage-class", "FROZEN"}});
  CHECK(bad.at("Code") == "InvalidStorageClass");
  CHECK(bad.at("StorageClassRequested") == "FROZEN");
  world.run("PUT", "/bucket/k", "x", {{"x-amz-storage-class", "GLACIER"}});
  const auto archived = world.run("GET", "/bucket/k");
  CHECK(archived.status == 403);
  CHECK(archived.at("StorageClass") == "GLACIER");
}

TEST_CASE("PutObject: ACLs, KMS, customer keys and locks say that they are not there") {
  OneBucket world;
  const auto put = [&](const char* name, const char* value) {
    return world.run("PUT", "/bucket/k", "x", {{name, value}});
  };
  CHECK(put("x-amz-acl", "public-read").at("Code") == "AccessControlListNotSupported");
  CHECK(put("x-amz-acl", "bucket-owner-full-control").status == 200);
  CHECK(put("x-amz-server-side-encryption", "AES256").status == 200);
  CHECK(put("x-amz-server-side-encryption", "aws:kms").status == 501);
  CHECK(put("x-amz-server-side-encryption", "ROT13").at("Code") == "InvalidArgument");
  CHECK(put("x-amz-server-side-encryption-customer-algorithm", "AES256").status == 501);
  CHECK(put("x-amz-object-lock-mode", "GOVERNANCE").at("Code") == "InvalidRequest");
}

TEST_CASE("GetObject: keys are bytes and never normalised") {
  OneBucket world;
  for (const auto* target :
       {"/bucket/a/../b", "/bucket/./x", "/bucket/a//b", "/bucket//", "/bucket/dir/", "/bucket/a+b",
        "/bucket/a%20b", "/bucket/a%2Fb", "/bucket/%C3%A9", "/bucket/a%25b"}) {
    REQUIRE(world.run("PUT", target, target).status == 200);
  }
  CHECK(world.run("GET", "/bucket/a/../b").body == "/bucket/a/../b");
  CHECK(world.run("GET", "/bucket/b").status == 404);
  CHECK(world.run("GET", "/bucket/a b").body == "/bucket/a%20b");
  CHECK(world.run("GET", "/bucket/a%2bb").body == "/bucket/a+b");
  CHECK(world.run("GET", "/bucket/a/b").body == "/bucket/a%2Fb");
  CHECK(world.run("GET", "/bucket").all("Contents", "Key") ==
        std::vector<std::string>{"./x", "/", "a b", "a%b", "a+b", "a/../b", "a//b", "a/b", "dir/",
                                 "\xC3\xA9"});
}

TEST_CASE("GetObject: a key has at most 1024 bytes and is UTF-8") {
  OneBucket world;
  CHECK(world.run("PUT", "/bucket/" + std::string(1024, 'k'), "x").status == 200);
  const auto answer = world.run("PUT", "/bucket/" + std::string(1025, 'k'), "x");
  CHECK(answer.at("Code") == "KeyTooLongError");
  CHECK(answer.at("Size") == "1025");
  CHECK(answer.at("MaxSizeAllowed") == "1024");
  CHECK(world.run("PUT", "/bucket/%ff", "x").at("Code") == "InvalidURI");
  CHECK(world.run("PUT", "/bucket/%f", "x").at("Code") == "InvalidURI");
}

TEST_CASE("GetObject: what is not there is NoSuchKey, without a body for HEAD") {
  OneBucket world;
  const auto got = world.run("GET", "/bucket/none");
  CHECK(got.status == 404);
  CHECK(got.at("Code") == "NoSuchKey");
  CHECK(got.at("Key") == "none");
  const auto head = world.run("HEAD", "/bucket/none");
  CHECK(head.status == 404);
  CHECK(head.body.empty());
  CHECK(head.code == "NoSuchKey");
}

TEST_CASE("GetObject: ranges answer 206 with the bytes, or 416 past the end") {
  OneBucket world;
  for (const std::size_t size : {10u, 200'000u}) {
    const std::string body = pattern(size);
    world.run("PUT", "/bucket/key", body);
    const auto get = [&](const char* range) {
      return world.run("GET", "/bucket/key", "", {{"Range", range}});
    };
    const auto first = get("bytes=0-3");
    CHECK(first.status == 206);
    CHECK(first.body == body.substr(0, 4));
    CHECK(first.header("content-range") == "bytes 0-3/" + std::to_string(size));
    CHECK(get("bytes=-4").body == body.substr(size - 4));
    CHECK(get("bytes=5-").body == body.substr(5));
    CHECK(get("bytes=2-1").status == 200);
    CHECK(get("bytes=0-1,3-4").body == body);
    const auto past = get("bytes=900000-");
    CHECK(past.status == 416);
    CHECK_FALSE(past.headers.has("content-range"));
    CHECK(past.at("Code") == "InvalidRange");
    CHECK(past.at("RangeRequested") == "bytes=900000-");
    CHECK(past.at("ActualObjectSize") == std::to_string(size));
  }
  const auto head = world.run("HEAD", "/bucket/key", "", {{"Range", "bytes=1-2"}});
  CHECK(head.status == 206);
  CHECK(head.header("content-length") == "2");
}

TEST_CASE("GetObject: partNumber of an object that was put whole is the whole") {
  OneBucket world;
  world.run("PUT", "/bucket/key", "0123456789");
  const auto one = world.run("GET", "/bucket/key?partNumber=1");
  CHECK(one.status == 206);
  CHECK(one.body == "0123456789");
  CHECK(one.header("content-range") == "bytes 0-9/10");
  const auto two = world.run("GET", "/bucket/key?partNumber=2");
  CHECK(two.status == 416);
  CHECK(two.at("Code") == "InvalidPartNumber");
  CHECK(two.at("ActualPartCount") == "1");
  CHECK(two.at("PartNumberRequested") == "2");
  CHECK(world.run("GET", "/bucket/key?partNumber=0").at("Code") == "InvalidArgument");
  CHECK(world.run("GET", "/bucket/key?partNumber=1", "", {{"Range", "bytes=0-1"}}).at("Code") ==
        "InvalidRequest");
}

TEST_CASE("GetObject: conditions in the order of RFC 7232") {
  OneBucket world;
  world.run("PUT", "/bucket/key", "body");
  const std::string etag = etag_of("body");
  const std::string before = "Fri, 02 Jan 2026 03:04:04 GMT";
  const std::string same = "Fri, 02 Jan 2026 03:04:05 GMT";
  const std::string future = "Fri, 02 Jan 2099 03:04:05 GMT";
  const auto get = [&](std::vector<http::Header> headers) {
    return world.run("GET", "/bucket/key", "", std::move(headers));
  };
  CHECK(get({{"If-Match", etag}}).status == 200);
  CHECK(get({{"If-Match", etag.substr(1, 32)}}).status == 200);
  CHECK(get({{"If-Match", "\"x\", " + etag}}).status == 200);
  CHECK(get({{"If-Match", "*"}}).status == 200);
  const auto failed = get({{"If-Match", "\"x\""}});
  CHECK(failed.status == 412);
  CHECK(failed.at("Condition") == "If-Match");
  CHECK(get({{"If-Unmodified-Since", before}}).at("Condition") == "If-Unmodified-Since");
  CHECK(get({{"If-Unmodified-Since", before}, {"If-Match", etag}}).status == 200);
  const auto unchanged = get({{"If-None-Match", etag}});
  CHECK(unchanged.status == 304);
  CHECK(unchanged.body.empty());
  CHECK(unchanged.header("etag") == etag);
  CHECK(unchanged.header("last-modified") == same);
  world.run("PUT", "/bucket/cached", "body", {{"Cache-Control", "max-age=1"}});
  const auto cached = world.run("GET", "/bucket/cached", "", {{"If-None-Match", etag}});
  CHECK(cached.status == 304);
  CHECK(cached.header("etag") == etag);
  CHECK(cached.header("cache-control") == "max-age=1");
  CHECK(get({{"If-None-Match", "\"x\""}, {"If-Modified-Since", same}}).status == 200);
  CHECK(get({{"If-Modified-Since", same}}).status == 304);
  CHECK(get({{"If-Modified-Since", before}}).status == 200);
  CHECK(get({{"If-Modified-Since", future}}).status == 200);
  CHECK(get({{"If-Modified-Since", "whenever"}}).status == 200);
}

TEST_CASE("GetObject: response headers can be overridden by whoever signs") {
  OneBucket world;
  world.run("PUT", "/bucket/key", "x", {{"Content-Type", "text/plain"}});
  const std::string target =
      "/bucket/key?response-content-type=image%2Fpng&response-cache-control=no-cache&"
      "response-content-disposition=attachment&response-content-language=fr&"
      "response-content-encoding=br&response-expires=never";
  const auto got = world.run("GET", target, "", {claim("me")});
  CHECK(got.header("content-type") == "image/png");
  CHECK(got.header("cache-control") == "no-cache");
  CHECK(got.header("content-disposition") == "attachment");
  CHECK(got.header("content-language") == "fr");
  CHECK(got.header("content-encoding") == "br");
  CHECK(got.header("expires") == "never");
  const auto anonymous = world.run("GET", target);
  CHECK(anonymous.status == 400);
  CHECK(anonymous.at("Code") == "InvalidRequest");
}

TEST_CASE("GetObject: an override is Latin-1 and one line, or an invalid argument") {
  OneBucket world;
  world.run("PUT", "/bucket/key", "x");
  const auto get = [&](const std::string& value) {
    return world.run("GET", "/bucket/key?response-cache-control=" + value, "", {claim("me")});
  };
  CHECK(get("caf%C3%A9").header("cache-control") == "caf\xE9");
  const auto dash = get("%E2%80%94");
  CHECK(dash.status == 400);
  CHECK(dash.at("ArgumentName") == "response-cache-control");
  CHECK(dash.at("Message") == "Header value cannot be represented using ISO-8859-1.");
  CHECK(get("a%0D%0ASet-Cookie:%20x").at("Code") == "InvalidArgument");
}

TEST_CASE("PutObject: If-None-Match: * writes only where there is nothing") {
  OneBucket world;
  CHECK(world.run("PUT", "/bucket/key", "1", {{"If-None-Match", "*"}}).status == 200);
  const auto second = world.run("PUT", "/bucket/key", "2", {{"If-None-Match", "*"}});
  CHECK(second.status == 412);
  CHECK(second.at("Condition") == "If-None-Match");
  CHECK(world.run("GET", "/bucket/key").body == "1");
}

TEST_CASE("PutObject: If-Match writes only over the etag it names") {
  OneBucket world;
  CHECK(world.run("PUT", "/bucket/key", "1", {{"If-Match", etag_of("1")}}).at("Code") ==
        "NoSuchKey");
  world.run("PUT", "/bucket/key", "1");
  CHECK(world.run("PUT", "/bucket/key", "2", {{"If-Match", etag_of("1")}}).status == 200);
  const auto stale = world.run("PUT", "/bucket/key", "3", {{"If-Match", etag_of("1")}});
  CHECK(stale.status == 412);
  CHECK(stale.at("Condition") == "If-Match");
}

TEST_CASE("PutObject: conditions of other forms answer 501 as recorded on the service") {
  OneBucket world;
  const auto put = [&](std::vector<http::Header> headers) {
    return world.run("PUT", "/bucket/key", "x", std::move(headers));
  };
  const auto list = put({{"If-None-Match", "\"etag\""}});
  CHECK(list.status == 501);
  CHECK(list.at("Header") == "If-None-Match");
  CHECK(put({{"If-Match", "*"}}).at("Header") == "If-Match");
  CHECK(put({{"If-Match", "\"a\""}, {"If-None-Match", "*"}}).at("Header") ==
        "If-Match,If-None-Match");
}

TEST_CASE("DeleteObject: is 204 whether or not there was something, and If-Match is heeded") {
  OneBucket world;
  world.run("PUT", "/bucket/key", "x");
  CHECK(world.run("DELETE", "/bucket/key", "", {{"If-Match", "\"no\""}}).status == 412);
  CHECK(world.run("DELETE", "/bucket/key", "", {{"If-Match", etag_of("x")}}).status == 204);
  CHECK(world.run("DELETE", "/bucket/key").status == 204);
  CHECK(world.run("GET", "/bucket/key").status == 404);
  CHECK(world.run("DELETE", "/bucket/key", "", {{"x-amz-if-match-size", "1"}}).status == 501);
  CHECK(world.run("DELETE", "/none/key").at("Code") == "NoSuchBucket");
}

TEST_CASE("GetObject: a reader of an overwritten object goes on reading the old bytes") {
  OneBucket world;
  const std::string old_body = pattern(150'000, 1);
  world.run("PUT", "/bucket/key", old_body);
  auto begun = world.service().begin(head_of("GET", "/bucket/key"));
  auto reply = std::move(std::get<http::Reply>(begun));
  world.run("PUT", "/bucket/key", pattern(150'000, 2));
  world.run("DELETE", "/bucket/key");
  auto& stream = std::get<http::StreamBody>(reply.body);
  std::string got;
  char buffer[1000];
  while (const std::size_t count = stream.source->read(buffer)) got.append(buffer, count);
  CHECK(got == old_body);
}

TEST_CASE("PutObject: a client that goes away half-way leaves neither object nor bytes") {
  OneBucket world;
  {
    auto head = head_of("PUT", "/bucket/key");
    head.content_length = 200'000;
    auto begun = world.service().begin(std::move(head));
    auto sink = std::move(std::get<std::unique_ptr<http::BodySink>>(begun));
    sink->write(pattern(100'000));
  }
  CHECK(world.run("GET", "/bucket/key").status == 404);
  CHECK(world.blobs().usage().blobs == 0);
}
