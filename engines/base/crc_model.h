// The arithmetic of reflected CRCs, done at compile time: a CRC is the remainder of the message,
// read as a polynomial over GF(2), modulo a generator. "Reflected" means that the lowest bit of a
// register is the highest power, so multiplying by x is a shift to the right. Internal to crc.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bodega::base::crc_model {

inline constexpr std::size_t kSlices = 16;  // bytes a table step takes at once

template <class Word>
using Tables = std::array<std::array<Word, 256>, kSlices>;

// a * b mod the generator, all in reflected form.
template <class Word>
constexpr Word multiply(Word generator, Word a, Word b) {
  constexpr Word kOne = Word{1} << (sizeof(Word) * 8 - 1);  // x to the power of 0
  Word product = 0;
  for (Word power = kOne; power != 0; power >>= 1) {
    if ((a & power) != 0) product ^= b;
    b = (b & 1) != 0 ? (b >> 1) ^ generator : b >> 1;
  }
  return product;
}

// x to the power of `exponent` mod the generator, in reflected form.
template <class Word>
constexpr Word power_of_x(Word generator, std::uint64_t exponent) {
  Word result = Word{1} << (sizeof(Word) * 8 - 1);
  Word square = Word{1} << (sizeof(Word) * 8 - 2);  // x
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(generator, result, square);
    square = multiply(generator, square, square);
  }
  return result;
}

// tables[k][b]: the remainder of byte b followed by k zero bytes.
template <class Word>
constexpr Tables<Word> make_tables(Word generator) {
  Tables<Word> tables{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    Word value = static_cast<Word>(byte);
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1) != 0 ? (value >> 1) ^ generator : value >> 1;
    tables[0][byte] = value;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const Word before = tables[slice - 1][byte];
      tables[slice][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

// What carries a 128-bit register `distance_bits` ahead: the multipliers of its two halves, as
// 64-bit reflected polynomials. The first bytes of the register are its low half and the higher
// powers. A carry-less product of two reflected 64-bit words comes out one power too low for its
// register, hence the -1 in both exponents.
struct Fold {
  std::uint64_t low;
  std::uint64_t high;
};

template <class Word>
constexpr Fold make_fold(Word generator, std::uint64_t distance_bits) {
  constexpr unsigned kUp = 64 - sizeof(Word) * 8;
  return {static_cast<std::uint64_t>(power_of_x(generator, distance_bits + 63)) << kUp,
          static_cast<std::uint64_t>(power_of_x(generator, distance_bits - 1)) << kUp};
}

}  // namespace bodega::base::crc_model
