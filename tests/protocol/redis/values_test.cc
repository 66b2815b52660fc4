// Replies, numbers, patterns: the small parts that every command stands on.
#include <limits>
#include <string>

#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/glob.h"
#include "protocol/redis/wire/quoting.h"
#include "protocol/redis/wire/reply.h"
#include "tests/catch.h"

namespace bodega::redis::test {
namespace {

template <class Write>
std::string written(int protocol, Write write) {
  std::string out;
  Reply reply(out, protocol);
  write(reply);
  return out;
}

}  // namespace

TEST_CASE("Reply: each meaning has its shape in RESP2 and RESP3") {
  const auto both = [](auto write) { return written(2, write) + written(3, write); };
  CHECK(both([](Reply& r) { r.null(); }) == "$-1\r\n_\r\n");
  CHECK(both([](Reply& r) { r.null_array(); }) == "*-1\r\n_\r\n");
  CHECK(both([](Reply& r) { r.map(2); }) == "*4\r\n%2\r\n");
  CHECK(both([](Reply& r) { r.set(2); }) == "*2\r\n~2\r\n");
  CHECK(both([](Reply& r) { r.push(2); }) == "*2\r\n>2\r\n");
  CHECK(both([](Reply& r) { r.number(0.1); }) == "$3\r\n0.1\r\n,0.1\r\n");
  CHECK(both([](Reply& r) { r.boolean(true); }) == ":1\r\n#t\r\n");
  CHECK(both([](Reply& r) { r.big_number("12"); }) == "$2\r\n12\r\n(12\r\n");
  CHECK(both([](Reply& r) { r.verbatim("hi"); }) == "$2\r\nhi\r\n=6\r\ntxt:hi\r\n");
  CHECK(both([](Reply& r) { r.bulk_integer(-5); }) == "$2\r\n-5\r\n$2\r\n-5\r\n");
}

TEST_CASE("Reply: an error stays on one line") {
  CHECK(written(2, [](Reply& r) { r.error("ERR a\r\nb"); }) == "-ERR a  b\r\n");
}

TEST_CASE("Reply: headers that are written last, nested") {
  const auto write = [](Reply& r) {
    const auto outer = r.defer(Reply::Shape::kMap);
    r.bulk("k");
    const auto inner = r.defer(Reply::Shape::kSet);
    r.integer(1);
    r.close(inner, 1);
    r.close(outer, 1);
  };
  CHECK(written(2, write) == "*2\r\n$1\r\nk\r\n*1\r\n:1\r\n");
  CHECK(written(3, write) == "%1\r\n$1\r\nk\r\n~1\r\n:1\r\n");
}

TEST_CASE("Doubles: the shortest text that reads back, in Redis's notation") {
  CHECK(format_double(0.1) == "0.1");
  CHECK(format_double(3.0) == "3");
  CHECK(format_double(-0.0) == "-0");
  CHECK(format_double(1e20) == "1e+20");
  CHECK(format_double(1.5e-7) == "1.5e-7");
  CHECK(format_double(0.0001) == "0.0001");
  CHECK(format_double(0.30000000000000004) == "0.30000000000000004");
  CHECK(format_double(1234567.5) == "1234567.5");
  CHECK(format_double(100000000000.0) == "100000000000");
  CHECK(format_double(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(format_double(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(format_double(1.7976931348623157e308) == "1.7976931348623157e+308");
}

// redis-server 7.2.6 (d2string): whole numbers up to half of the largest 64-bit integer.
TEST_CASE("Doubles: whole numbers are integers up to 2^62") {
  CHECK(format_double(1e17) == "100000000000000000");
  CHECK(format_double(-9007199254740993.0) == "-9007199254740992");
  CHECK(format_double(4611686018427387904.0) == "4611686018427387904");
  CHECK(format_double(4611686018427388928.0) == "4611686018427389000");
}

// redis-server 7.0.15: %.17g.
TEST_CASE("Doubles: the form of 7.0 has 17 digits") {
  CHECK(format_double(0.1, DoubleForm::kDigits17) == "0.10000000000000001");
  CHECK(format_double(1e17, DoubleForm::kDigits17) == "1e+17");
  CHECK(format_double(3, DoubleForm::kDigits17) == "3");
}

TEST_CASE("Long doubles: fixed notation without trailing zeros") {
  CHECK(format_long_double(10.5L) == "10.5");
  CHECK(format_long_double(3.0L) == "3");
  CHECK(format_long_double(-0.0L) == "0");
}

TEST_CASE("Floats: what strtod reads whole, never NaN") {
  CHECK(parse_double("3.0e2") == 300.0);
  CHECK(parse_double("inf") == std::numeric_limits<double>::infinity());
  CHECK(parse_double("0x10") == 16.0);
  for (const char* bad : {"", " 1", "1 ", "nan", "abc", "1e400", "1,5"}) {
    CHECK_FALSE(parse_double(bad));
  }
  CHECK_FALSE(parse_double(std::string_view("1\0", 2)));
}

TEST_CASE("Glob: stars, classes, ranges, escapes") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("h?llo", "hello"));
  CHECK(glob_match("h*llo", "hllo"));
  CHECK(glob_match("h[ae]llo", "hallo"));
  CHECK_FALSE(glob_match("h[^e]llo", "hello"));
  CHECK(glob_match("h[a-c]llo", "hbllo"));
  CHECK(glob_match("h[c-a]llo", "hbllo"));
  CHECK(glob_match("a\\*b", "a*b"));
  CHECK_FALSE(glob_match("a\\*b", "axb"));
  CHECK(glob_match("[\\]]", "]"));
  CHECK(glob_match("a[b", "ab"));
  CHECK(glob_match("*a*b*c", "xxaxxbxxc"));
  CHECK_FALSE(glob_match("*a*b*c", "xxaxxbxxcd"));
  CHECK(glob_match("HeLLo", "hEllO", Case::kInsensitive));
  CHECK_FALSE(glob_match("abc", "abcd"));
  CHECK_FALSE(glob_match("?", ""));
}

TEST_CASE("Glob: a pattern made to be slow is not") {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  pattern += "b";
  CHECK_FALSE(glob_match(pattern, std::string(50000, 'a')));
}

TEST_CASE("Quoting: what is not printable is shown by its code") {
  CHECK(quoted("a\"b\\\n\x01\xff") == "\"a\\\"b\\\\\\n\\x01\\xff\"");
}

}  // namespace bodega::redis::test
