// Integers as text. What counts as an integer: engines/base/number_text.h.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

#include "engines/base/number_text.h"
#include "engines/keyspace/structures/entry.h"

namespace bodega::keyspace {

inline std::string_view format_integer(std::int64_t value, TextBuffer& buffer) {
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data())};
}

}  // namespace bodega::keyspace
