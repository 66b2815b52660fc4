#include "engines/keyspace/structures/hashing.h"

#include <cstddef>
#include <cstring>

#include "engines/base/random.h"

namespace bodega::keyspace {
namespace {

std::uint64_t load64(const char* bytes) {
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint64_t load32(const char* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// The two halves of a 128-bit product folded into one word: every input bit reaches every output
// bit.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

constexpr std::uint64_t kOdd1 = 0x9E3779B97F4A7C15;
constexpr std::uint64_t kOdd2 = 0xD6E8FEB86659FD93;
constexpr std::uint64_t kOdd3 = 0xA0761D6478BD642F;

struct Seed {
  std::uint64_t a = base::random_u64() | 1;
  std::uint64_t b = base::random_u64();
};

const Seed& seed() {
  static const Seed value;
  return value;
}

}  // namespace

std::uint32_t hash_of(std::string_view bytes) {
  const Seed& s = seed();
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t state = s.a ^ fold(left ^ s.b, kOdd1);
  while (left > 16) {
    state = fold(load64(at) ^ kOdd2, load64(at + 8) ^ state);
    at += 16;
    left -= 16;
  }
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (left >= 8) {
    low = load64(at);
    high = load64(at + left - 8);
  } else if (left >= 4) {
    low = load32(at);
    high = load32(at + left - 4);
  } else if (left > 0) {
    low = static_cast<unsigned char>(at[0]);
    high = static_cast<std::uint64_t>(static_cast<unsigned char>(at[left / 2])) << 8 |
           static_cast<unsigned char>(at[left - 1]);
  }
  const std::uint64_t mixed = fold(fold(low ^ kOdd3 ^ s.b, high ^ state), kOdd1 ^ state);
  return static_cast<std::uint32_t>(mixed ^ (mixed >> 32));
}

}  // namespace bodega::keyspace
