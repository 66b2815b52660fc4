#include "protocol/redis/wire/arguments.h"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "engines/base/text.h"

namespace bodega::redis {
namespace {

// The longest number text that is looked at; Redis's own bound for floats.
constexpr std::size_t kMaxNumberLength = 5 * 1024 - 1;

// Calls a strto* function on a NUL-terminated copy and accepts only what it reads whole.
template <class Float, class Convert>
std::optional<Float> parse_float(std::string_view text, Convert convert) {
  if (text.empty() || text.size() > kMaxNumberLength) return std::nullopt;
  const char first = text.front();
  if (first == ' ' || (first >= '\t' && first <= '\r')) return std::nullopt;
  std::array<char, kMaxNumberLength + 1> copy;
  copy[text.copy(copy.data(), text.size())] = '\0';
  char* end = nullptr;
  errno = 0;
  const Float value = convert(copy.data(), &end);
  if (end != copy.data() + text.size() || std::isnan(value)) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || std::fpclassify(value) == FP_ZERO)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

bool is_word(std::string_view argument, std::string_view word) {
  return base::equals_ignoring_case(argument, word);
}

std::optional<double> parse_double(std::string_view text) {
  return parse_float<double>(text, [](const char* s, char** end) { return std::strtod(s, end); });
}

std::optional<long double> parse_long_double(std::string_view text) {
  return parse_float<long double>(text,
                                  [](const char* s, char** end) { return std::strtold(s, end); });
}

std::int64_t to_integer(std::string_view text, std::string_view error) {
  const auto value = base::canonical_integer(text);
  if (!value) throw Error(error);
  return *value;
}

std::int64_t to_integer_in(std::string_view text, std::int64_t low, std::int64_t high,
                           std::string_view error) {
  const std::int64_t value = to_integer(text, error);
  if (value < low || value > high) throw Error(error);
  return value;
}

std::int64_t to_int(std::string_view text) {
  const std::int64_t value = to_integer(text);
  if (value < std::numeric_limits<std::int32_t>::min() ||
      value > std::numeric_limits<std::int32_t>::max()) {
    throw Error("ERR value is out of range, value must between -2147483648 and 2147483647");
  }
  return value;
}

double to_double(std::string_view text, std::string_view error) {
  const auto value = parse_double(text);
  if (!value) throw Error(error);
  return *value;
}

long double to_long_double(std::string_view text, std::string_view error) {
  const auto value = parse_long_double(text);
  if (!value) throw Error(error);
  return *value;
}

std::int64_t to_count(std::string_view text) {
  return to_integer_in(text, 0, std::numeric_limits<std::int64_t>::max(), errors::kMustBePositive);
}

std::uint64_t to_cursor(std::string_view text) {
  std::uint64_t value = 0;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.empty()) throw Error(errors::kInvalidCursor);
  }
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (c < '0' || c > '9' || value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
      throw Error(errors::kInvalidCursor);
    }
    value = value * 10 + digit;
  }
  return negative ? 0 - value : value;
}

}  // namespace bodega::redis
