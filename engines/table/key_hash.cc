#include "engines/table/key_hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace bodega::table {
namespace {

constexpr std::size_t kBlockBytes = 64;

// RFC 1321: floor(2^32 * |sin(i + 1)|), and how far each step rotates.
constexpr std::array<std::uint32_t, 64> kSines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::array<std::array<int, 4>, 4> kRotations{
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

class Md5 {
 public:
  void update(std::string_view bytes) {
    length_ += bytes.size();
    while (!bytes.empty()) {
      const std::size_t taken = std::min(bytes.size(), kBlockBytes - filled_);
      std::copy_n(bytes.begin(), taken, block_.begin() + static_cast<std::ptrdiff_t>(filled_));
      filled_ += taken;
      bytes.remove_prefix(taken);
      if (filled_ == kBlockBytes) absorb();
    }
  }

  // The first word of the digest, its bytes read as a big-endian integer.
  std::uint32_t finish() {
    const std::uint64_t bits = length_ * 8;
    block_[filled_++] = static_cast<char>(0x80);
    if (filled_ > kBlockBytes - 8) {
      std::fill(block_.begin() + static_cast<std::ptrdiff_t>(filled_), block_.end(), '\0');
      absorb();
    }
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(filled_), block_.end(), '\0');
    for (std::size_t i = 0; i < 8; ++i) {
      block_[kBlockBytes - 8 + i] = static_cast<char>((bits >> (8 * i)) & 0xff);
    }
    absorb();
    const std::uint32_t word = state_[0];
    return (word << 24) | ((word & 0xff00) << 8) | ((word >> 8) & 0xff00) | (word >> 24);
  }

 private:
  void absorb() {
    std::array<std::uint32_t, 16> words;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto byte = [&](std::size_t k) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(block_[4 * i + k]));
      };
      words[i] = byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
    }
    std::uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3];
    const auto step = [&](std::uint32_t mix, std::size_t word, std::size_t i) {
      const std::uint32_t turned =
          std::rotl(a + mix + kSines[i] + words[word], kRotations[i / 16][i % 4]);
      a = d;
      d = c;
      c = b;
      b += turned;
    };
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) step((b & c) | (~b & d), i, i);
#pragma GCC unroll 16
    for (std::size_t i = 16; i < 32; ++i) step((d & b) | (~d & c), (5 * i + 1) % 16, i);
#pragma GCC unroll 16
    for (std::size_t i = 32; i < 48; ++i) step(b ^ c ^ d, (3 * i + 5) % 16, i);
#pragma GCC unroll 16
    for (std::size_t i = 48; i < 64; ++i) step(c ^ (b | ~d), (7 * i) % 16, i);
    state_[0] += a;
    state_[1] += b;
    state_[2] += c;
    state_[3] += d;
    filled_ = 0;
  }

  std::array<std::uint32_t, 4> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::array<char, kBlockBytes> block_;
  std::size_t filled_ = 0;
  std::uint64_t length_ = 0;
};

}  // namespace

std::uint32_t key_hash(std::string_view first, std::string_view second) {
  Md5 md5;
  md5.update("Outliers");
  md5.update(first);
  md5.update(second);
  return md5.finish();
}

}  // namespace bodega::table
