#include "engines/base/random.h"

#include <openssl/rand.h>
#include <sys/random.h>

#include "engines/base/bytes.h"
#include "engines/base/check.h"

namespace bodega::base {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): one addition and three mixes a number, passes BigCrush.
struct Generator {
  std::uint64_t state = 0;

  Generator() {
    if (getrandom(&state, sizeof state, 0) != sizeof state) {
      state = reinterpret_cast<std::uintptr_t>(this);
    }
  }

  std::uint64_t next() {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }
};

thread_local Generator generator;

}  // namespace

std::uint64_t random_u64() { return generator.next(); }

std::uint64_t random_below(std::uint64_t bound) {
  BODEGA_CHECK(bound > 0);
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(random_u64()) * bound) >> 64);
}

std::string random_string(std::size_t length, std::string_view alphabet) {
  BODEGA_CHECK(!alphabet.empty());
  std::string out(length, '\0');
  for (char& symbol : out) symbol = alphabet[random_below(alphabet.size())];
  return out;
}

std::string random_uuid() {
  std::string bytes = secret_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  return uuid_text(bytes);
}

std::string secret_bytes(std::size_t length) {
  std::string bytes(length, '\0');
  // Without randomness there are no secrets, and nothing that could be answered instead.
  BODEGA_CHECK(
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(length)) == 1);
  return bytes;
}

std::string secret_text(std::size_t length, std::string_view alphabet) {
  BODEGA_CHECK(!alphabet.empty() && alphabet.size() <= 256);
  const std::size_t fair = 256 - 256 % alphabet.size();  // values beyond would favour some
  std::string text;
  while (text.size() < length) {
    for (const char drawn : secret_bytes(length - text.size())) {
      const auto value = static_cast<unsigned char>(drawn);
      if (value < fair) text.push_back(alphabet[value % alphabet.size()]);
    }
  }
  return text;
}

void seed_random_for_test(std::uint64_t seed) { generator.state = seed; }

}  // namespace bodega::base
