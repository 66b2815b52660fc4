// LZF, the compression of strings in RDB files: runs of literal bytes, and copies of at most 264
// bytes that stood at most 8192 bytes before.
//
//   000LLLLL                       L + 1 literal bytes follow
//   LLLDDDDD DDDDDDDD              copies L + 2 bytes (L from 1 to 6) from D + 1 bytes before
//   111DDDDD LLLLLLLL DDDDDDDD     copies L + 9 bytes
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bodega::redis {

// Empty when it would not be shorter than `text` by a few bytes at least.
std::string lzf_compress(std::string_view text);

// Absent unless it comes to exactly `length` bytes. Takes no memory for a length that so few bytes
// cannot come to.
std::optional<std::string> lzf_decompress(std::string_view compressed, std::uint64_t length);

}  // namespace bodega::redis
