// Bytes in and out: big-endian integers (so that keys sort as numbers do), varints, length-prefixed
// strings, hex and base64. Every format of the engines is written with these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bodega::base {

// Append to `out`, big-endian.
void put_u8(std::string& out, std::uint8_t value);
void put_u16(std::string& out, std::uint16_t value);
void put_u32(std::string& out, std::uint32_t value);
void put_u64(std::string& out, std::uint64_t value);

// Append as LEB128: 7 bits a byte, low bits first, 10 bytes at most.
void put_varint(std::string& out, std::uint64_t value);

// Append a varint length and then the bytes.
void put_string(std::string& out, std::string_view value);

// Append a varint count and then names and values, in ascending order of the names.
using Fields = std::map<std::string, std::string, std::less<>>;
void put_fields(std::string& out, const Fields& fields);

// Reads what the functions above wrote. It never throws and never reads past the end: the first
// read that does not fit makes the reader fail, and every later one return zero or empty. Views
// point into the input.
class ByteReader {
 public:
  explicit ByteReader(std::string_view input) : rest_(input) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::uint64_t varint();
  std::string_view string();  // a varint length and the bytes
  Fields fields();
  // A byte that is one of an enum's values, which are `first` to `last`; `first` when it fails.
  template <class Enum>
  Enum enumerator(Enum first, Enum last);
  std::string_view bytes(std::size_t length);  // exactly so many
  std::string_view rest() const { return rest_; }

  bool ok() const { return !failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  bool take(std::size_t length, const char*& start);

  std::string_view rest_;
  bool failed_ = false;
};

template <class Enum>
Enum ByteReader::enumerator(Enum first, Enum last) {
  const std::uint8_t value = u8();
  if (value >= static_cast<std::uint8_t>(first) && value <= static_cast<std::uint8_t>(last)) {
    return static_cast<Enum>(value);
  }
  failed_ = true;
  rest_ = {};
  return first;
}

// Reads a big-endian integer at the start of `bytes`. REQUIRES: it is long enough.
std::uint32_t read_u32(std::string_view bytes);
std::uint64_t read_u64(std::string_view bytes);

// Appends `value` so that concatenated parts keep their order under memcmp: 0x00 becomes 0x00 0xFF,
// and 0x00 0x00 ends the part.
void put_ordered(std::string& out, std::string_view value);

// Reads one part written by put_ordered from the start of `input`, which is moved behind it.
// Returns nullopt when it is not well-formed.
std::optional<std::string> take_ordered(std::string_view& input);

// The smallest key that is larger than every key that starts with `prefix`; empty when there is
// none (the prefix is all 0xFF), which a cursor's bound reads as "no end".
std::string prefix_end(std::string_view prefix);

std::string to_hex(std::string_view bytes);                     // lower case
std::optional<std::string> from_hex(std::string_view text);     // either case
std::string uuid_text(std::string_view bytes);                  // REQUIRES: 16 bytes
std::string to_base64(std::string_view bytes);                  // with padding
std::optional<std::string> from_base64(std::string_view text);  // strict: alphabet, padding

}  // namespace bodega::base
