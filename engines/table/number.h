// Number: DynamoDB's decimal of up to 38 significant digits, magnitude 1E-130 to 9.99...E+125.
//
// It is held in the one form that serves everything: the order-preserving bytes of Oracle's NUMBER.
//
//   zero       80
//   positive   193 + e | d + 1 ...            with the value d.ddd... in base 100 times 100^e
//   negative    62 - e | 101 - d ... | 102    (no 102 behind 20 digits)
//
// Trailing zero digits are never written, so equal numbers have equal bytes ("1e3" is "1000"),
// memcmp orders numbers as arithmetic does, 21 bytes are enough, and their count is the size that
// DynamoDB bills. Examples: 1 = c102, -1 = 3e6466, 123.45 = c202182e.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/result.h"

namespace bodega::table {

enum class NumberFault : std::uint8_t {
  kNotNumeric,     // no decimal literal: empty, spaces, NaN, Infinity, hex, ...
  kOverflow,       // magnitude above 9.99...E+125
  kUnderflow,      // magnitude below 1E-130, and not zero
  kTooManyDigits,  // more than 38 significant digits
};

class Number {
 public:
  static constexpr std::size_t kMaxBytes = 21;
  static constexpr int kMaxDigits = 38;
  static constexpr int kMaxExponent = 125;  // of the first digit
  static constexpr int kMinExponent = -130;

  Number() = default;  // zero
  static Number from_int(std::int64_t value);

  // Reads `[+-] digits [. digits] [(e|E) [+-] digits]`, with a digit on at least one side of the
  // point. As in the service, a zero's exponent counts too: "0e126" overflows, while "0.0e126" is
  // zero.
  static base::Result<Number, NumberFault> parse(std::string_view text);

  // Reads canonical bytes; nothing when they are not.
  static std::optional<Number> from_bytes(std::string_view bytes);

  // The canonical bytes, valid as long as this number.
  std::string_view bytes() const { return {bytes_.data(), length_}; }
  std::size_t size_bytes() const { return length_; }

  // Plain decimal notation without an exponent, as the service returns it: "1000", "-0.5", "0".
  std::string to_string() const;
  void append_to(std::string& out) const;

  // The integer, when it is one and fits.
  std::optional<std::int64_t> to_int64() const;

  bool is_zero() const { return length_ == 1; }
  bool is_negative() const { return static_cast<unsigned char>(bytes_[0]) < 0x80; }

  friend bool operator==(const Number& a, const Number& b) { return a.bytes() == b.bytes(); }
  friend std::strong_ordering operator<=>(const Number& a, const Number& b) {
    return a.bytes().compare(b.bytes()) <=> 0;
  }

 private:
  friend class NumberBuilder;

  std::array<char, kMaxBytes> bytes_{static_cast<char>(0x80)};
  std::uint8_t length_ = 1;
};

// Exact sum and difference. Faults: kOverflow, kUnderflow, kTooManyDigits; never rounded.
base::Result<Number, NumberFault> add(const Number& a, const Number& b);
base::Result<Number, NumberFault> subtract(const Number& a, const Number& b);

}  // namespace bodega::table
