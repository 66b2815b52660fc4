// Integers as clients write them: only the canonical form counts as one ("7", "-7"; not "+7", "07",
// "-0" or " 7"), so that the text can be given back exactly.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engines/keyspace/structures/entry.h"

namespace bodega::keyspace {

inline std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  const std::size_t sign = text.front() == '-' ? 1 : 0;
  if (text.size() == sign || text[sign] < '0' || text[sign] > '9') return std::nullopt;
  if (text[sign] == '0' && text.size() > 1) return std::nullopt;  // "07", "-0"
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

inline std::string_view format_integer(std::int64_t value, TextBuffer& buffer) {
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data())};
}

}  // namespace bodega::keyspace
