// Integers in text, read strictly: the whole text is the number, without spaces or '+'.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bodega::base {

// Returns nullopt when the text is none, or does not fit. Leading zeros are allowed, '-' where
// Integer has a sign.
template <class Integer>
std::optional<Integer> parse_integer(std::string_view text, int radix = 10) {
  Integer value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value, radix);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

// Only the canonical form counts ("7", "-7"; not "07" or "-0"), so that the text can be given back
// exactly: Redis's rule.
inline std::optional<std::int64_t> canonical_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (text.starts_with("-0") || (text.starts_with('0') && text.size() > 1)) return std::nullopt;
  if (text.size() > (negative ? 20u : 19u)) return std::nullopt;
  return parse_integer<std::int64_t>(text);
}

}  // namespace bodega::base
