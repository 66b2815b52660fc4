#include "engines/base/crc.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define BODEGA_CRC_FOLDING 1
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_neon.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#define BODEGA_CRC_FOLDING 1
#endif

namespace bodega::base {
namespace {

// The arithmetic of reflected CRCs, done at compile time: a CRC is the remainder of the message,
// read as a polynomial over GF(2), modulo a generator. "Reflected" means that the lowest bit of a
// register is the highest power, so multiplying by x is a shift to the right.

constexpr std::size_t kSlices = 16;  // bytes a table step takes at once

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

// ---- The sums ----

// The generators, reflected.
struct Ieee {
  using Word = std::uint32_t;
  static constexpr Word kGenerator = 0xedb88320;
};
struct Castagnoli {
  using Word = std::uint32_t;
  static constexpr Word kGenerator = 0x82f63b78;
};
struct Nvme {
  using Word = std::uint64_t;
  static constexpr Word kGenerator = 0x9a6c9329ac4bc9b5;
};
struct Jones {
  using Word = std::uint64_t;
  static constexpr Word kGenerator = 0x95ac9329ac4bc9b5;
};

template <class Kind>
constexpr auto kTables = make_tables<typename Kind::Word>(Kind::kGenerator);

std::uint64_t load_little_endian(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// Sixteen bytes a step, then one by one. `state` is the register as it runs, not inverted.
template <class Kind>
typename Kind::Word update_by_tables(typename Kind::Word state, const char* at,
                                     std::size_t length) {
  const auto& tables = kTables<Kind>;
  for (; length >= kSlices; at += kSlices, length -= kSlices) {
    const std::uint64_t first = load_little_endian(at) ^ state;
    const std::uint64_t second = load_little_endian(at + 8);
    state = 0;
    for (unsigned i = 0; i < 8; ++i) {
      state ^= tables[15 - i][(first >> (8 * i)) & 0xff];
      state ^= tables[7 - i][(second >> (8 * i)) & 0xff];
    }
  }
  for (; length > 0; ++at, --length) {
    state = (state >> 8) ^ tables[0][(state ^ static_cast<unsigned char>(*at)) & 0xff];
  }
  return state;
}

#ifdef BODEGA_CRC_FOLDING

// Folding (Gopal and others, Intel 2009): four 128-bit registers hold the remainder so far; each
// step multiplies them 64 bytes ahead and adds the next 64 bytes. What is left in the end is 16
// bytes with the same remainder as all bytes before, and those go through the tables.
constexpr std::size_t kFoldStep = 64;
constexpr std::size_t kFoldingPays = 128;  // shorter inputs are as fast by tables

#if defined(__x86_64__)

#define BODEGA_CRC_TARGET __attribute__((target("pclmul,sse2")))
using Register = __m128i;

bool can_fold() { return __builtin_cpu_supports("pclmul") != 0; }

BODEGA_CRC_TARGET inline Register load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
BODEGA_CRC_TARGET inline Register of(std::uint64_t low, std::uint64_t high) {
  return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}
BODEGA_CRC_TARGET inline Register add(Register a, Register b) { return _mm_xor_si128(a, b); }
BODEGA_CRC_TARGET inline Register ahead(Register value, Register fold) {
  return _mm_xor_si128(_mm_clmulepi64_si128(value, fold, 0x00),
                       _mm_clmulepi64_si128(value, fold, 0x11));
}
BODEGA_CRC_TARGET inline void store(char* at, Register value) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(at), value);
}

#else  // __aarch64__

#define BODEGA_CRC_TARGET __attribute__((target("+crypto")))
using Register = uint64x2_t;

bool can_fold() {
  static const bool can = (getauxval(AT_HWCAP) & HWCAP_PMULL) != 0;
  return can;
}

BODEGA_CRC_TARGET inline Register load(const char* at) {
  return vreinterpretq_u64_u8(vld1q_u8(reinterpret_cast<const std::uint8_t*>(at)));
}
BODEGA_CRC_TARGET inline Register of(std::uint64_t low, std::uint64_t high) {
  return vcombine_u64(vcreate_u64(low), vcreate_u64(high));
}
BODEGA_CRC_TARGET inline Register add(Register a, Register b) { return veorq_u64(a, b); }
BODEGA_CRC_TARGET inline Register ahead(Register value, Register fold) {
  const poly128_t low = vmull_p64(static_cast<poly64_t>(vgetq_lane_u64(value, 0)),
                                  static_cast<poly64_t>(vgetq_lane_u64(fold, 0)));
  const poly128_t high = vmull_p64(static_cast<poly64_t>(vgetq_lane_u64(value, 1)),
                                   static_cast<poly64_t>(vgetq_lane_u64(fold, 1)));
  return veorq_u64(vreinterpretq_u64_p128(low), vreinterpretq_u64_p128(high));
}
BODEGA_CRC_TARGET inline void store(char* at, Register value) {
  vst1q_u8(reinterpret_cast<std::uint8_t*>(at), vreinterpretq_u8_u64(value));
}

#endif

// REQUIRES: length >= kFoldingPays.
template <class Kind>
BODEGA_CRC_TARGET typename Kind::Word update_by_folding(typename Kind::Word state, const char* at,
                                                        std::size_t length) {
  static constexpr auto kFar = make_fold(Kind::kGenerator, kFoldStep * 8);
  static constexpr auto kNear = make_fold(Kind::kGenerator, 128);

  Register a = add(load(at), of(state, 0));
  Register b = load(at + 16);
  Register c = load(at + 32);
  Register d = load(at + 48);
  const Register far = of(kFar.low, kFar.high);
  for (at += kFoldStep, length -= kFoldStep; length >= kFoldStep;
       at += kFoldStep, length -= kFoldStep) {
    a = add(ahead(a, far), load(at));
    b = add(ahead(b, far), load(at + 16));
    c = add(ahead(c, far), load(at + 32));
    d = add(ahead(d, far), load(at + 48));
  }
  const Register near = of(kNear.low, kNear.high);
  a = add(ahead(a, near), b);
  a = add(ahead(a, near), c);
  a = add(ahead(a, near), d);
  for (; length >= 16; at += 16, length -= 16) a = add(ahead(a, near), load(at));

  char rest[16];
  store(rest, a);
  state = update_by_tables<Kind>(0, rest, sizeof rest);
  return update_by_tables<Kind>(state, at, length);
}

#endif  // BODEGA_CRC_FOLDING

template <class Kind>
typename Kind::Word update(typename Kind::Word before, std::string_view bytes) {
  using Word = typename Kind::Word;
  const Word state = static_cast<Word>(~before);
#ifdef BODEGA_CRC_FOLDING
  if (bytes.size() >= kFoldingPays && can_fold()) {
    return static_cast<Word>(~update_by_folding<Kind>(state, bytes.data(), bytes.size()));
  }
#endif
  return static_cast<Word>(~update_by_tables<Kind>(state, bytes.data(), bytes.size()));
}

template <class Kind>
typename Kind::Word update_portably(typename Kind::Word before, std::string_view bytes) {
  using Word = typename Kind::Word;
  return static_cast<Word>(
      ~update_by_tables<Kind>(static_cast<Word>(~before), bytes.data(), bytes.size()));
}

// The bits that open and close a CRC cancel out, so the value of the first part only has to be
// carried over the length of the second: times x^(8 * length).
template <class Kind>
typename Kind::Word combine(typename Kind::Word first, typename Kind::Word second,
                            std::uint64_t second_length_bytes) {
  using Word = typename Kind::Word;
  Word carry = Word{1} << (sizeof(Word) * 8 - 1);
  Word square = power_of_x<Word>(Kind::kGenerator, 8);
  for (std::uint64_t left = second_length_bytes; left != 0; left >>= 1) {
    if ((left & 1) != 0) carry = multiply(Kind::kGenerator, carry, square);
    square = multiply(Kind::kGenerator, square, square);
  }
  return static_cast<Word>(multiply(Kind::kGenerator, carry, first) ^ second);
}

}  // namespace

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
  return update<Ieee>(before, bytes);
}
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  return update<Castagnoli>(before, bytes);
}
std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t before) {
  return update<Nvme>(before, bytes);
}
// Its register starts as it is and is not inverted at the end.
std::uint64_t crc64redis(std::string_view bytes, std::uint64_t before) {
  return ~update<Jones>(~before, bytes);
}

std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second,
                            std::uint64_t second_length_bytes) {
  return combine<Ieee>(first, second, second_length_bytes);
}
std::uint32_t crc32c_combine(std::uint32_t first, std::uint32_t second,
                             std::uint64_t second_length_bytes) {
  return combine<Castagnoli>(first, second, second_length_bytes);
}
std::uint64_t crc64nvme_combine(std::uint64_t first, std::uint64_t second,
                                std::uint64_t second_length_bytes) {
  return combine<Nvme>(first, second, second_length_bytes);
}

namespace portable {

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
  return update_portably<Ieee>(before, bytes);
}
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  return update_portably<Castagnoli>(before, bytes);
}
std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t before) {
  return update_portably<Nvme>(before, bytes);
}
std::uint64_t crc64redis(std::string_view bytes, std::uint64_t before) {
  return ~update_portably<Jones>(~before, bytes);
}

}  // namespace portable
}  // namespace bodega::base
