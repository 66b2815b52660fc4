// The primitives of the RDB format, for writing: lengths, strings, doubles. They are read by
// RdbInput (input.h).
//
// A length takes 1, 2, 5 or 9 bytes, of which the first has the form in its two highest bits; the
// fourth form says that a string of a special kind follows instead: an integer or compressed text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bodega::redis {

// The two highest bits of a length's first byte; the lower six have the value, or go on as said.
enum class LengthForm : std::uint8_t {
  kSixBits = 0,
  kFourteenBits = 1,
  kWide = 2,     // kWide32 or kWide64, then so many bits, big-endian
  kSpecial = 3,  // the lower six bits are a SpecialText
};
inline constexpr std::uint8_t kWide32 = 0x80;
inline constexpr std::uint8_t kWide64 = 0x81;

enum class SpecialText : std::uint8_t { kInt8 = 0, kInt16 = 1, kInt32 = 2, kLzf = 3 };

// `count` bytes of `value`, the lowest first. REQUIRES: count <= 8.
void put_little_endian(std::string& out, std::uint64_t value, std::size_t count);
// REQUIRES: at most 8 bytes.
std::uint64_t read_little_endian(std::string_view bytes);
// The same as a signed number of that width.
std::int64_t read_little_endian_signed(std::string_view bytes);

enum class Compression : std::uint8_t { kNone, kLzf };

void put_length(std::string& out, std::uint64_t length);
// A string: as an integer when it is the text of one that has 32 bits, else compressed if that is
// asked for and pays, else as it is.
void put_text(std::string& out, std::string_view text, Compression compression);
void put_double(std::string& out, double value);

}  // namespace bodega::redis
