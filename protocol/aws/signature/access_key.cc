#include "protocol/aws/signature/access_key.h"

#include <cstdint>

#include "engines/base/check.h"
#include "engines/base/number_text.h"
#include "engines/base/random.h"

namespace bodega::aws {
namespace {

constexpr std::string_view kPrefix = "ASIA";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kSymbols = 16;
// The first ten symbols are 50 bits: the set bit, the account, and nine that are random.
constexpr std::size_t kHeadSymbols = 10;
constexpr int kRandomHeadBits = 9;
constexpr std::uint64_t kSetBit = std::uint64_t{1} << 49;
constexpr std::uint64_t kMaxAccount = 999'999'999'999;
constexpr std::size_t kAccountDigits = 12;

}  // namespace

std::string make_session_key(std::string_view account) {
  const auto number = base::parse_integer<std::uint64_t>(account);
  BODEGA_CHECK(number && *number <= kMaxAccount && account.size() == kAccountDigits);
  const std::string random = base::secret_bytes(2);
  const auto noise = static_cast<std::uint64_t>(static_cast<unsigned char>(random[0]) << 1 |
                                                static_cast<unsigned char>(random[1]) >> 7);
  const std::uint64_t head = kSetBit | *number << kRandomHeadBits | noise;
  std::string key(kPrefix);
  for (std::size_t i = 0; i < kHeadSymbols; ++i) {
    key += kBase32[head >> (5 * (kHeadSymbols - 1 - i)) & 31];
  }
  return key + base::secret_text(kSymbols - kHeadSymbols, kBase32);
}

bool is_session_key(std::string_view access_key_id) {
  return access_key_id.size() == kPrefix.size() + kSymbols && access_key_id.starts_with(kPrefix);
}

std::optional<std::string> account_in_session_key(std::string_view access_key_id) {
  if (!is_session_key(access_key_id)) return std::nullopt;
  std::uint64_t head = 0;
  for (const char symbol : access_key_id.substr(kPrefix.size(), kHeadSymbols)) {
    const std::size_t value = kBase32.find(symbol);
    if (value == std::string_view::npos) return std::nullopt;
    head = head << 5 | value;
  }
  const std::uint64_t account = (head & ~kSetBit) >> kRandomHeadBits;
  if (account > kMaxAccount) return std::nullopt;
  std::string text = std::to_string(account);
  return text.insert(0, kAccountDigits - text.size(), '0');
}

}  // namespace bodega::aws
