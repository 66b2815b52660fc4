// The forms in which older versions of Redis wrote values, and what a value must not be.
#include <string>
#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/crc.h"
#include "protocol/redis/rdb/packed_forms.h"
#include "protocol/redis/rdb/primitives.h"
#include "protocol/redis/rdb/value_reader.h"
#include "tests/catch.h"

using namespace bodega;
using namespace bodega::redis;

namespace {

std::string bytes_of(std::string hex) {
  std::erase(hex, ' ');
  return base::from_hex(hex).value();
}

std::vector<std::string> texts(const RdbStrings& strings) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < strings.size(); ++i) out.emplace_back(strings[i]);
  return out;
}

using Texts = std::vector<std::string>;

RdbValue read_whole(const std::string& payload, std::string& failure) {
  RdbInput input(payload);
  RdbValue value = read_value(input, input.u8());
  failure = input.failure();
  return value;
}

}  // namespace

// As rdb.c of Redis 7.4 reads them: the first instant, 1000, in 8 bytes; instants counted from 999,
// or as they are in a listpack.
TEST_CASE("RDB: hashes whose fields expire, in the four forms of 7.4") {
  for (const std::string& hex : {std::string("18 e803000000000000 02 01 0161 0131 00 0162 0163"),
                                 std::string("16 02 43e8 0161 0131 00 0162 0163")}) {
    std::string failure;
    const RdbValue value = read_whole(bytes_of(hex), failure);
    CHECK(failure.empty());
    CHECK(texts(value.items) == Texts{"a", "1", "b", "c"});
    CHECK(value.expiries_ms == std::vector<std::int64_t>{1000, keyspace::kNoExpiry});
  }
  std::string failure;
  read_whole(bytes_of("18 ffffffffffffffff 01 01 0161 0131"), failure);
  CHECK(failure == "an instant that is too late");
  for (const std::string_view when : {"1000", "0", "-1", "x"}) {
    ListpackWriter packed;
    for (const std::string_view text : {std::string_view("a"), std::string_view("1"), when}) {
      packed.add(text);
    }
    std::string payload = bytes_of("19 e803000000000000");
    put_text(payload, packed.finish(), Compression::kNone);
    const RdbValue value = read_whole(payload, failure);
    CHECK(failure.empty() == (when == "1000" || when == "0"));
    if (when == "1000") CHECK(value.expiries_ms == std::vector<std::int64_t>{1000});
  }
}

// As drawn in zipmap.c of Redis.
TEST_CASE("RDB: a zipmap, with unused bytes behind a value") {
  RdbStrings out;
  CHECK(read_zipmap(bytes_of("02 03 666f6f 03 00 626172 05 68656c6c6f 05 02 776f726c64 0000 ff"),
                    out));
  CHECK(texts(out) == Texts{"foo", "bar", "hello", "world"});
  CHECK(!read_zipmap(bytes_of("01 03 666f6f"), out));
  CHECK(!read_zipmap(bytes_of("01 03 666f6f ff"), out));
}

// Written down after the comment at the head of ziplist.c: 2 and 5 as immediate integers, then
// "Hello World", an 8-bit and a 16-bit integer.
TEST_CASE("RDB: a ziplist with each kind of back-reference checked") {
  const std::string right =
      bytes_of("23000000 1e000000 0500 00f3 02f6 020b 48656c6c6f20576f726c64 0dfe9c 03c02c01 ff");
  REQUIRE(right.size() == 0x23);
  RdbStrings out;
  CHECK(read_ziplist(right, out));
  CHECK(texts(out) == Texts{"2", "5", "Hello World", "-100", "300"});
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{4}, std::size_t{8}, std::size_t{12}, right.size() - 1}) {
    std::string damaged = right;
    damaged[at] = static_cast<char>(damaged[at] + 1);
    RdbStrings unused;
    CHECK(!read_ziplist(damaged, unused));
  }
}

TEST_CASE("RDB: a listpack with each width of integer and text") {
  ListpackWriter writer;
  Texts written{"0",
                "127",
                "128",
                "-1",
                "-4096",
                "4095",
                "4096",
                "-32768",
                "8388607",
                "-8388609",
                "2147483648",
                "-9223372036854775808",
                "",
                "text",
                std::string(64, 'm'),
                std::string(5000, 'l'),
                "007"};
  for (const std::string& text : written) writer.add(text);
  RdbStrings out;
  CHECK(read_listpack(writer.finish(), out));
  CHECK(texts(out) == written);
  CHECK(writer.count() == 0);
}

TEST_CASE("RDB: an intset must ascend and have its whole width") {
  RdbStrings out;
  CHECK(read_intset(bytes_of("02000000 02000000 ffff 0100"), out));
  CHECK(texts(out) == Texts{"-1", "1"});
  CHECK(!read_intset(bytes_of("02000000 02000000 0100 0100"), out));
  CHECK(!read_intset(bytes_of("02000000 03000000 0100 0200"), out));
  CHECK(!read_intset(bytes_of("03000000 01000000 010000"), out));
}

TEST_CASE("RDB: a value says why it cannot be read") {
  std::string failure;
  read_whole(bytes_of("02 02 016d 016d"), failure);
  CHECK(failure == "a member or field that is there twice");
  read_whole(bytes_of("05 01 016d 000000000000f87f"), failure);
  CHECK(failure == "a score that is no number");
  read_whole(bytes_of("10 09 09000000 0100 01 01 ff"), failure);
  CHECK(failure == "a field without a value");
  read_whole(bytes_of("07 01"), failure);
  CHECK(failure == "a value of a module, which is not here");
  read_whole(bytes_of("01 80 7fffffff"), failure);
  CHECK(failure == "a count of more than there is");
  read_whole(bytes_of("00 81 7fffffffffffffff"), failure);
  CHECK(failure == "it ends too early");
  read_whole(bytes_of("00 c3 02 81 7fffffffffffffff 0161"), failure);
  CHECK(failure == "compressed text that does not come to its length");
}

TEST_CASE("RDB: scores as text, before version 8") {
  std::string failure;
  const RdbValue value = read_whole(bytes_of("03 03 0161 03312e35 0162 fe 0163 ff"), failure);
  CHECK(failure.empty());
  CHECK(texts(value.items) == Texts{"a", "b", "c"});
  CHECK(value.scores[0] == 1.5);
  CHECK(value.scores[1] > 1e308);
  CHECK(value.scores[2] < -1e308);
}

TEST_CASE("RDB input: bytes that come in pieces read as if they were there, with their checksum") {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i)
    put_text(bytes, "text " + std::to_string(i), Compression::kNone);
  std::size_t given = 0;
  RdbInput pieces(bytes.size(), [&](char* into, std::size_t most) {
    const std::size_t count = std::min<std::size_t>({most, 777, bytes.size() - given});
    bytes.copy(into, count, given);
    given += count;
    return count;
  });
  bool same = true;
  for (int i = 0; i < 100'000; ++i) same = same && pieces.text() == "text " + std::to_string(i);
  CHECK(same);
  CHECK(pieces.at_end());
  CHECK(pieces.checksum() == base::crc64redis(bytes));
  CHECK(pieces.ok());
  pieces.u8();
  CHECK(!pieces.ok());
}
