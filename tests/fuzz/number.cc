// DynamoDB's numbers: what is read is written and read again, and sums do not depend on the order.
#include "engines/table/number.h"

#include <array>
#include <string>

#include "engines/base/check.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

using table::Number;

void run(std::string_view bytes) {
  static_cast<void>(Number::from_bytes(bytes));
  const auto a = Number::parse(take_line(bytes));
  const auto b = Number::parse(bytes);
  if (a) {
    const auto again = Number::parse(a->to_string());
    BODEGA_CHECK(again.has_value() && *again == *a);
    BODEGA_CHECK(Number::from_bytes(a->bytes()) == *a);
    const auto whole = a->to_int64();
    if (whole) BODEGA_CHECK(Number::from_int(*whole) == *a);
  }
  if (!a || !b) return;
  const auto sum = table::add(*a, *b);
  BODEGA_CHECK(sum == table::add(*b, *a));
  const auto difference = table::subtract(*a, *b);
  BODEGA_CHECK(difference.has_value() == table::subtract(*b, *a).has_value());
  if (difference) BODEGA_CHECK(difference->is_negative() == (*a < *b));
  if (!sum) return;
  BODEGA_CHECK(Number::from_bytes(sum->bytes()) == *sum);
  const auto back = table::subtract(*sum, *b);
  BODEGA_CHECK(!back || *back == *a);
}

constexpr std::array<std::string_view, 7> kSeeds{
    "123.45\n-0.001",
    "99999999999999999999999999999999999999\n1",
    "1e125\n9.9999999999999999999999999999999999999e125",
    "-1E-130\n1.1e-130",
    "+007.5000\n0.0e126",
    "9223372036854775807\n-9223372036854775808",
    ".5e+2\n5.",
};

}  // namespace

const Target kNumber{"number", run, kSeeds};

}  // namespace bodega::fuzz
