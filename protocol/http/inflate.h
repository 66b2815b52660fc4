// Request bodies that came compressed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bodega::http {

enum class InflateFault : std::uint8_t { kNone, kMalformed, kTooLarge };

struct Inflated {
  std::string bytes;
  InflateFault fault = InflateFault::kNone;
};

// Reads gzip (also several members behind each other) and zlib streams, up to `max_bytes` of
// result.
Inflated inflate_body(std::string_view compressed, std::size_t max_bytes);

}  // namespace bodega::http
