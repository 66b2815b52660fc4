#include "protocol/http/ranges.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "engines/base/text.h"
#include "protocol/http/headers.h"

namespace bodega::http {
namespace {

// All of `text` as a number; what is too large for 64 bits becomes the largest.
std::optional<std::uint64_t> read_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value > (kMax - digit) / 10 ? kMax : value * 10 + digit;
  }
  return value;
}

}  // namespace

RangeAnswer read_range(std::string_view header, std::uint64_t size_bytes) {
  const RangeAnswer whole;
  const RangeAnswer unsatisfiable{RangeAnswer::Kind::kUnsatisfiable, {}};
  header = base::trim(header);
  constexpr std::string_view kUnit = "bytes=";
  if (header.size() < kUnit.size() || !base::equals_ignoring_case(header.substr(0, 6), kUnit)) {
    return whole;
  }
  const std::string_view text = base::trim(header.substr(kUnit.size()));
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return whole;
  const std::string_view left = base::trim(text.substr(0, dash));
  const std::string_view right = base::trim(text.substr(dash + 1));

  if (left.empty()) {
    const auto suffix = read_number(right);
    if (!suffix) return whole;
    if (*suffix == 0) return unsatisfiable;
    if (size_bytes == 0) return whole;
    const std::uint64_t length = std::min(*suffix, size_bytes);
    return {RangeAnswer::Kind::kPart, {size_bytes - length, size_bytes - 1}};
  }
  const auto first = read_number(left);
  if (!first) return whole;
  std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
  if (!right.empty()) {
    const auto number = read_number(right);
    if (!number || *number < *first) return whole;
    last = *number;
  }
  if (*first >= size_bytes) return unsatisfiable;
  return {RangeAnswer::Kind::kPart, {*first, std::min(last, size_bytes - 1)}};
}

}  // namespace bodega::http
