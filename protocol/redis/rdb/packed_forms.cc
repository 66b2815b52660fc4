#include "protocol/redis/rdb/packed_forms.h"

#include <limits>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/number_text.h"
#include "protocol/redis/rdb/input.h"
#include "protocol/redis/rdb/primitives.h"

namespace bodega::redis {
namespace {

constexpr std::uint8_t kEndByte = 0xFF;
constexpr std::uint64_t kUnknownCount = 0xFFFF;  // a count that had no room in its 16 bits

std::string signed_text(std::string_view bytes) {
  return bytes.empty() ? std::string() : std::to_string(read_little_endian_signed(bytes));
}

bool count_fits(std::uint64_t said, std::size_t found) {
  return said == found || (said == kUnknownCount && found >= kUnknownCount);
}

// ---- Listpacks ----

// First bytes of an entry, as their highest bits tell.
constexpr unsigned kLp13BitInteger = 0xC0;
constexpr unsigned kLp12BitText = 0xE0;
constexpr unsigned kLp32BitText = 0xF0;
constexpr unsigned kLp16Bit = 0xF1;
constexpr unsigned kLp24Bit = 0xF2;
constexpr unsigned kLp32Bit = 0xF3;
constexpr unsigned kLp64Bit = 0xF4;

void read_listpack_value(RdbInput& input, RdbStrings& out) {
  const unsigned first = input.u8();
  if (first < 0x80) return out.add(std::to_string(first));
  if (first < kLp13BitInteger) return out.add(input.take(first & 0x3F));
  if (first < kLp12BitText) {
    const std::int64_t bits = static_cast<std::int64_t>((first & 0x1F) << 8 | input.u8());
    return out.add(std::to_string(bits >= 1 << 12 ? bits - (1 << 13) : bits));
  }
  if (first < kLp32BitText) {
    const unsigned low = input.u8();
    return out.add(input.take((first & 0x0F) << 8 | low));
  }
  switch (first) {
    case kLp32BitText: return out.add(input.take(input.little_endian(4)));
    case kLp16Bit: return out.add(signed_text(input.take(2)));
    case kLp24Bit: return out.add(signed_text(input.take(3)));
    case kLp32Bit: return out.add(signed_text(input.take(4)));
    case kLp64Bit: return out.add(signed_text(input.take(8)));
    default: input.fail("an unknown entry");
  }
}

// Redis takes another byte already for the largest length that would fit into two, three or four.
std::size_t back_length_bytes(std::uint64_t length) {
  if (length <= 127) return 1;
  if (length < 16'383) return 2;
  if (length < 2'097'151) return 3;
  return length < 268'435'455 ? 4 : 5;
}

// The highest bits first, seven a byte; all but the first are marked.
void put_back_length(std::string& out, std::uint64_t length) {
  for (std::size_t i = back_length_bytes(length); i-- > 0;) {
    const auto bits = static_cast<unsigned>(length >> (7 * i)) & 0x7F;
    const bool is_first = i + 1 == back_length_bytes(length);
    out.push_back(static_cast<char>(is_first ? bits : bits | 0x80));
  }
}

bool read_back_length(RdbInput& input, std::uint64_t length) {
  std::string expected;
  put_back_length(expected, length);
  return input.take(expected.size()) == expected;
}

void put_listpack_integer(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  const auto within = [value](unsigned width) {
    const std::int64_t half = std::int64_t{1} << (width - 1);
    return value >= -half && value < half;
  };
  const auto put = [&](unsigned kind, std::size_t bytes) {
    out.push_back(static_cast<char>(kind));
    put_little_endian(out, bits, bytes);
  };
  if (value >= 0 && value < 0x80) {
    out.push_back(static_cast<char>(value));
  } else if (within(13)) {
    out.push_back(static_cast<char>(kLp13BitInteger | ((bits >> 8) & 0x1F)));
    out.push_back(static_cast<char>(bits & 0xFF));
  } else if (within(16)) {
    put(kLp16Bit, 2);
  } else if (within(24)) {
    put(kLp24Bit, 3);
  } else if (within(32)) {
    put(kLp32Bit, 4);
  } else {
    put(kLp64Bit, 8);
  }
}

void put_listpack_text(std::string& out, std::string_view text) {
  if (text.size() < 1u << 6) {
    out.push_back(static_cast<char>(0x80 | text.size()));
  } else if (text.size() < 1u << 12) {
    out.push_back(static_cast<char>(kLp12BitText | text.size() >> 8));
    out.push_back(static_cast<char>(text.size() & 0xFF));
  } else {
    out.push_back(static_cast<char>(kLp32BitText));
    put_little_endian(out, text.size(), 4);
  }
  out += text;
}

// ---- Ziplists ----

constexpr unsigned kZlLongPrevious = 0xFE;
constexpr unsigned kZl16Bit = 0xC0;
constexpr unsigned kZl32Bit = 0xD0;
constexpr unsigned kZl64Bit = 0xE0;
constexpr unsigned kZl24Bit = 0xF0;
constexpr unsigned kZl8Bit = 0xFE;

void read_ziplist_value(RdbInput& input, RdbStrings& out) {
  const unsigned first = input.u8();
  switch (first >> 6) {
    case 0: return out.add(input.take(first & 0x3F));
    case 1: {
      const unsigned low = input.u8();
      return out.add(input.take((first & 0x3F) << 8 | low));
    }
    case 2: {
      const std::string_view length = input.take(4);
      return out.add(length.empty() ? length : input.take(base::read_u32(length)));
    }
    default: break;
  }
  switch (first) {
    case kZl8Bit: return out.add(signed_text(input.take(1)));
    case kZl16Bit: return out.add(signed_text(input.take(2)));
    case kZl24Bit: return out.add(signed_text(input.take(3)));
    case kZl32Bit: return out.add(signed_text(input.take(4)));
    case kZl64Bit: return out.add(signed_text(input.take(8)));
    default: break;
  }
  if (first < 0xF1 || first > 0xFD) return input.fail("an unknown entry");
  out.add(std::to_string(first - 0xF1));  // 0 to 12, in the byte itself
}

// ---- Zipmaps ----

constexpr unsigned kZmLongLength = 254;

std::uint64_t read_zipmap_length(RdbInput& input) {
  const unsigned first = input.u8();
  if (first < kZmLongLength) return first;
  if (first == kZmLongLength) return input.little_endian(4);
  input.fail("an entry is missing");
  return 0;
}

}  // namespace

bool read_listpack(std::string_view bytes, RdbStrings& out) {
  RdbInput input(bytes);
  const std::uint64_t size = input.little_endian(4);
  const std::uint64_t count = input.little_endian(2);
  if (!input.ok() || size != bytes.size()) return false;
  const std::size_t before = out.size();
  while (input.left() > 1) {
    const std::uint64_t start = input.left();
    read_listpack_value(input, out);
    if (!input.ok() || !read_back_length(input, start - input.left())) return false;
  }
  return input.u8() == kEndByte && input.ok() && count_fits(count, out.size() - before);
}

bool read_ziplist(std::string_view bytes, RdbStrings& out) {
  RdbInput input(bytes);
  const std::uint64_t size = input.little_endian(4);
  const std::uint64_t tail = input.little_endian(4);
  const std::uint64_t count = input.little_endian(2);
  if (!input.ok() || size != bytes.size()) return false;
  const std::size_t before = out.size();
  std::uint64_t last = bytes.size() - input.left();  // where the last entry starts
  std::uint64_t previous_bytes = 0;
  while (input.left() > 1) {
    const std::uint64_t start = input.left();
    last = bytes.size() - start;
    const unsigned previous = input.u8();
    if ((previous == kZlLongPrevious ? input.little_endian(4) : previous) != previous_bytes) {
      return false;
    }
    read_ziplist_value(input, out);
    if (!input.ok()) return false;
    previous_bytes = start - input.left();
  }
  return input.u8() == kEndByte && input.ok() && tail == last &&
         count_fits(count, out.size() - before);
}

bool read_intset(std::string_view bytes, RdbStrings& out) {
  RdbInput input(bytes);
  const std::uint64_t width = input.little_endian(4);
  const std::uint64_t count = input.little_endian(4);
  if (!input.ok() || (width != 2 && width != 4 && width != 8)) return false;
  if (input.left() != width * count) return false;
  std::int64_t before = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::int64_t integer = read_little_endian_signed(input.take(width));
    if (i > 0 && integer <= before) return false;
    before = integer;
    out.add(std::to_string(integer));
  }
  return true;
}

// The count in the first byte says nothing from 254 on, so it is not looked at.
bool read_zipmap(std::string_view bytes, RdbStrings& out) {
  RdbInput input(bytes);
  input.u8();
  while (input.ok() && input.left() > 1) {
    out.add(input.take(read_zipmap_length(input)));
    const std::uint64_t length = read_zipmap_length(input);
    const unsigned unused = input.u8();
    out.add(input.take(length));
    input.take(unused);
  }
  return input.u8() == kEndByte && input.ok();
}

void ListpackWriter::add(std::string_view text) {
  const std::size_t start = bytes_.size();
  if (const auto integer = base::canonical_integer(text)) {
    put_listpack_integer(bytes_, *integer);
  } else {
    put_listpack_text(bytes_, text);
  }
  put_back_length(bytes_, bytes_.size() - start);
  ++count_;
}

std::string ListpackWriter::finish() {
  bytes_.push_back(static_cast<char>(kEndByte));
  std::string header;
  put_little_endian(header, bytes_.size(), 4);
  put_little_endian(header, count_ < kUnknownCount ? count_ : kUnknownCount, 2);
  bytes_.replace(0, kHeaderBytes, header);
  count_ = 0;
  return std::exchange(bytes_, std::string(kHeaderBytes, '\0'));
}

void IntsetWriter::add(std::int64_t integer) {
  const auto needs = [integer](auto least, auto most) { return integer < least || integer > most; };
  using Narrow = std::numeric_limits<std::int16_t>;
  using Middle = std::numeric_limits<std::int32_t>;
  if (needs(Middle::min(), Middle::max())) {
    width_ = 8;
  } else if (width_ == 2 && needs(Narrow::min(), Narrow::max())) {
    width_ = 4;
  }
  integers_.push_back(integer);
}

std::string IntsetWriter::finish() const {
  std::string out;
  put_little_endian(out, width_, 4);
  put_little_endian(out, integers_.size(), 4);
  for (const std::int64_t integer : integers_) {
    put_little_endian(out, static_cast<std::uint64_t>(integer), width_);
  }
  return out;
}

}  // namespace bodega::redis
