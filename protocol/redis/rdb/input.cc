#include "protocol/redis/rdb/input.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "engines/base/bytes.h"
#include "engines/base/crc.h"
#include "protocol/redis/rdb/lzf.h"
#include "protocol/redis/rdb/primitives.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;

constexpr std::uint8_t kTextNan = 253;
constexpr std::uint8_t kTextInfinity = 254;
constexpr std::uint8_t kTextMinusInfinity = 255;

constexpr std::string_view kTooShort = "it ends too early";

}  // namespace

void RdbInput::fail(std::string_view why) {
  if (ok()) failure_ = why;
}

std::uint64_t RdbInput::read_little(std::string_view bytes) { return read_little_endian(bytes); }

std::string_view RdbInput::take(std::uint64_t count) {
  if (!ok()) return {};
  if (summed_to_ == nullptr) summed_to_ = rest_.data();
  if (count > left()) {
    fail(kTooShort);
    return {};
  }
  if (count > rest_.size()) refill(static_cast<std::size_t>(count));
  if (count > rest_.size()) {
    fail(kTooShort);
    return {};
  }
  const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
  rest_.remove_prefix(taken.size());
  return taken;
}

// Grows as bytes come, so that a file that is shorter than it said takes no more than it has.
void RdbInput::refill(std::size_t wanted) {
  sum_up();
  buffer_.erase(0, buffer_.size() - rest_.size());
  while (buffer_.size() < wanted && unread_ > 0) {
    const std::size_t before = buffer_.size();
    const auto most = static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max(kReadBytes, std::min(wanted - before, before)), unread_));
    buffer_.resize(before + most);
    const std::size_t got = read_(buffer_.data() + before, most);
    buffer_.resize(before + got);
    unread_ = got == 0 ? 0 : unread_ - got;
  }
  rest_ = buffer_;
  summed_to_ = rest_.data();
}

void RdbInput::sum_up() {
  if (summed_to_ == nullptr || summed_to_ == rest_.data()) return;
  const auto length = static_cast<std::size_t>(rest_.data() - summed_to_);
  checksum_ = base::crc64redis({summed_to_, length}, checksum_);
  summed_to_ = rest_.data();
}

std::uint64_t RdbInput::checksum() {
  sum_up();
  return checksum_;
}

std::uint8_t RdbInput::u8() {
  const std::string_view byte = take(1);
  return byte.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(byte[0]);
}

namespace {

// A length, or the kind of a special string.
struct LengthOrSpecial {
  std::uint64_t value = 0;
  bool special = false;
};

LengthOrSpecial read_length(RdbInput& input) {
  const unsigned first = input.u8();
  const unsigned low = first & 0x3F;
  switch (static_cast<LengthForm>(first >> 6)) {
    case LengthForm::kSixBits: return {low};
    case LengthForm::kFourteenBits: return {std::uint64_t{low} << 8 | input.u8()};
    case LengthForm::kSpecial: return {low, true};
    case LengthForm::kWide: break;
  }
  if (first == kWide32) {
    const std::string_view bytes = input.take(4);
    return {bytes.empty() ? 0 : base::read_u32(bytes)};
  }
  if (first == kWide64) {
    const std::string_view bytes = input.take(8);
    return {bytes.empty() ? 0 : base::read_u64(bytes)};
  }
  input.fail("a length of an unknown form");
  return {};
}

}  // namespace

std::uint64_t RdbInput::length() {
  const LengthOrSpecial read = read_length(*this);
  if (read.special) fail("a string where a length should be");
  return ok() ? read.value : 0;
}

std::uint64_t RdbInput::count(std::uint64_t least_bytes) {
  const std::uint64_t count = length();
  if (count > left() / least_bytes) fail("a count of more than there is");
  return ok() ? count : 0;
}

std::string RdbInput::text() {
  const LengthOrSpecial read = read_length(*this);
  if (read.special) return special_text(static_cast<unsigned>(read.value));
  return std::string(take(read.value));
}

std::string RdbInput::special_text(unsigned special) {
  const auto integer = [this](std::size_t bytes) {
    const std::string_view taken = take(bytes);
    return taken.empty() ? std::string() : std::to_string(read_little_endian_signed(taken));
  };
  switch (static_cast<SpecialText>(special)) {
    case SpecialText::kInt8: return integer(1);
    case SpecialText::kInt16: return integer(2);
    case SpecialText::kInt32: return integer(4);
    case SpecialText::kLzf: {
      const std::uint64_t compressed_bytes = length();
      const std::uint64_t bytes = length();
      const std::string_view compressed = take(compressed_bytes);
      if (!ok()) return {};
      std::optional<std::string> text = lzf_decompress(compressed, bytes);
      if (!text) fail("compressed text that does not come to its length");
      return text.value_or(std::string());
    }
  }
  fail("a string of an unknown kind");
  return {};
}

double RdbInput::binary_double() {
  const std::uint64_t bits = little_endian(sizeof(double));
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

double RdbInput::text_double() {
  const std::uint8_t length = u8();
  if (length == kTextNan) return std::numeric_limits<double>::quiet_NaN();
  if (length == kTextInfinity) return std::numeric_limits<double>::infinity();
  if (length == kTextMinusInfinity) return -std::numeric_limits<double>::infinity();
  const std::string text(take(length));
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size()) fail("a score that is no number");
  return value;
}

}  // namespace bodega::redis
