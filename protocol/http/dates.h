// Dates as HTTP and AWS write them. Pure arithmetic on seconds since the Unix epoch: no locale, no
// time zone, no system call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bodega::http {

// A moment taken apart, in UTC.
struct CivilTime {
  int year = 1970;
  int month = 1;  // 1-12
  int day = 1;    // 1-31
  int hour = 0;
  int minute = 0;
  int second = 0;
};

CivilTime civil_from_seconds(std::int64_t seconds);
// Returns nullopt when a part is out of its range (a 31st of April, a 25th hour). Second 60 is
// taken as 59.
std::optional<std::int64_t> seconds_from_civil(const CivilTime& time);

// "Fri, 02 Jan 2026 03:04:05 GMT" (RFC 7231), as headers have it.
std::string http_date(std::int64_t seconds);

// Reads the three forms of RFC 7231 (IMF-fixdate, RFC 850, asctime), and a numeric zone in place of
// GMT, which some clients send. Returns nullopt when it is none of them.
std::optional<std::int64_t> parse_http_date(std::string_view text);

// "2026-01-02T03:04:05.000Z", as S3's XML has it: to the second, with three zeros.
std::string iso_date(std::int64_t seconds);

// "2026-01-02T03:04:05.678Z"; from microseconds.
std::string iso_time(std::int64_t us);

// "20260102T030405Z", as x-amz-date has it.
std::string basic_iso_date(std::int64_t seconds);

// Reads "2026-01-02", "2026-01-02T03:04:05", with fractions of any length and with Z or ±hh:mm or
// nothing (UTC), and the basic form of x-amz-date. Fractions are dropped.
std::optional<std::int64_t> parse_iso_date(std::string_view text);

}  // namespace bodega::http
