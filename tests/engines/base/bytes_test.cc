#include "engines/base/bytes.h"

#include <algorithm>
#include <vector>

#include "engines/base/random.h"
#include "tests/catch.h"

using namespace bodega;

namespace {

std::string ordered(std::string_view a, std::string_view b) {
  std::string out;
  base::put_ordered(out, a);
  base::put_ordered(out, b);
  return out;
}

std::string random_bytes(std::size_t most) {
  // Mostly the bytes that an escaping could stumble over.
  constexpr std::string_view kAwkward(
      "\0\0\xff\x01"
      "ab",
      6);
  return base::random_string(base::random_below(most + 1), kAwkward);
}

}  // namespace

TEST_CASE("bytes: integers are big-endian and sort as numbers do") {
  std::string out;
  base::put_u8(out, 0xab);
  base::put_u16(out, 0x0102);
  base::put_u32(out, 0x03040506);
  base::put_u64(out, 0x0708090a0b0c0d0e);
  CHECK(base::to_hex(out) == "ab0102030405060708090a0b0c0d0e");
  base::ByteReader reader(out);
  CHECK(reader.u8() == 0xab);
  CHECK(reader.u16() == 0x0102);
  CHECK(reader.u32() == 0x03040506);
  CHECK(reader.u64() == 0x0708090a0b0c0d0e);
  CHECK(reader.at_end());
  CHECK(reader.ok());

  base::seed_random_for_test(5);
  for (int round = 0; round < 1000; ++round) {
    const std::uint64_t a = base::random_u64() >> base::random_below(64);
    const std::uint64_t b = base::random_u64() >> base::random_below(64);
    std::string first;
    std::string second;
    base::put_u64(first, a);
    base::put_u64(second, b);
    REQUIRE((a < b) == (first < second));
    REQUIRE(base::read_u64(first) == a);
  }
}

TEST_CASE("bytes: varints of every length come back") {
  const std::vector<std::uint64_t> values = {
      0, 1, 127, 128, 300, 16383, 16384, 0xffffffff, 0x7fffffffffffffff, 0xffffffffffffffff};
  std::string out;
  for (const std::uint64_t value : values) base::put_varint(out, value);
  base::ByteReader reader(out);
  for (const std::uint64_t value : values) CHECK(reader.varint() == value);
  CHECK(reader.at_end());
  std::string longest;
  base::put_varint(longest, ~std::uint64_t{0});
  CHECK(longest.size() == 10);
}

TEST_CASE("ByteReader: what does not fit makes it fail for good, and never reads past the end") {
  base::ByteReader short_integer(std::string_view("\x01\x02", 2));
  CHECK(short_integer.u32() == 0);
  CHECK_FALSE(short_integer.ok());
  CHECK(short_integer.u8() == 0);

  std::string promising;
  base::put_varint(promising, 1000);
  promising += "abc";
  base::ByteReader long_string(promising);
  CHECK(long_string.string().empty());
  CHECK_FALSE(long_string.ok());

  const std::string ones(12, '\xff');
  base::ByteReader endless(ones);
  CHECK(endless.varint() == 0);
  CHECK_FALSE(endless.ok());
}

TEST_CASE("ByteReader: a byte outside of an enum's values makes it fail") {
  enum class Fruit : std::uint8_t { kApple = 1, kPear = 2 };
  const auto read = [](std::string_view bytes) {
    base::ByteReader in(bytes);
    const Fruit fruit = in.enumerator(Fruit::kApple, Fruit::kPear);
    return in.ok() ? std::optional<Fruit>(fruit) : std::nullopt;
  };
  CHECK(read("\x01") == Fruit::kApple);
  CHECK(read("\x02") == Fruit::kPear);
  CHECK_FALSE(read("\x03"));
  CHECK_FALSE(read(std::string_view("\0", 1)));
  CHECK_FALSE(read(""));
}

TEST_CASE("put_ordered: pairs of parts sort as the pairs do, and come back") {
  base::seed_random_for_test(9);
  for (int round = 0; round < 3000; ++round) {
    const std::pair a(random_bytes(4), random_bytes(4));
    const std::pair b(random_bytes(4), random_bytes(4));
    const std::string first = ordered(a.first, a.second);
    const std::string second = ordered(b.first, b.second);
    REQUIRE((a < b) == (first < second));
    std::string_view rest = first;
    REQUIRE(base::take_ordered(rest) == a.first);
    REQUIRE(base::take_ordered(rest) == a.second);
    REQUIRE(rest.empty());
  }
}

TEST_CASE("take_ordered: what is not well-formed is nothing") {
  for (const std::string_view bad : {std::string_view(""), std::string_view("abc"),
                                     std::string_view("a\0", 2), std::string_view("a\0\x01", 3)}) {
    std::string_view rest = bad;
    CHECK(base::take_ordered(rest) == std::nullopt);
  }
}

TEST_CASE("prefix_end: what starts with the prefix is below it, and nothing else in between") {
  CHECK(base::prefix_end("ab") == "ac");
  CHECK(base::prefix_end("a\xff") == "b");
  CHECK(base::prefix_end("\xff\xff").empty());
  CHECK(base::prefix_end("").empty());
  CHECK(std::string("ab\xff\xff\xff") < base::prefix_end("ab"));
}

TEST_CASE("hex: there and back, either case, and nothing for what is no hex") {
  CHECK(base::to_hex(std::string_view("\x00\xfe\x7f", 3)) == "00fe7f");
  CHECK(base::from_hex("00Fe7F") == std::string("\x00\xfe\x7f", 3));
  CHECK(base::from_hex("") == "");
  CHECK(base::from_hex("0") == std::nullopt);
  CHECK(base::from_hex("0g") == std::nullopt);
}

TEST_CASE("base64: RFC 4648's examples, and strict reading") {
  const std::vector<std::pair<std::string, std::string>> examples = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    CHECK(base::to_base64(bytes) == text);
    CHECK(base::from_base64(text) == bytes);
  }
  for (const char* bad : {"Zg=", "Zg", "Z===", "Zm9v=", "Zm=v", "====", "Zm 9", "Zm9-"}) {
    CAPTURE(bad);
    CHECK(base::from_base64(bad) == std::nullopt);
  }
  base::seed_random_for_test(2);
  for (int round = 0; round < 200; ++round) {
    const std::string bytes = random_bytes(40);
    REQUIRE(base::from_base64(base::to_base64(bytes)) == bytes);
  }
}
