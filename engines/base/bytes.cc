#include "engines/base/bytes.h"

#include <array>

#include "engines/base/check.h"

namespace bodega::base {
namespace {

template <class Integer>
void put_big_endian(std::string& out, Integer value) {
  std::array<char, sizeof(Integer)> bytes;
  for (std::size_t i = sizeof(Integer); i-- > 0;) {
    bytes[i] = static_cast<char>(value & 0xff);
    value = static_cast<Integer>(value >> (sizeof(Integer) > 1 ? 8 : 0));
  }
  out.append(bytes.data(), bytes.size());
}

template <class Integer>
Integer get_big_endian(const char* bytes) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<Integer>((static_cast<std::uint64_t>(value) << 8) |
                                 static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

constexpr std::array<std::int8_t, 256> make_base64_values() {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (std::size_t i = 0; i < kBase64.size(); ++i) {
    values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr auto kBase64Values = make_base64_values();

}  // namespace

void put_u8(std::string& out, std::uint8_t value) { out.push_back(static_cast<char>(value)); }
void put_u16(std::string& out, std::uint16_t value) { put_big_endian(out, value); }
void put_u32(std::string& out, std::uint32_t value) { put_big_endian(out, value); }
void put_u64(std::string& out, std::uint64_t value) { put_big_endian(out, value); }

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void put_string(std::string& out, std::string_view value) {
  put_varint(out, value.size());
  out.append(value);
}

void put_fields(std::string& out, const Fields& fields) {
  put_varint(out, fields.size());
  for (const auto& [name, value] : fields) {
    put_string(out, name);
    put_string(out, value);
  }
}

bool ByteReader::take(std::size_t length, const char*& start) {
  if (failed_ || rest_.size() < length) {
    failed_ = true;
    rest_ = {};
    return false;
  }
  start = rest_.data();
  rest_.remove_prefix(length);
  return true;
}

std::uint8_t ByteReader::u8() {
  const char* at = nullptr;
  return take(1, at) ? static_cast<std::uint8_t>(*at) : std::uint8_t{0};
}

std::uint16_t ByteReader::u16() {
  const char* at = nullptr;
  return take(2, at) ? get_big_endian<std::uint16_t>(at) : std::uint16_t{0};
}

std::uint32_t ByteReader::u32() {
  const char* at = nullptr;
  return take(4, at) ? get_big_endian<std::uint32_t>(at) : 0;
}

std::uint64_t ByteReader::u64() {
  const char* at = nullptr;
  return take(8, at) ? get_big_endian<std::uint64_t>(at) : 0;
}

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = u8();
    if (failed_) return 0;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  failed_ = true;
  rest_ = {};
  return 0;
}

std::string_view ByteReader::string() {
  const std::uint64_t length = varint();
  return bytes(length);
}

Fields ByteReader::fields() {
  Fields fields;
  for (std::uint64_t left = varint(); left > 0 && ok(); --left) {
    const std::string_view name = string();
    const std::string_view value = string();
    fields.emplace_hint(fields.end(), name, value);
  }
  return fields;
}

std::string_view ByteReader::bytes(std::size_t length) {
  const char* at = nullptr;
  return take(length, at) ? std::string_view(at, length) : std::string_view();
}

std::uint32_t read_u32(std::string_view bytes) {
  BODEGA_CHECK(bytes.size() >= 4);
  return get_big_endian<std::uint32_t>(bytes.data());
}

std::uint64_t read_u64(std::string_view bytes) {
  BODEGA_CHECK(bytes.size() >= 8);
  return get_big_endian<std::uint64_t>(bytes.data());
}

void put_ordered(std::string& out, std::string_view value) {
  for (;;) {
    const std::size_t zero = value.find('\0');
    if (zero == std::string_view::npos) break;
    out.append(value.substr(0, zero + 1));
    out.push_back('\xff');
    value.remove_prefix(zero + 1);
  }
  out.append(value);
  out.append(2, '\0');
}

std::optional<std::string> take_ordered(std::string_view& input) {
  std::string out;
  for (;;) {
    const std::size_t zero = input.find('\0');
    if (zero == std::string_view::npos || zero + 1 >= input.size()) return std::nullopt;
    out.append(input.substr(0, zero));
    const char mark = input[zero + 1];
    input.remove_prefix(zero + 2);
    if (mark == '\0') return out;
    if (mark != '\xff') return std::nullopt;
    out.push_back('\0');
  }
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::string uuid_text(std::string_view bytes) {
  std::string text = to_hex(bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char raw : bytes) {
    const auto byte = static_cast<unsigned char>(raw);
    out.push_back(kHexDigits[byte >> 4]);
    out.push_back(kHexDigits[byte & 15]);
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::size_t i = 0;
  const auto at = [&](std::size_t index) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[index]));
  };
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    out.push_back(kBase64[group >> 18]);
    out.push_back(kBase64[(group >> 12) & 63]);
    out.push_back(kBase64[(group >> 6) & 63]);
    out.push_back(kBase64[group & 63]);
  }
  const std::size_t left = bytes.size() - i;
  if (left > 0) {
    const std::uint32_t group = at(i) << 16 | (left == 2 ? at(i + 1) << 8 : 0);
    out.push_back(kBase64[group >> 18]);
    out.push_back(kBase64[(group >> 12) & 63]);
    out.push_back(left == 2 ? kBase64[(group >> 6) & 63] : '=');
    out.push_back('=');
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t padding = !last ? 0 : (text[i + 3] != '=' ? 0 : (text[i + 2] != '=' ? 1 : 2));
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4 - padding; ++k) {
      const std::int8_t value = kBase64Values[static_cast<unsigned char>(text[i + k])];
      if (value < 0) return std::nullopt;
      group |= static_cast<std::uint32_t>(value) << (18 - 6 * k);
    }
    out.push_back(static_cast<char>(group >> 16));
    if (padding < 2) out.push_back(static_cast<char>(group >> 8));
    if (padding < 1) out.push_back(static_cast<char>(group));
  }
  return out;
}

}  // namespace bodega::base
