// Packed strings: one after another in a flat run of bytes, each behind its length. The small
// encodings of hashes, sets and sorted sets are made of these.
//
//   length < 254:  1 byte length | bytes
//   otherwise:     0xFE | 4 bytes length (in the machine's order, this never leaves memory) | bytes
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bodega::keyspace {

inline constexpr unsigned char kLongLength = 0xFE;

inline std::size_t packed_size(std::string_view text) {
  return text.size() + (text.size() < kLongLength ? 1 : 5);
}

// Reads the string at `at` and moves `at` behind it.
inline std::string_view take_packed(const char*& at) {
  std::uint32_t length = static_cast<unsigned char>(*at++);
  if (length == kLongLength) {
    std::memcpy(&length, at, sizeof length);
    at += sizeof length;
  }
  const std::string_view text(at, length);
  at += length;
  return text;
}

inline void append_packed(std::string& out, std::string_view text) {
  if (text.size() < kLongLength) {
    out.push_back(static_cast<char>(text.size()));
  } else {
    out.push_back(static_cast<char>(kLongLength));
    const auto length = static_cast<std::uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&length), sizeof length);
  }
  out.append(text);
}

// Integers among them, as base::put_varint() writes them.
inline std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

// Reads the integer at `at` and moves `at` behind it.
inline std::uint64_t take_varint(const char*& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

}  // namespace bodega::keyspace
