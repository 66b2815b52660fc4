// Percent-encoding, query strings, dates and ranges.
#include "protocol/http/dates.h"
#include "protocol/http/percent.h"
#include "protocol/http/query.h"
#include "protocol/http/ranges.h"
#include "tests/catch.h"

using namespace bodega::http;

TEST_CASE("percent_encode: keeps the unreserved characters alone, and a slash on request") {
  CHECK(percent_encode("aZ0-._~/ +%é", Slash::kKeep) == "aZ0-._~/%20%2B%25%C3%A9");
  CHECK(percent_encode("a/b", Slash::kEncode) == "a%2Fb");
}

TEST_CASE("percent_decode: decodes once, and a plus only where it is a space") {
  CHECK(percent_decode("a%2520+b") == "a%20+b");
  CHECK(percent_decode("a%2520+b", Plus::kSpace) == "a%20 b");
  CHECK(percent_decode("%c3%A9") == "é");
  CHECK_FALSE(percent_decode("%"));
  CHECK_FALSE(percent_decode("%4"));
  CHECK_FALSE(percent_decode("%zz"));
}

TEST_CASE("is_utf8: refuses overlong forms, surrogates and cut sequences") {
  CHECK(is_utf8("a\xC3\xA9\xF0\x9F\x98\x80"));
  CHECK_FALSE(is_utf8("\xC0\x80"));
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_utf8("\xC3"));
  CHECK_FALSE(is_utf8("\xFF"));
}

TEST_CASE("Query: keeps the order, tells absent from empty, and the first of a name counts") {
  const auto query = Query::parse("delete=&a=1&a=2&&versions&p=x%2Fy+z");
  CHECK(query.well_formed());
  CHECK(query.get("delete") == "");
  CHECK(query.get("a") == "1");
  CHECK(query.has("versions"));
  CHECK(query.get("p") == "x/y z");
  CHECK_FALSE(query.has("A"));
  CHECK(query.begin()->raw == "delete=");
  CHECK_FALSE(Query::parse("a=%G0").well_formed());
}

TEST_CASE("http_date: writes and reads the three forms of RFC 7231") {
  CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
  CHECK(parse_http_date("Sun Nov  6 08:49:37 1994") == 784111777);
  CHECK(parse_http_date("Sun, 06 Nov 1994 09:49:37 +0100") == 784111777);
  CHECK_FALSE(parse_http_date("yesterday"));
  CHECK_FALSE(parse_http_date("Sun, 31 Feb 1994 08:49:37 GMT"));
  CHECK_FALSE(parse_http_date(""));
}

TEST_CASE("iso_date: S3 writes three zeros, and reads fractions and zones") {
  CHECK(iso_date(1767323045) == "2026-01-02T03:04:05.000Z");
  CHECK(basic_iso_date(1767323045) == "20260102T030405Z");
  CHECK(parse_iso_date("2026-01-02T03:04:05.000Z") == 1767323045);
  CHECK(parse_iso_date("2026-01-02T03:04:05.123456789Z") == 1767323045);
  CHECK(parse_iso_date("2026-01-02T05:04:05+02:00") == 1767323045);
  CHECK(parse_iso_date("20260102T030405Z") == 1767323045);
  CHECK(parse_iso_date("2026-01-02") == 1767312000);
  CHECK_FALSE(parse_iso_date("2026-13-02"));
  CHECK_FALSE(parse_iso_date("2026-01-02Tnoon"));
}

TEST_CASE("iso_time: microseconds are cut to milliseconds") {
  CHECK(iso_time(1'767'323'045'678'999) == "2026-01-02T03:04:05.678Z");
  CHECK(iso_time(1'767'323'045'000'000) == "2026-01-02T03:04:05.000Z");
}

TEST_CASE("dates: every day of four centuries survives the way out and back") {
  for (std::int64_t day = -100'000; day < 100'000; day += 7) {
    const auto time = civil_from_seconds(day * 86400);
    REQUIRE(seconds_from_civil(time) == day * 86400);
  }
}

TEST_CASE("read_range: answers on a 10 byte object as recorded on S3") {
  using Kind = RangeAnswer::Kind;
  const auto part = [](std::string_view text, std::uint64_t first, std::uint64_t last) {
    const auto answer = read_range(text, 10);
    return answer.kind == Kind::kPart && answer.range.first == first && answer.range.last == last;
  };
  CHECK(part("bytes=0-8", 0, 8));
  CHECK(part("bytes=1-1", 1, 1));
  CHECK(part("bytes=1-", 1, 9));
  CHECK(part("bytes=-2", 8, 9));
  CHECK(part("bytes=0-100", 0, 9));
  CHECK(part("bytes=-15", 0, 9));
  CHECK(part("bytes=0-99999999999999999999999", 0, 9));
  for (const auto* ignored : {"bytes=1-0", "bytes=-1-", "bytes=0--1", "bytes=-", "bytes=0-1,3-4",
                              "bytes=x", "bits=0-1", "", "bytes="}) {
    CHECK(read_range(ignored, 10).kind == Kind::kWhole);
  }
  CHECK(read_range("bytes=-0", 10).kind == Kind::kUnsatisfiable);
  CHECK(read_range("bytes=100-200", 10).kind == Kind::kUnsatisfiable);
  CHECK(read_range("bytes=10-", 10).kind == Kind::kUnsatisfiable);
}

TEST_CASE("read_range: a suffix of an empty object is all of it, a first byte is past its end") {
  CHECK(read_range("bytes=-5", 0).kind == RangeAnswer::Kind::kWhole);
  CHECK(read_range("bytes=0-", 0).kind == RangeAnswer::Kind::kUnsatisfiable);
}
