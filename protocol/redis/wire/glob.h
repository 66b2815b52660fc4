// glob_match: the patterns of KEYS, SCAN MATCH, PSUBSCRIBE and CONFIG GET: * ? [abc] [^a] [a-z] and
// \x. Cost is bounded by pattern length times text length, whatever the pattern.
#pragma once

#include <cstdint>
#include <string_view>

namespace bodega::redis {

enum class Case : std::uint8_t { kSensitive, kInsensitive };

bool glob_match(std::string_view pattern, std::string_view text, Case mode = Case::kSensitive);

}  // namespace bodega::redis
