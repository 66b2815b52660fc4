#include "protocol/http/dates.h"

#include <array>
#include <cstdlib>

#include "engines/base/text.h"
#include "protocol/http/headers.h"

namespace bodega::http {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t kSecondsPerDay = 86400;

// Days since 1970-01-01 of a proleptic Gregorian date, counting years from March so that the leap
// day comes last in its year.
std::int64_t days_from_civil(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int days_in_month(int year, int month) {
  static constexpr std::array<int, 12> kLengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kLengths[static_cast<std::size_t>(month - 1)];
}

// Walks over a text; every step that does not fit makes the whole walk fail.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // A number of `least` to `most` digits.
  int digits(std::size_t least, std::size_t most) {
    int value = 0;
    std::size_t count = 0;
    while (count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      value = value * 10 + (rest_[count] - '0');
      ++count;
    }
    if (count < least) ok_ = false;
    rest_.remove_prefix(count);
    return value;
  }
  void literal(std::string_view text) {
    if (!accept(text)) ok_ = false;
  }
  bool accept(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  void spaces() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  std::string_view letters() {
    std::size_t count = 0;
    while (count < rest_.size() && ((rest_[count] >= 'a' && rest_[count] <= 'z') ||
                                    (rest_[count] >= 'A' && rest_[count] <= 'Z'))) {
      ++count;
    }
    const auto word = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return word;
  }
  int month() {
    const auto word = letters();
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (base::equals_ignoring_case(word, kMonths[i])) return static_cast<int>(i) + 1;
    }
    ok_ = false;
    return 1;
  }
  void clock(CivilTime& time) {
    time.hour = digits(1, 2);
    literal(":");
    time.minute = digits(2, 2);
    literal(":");
    time.second = digits(2, 2);
  }
  // "GMT", "UTC", "Z", "±hhmm", "±hh:mm" or nothing; the seconds to subtract.
  int zone() {
    if (rest_.empty() || accept("GMT") || accept("UTC") || accept("Z")) return 0;
    int sign = 1;
    if (accept("-")) {
      sign = -1;
    } else {
      literal("+");
    }
    const int hours = digits(2, 2);
    accept(":");
    const int minutes = digits(2, 2);
    return sign * (hours * 3600 + minutes * 60);
  }
  bool done() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// "20260131T235959Z", the form of X-Amz-Date, which every signed request has.
std::optional<CivilTime> read_signing_date(std::string_view text) {
  constexpr std::string_view kForm = "dddddddd?dddddd?";
  if (text.size() != kForm.size() || text[8] != 'T' || text.back() != 'Z') return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == 'd' && (text[i] < '0' || text[i] > '9')) return std::nullopt;
  }
  const auto two = [text](std::size_t at) { return (text[at] - '0') * 10 + text[at + 1] - '0'; };
  CivilTime time;
  time.year = two(0) * 100 + two(2);
  time.month = two(4);
  time.day = two(6);
  time.hour = two(9);
  time.minute = two(11);
  time.second = two(13);
  return time;
}

// At least `count` digits, with zeros in front.
void append_digits(std::string& out, int value, std::size_t count) {
  if (value < 0) out.push_back('-');
  std::array<char, 12> digits;
  std::size_t length = 0;
  for (unsigned rest = static_cast<unsigned>(std::abs(value)); rest > 0 || length < count;
       rest /= 10) {
    digits[length++] = static_cast<char>('0' + rest % 10);
  }
  while (length > 0) out.push_back(digits[--length]);
}

// "2026-01-31T23:59:59" with these separators, which may be empty.
std::string iso_text(const CivilTime& time, std::string_view dash, std::string_view colon) {
  std::string text;
  append_digits(text, time.year, 4);
  text.append(dash);
  append_digits(text, time.month, 2);
  text.append(dash);
  append_digits(text, time.day, 2);
  text.append("T");
  append_digits(text, time.hour, 2);
  text.append(colon);
  append_digits(text, time.minute, 2);
  text.append(colon);
  append_digits(text, time.second, 2);
  return text;
}

}  // namespace

CivilTime civil_from_seconds(std::int64_t seconds) {
  std::int64_t days = seconds / kSecondsPerDay;
  std::int64_t in_day = seconds % kSecondsPerDay;
  if (in_day < 0) {
    in_day += kSecondsPerDay;
    --days;
  }
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  CivilTime time;
  time.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  time.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  time.year = static_cast<int>(year_of_era + era * 400 + (time.month <= 2 ? 1 : 0));
  time.hour = static_cast<int>(in_day / 3600);
  time.minute = static_cast<int>(in_day % 3600 / 60);
  time.second = static_cast<int>(in_day % 60);
  return time;
}

std::optional<std::int64_t> seconds_from_civil(const CivilTime& time) {
  if (time.month < 1 || time.month > 12 || time.day < 1 || time.hour < 0 || time.hour > 23 ||
      time.minute < 0 || time.minute > 59 || time.second < 0 || time.second > 60 ||
      time.day > days_in_month(time.year, time.month)) {
    return std::nullopt;
  }
  const int second = time.second == 60 ? 59 : time.second;
  return days_from_civil(time.year, time.month, time.day) * kSecondsPerDay + time.hour * 3600 +
         time.minute * 60 + second;
}

std::string http_date(std::int64_t seconds) {
  const CivilTime time = civil_from_seconds(seconds);
  const std::int64_t days = days_from_civil(time.year, time.month, time.day);
  const auto weekday = static_cast<std::size_t>(((days + 4) % 7 + 7) % 7);
  std::string text;
  text.reserve(sizeof "Thu, 01 Jan 1970 00:00:00 GMT");
  text.append(kDays[weekday]).append(", ");
  append_digits(text, time.day, 2);
  text.append(" ").append(kMonths[static_cast<std::size_t>(time.month - 1)]).append(" ");
  append_digits(text, time.year, 4);
  text.append(" ");
  append_digits(text, time.hour, 2);
  text.append(":");
  append_digits(text, time.minute, 2);
  text.append(":");
  append_digits(text, time.second, 2);
  return text.append(" GMT");
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  Scanner scan(base::trim(text));
  CivilTime time;
  int zone_seconds = 0;
  const auto weekday = scan.letters();
  if (weekday.size() >= 3 && scan.accept(",")) {
    scan.spaces();
    time.day = scan.digits(1, 2);
    if (scan.accept("-")) {  // RFC 850: "Sunday, 06-Nov-94 08:49:37 GMT"
      time.month = scan.month();
      scan.literal("-");
      const int year = scan.digits(2, 4);
      time.year = year >= 100 ? year : year + (year < 70 ? 2000 : 1900);
    } else {
      scan.spaces();
      time.month = scan.month();
      scan.spaces();
      time.year = scan.digits(4, 4);
    }
    scan.spaces();
    scan.clock(time);
    scan.spaces();
    zone_seconds = scan.zone();
  } else if (weekday.size() == 3) {  // asctime: "Sun Nov  6 08:49:37 1994"
    scan.spaces();
    time.month = scan.month();
    scan.spaces();
    time.day = scan.digits(1, 2);
    scan.spaces();
    scan.clock(time);
    scan.spaces();
    time.year = scan.digits(4, 4);
  } else {
    return std::nullopt;
  }
  if (!scan.done()) return std::nullopt;
  const auto seconds = seconds_from_civil(time);
  if (!seconds) return std::nullopt;
  return *seconds - zone_seconds;
}

std::string iso_date(std::int64_t seconds) {
  return iso_text(civil_from_seconds(seconds), "-", ":") + ".000Z";
}

std::string iso_time(std::int64_t us) {
  std::string text = iso_date(us / 1'000'000);
  const std::string ms = std::to_string(1000 + us / 1000 % 1000);
  return text.replace(text.size() - 4, 3, ms, 1, 3);
}

std::string basic_iso_date(std::int64_t seconds) {
  return iso_text(civil_from_seconds(seconds), "", "") + "Z";
}

std::optional<std::int64_t> parse_iso_date(std::string_view text) {
  if (const auto time = read_signing_date(text)) return seconds_from_civil(*time);
  Scanner scan(base::trim(text));
  CivilTime time;
  time.year = scan.digits(4, 4);
  const bool extended = scan.accept("-");
  time.month = scan.digits(2, 2);
  if (extended) scan.literal("-");
  time.day = scan.digits(2, 2);
  int zone_seconds = 0;
  if (scan.ok() && !scan.rest().empty()) {
    if (!scan.accept("T") && !scan.accept("t")) scan.literal(" ");
    time.hour = scan.digits(2, 2);
    if (extended) scan.literal(":");
    time.minute = scan.digits(2, 2);
    if (extended) {
      if (scan.accept(":")) time.second = scan.digits(2, 2);
    } else {
      time.second = scan.digits(2, 2);
    }
    if (scan.accept(".")) scan.digits(1, 18);
    zone_seconds = scan.zone();
  }
  if (!scan.done()) return std::nullopt;
  const auto seconds = seconds_from_civil(time);
  if (!seconds) return std::nullopt;
  return *seconds - zone_seconds;
}

}  // namespace bodega::http
