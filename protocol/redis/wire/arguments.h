// Arguments: what every family does with the strings of a request: option words, integers and
// floats with Redis's strictness and its error texts.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "engines/base/number_text.h"
#include "protocol/redis/wire/errors.h"

namespace bodega::redis {

// Case-insensitive (ASCII) equality with an option word given in upper or lower case.
bool is_word(std::string_view argument, std::string_view word);

inline constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();

// What strtod takes, whole and without surrounding space, "inf" included, never NaN.
std::optional<double> parse_double(std::string_view text);
std::optional<long double> parse_long_double(std::string_view text);

// base::canonical_integer(), throwing `error` on anything else.
std::int64_t to_integer(std::string_view text, std::string_view error = errors::kNotAnInteger);
// Within [low, high], else throws `error`.
std::int64_t to_integer_in(std::string_view text, std::int64_t low, std::int64_t high,
                           std::string_view error = errors::kOutOfRange);
// Within 32 bits, else Redis's own text with the bounds.
std::int64_t to_int(std::string_view text);
double to_double(std::string_view text, std::string_view error = errors::kNotAFloat);
long double to_long_double(std::string_view text, std::string_view error = errors::kNotAFloat);

// A count of pops (LPOP, SPOP …): a non-negative integer, else kMustBePositive.
std::int64_t to_count(std::string_view text);

// SCAN cursors: an unsigned 64-bit decimal, else kInvalidCursor. As strtoul reads it: nothing is 0,
// and a minus wraps around.
std::uint64_t to_cursor(std::string_view text);

}  // namespace bodega::redis
