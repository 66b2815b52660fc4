// What is parsed inside heads of HTTP: ranges, dates, queries, percent-encoding.
#include <array>
#include <string>

#include "engines/base/check.h"
#include "protocol/http/dates.h"
#include "protocol/http/percent.h"
#include "protocol/http/query.h"
#include "protocol/http/ranges.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

void run(std::string_view bytes) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1000}, UINT64_MAX}) {
    const http::RangeAnswer answer = http::read_range(bytes, size);
    if (answer.kind != http::RangeAnswer::Kind::kPart) continue;
    BODEGA_CHECK(answer.range.first <= answer.range.last && answer.range.last < size);
  }
  if (const auto seconds = http::parse_http_date(bytes)) {
    BODEGA_CHECK(http::parse_http_date(http::http_date(*seconds)) == *seconds);
  }
  if (const auto seconds = http::parse_iso_date(bytes)) {
    static_cast<void>(http::iso_date(*seconds));
    static_cast<void>(http::basic_iso_date(*seconds));
  }
  for (const http::Slash slash : {http::Slash::kEncode, http::Slash::kKeep}) {
    BODEGA_CHECK(http::percent_decode(http::percent_encode(bytes, slash)) == bytes);
  }
  http::percent_decode(bytes, http::Plus::kSpace);
  http::is_utf8(bytes);
  for (const http::QueryParameter& parameter : http::Query::parse(bytes)) {
    BODEGA_CHECK(parameter.has_equals || parameter.value.empty());
  }
}

constexpr std::array<std::string_view, 9> kSeeds{
    "bytes=0-99",
    "bytes=-5",
    "bytes=18446744073709551615-18446744073709551616",
    "Fri, 02 Jan 2026 03:04:05 GMT",
    "Friday, 02-Jan-26 03:04:05 GMT",
    "Fri Jan  2 03:04:05 2026",
    "2026-01-02T03:04:05.678Z",
    "a=1&b&c=%2f+x&&=&%zz",
    "\xd0\xb6%D0%B6",
};

}  // namespace

const Target kHttpFields{"http_fields", run, kSeeds};

}  // namespace bodega::fuzz
