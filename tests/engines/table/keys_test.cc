#include "engines/table/keys.h"

#include <algorithm>
#include <random>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/table/key_hash.h"
#include "engines/table/layout.h"
#include "tests/engines/table/table_test.h"

namespace bodega::table {
namespace {

using testing::b;
using testing::index_of;
using testing::item;
using testing::n;
using testing::s;
using testing::table_of;

}  // namespace

TEST_CASE("Keys: the hash is the start of MD5 over Outliers and the key, for any length") {
  for (const std::size_t length : {0, 1, 46, 47, 48, 55, 56, 63, 64, 65, 119, 120, 2048, 4000}) {
    std::string key;
    for (std::size_t i = 0; i < length; ++i) key.push_back(static_cast<char>(i * 7 + length));
    const std::string expected = base::md5("Outliers" + key);
    INFO(length);
    CHECK(key_hash(key) == base::read_u32(expected));
    CHECK(key_hash(key.substr(0, length / 3), key.substr(length / 3)) == base::read_u32(expected));
  }
}

TEST_CASE("Keys: range keys sort in the store as the service sorts them") {
  std::mt19937_64 random(5);
  for (const Type type : {Type::kString, Type::kNumber, Type::kBinary}) {
    const Table table = table_of("t", Type::kString, type);
    std::vector<std::pair<std::string, Value>> keys;
    for (int i = 0; i < 500; ++i) {
      Value range = n(static_cast<int>(random() % 2000) - 1000);
      if (type != Type::kNumber) {
        std::string bytes(1 + random() % 3, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? 0 : random());
        range = type == Type::kString ? s(bytes) : b(bytes);
      }
      keys.emplace_back(item_key(table, item({{"p", s("x")}, {"r", range}})).bytes(), range);
    }
    std::sort(keys.begin(), keys.end(),
              [](const auto& x, const auto& y) { return x.first < y.first; });
    for (std::size_t i = 1; i < keys.size(); ++i) {
      REQUIRE((*compare(keys[i - 1].second, keys[i].second) <= 0));
      const bool same_key = keys[i - 1].first == keys[i].first;
      REQUIRE(same_key == (keys[i - 1].second == keys[i].second));
    }
  }
}

TEST_CASE("Keys: 1000 and 1e3 are one key, and no two keys run into each other") {
  const Table numbers = table_of("t", Type::kNumber);
  CHECK(item_key(numbers, item({{"p", n("1000")}})) == item_key(numbers, item({{"p", n("1e3")}})));
  const Table table = table_of("t", Type::kString, Type::kString);
  const auto key = [&](std::string p, std::string r) {
    return item_key(table, item({{"p", s(std::move(p))}, {"r", s(std::move(r))}})).bytes();
  };
  CHECK(key("ab", "c") != key("a", "bc"));
  CHECK(key(std::string("a\0", 2), "b") != key("a", std::string("\0b", 2)));
}

TEST_CASE("Keys: what does not make a primary key is told apart") {
  const Table table = table_of("t", Type::kString, Type::kNumber);
  const auto fault = [&](std::vector<Attribute> attributes) {
    const auto problem = check_primary_key(table, item(std::move(attributes)));
    REQUIRE(problem.has_value());
    return std::make_pair(problem->fault, problem->attribute->name);
  };
  using Fault = std::pair<KeyFault, std::string>;
  CHECK_FALSE(check_primary_key(table, item({{"p", s("x")}, {"r", n(1)}, {"z", n(2)}})));
  CHECK(fault({{"r", n(1)}}) == Fault(KeyFault::kMissing, "p"));
  CHECK(fault({{"p", s("x")}}) == Fault(KeyFault::kMissing, "r"));
  CHECK(fault({{"p", s("x")}, {"r", s("1")}}) == Fault(KeyFault::kWrongType, "r"));
  CHECK(fault({{"p", s("")}, {"r", n(1)}}) == Fault(KeyFault::kEmpty, "p"));
  CHECK(fault({{"p", s(std::string(2049, 'x'))}, {"r", n(1)}}) == Fault(KeyFault::kTooLong, "p"));
  CHECK_FALSE(check_primary_key(table, item({{"p", s(std::string(2048, 'x'))}, {"r", n(1)}})));
  const Table binary = table_of("t", Type::kString, Type::kBinary);
  const auto problem =
      check_primary_key(binary, item({{"p", s("x")}, {"r", b(std::string(1025, 'x'))}}));
  REQUIRE(problem.has_value());
  CHECK(problem->fault == KeyFault::kTooLong);
  CHECK(problem->is_range);
}

TEST_CASE("Keys: an index key that is absent is fine, one of a wrong type is a problem") {
  Table table = table_of("t", Type::kString);
  table.indexes.push_back(index_of("i", IndexKind::kGlobal, {{"g", Type::kNumber}}));
  CHECK_FALSE(check_index_keys(table, item({{"p", s("x")}})));
  CHECK_FALSE(check_index_keys(table, item({{"p", s("x")}, {"g", n(1)}})));
  const auto problem = check_index_keys(table, item({{"p", s("x")}, {"g", Value::null()}}));
  REQUIRE(problem.has_value());
  CHECK(problem->fault == KeyFault::kWrongType);
  CHECK(problem->actual == Type::kNull);
  CHECK(problem->index->name == "i");
}

TEST_CASE("Keys: the segments of a parallel scan touch, and each key lies in exactly one") {
  const Table table = table_of("t", Type::kString);
  for (const std::uint32_t total : {1u, 2u, 3u, 7u, 4095u, 4096u, 4097u, 1000000u}) {
    INFO(total);
    const KeyRange whole = segment_range(table, nullptr, 0, 1);
    std::string at = whole.lower;
    for (std::uint32_t i = 0; i < std::min(total, 5000u); ++i) {
      const KeyRange range = segment_range(table, nullptr, i, total);
      REQUIRE(range.lower.substr(0, 8) == at.substr(0, 8));
      if (i > 0) REQUIRE(range.lower == at);
      at = range.upper;
    }
    if (total <= 5000) CHECK(at == whole.upper);
    for (int k = 0; k < 20; ++k) {
      const Item key = item({{"p", s("key " + std::to_string(k))}});
      const std::string place = position_key(table, nullptr, key);
      int found = 0;
      for (std::uint32_t i = 0; i < std::min(total, 5000u); ++i) {
        const KeyRange range = segment_range(table, nullptr, i, total);
        const bool inside = place >= range.lower && place < range.upper;
        REQUIRE(inside == in_segment(table, nullptr, key, i, total));
        found += inside ? 1 : 0;
      }
      if (total <= 5000) CHECK(found == 1);
    }
  }
}

TEST_CASE("Keys: key attributes are those of the table and the index") {
  Table table = table_of("t", Type::kString, Type::kNumber);
  table.indexes.push_back(
      index_of("i", IndexKind::kGlobal, {{"g", Type::kNumber}}, {{"p", Type::kString}}));
  const Item whole = item({{"p", s("x")}, {"r", n(1)}, {"g", n(2)}, {"z", n(3)}});
  CHECK(key_attributes(table, nullptr, whole) == item({{"p", s("x")}, {"r", n(1)}}));
  const Item expected = item({{"p", s("x")}, {"r", n(1)}, {"g", n(2)}});
  CHECK(key_attributes(table, &table.indexes[0], whole) == expected);
  const std::string encoded = encode_item(whole);
  CHECK(key_attributes(table, &table.indexes[0], ItemView(encoded)) == expected);
}

}  // namespace bodega::table
