// Texts, the integers in them, and sets of flags.
#include "engines/base/text.h"

#include <cstdint>
#include <limits>

#include "engines/base/flags.h"
#include "engines/base/number_text.h"
#include "tests/catch.h"

using namespace bodega::base;

TEST_CASE("text: case and white space") {
  CHECK(equals_ignoring_case("Content-MD5", "content-md5"));
  CHECK_FALSE(equals_ignoring_case("a", "ab"));
  CHECK_FALSE(equals_ignoring_case("[", "{"));  // 0x20 apart, and no letters
  CHECK(to_lower("AZ[\xC3\x84") == "az[\xC3\x84");
  CHECK(trim(" \t a b\t ") == "a b");
  CHECK(trim(" \t").empty());
}

TEST_CASE("parse_integer: the whole text, within the type") {
  CHECK(parse_integer<std::uint16_t>("65535") == 65535);
  CHECK_FALSE(parse_integer<std::uint16_t>("65536"));
  CHECK(parse_integer<std::int64_t>("-007") == -7);
  CHECK(parse_integer<std::uint64_t>("ff", 16) == 255);
  for (const char* bad : {"", "-", "+1", " 1", "1 ", "1.0", "0x1"}) {
    CHECK_FALSE(parse_integer<std::int64_t>(bad));
  }
  CHECK_FALSE(parse_integer<std::uint64_t>("-1"));
}

TEST_CASE("canonical_integer: only what would be written so") {
  CHECK(canonical_integer("0") == 0);
  CHECK(canonical_integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK(canonical_integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* bad :
       {"", "-", "+1", "01", "-01", "-0", " 1", "1 ", "1.0", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999", "abc", "0x1"}) {
    CHECK_FALSE(canonical_integer(bad));
  }
}

namespace {

enum class Light : std::uint32_t { kRed = 1, kAmber = 2, kGreen = 4 };

}  // namespace

TEST_CASE("Flags: one, any and all of a set") {
  const Flags<Light> stop = Flags<Light>(Light::kRed) | Light::kAmber;
  CHECK(stop.has(Light::kRed));
  CHECK_FALSE(stop.has(Light::kGreen));
  CHECK(stop.has_any(Flags<Light>(Light::kGreen) | Light::kAmber));
  CHECK_FALSE(stop.has_all(Flags<Light>(Light::kGreen) | Light::kAmber));
  CHECK(stop.has_all(Light::kAmber));
  CHECK(Flags<Light>().empty());
  CHECK_FALSE(stop.empty());
}
