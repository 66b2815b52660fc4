#include "protocol/redis/rdb/primitives.h"

#include <cstring>
#include <limits>

#include "engines/base/bytes.h"
#include "engines/base/number_text.h"
#include "protocol/redis/rdb/lzf.h"

namespace bodega::redis {
namespace {

// Shorter texts are not worth compressing.
constexpr std::size_t kLeastCompressed = 21;
// The longest text of an integer that has 32 bits: "-2147483648".
constexpr std::size_t kLongestInteger = 11;

void put_special(std::string& out, SpecialText special) {
  base::put_u8(out, static_cast<std::uint8_t>(static_cast<unsigned>(LengthForm::kSpecial) << 6 |
                                              static_cast<unsigned>(special)));
}

template <class Int>
bool fits(std::int64_t value) {
  return value >= std::numeric_limits<Int>::min() && value <= std::numeric_limits<Int>::max();
}

bool put_integer(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (fits<std::int8_t>(value)) {
    put_special(out, SpecialText::kInt8);
    put_little_endian(out, bits, 1);
  } else if (fits<std::int16_t>(value)) {
    put_special(out, SpecialText::kInt16);
    put_little_endian(out, bits, 2);
  } else if (fits<std::int32_t>(value)) {
    put_special(out, SpecialText::kInt32);
    put_little_endian(out, bits, 4);
  } else {
    return false;
  }
  return true;
}

bool put_compressed(std::string& out, std::string_view text) {
  const std::string compressed = lzf_compress(text);
  if (compressed.empty()) return false;
  put_special(out, SpecialText::kLzf);
  put_length(out, compressed.size());
  put_length(out, text.size());
  out += compressed;
  return true;
}

}  // namespace

void put_little_endian(std::string& out, std::uint64_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t read_little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

std::int64_t read_little_endian_signed(std::string_view bytes) {
  const std::uint64_t value = read_little_endian(bytes);
  if (bytes.empty() || bytes.size() >= 8) return static_cast<std::int64_t>(value);
  const std::uint64_t sign = std::uint64_t{1} << (8 * bytes.size() - 1);
  return static_cast<std::int64_t>((value ^ sign) - sign);
}

void put_length(std::string& out, std::uint64_t length) {
  if (length < 1u << 6) {
    base::put_u8(out, static_cast<std::uint8_t>(length));
  } else if (length < 1u << 14) {
    base::put_u16(out, static_cast<std::uint16_t>(1u << 14 | length));
  } else if (length <= std::numeric_limits<std::uint32_t>::max()) {
    base::put_u8(out, kWide32);
    base::put_u32(out, static_cast<std::uint32_t>(length));
  } else {
    base::put_u8(out, kWide64);
    base::put_u64(out, length);
  }
}

void put_text(std::string& out, std::string_view text, Compression compression) {
  if (text.size() <= kLongestInteger) {
    const auto integer = base::canonical_integer(text);
    if (integer && put_integer(out, *integer)) return;
  }
  if (compression == Compression::kLzf && text.size() >= kLeastCompressed &&
      put_compressed(out, text)) {
    return;
  }
  put_length(out, text.size());
  out += text;
}

void put_double(std::string& out, double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  put_little_endian(out, bits, sizeof bits);
}

}  // namespace bodega::redis
