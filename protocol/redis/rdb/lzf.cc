#include "protocol/redis/rdb/lzf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>

namespace bodega::redis {
namespace {

constexpr std::size_t kMaxLiterals = 32;
constexpr std::size_t kLeastCopy = 3;
constexpr std::size_t kMostCopy = 264;
constexpr std::size_t kMaxDistance = 8192;
constexpr unsigned kLongCopy = 7;
// What the shortest copy of the greatest length comes to for each of its bytes.
constexpr std::uint64_t kMostExpansion = kMostCopy / 3;
// Compressed text must be shorter by so much to be worth it.
constexpr std::size_t kLeastGain = 4;

// The table of what was seen is as large as the text asks for, within these bounds: clearing it
// must not cost more than the text.
constexpr unsigned kLeastHashBits = 5;
constexpr unsigned kMostHashBits = 13;

std::size_t hash_at(const char* at, unsigned bits) {
  const auto byte = [at](int i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(at[i]));
  };
  const std::uint32_t three = byte(0) << 16 | byte(1) << 8 | byte(2);
  return (three * 2654435761u) >> (32 - bits);
}

void put_literals(std::string& out, std::string_view literals) {
  while (!literals.empty()) {
    const std::size_t count = std::min(literals.size(), kMaxLiterals);
    out.push_back(static_cast<char>(count - 1));
    out += literals.substr(0, count);
    literals.remove_prefix(count);
  }
}

void put_copy(std::string& out, std::size_t distance, std::size_t length) {
  const std::size_t offset = distance - 1;
  const std::size_t code = length - 2;
  const auto high = static_cast<unsigned>(offset >> 8);
  if (code < kLongCopy) {
    out.push_back(static_cast<char>(static_cast<unsigned>(code) << 5 | high));
  } else {
    out.push_back(static_cast<char>(kLongCopy << 5 | high));
    out.push_back(static_cast<char>(code - kLongCopy));
  }
  out.push_back(static_cast<char>(offset & 0xFF));
}

std::size_t common_length(std::string_view text, std::size_t before, std::size_t at) {
  const std::size_t most = std::min(kMostCopy, text.size() - at);
  std::size_t length = 0;
  while (length < most && text[before + length] == text[at + length]) ++length;
  return length;
}

// Appends `length` bytes that stand `distance` bytes before the end; the two may overlap.
void copy_back(std::string& out, std::size_t distance, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) out.push_back(out[out.size() - distance]);
}

}  // namespace

std::string lzf_compress(std::string_view text) {
  if (text.size() <= kLeastGain || text.size() > std::numeric_limits<std::uint32_t>::max())
    return {};
  const std::size_t most = text.size() - kLeastGain;
  const unsigned bits =
      std::clamp(static_cast<unsigned>(std::bit_width(text.size())), kLeastHashBits, kMostHashBits);
  std::array<std::uint32_t, std::size_t{1} << kMostHashBits> seen;  // position + 1; 0: none
  std::fill_n(seen.begin(), std::size_t{1} << bits, 0u);
  std::string out;
  std::size_t literals_from = 0;
  std::size_t at = 0;
  while (at + kLeastCopy <= text.size() && out.size() <= most) {
    std::uint32_t& slot = seen[hash_at(text.data() + at, bits)];
    const std::size_t before = slot;
    slot = static_cast<std::uint32_t>(at) + 1;
    const std::size_t distance = at + 1 - before;
    const std::size_t length =
        before != 0 && distance <= kMaxDistance ? common_length(text, before - 1, at) : 0;
    if (length < kLeastCopy) {
      ++at;
      continue;
    }
    put_literals(out, text.substr(literals_from, at - literals_from));
    put_copy(out, distance, length);
    at += length;
    literals_from = at;
  }
  put_literals(out, text.substr(literals_from));
  return out.size() <= most ? out : std::string();
}

std::optional<std::string> lzf_decompress(std::string_view compressed, std::uint64_t length) {
  if (length > compressed.size() * kMostExpansion) return std::nullopt;
  std::string out;
  out.reserve(length);
  std::size_t at = 0;
  const auto next = [&] { return static_cast<unsigned char>(compressed[at++]); };
  while (at < compressed.size()) {
    const unsigned control = next();
    if (control < kMaxLiterals) {
      const std::size_t count = control + 1;
      if (count > compressed.size() - at || count > length - out.size()) return std::nullopt;
      out += compressed.substr(at, count);
      at += count;
      continue;
    }
    std::size_t count = (control >> 5) + 2;
    if (compressed.size() - at < (control >> 5 == kLongCopy ? 2u : 1u)) return std::nullopt;
    if (control >> 5 == kLongCopy) count += next();
    const std::size_t distance = ((control & 0x1Fu) << 8 | next()) + std::size_t{1};
    if (distance > out.size() || count > length - out.size()) return std::nullopt;
    copy_back(out, distance, count);
  }
  if (out.size() != length) return std::nullopt;
  return out;
}

}  // namespace bodega::redis
