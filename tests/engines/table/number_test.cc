#include "engines/table/number.h"

#include <random>
#include <string>
#include <vector>

#include "engines/base/bytes.h"
#include "tests/engines/table/table_test.h"

namespace bodega::table {
namespace {

using testing::number;

std::string normal(std::string_view text) { return number(text).to_string(); }
std::string hex(std::string_view text) { return base::to_hex(number(text).bytes()); }

NumberFault fault(std::string_view text) {
  const auto parsed = Number::parse(text);
  REQUIRE(parsed.has_error());
  return parsed.error();
}

// The naive reference: a decimal as a sign and a row of digits with a fixed point, 170 places
// behind it and 130 before.
class Naive {
 public:
  static constexpr int kBehind = 170;
  static constexpr int kPlaces = 300;

  // Plain notation only.
  static Naive of(const std::string& plain) {
    Naive naive;
    std::string text = plain;
    if (text[0] == '-') {
      naive.negative_ = true;
      text.erase(0, 1);
    }
    std::size_t point = text.find('.');
    if (point == std::string::npos) point = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i == point) continue;
      const int power = i < point ? static_cast<int>(point - i) - 1
                                  : static_cast<int>(point) - static_cast<int>(i);
      naive.at(power) = text[i] - '0';
    }
    return naive;
  }

  int compare_magnitude(const Naive& other) const {
    for (int i = 0; i < kPlaces; ++i) {
      const auto k = static_cast<std::size_t>(i);
      if (digits_[k] != other.digits_[k]) return digits_[k] < other.digits_[k] ? -1 : 1;
    }
    return 0;
  }
  bool is_zero() const { return compare_magnitude(Naive{}) == 0; }
  int compare(const Naive& other) const {
    const bool minus = negative_ && !is_zero();
    const bool other_minus = other.negative_ && !other.is_zero();
    if (minus != other_minus) return minus ? -1 : 1;
    const int order = compare_magnitude(other);
    return minus ? -order : order;
  }
  Naive plus(const Naive& other) const {
    if (negative_ != other.negative_ && compare_magnitude(other) < 0) return other.plus(*this);
    const int sign = negative_ == other.negative_ ? 1 : -1;
    Naive result = *this;
    int carry = 0;
    for (std::size_t i = kPlaces; i-- > 0;) {
      const int place = digits_[i] + sign * other.digits_[i] + carry;
      carry = place > 9 ? 1 : place < 0 ? -1 : 0;
      result.digits_[i] = place - 10 * carry;
    }
    return result;
  }
  Naive negated() const {
    Naive result = *this;
    result.negative_ = !negative_;
    return result;
  }
  int first_power() const { return power_of_first(digits_.begin(), digits_.end()); }
  int significant() const {
    int last = 0;
    int first = -1;
    for (int i = 0; i < kPlaces; ++i) {
      if (digits_[static_cast<std::size_t>(i)] == 0) continue;
      if (first < 0) first = i;
      last = i;
    }
    return first < 0 ? 0 : last - first + 1;
  }
  std::string plain() const {
    std::string whole;
    std::string rest;
    for (int power = kPlaces - kBehind - 1; power >= -kBehind; --power) {
      const char digit = static_cast<char>('0' + const_cast<Naive*>(this)->at(power));
      (power >= 0 ? whole : rest).push_back(digit);
    }
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
    rest.erase(rest.find_last_not_of('0') + 1);
    const std::string magnitude = rest.empty() ? whole : whole + "." + rest;
    return negative_ && !is_zero() ? "-" + magnitude : magnitude;
  }

 private:
  int& at(int power) { return digits_[static_cast<std::size_t>(kPlaces - kBehind - 1 - power)]; }
  template <class Iterator>
  static int power_of_first(Iterator begin, Iterator end) {
    int power = kPlaces - kBehind - 1;
    for (; begin != end && *begin == 0; ++begin) --power;
    return power;
  }

  bool negative_ = false;
  std::array<int, kPlaces> digits_{};
};

// A literal with up to 38 significant digits, anywhere in the range or near another number.
std::string random_literal(std::mt19937_64& random, int range) {
  const auto below = [&](int bound) {
    return static_cast<int>(random() % static_cast<unsigned>(bound));
  };
  std::string text;
  if (below(2) == 0) text = "-";
  const int digits = 1 + below(below(3) == 0 ? 38 : 6);
  text.push_back(static_cast<char>('1' + below(9)));
  if (digits > 1) text.push_back('.');
  for (int i = 1; i < digits; ++i) text.push_back(static_cast<char>('0' + below(10)));
  const int exponent = range > 0 ? below(2 * range + 1) - range : below(256) - 130;
  return text + "e" + std::to_string(exponent);
}

}  // namespace

TEST_CASE("Number: the spellings of a number become one") {
  CHECK(normal("007") == "7");
  CHECK(normal("+3") == "3");
  CHECK(normal("1.10") == "1.1");
  CHECK(normal("1e3") == "1000");
  CHECK(normal("1E+3") == "1000");
  CHECK(normal("5e-1") == "0.5");
  CHECK(normal("-0") == "0");
  CHECK(normal("0.000") == "0");
  CHECK(normal("-0.0e10") == "0");
  CHECK(normal(".123") == "0.123");
  CHECK(normal("5.") == "5");
  CHECK(normal("0001.23") == "1.23");
  CHECK(normal("-17.4E37") == "-174000000000000000000000000000000000000");
  CHECK(normal("-7.1234") == "-7.1234");
  CHECK(normal("100") == "100");
  CHECK(normal("10.50") == "10.5");
  CHECK(normal("0.05") == "0.05");
  CHECK(normal("0.00123") == "0.00123");
  CHECK(number("1e3") == number("1000"));
  CHECK(number("1000.0") == number("1000"));
}

TEST_CASE("Number: its bytes are those of Oracle's NUMBER, and their count is the billed size") {
  CHECK(hex("0") == "80");
  CHECK(hex("1") == "c102");
  CHECK(hex("-1") == "3e6466");
  CHECK(hex("123.45") == "c202182e");
  CHECK(hex("100") == "c202");
  CHECK(hex("10") == "c10b");
  CHECK(hex("-123.45") == "3d644e3866");
  CHECK(number("1").size_bytes() == 2);
  CHECK(number("-5").size_bytes() == 3);
  // 38 digits that begin in the middle of a pair take 20 digits in base 100.
  const Number wide = number("-1.2345678901234567890123456789012345678e2");
  CHECK(wide.size_bytes() == 21);
  CHECK(number("12345678901234567890123456789012345678").size_bytes() == 20);
}

TEST_CASE("Number: the ends of the range are in it, what lies beyond is told apart") {
  CHECK(normal("1e125") == "1" + std::string(125, '0'));
  CHECK(normal("9.9999999999999999999999999999999999999e125") ==
        std::string(38, '9') + std::string(88, '0'));
  CHECK(normal("-1e-130") == "-0." + std::string(129, '0') + "1");
  CHECK(normal("0.1e126") == "1" + std::string(125, '0'));
  CHECK(fault("1e126") == NumberFault::kOverflow);
  CHECK(fault("11e125") == NumberFault::kOverflow);
  CHECK(fault("-1e126") == NumberFault::kOverflow);
  CHECK(fault("1.0e100000000") == NumberFault::kOverflow);
  CHECK(fault("1e99999999999999999999") == NumberFault::kOverflow);
  CHECK(fault("1e-131") == NumberFault::kUnderflow);
  CHECK(fault("0.9e-130") == NumberFault::kUnderflow);
  CHECK(fault("1e-99999999999999999999") == NumberFault::kUnderflow);
}

TEST_CASE("Number: a zero's exponent is judged as the service does, by its last digit") {
  CHECK(normal("0e125") == "0");
  CHECK(normal("0.0e126") == "0");
  CHECK(fault("0e126") == NumberFault::kOverflow);
  CHECK(fault("0e-131") == NumberFault::kUnderflow);
}

TEST_CASE("Number: 38 significant digits and no more, not counting zeros around them") {
  CHECK(normal("3.1415926535897932384626433832795028841") ==
        "3.1415926535897932384626433832795028841");
  CHECK(normal("000" + std::string(38, '7') + "000") == std::string(38, '7') + "000");
  CHECK(normal("1.00000000000000000000000000000000000000000000") == "1");
  CHECK(fault(std::string(39, '7')) == NumberFault::kTooManyDigits);
  CHECK(fault("3.14159265358979323846264338327950288419") == NumberFault::kTooManyDigits);
  CHECK(fault("1" + std::string(37, '0') + "1") == NumberFault::kTooManyDigits);
  CHECK(fault(std::string(500, '7')) == NumberFault::kOverflow);
  CHECK(fault("0." + std::string(200, '0') + "1") == NumberFault::kUnderflow);
}

TEST_CASE("Number: what is no decimal literal is not numeric") {
  for (const char* text :
       {"",     "+",     "-",     ".",   "e5",    "1e",      "1e+",      "dog",
        "-dog", " 1",    "1 ",    "1 2", "NaN",   "-NaN",    "Infinity", "-Infinity",
        "0x10", "1.2.3", "1e1.5", "--1", "1,000", "\xd9\xa3"}) {
    INFO(text);
    CHECK(fault(text) == NumberFault::kNotNumeric);
  }
}

TEST_CASE("Number: integers come and go") {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{99}, std::int64_t{100},
        std::int64_t{-12300}, INT64_MAX, INT64_MIN, INT64_MAX - 1, std::int64_t{1767323045}}) {
    CHECK(Number::from_int(value).to_string() == std::to_string(value));
    CHECK(Number::from_int(value) == number(std::to_string(value)));
    CHECK(Number::from_int(value).to_int64() == value);
  }
  CHECK_FALSE(number("0.5").to_int64().has_value());
  CHECK_FALSE(number("100.01").to_int64().has_value());
  CHECK_FALSE(number("9223372036854775808").to_int64().has_value());
  CHECK_FALSE(number("-9223372036854775809").to_int64().has_value());
  CHECK_FALSE(number("99999999999999999999").to_int64().has_value());
  CHECK_FALSE(number("1e100").to_int64().has_value());
}

TEST_CASE("Number: only canonical bytes are read") {
  const auto readable = [](std::string_view text) {
    return Number::from_bytes(*base::from_hex(text)).has_value();
  };
  CHECK(readable("80"));
  CHECK(readable("c102"));
  CHECK(readable("3e6466"));
  CHECK_FALSE(readable(""));
  CHECK_FALSE(readable("c1"));
  CHECK_FALSE(readable("c101"));    // a leading zero
  CHECK_FALSE(readable("c10201"));  // a trailing zero
  CHECK_FALSE(readable("c100"));
  CHECK_FALSE(readable("c166"));
  CHECK_FALSE(readable("3e64"));  // negative, and no end
  CHECK_FALSE(readable("3e66"));
  CHECK_FALSE(readable("c1" + std::string(42, '2')));
  CHECK_FALSE(readable("c1" + std::string(38, '2') + "0c"));  // 39 digits... and a last of 11
}

TEST_CASE("Number: memcmp of the bytes is the order of the numbers") {
  std::mt19937_64 random(20261);
  for (int round = 0; round < 20000; ++round) {
    const int range = round % 2 == 0 ? 3 : 0;
    const auto a = Number::parse(random_literal(random, range));
    const auto b = Number::parse(random_literal(random, range));
    if (!a || !b) continue;
    const int expected = Naive::of(a->to_string()).compare(Naive::of(b->to_string()));
    const int actual = a->bytes().compare(b->bytes());
    REQUIRE((actual > 0) - (actual < 0) == expected);
    REQUIRE(((*a <=> *b) < 0) == (expected < 0));
  }
}

TEST_CASE("Number: a rendered number reads back as itself, and its bytes are canonical") {
  std::mt19937_64 random(20262);
  for (int round = 0; round < 20000; ++round) {
    const auto value = Number::parse(random_literal(random, 0));
    if (!value) continue;
    REQUIRE(number(value->to_string()) == *value);
    const auto read = Number::from_bytes(value->bytes());
    REQUIRE(read.has_value());
    REQUIRE(*read == *value);
    REQUIRE(value->size_bytes() <= Number::kMaxBytes);
  }
}

TEST_CASE("Number: sums and differences are exact, or a fault") {
  CHECK(add(number("1"), number("10000000000000000000000"))->to_string() ==
        "10000000000000000000001");
  CHECK(subtract(number("10000000000000000000000"), number("1"))->to_string() ==
        "9999999999999999999999");
  CHECK(add(number("0.1"), number("0.2"))->to_string() == "0.3");
  CHECK(add(number("5"), number("-5"))->to_string() == "0");
  CHECK(subtract(number("0"), number("7"))->to_string() == "-7");
  CHECK(add(number("9e125"), number("9e124"))->to_string() == "99" + std::string(124, '0'));
  CHECK(add(number("9e125"), number("9e125")).error() == NumberFault::kOverflow);
  CHECK(subtract(number("9e125"), number("-9e125")).error() == NumberFault::kOverflow);
  CHECK(add(number("1e50"), number("1")).error() == NumberFault::kTooManyDigits);
  CHECK(subtract(number("1e125"), number("1e-130")).error() == NumberFault::kTooManyDigits);
  CHECK(subtract(number("1.1e-130"), number("1e-130")).error() == NumberFault::kUnderflow);
}

TEST_CASE("Number: random sums and differences agree with schoolbook arithmetic") {
  std::mt19937_64 random(20263);
  int exact = 0;
  for (int round = 0; round < 20000; ++round) {
    const int range = round % 3 == 0 ? 0 : 20;
    const auto a = Number::parse(random_literal(random, range));
    const auto b = Number::parse(random_literal(random, range));
    if (!a || !b) continue;
    const bool minus = round % 2 == 0;
    const Naive left = Naive::of(a->to_string());
    const Naive right = Naive::of(b->to_string());
    const Naive expected = left.plus(minus ? right.negated() : right);
    const auto actual = minus ? subtract(*a, *b) : add(*a, *b);
    INFO(a->to_string() << (minus ? " - " : " + ") << b->to_string());
    if (expected.is_zero()) {
      REQUIRE(actual.has_value());
      REQUIRE(actual->is_zero());
    } else if (expected.first_power() > Number::kMaxExponent) {
      REQUIRE(actual.has_error());
    } else if (expected.first_power() < Number::kMinExponent) {
      REQUIRE(actual.has_error());
    } else if (expected.significant() > Number::kMaxDigits) {
      REQUIRE(actual.has_error());
      REQUIRE(actual.error() == NumberFault::kTooManyDigits);
    } else {
      ++exact;
      REQUIRE(actual.has_value());
      REQUIRE(actual->to_string() == expected.plain());
    }
  }
  CHECK(exact > 5000);
}

}  // namespace bodega::table
