// ListObjects, ListObjectsV2: order, delimiters, pages, encodings.
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;
using Strings = std::vector<std::string>;

namespace {

struct Keys : World {
  Keys(std::initializer_list<const char*> keys) {
    run("PUT", "/bucket");
    for (const auto* key : keys) run("PUT", std::string("/bucket/") + key, "x");
  }
};

Strings keys(const Answer& answer) { return answer.all("Contents", "Key"); }
Strings prefixes(const Answer& answer) { return answer.all("CommonPrefixes", "Prefix"); }

}  // namespace

TEST_CASE("ListObjectsV2: names, counts and echoes") {
  Keys world{"b", "a"};
  const auto list = world.run("GET", "/bucket?list-type=2");
  CHECK(list.at("Name") == "bucket");
  CHECK(list.at("KeyCount") == "2");
  CHECK(list.at("MaxKeys") == "1000");
  CHECK(list.at("IsTruncated") == "false");
  CHECK(keys(list) == Strings{"a", "b"});
  CHECK(list.at("Contents/Size") == "1");
  CHECK(list.at("Contents/ETag") == "\"9dd4e461268c8034f5c8564e155c67a6\"");
  CHECK(list.at("Contents/StorageClass") == "STANDARD");
  CHECK(list.at("Contents/ChecksumAlgorithm") == "CRC64NVME");
  CHECK(list.at("Contents/LastModified") == "2026-01-02T03:04:05.000Z");
  CHECK_FALSE(list.xml().root().child("Contents").child("Owner"));
  CHECK_FALSE(list.xml().root().child("Delimiter"));
  CHECK(list.xml().root().child("Prefix"));
  CHECK(world.run("GET", "/bucket?list-type=2&fetch-owner=true").at("Contents/Owner/ID").size() ==
        64);
  CHECK(list.header("x-amz-bucket-region") == "us-east-1");
}

TEST_CASE("ListObjects: shows owners, and NextMarker only with a delimiter") {
  Keys world{"a", "b", "c/1", "c/2", "d"};
  const auto plain = world.run("GET", "/bucket?max-keys=2");
  CHECK(keys(plain) == Strings{"a", "b"});
  CHECK(plain.at("IsTruncated") == "true");
  CHECK_FALSE(plain.xml().root().child("NextMarker"));
  CHECK(plain.at("Contents/Owner/ID").size() == 64);
  const auto grouped = world.run("GET", "/bucket?max-keys=3&delimiter=/");
  CHECK(keys(grouped) == Strings{"a", "b"});
  CHECK(prefixes(grouped) == Strings{"c/"});
  CHECK(grouped.at("NextMarker") == "c/");
  const auto rest = world.run("GET", "/bucket?max-keys=3&delimiter=/&marker=c/");
  CHECK(keys(rest) == Strings{"d"});
  CHECK(prefixes(rest).empty());
  CHECK(keys(world.run("GET", "/bucket?marker=b")) == Strings{"c/1", "c/2", "d"});
}

TEST_CASE("ListObjectsV2: a token behind a common prefix skips the whole prefix") {
  Keys world{"a/1", "a/2", "a/3", "b", "c/1"};
  Strings seen;
  std::string token;
  int pages = 0;
  do {
    const auto list = world.run("GET", "/bucket?list-type=2&delimiter=/&max-keys=1" +
                                           (token.empty() ? "" : "&continuation-token=" + token));
    REQUIRE(list.status == 200);
    CHECK(list.at("KeyCount") == "1");
    for (const auto& key : keys(list)) seen.push_back(key);
    for (const auto& prefix : prefixes(list)) seen.push_back(prefix);
    token = list.at("NextContinuationToken");
    REQUIRE(++pages < 10);
  } while (!token.empty());
  CHECK(seen == Strings{"a/", "b", "c/"});
}

TEST_CASE("ListObjectsV2: tokens survive keys that URLs do not like") {
  Keys world{"a%2Bb%3D%26", "a+c", "a%20d", "a%C3%A9"};
  Strings seen;
  std::string token;
  do {
    const auto list = world.run("GET", "/bucket?list-type=2&max-keys=1" +
                                           (token.empty() ? "" : "&continuation-token=" + token));
    for (const auto& key : keys(list)) seen.push_back(key);
    token = list.at("NextContinuationToken");
    CHECK(token.find_first_of("+/=&") == std::string::npos);
  } while (!token.empty() && seen.size() < 10);
  CHECK(seen == Strings{"a d", "a+b=&", "a+c", "a\xC3\xA9"});
}

TEST_CASE("ListObjectsV2: a token that is not ours is an invalid argument, also an empty one") {
  Keys world{"a"};
  for (const auto* token : {"", "abc", "!!"}) {
    const auto list =
        world.run("GET", std::string("/bucket?list-type=2&continuation-token=") + token);
    CHECK(list.status == 400);
    CHECK(list.at("ArgumentName") == "continuation-token");
  }
}

TEST_CASE("ListObjectsV2: start-after begins behind a key, and a token wins over it") {
  Keys world{"a", "b", "c"};
  const auto first = world.run("GET", "/bucket?list-type=2&start-after=a&max-keys=1");
  CHECK(keys(first) == Strings{"b"});
  CHECK(first.at("StartAfter") == "a");
  const auto next = world.run("GET", "/bucket?list-type=2&start-after=a&continuation-token=" +
                                         first.at("NextContinuationToken"));
  CHECK(keys(next) == Strings{"c"});
}

TEST_CASE("ListObjects: max-keys 0 is an empty whole page, and what is no number is refused") {
  Keys world{"a"};
  const auto none = world.run("GET", "/bucket?max-keys=0");
  CHECK(none.at("IsTruncated") == "false");
  CHECK(keys(none).empty());
  CHECK(world.run("GET", "/bucket?max-keys=5000").at("MaxKeys") == "5000");
  CHECK(world.run("GET", "/bucket?max-keys=05").at("MaxKeys") == "5");
  CHECK(world.run("GET", "/bucket?max-keys=2147483648").at("ArgumentName") == "max-keys");
  CHECK(world.run("GET", "/bucket?max-keys=").at("MaxKeys") == "1000");
  CHECK(world.run("GET", "/bucket?max-keys=blah").at("ArgumentName") == "max-keys");
  const auto negative = world.run("GET", "/bucket?max-keys=-1");
  CHECK(negative.at("ArgumentName") == "maxKeys");
  CHECK(negative.at("Message") == "Argument maxKeys must be an integer between 0 and 2147483647");
}

TEST_CASE("ListObjects: encoding-type=url encodes keys as the service does, a space as a plus") {
  Keys world{"a%20b", "a%2Bb", "100%25", "~*", "dir%20x/1"};
  const auto list = world.run("GET", "/bucket?encoding-type=url&delimiter=/&prefix=");
  CHECK(keys(list) == Strings{"100%25", "a+b", "a%2Bb", "%7E*"});
  CHECK(prefixes(list) == Strings{"dir+x/"});
  CHECK(list.at("EncodingType") == "url");
  CHECK(world.run("GET", "/bucket?encoding-type=URL").at("EncodingType") == "URL");
  CHECK(list.at("Delimiter") == "/");
  CHECK(world.run("GET", "/bucket?encoding-type=rot13").at("ArgumentName") == "encoding-type");
}

TEST_CASE("ListObjects: prefixes and delimiters of every kind") {
  Keys world{"foo/bar", "foo/baz/xyzzy", "quux/thud", "asdf", "b%0Ar", "b%0Az"};
  CHECK(keys(world.run("GET", "/bucket?delimiter=&prefix=foo/")) ==
        Strings{"foo/bar", "foo/baz/xyzzy"});
  CHECK_FALSE(world.run("GET", "/bucket?delimiter=").xml().root().child("Delimiter"));
  CHECK(prefixes(world.run("GET", "/bucket?delimiter=/&prefix=foo/")) == Strings{"foo/baz/"});
  CHECK(prefixes(world.run("GET", "/bucket?delimiter=%0a&prefix=b&encoding-type=url")) ==
        Strings{"b%0A"});
  CHECK(prefixes(world.run("GET", "/bucket?delimiter=z/x")) == Strings{"foo/baz/x"});
}

TEST_CASE("ListObjects: carriage returns and markup in keys are escaped in XML") {
  Keys world{"a%0Db", "a%3C%26%3E"};
  const auto list = world.run("GET", "/bucket");
  CHECK(list.body.find("<Key>a&#13;b</Key>") != std::string::npos);
  CHECK(keys(list) == Strings{"a\rb", "a<&>"});
}

TEST_CASE("ListObjects: parameters of the other version are refused, not ignored") {
  Keys world{"a"};
  CHECK(world.run("GET", "/bucket?start-after=a").at("ArgumentName") == "start-after");
  CHECK(world.run("GET", "/bucket?continuation-token=a").at("Message") ==
        "continuation-token only supported in REST.GET.BUCKET with list-type=2");
  CHECK(world.run("GET", "/bucket?list-type=2&marker=a").at("ArgumentName") == "marker");
}

TEST_CASE("ListObjects: of a bucket that is not there") {
  World world;
  CHECK(world.run("GET", "/none").at("Code") == "NoSuchBucket");
  CHECK(world.run("GET", "/none?list-type=2").status == 404);
}
