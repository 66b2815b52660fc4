#include "engines/table/number.h"

#include <algorithm>

namespace bodega::table {
namespace {

using Digit = std::uint8_t;

constexpr int kMaxDigits100 = 20;  // of the mantissa in base 100
constexpr int kPositiveBias = 193;
constexpr int kNegativeBias = 62;
constexpr Digit kNegativeEnd = 102;

// Beyond this no exponent makes a difference any more: it is out of range with any mantissa that
// fits into a request.
constexpr std::int64_t kExponentCap = 1'000'000'000;

// floor(value / 2), for negative values too.
constexpr int half(int value) { return value >= 0 ? value / 2 : -((1 - value) / 2); }

// A number taken apart: (-1)^negative * digit[0].digit[1]... in base 100 times 100^exponent.
struct Parts {
  bool negative = false;
  int exponent = 0;
  int count = 0;
  std::array<Digit, kMaxDigits100> digits;
};

Parts take_apart(const Number& number) {
  Parts parts;
  const std::string_view bytes = number.bytes();
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::size_t end = bytes.size();
  parts.negative = number.is_negative();
  if (parts.negative) {
    parts.exponent = kNegativeBias - at(0);
    if (at(end - 1) == kNegativeEnd) --end;
    for (std::size_t i = 1; i < end; ++i) {
      parts.digits[static_cast<std::size_t>(parts.count++)] = static_cast<Digit>(101 - at(i));
    }
  } else if (!number.is_zero()) {
    parts.exponent = at(0) - kPositiveBias;
    for (std::size_t i = 1; i < end; ++i) {
      parts.digits[static_cast<std::size_t>(parts.count++)] = static_cast<Digit>(at(i) - 1);
    }
  }
  return parts;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What a literal's digits amount to, gathered in one pass and without limit on its length.
struct Mantissa {
  std::array<Digit, Number::kMaxDigits> digits;  // decimal, first and last not zero
  int count = 0;
  bool too_many = false;
  std::int64_t all = 0;       // digits met
  std::int64_t before = -1;   // digits before the point; -1: no point yet
  std::int64_t leading = 0;   // zeros before the first other digit
  std::int64_t trailing = 0;  // zeros since the last other digit

  void take(Digit digit) {
    ++all;
    if (digit == 0) {
      if (count == 0 && !too_many) {
        ++leading;
      } else {
        ++trailing;
      }
      return;
    }
    if (too_many || count + trailing + 1 > Number::kMaxDigits) {
      too_many = true;
      return;
    }
    for (; trailing > 0; --trailing) digits[static_cast<std::size_t>(count++)] = 0;
    digits[static_cast<std::size_t>(count++)] = digit;
  }
  bool is_zero() const { return count == 0; }
};

}  // namespace

// The one place that writes canonical bytes.
class NumberBuilder {
 public:
  // REQUIRES: 0 < count <= 20, digits[0] and digits[count - 1] not 0, exponent in range.
  static Number build(bool negative, int exponent, const Digit* digits, int count) {
    Number number;
    number.bytes_[0] =
        static_cast<char>(negative ? kNegativeBias - exponent : kPositiveBias + exponent);
    std::size_t length = 1;
    for (int i = 0; i < count; ++i) {
      number.bytes_[length++] = static_cast<char>(negative ? 101 - digits[i] : digits[i] + 1);
    }
    if (negative && count < kMaxDigits100) number.bytes_[length++] = kNegativeEnd;
    number.length_ = static_cast<std::uint8_t>(length);
    return number;
  }

  // The decimal digits, the first and the last not zero, the first of them worth 10^exponent.
  static Number build_decimal(bool negative, int exponent, const Digit* digits, int count) {
    std::array<Digit, kMaxDigits100> pairs;
    int length = 0;
    int i = 0;
    const int exponent100 = half(exponent);
    if (exponent == 2 * exponent100) pairs[static_cast<std::size_t>(length++)] = digits[i++];
    for (; i < count; i += 2) {
      const int low = i + 1 < count ? digits[i + 1] : 0;
      pairs[static_cast<std::size_t>(length++)] = static_cast<Digit>(10 * digits[i] + low);
    }
    return build(negative, exponent100, pairs.data(), length);
  }
};

Number Number::from_int(std::int64_t value) {
  if (value == 0) return {};
  // The magnitude of the smallest integer fits only without a sign.
  std::uint64_t rest =
      value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  std::array<Digit, 10> digits;
  std::size_t first = digits.size();
  for (; rest > 0; rest /= 100) digits[--first] = static_cast<Digit>(rest % 100);
  std::size_t last = digits.size();
  const int exponent = static_cast<int>(last - first) - 1;
  while (digits[last - 1] == 0) --last;
  return NumberBuilder::build(value < 0, exponent, &digits[first], static_cast<int>(last - first));
}

base::Result<Number, NumberFault> Number::parse(std::string_view text) {
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++i;

  Mantissa mantissa;
  for (; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      mantissa.take(static_cast<Digit>(text[i] - '0'));
    } else if (text[i] == '.' && mantissa.before < 0) {
      mantissa.before = mantissa.all;
    } else {
      break;
    }
  }
  if (mantissa.all == 0) return NumberFault::kNotNumeric;
  if (mantissa.before < 0) mantissa.before = mantissa.all;

  std::int64_t exponent = 0;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return NumberFault::kNotNumeric;
    ++i;
    const bool down = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (i == text.size()) return NumberFault::kNotNumeric;
    for (; i < text.size(); ++i) {
      if (!is_digit(text[i])) return NumberFault::kNotNumeric;
      exponent = std::min(exponent * 10 + (text[i] - '0'), kExponentCap);
    }
    if (down) exponent = -exponent;
  }

  // The power of ten of the first digit that is not zero. A zero is judged by its last digit, which
  // is how the service comes to refuse 0e126 and to take 0.0e126.
  exponent += mantissa.before - 1;
  exponent -= mantissa.is_zero() ? mantissa.all - 1 : mantissa.leading;
  if (exponent > kMaxExponent) return NumberFault::kOverflow;
  if (exponent < kMinExponent) return NumberFault::kUnderflow;
  if (mantissa.too_many) return NumberFault::kTooManyDigits;
  if (mantissa.is_zero()) return Number{};
  return NumberBuilder::build_decimal(negative, static_cast<int>(exponent), mantissa.digits.data(),
                                      mantissa.count);
}

std::optional<Number> Number::from_bytes(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > kMaxBytes) return std::nullopt;
  Number number;
  std::copy(bytes.begin(), bytes.end(), number.bytes_.begin());
  number.length_ = static_cast<std::uint8_t>(bytes.size());
  if (bytes.size() == 1) {
    return number == Number{} ? std::optional(number) : std::nullopt;
  }
  const bool negative = number.is_negative();
  std::size_t end = bytes.size();
  if (negative && static_cast<unsigned char>(bytes[end - 1]) == kNegativeEnd) {
    if (--end == 1) return std::nullopt;
  } else if (negative && end < kMaxBytes) {
    return std::nullopt;
  }
  const auto digit = [&](std::size_t i) {
    const int byte = static_cast<unsigned char>(bytes[i]);
    return negative ? 101 - byte : byte - 1;
  };
  for (std::size_t i = 1; i < end; ++i) {
    if (digit(i) < 0 || digit(i) > 99) return std::nullopt;
  }
  if (digit(1) == 0 || digit(end - 1) == 0) return std::nullopt;
  const int decimals =
      2 * static_cast<int>(end - 1) - (digit(1) < 10 ? 1 : 0) - (digit(end - 1) % 10 == 0 ? 1 : 0);
  if (decimals > kMaxDigits) return std::nullopt;
  return number;
}

std::string Number::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

void Number::append_to(std::string& out) const {
  if (is_zero()) {
    out.push_back('0');
    return;
  }
  const Parts parts = take_apart(*this);
  std::array<char, 2 * kMaxDigits100> decimals;
  std::size_t count = 0;
  for (int i = 0; i < parts.count; ++i) {
    const Digit pair = parts.digits[static_cast<std::size_t>(i)];
    if (i > 0 || pair >= 10) decimals[count++] = static_cast<char>('0' + pair / 10);
    decimals[count++] = static_cast<char>('0' + pair % 10);
  }
  // The digits before the point; negative or zero when there are zeros behind it first.
  const int before = 2 * parts.exponent + (parts.digits[0] >= 10 ? 2 : 1);
  if (decimals[count - 1] == '0') --count;

  if (parts.negative) out.push_back('-');
  const int length = static_cast<int>(count);
  if (before <= 0) {
    out.append("0.");
    out.append(static_cast<std::size_t>(-before), '0');
    out.append(decimals.data(), count);
  } else if (before >= length) {
    out.append(decimals.data(), count);
    out.append(static_cast<std::size_t>(before - length), '0');
  } else {
    out.append(decimals.data(), static_cast<std::size_t>(before));
    out.push_back('.');
    out.append(decimals.data() + before, static_cast<std::size_t>(length - before));
  }
}

std::optional<std::int64_t> Number::to_int64() const {
  if (is_zero()) return 0;
  const Parts parts = take_apart(*this);
  if (parts.exponent < parts.count - 1 || parts.exponent > 9) return std::nullopt;
  std::uint64_t magnitude = 0;  // ten digits in base 100 at most: below 10^20, which may overflow
  for (int i = 0; i <= parts.exponent; ++i) {
    const std::uint64_t digit = i < parts.count ? parts.digits[static_cast<std::size_t>(i)] : 0;
    if (magnitude > (UINT64_MAX - digit) / 100) return std::nullopt;
    magnitude = magnitude * 100 + digit;
  }
  const std::uint64_t limit = static_cast<std::uint64_t>(INT64_MAX) + (parts.negative ? 1 : 0);
  if (magnitude > limit) return std::nullopt;
  return static_cast<std::int64_t>(parts.negative ? ~magnitude + 1 : magnitude);
}

namespace {

// Number with the sign turned.
Parts negated(const Number& number) {
  Parts parts = take_apart(number);
  parts.negative = !parts.negative;
  return parts;
}

Number put_together(const Parts& parts) {
  if (parts.count == 0) return {};
  return NumberBuilder::build(parts.negative, parts.exponent, parts.digits.data(), parts.count);
}

// Schoolbook addition in base 100, in a row of digits long enough for both operands and a carry.
base::Result<Number, NumberFault> sum(const Parts& a, const Parts& b) {
  if (a.count == 0) return put_together(b);
  if (b.count == 0) return put_together(a);
  // Farther apart than any 38 digits, even after a borrow. Keeps the row short.
  constexpr int kApart = 40;
  if (std::abs(a.exponent - b.exponent) > kApart) return NumberFault::kTooManyDigits;

  constexpr std::size_t kRow = 1 + kApart + kMaxDigits100;
  const int top = std::max(a.exponent, b.exponent) + 1;  // the exponent of the first place
  const auto spread = [top](const Parts& parts) {
    std::array<int, kRow> row{};
    for (int i = 0; i < parts.count; ++i) {
      row[static_cast<std::size_t>(top - parts.exponent + i)] =
          parts.digits[static_cast<std::size_t>(i)];
    }
    return row;
  };
  std::array<int, kRow> larger = spread(a);
  std::array<int, kRow> smaller = spread(b);
  bool negative = a.negative;
  if (smaller > larger) {
    std::swap(larger, smaller);
    negative = b.negative;
  }
  const int sign = a.negative == b.negative ? 1 : -1;
  int carry = 0;
  std::array<Digit, kRow> digits;
  for (std::size_t i = kRow; i-- > 0;) {
    const int place = larger[i] + sign * smaller[i] + carry;
    carry = place > 99 ? 1 : place < 0 ? -1 : 0;
    digits[i] = static_cast<Digit>(place - 100 * carry);
  }

  std::size_t first = 0;
  std::size_t last = kRow;
  while (first < kRow && digits[first] == 0) ++first;
  if (first == kRow) return Number{};
  while (digits[last - 1] == 0) --last;
  const int exponent = top - static_cast<int>(first);
  const int exponent10 = 2 * exponent + (digits[first] >= 10 ? 1 : 0);
  const int count = static_cast<int>(last - first);
  const int decimals =
      2 * count - (digits[first] < 10 ? 1 : 0) - (digits[last - 1] % 10 == 0 ? 1 : 0);
  if (exponent10 > Number::kMaxExponent) return NumberFault::kOverflow;
  if (exponent10 < Number::kMinExponent) return NumberFault::kUnderflow;
  if (decimals > Number::kMaxDigits) return NumberFault::kTooManyDigits;
  return NumberBuilder::build(negative, exponent, &digits[first], count);
}

}  // namespace

base::Result<Number, NumberFault> add(const Number& a, const Number& b) {
  return sum(take_apart(a), take_apart(b));
}

base::Result<Number, NumberFault> subtract(const Number& a, const Number& b) {
  return sum(take_apart(a), negated(b));
}

}  // namespace bodega::table
