#include "protocol/redis/rdb/footer.h"

#include <string>

#include "protocol/redis/rdb/lzf.h"
#include "protocol/redis/rdb/primitives.h"
#include "tests/catch.h"

using namespace bodega::redis;
using namespace std::string_literals;

// The payload is what redis-server 7.0.15 answers to DUMP of a key that holds 10.
TEST_CASE("DUMP footer: version and checksum as redis-server 7.0.15 writes them") {
  const std::string expected = "\x00\xc0\x0a\x0a\x00\x6e\x9f\x57\x45\x0e\xae\x63\xbb"s;
  std::string payload = expected.substr(0, 3);
  put_footer(payload, kRdbVersion70);
  CHECK(payload == expected);
  CHECK(checked_body(expected) == expected.substr(0, 3));
}

TEST_CASE("DUMP footer: any flipped bit and any cut is noticed, and so is a newer version") {
  std::string payload = "body";
  put_footer(payload, kRdbVersion72);
  REQUIRE(checked_body(payload) == "body");
  for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
    std::string damaged = payload;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    CHECK(!checked_body(damaged));
  }
  for (std::size_t length = 0; length < payload.size(); ++length) {
    CHECK(!checked_body(payload.substr(0, length)));
  }
  std::string newer = "body";
  put_footer(newer, kNewestRdbVersion + 1);
  CHECK(!checked_body(newer));
}

TEST_CASE("RDB lengths: each form at its bounds") {
  const auto written = [](std::uint64_t length) {
    std::string out;
    put_length(out, length);
    return out;
  };
  CHECK(written(63) == "\x3f");
  CHECK(written(64) == "\x40\x40");
  CHECK(written(16383) == "\x7f\xff");
  CHECK(written(16384) == "\x80\x00\x00\x40\x00"s);
  CHECK(written(0x100000000) == "\x81\x00\x00\x00\x01\x00\x00\x00\x00"s);
}

TEST_CASE("LZF: what was compressed comes back") {
  std::string mixed;
  for (int i = 0; i < 5000; ++i) mixed += std::to_string(i % 97) + (i % 5 == 0 ? "abcabcabc" : "-");
  for (const std::string& text : {std::string(30, 'a'), std::string(100000, 'x'), mixed}) {
    const std::string compressed = lzf_compress(text);
    REQUIRE(!compressed.empty());
    CHECK(compressed.size() < text.size() / 2);
    CHECK(lzf_decompress(compressed, text.size()) == text);
    CHECK(!lzf_decompress(compressed, text.size() - 1));
    CHECK(!lzf_decompress(compressed, text.size() + 1));
  }
  CHECK(lzf_compress("no two parts alike").empty());
}

TEST_CASE("LZF: a length that so few bytes cannot come to takes no memory") {
  CHECK(!lzf_decompress("\x01\x61\x61", std::uint64_t{1} << 60));
  CHECK(!lzf_decompress("\x20\x05", 3));  // a copy from before the start
  CHECK(!lzf_decompress("\x05\x61", 6));  // literals that are not there
}
