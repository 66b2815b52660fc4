#include "engines/table/value.h"

#include <random>

#include "engines/base/fault.h"
#include "engines/table/format.h"
#include "tests/engines/table/table_test.h"

namespace bodega::table {
namespace {

using testing::b;
using testing::item;
using testing::n;
using testing::number;
using testing::s;

Value list(List elements) { return Value::of_list(std::move(elements)); }
Value map(std::vector<Attribute> entries) { return Value::of_map(item(std::move(entries))); }
Value string_set(std::vector<std::string> elements) {
  return *Value::of_string_set(std::move(elements));
}

std::string random_bytes(std::mt19937_64& random, std::size_t most) {
  std::string bytes(random() % (most + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? 0 : random());
  return bytes;
}

Value random_value(std::mt19937_64& random, int depth) {
  const auto some = [&] { return random() % 4; };
  switch (random() % (depth > 0 ? 10 : 8)) {
    case 0: return s(random_bytes(random, random() % 8 == 0 ? 300 : 12));
    case 1: return Value::of_number(Number::from_int(static_cast<std::int64_t>(random())));
    case 2: return b(random_bytes(random, 12));
    case 3: return Value::of_bool(some() < 2);
    case 4: return Value::null();
    case 5: {
      std::vector<std::string> elements;
      for (auto i = some() + 1; i > 0; --i) elements.push_back(std::to_string(random()));
      return *Value::of_string_set(std::move(elements));
    }
    case 6: {
      std::vector<Number> elements;
      for (auto i = some() + 1; i > 0; --i) {
        elements.push_back(Number::from_int(static_cast<std::int64_t>(random())));
      }
      return *Value::of_number_set(std::move(elements));
    }
    case 7: {
      std::vector<std::string> elements;
      for (auto i = some() + 1; i > 0; --i) elements.push_back(std::to_string(random()));
      return *Value::of_binary_set(std::move(elements));
    }
    case 8: {
      List elements;
      for (auto i = some(); i > 0; --i) elements.push_back(random_value(random, depth - 1));
      return Value::of_list(std::move(elements));
    }
    default: {
      std::vector<Attribute> entries;
      for (auto i = some(); i > 0; --i) {
        entries.push_back({random_bytes(random, 5), random_value(random, depth - 1)});
      }
      return Value::of_map(Item::from_unsorted(std::move(entries)));
    }
  }
}

Item random_item(std::mt19937_64& random) {
  std::vector<Attribute> attributes;
  for (auto i = random() % 12; i > 0; --i) {
    attributes.push_back(
        {random_bytes(random, random() % 10 == 0 ? 200 : 8), random_value(random, 3)});
  }
  return Item::from_unsorted(std::move(attributes));
}

}  // namespace

TEST_CASE("Value: equality is deep; the order of sets and the spelling of numbers are nothing") {
  CHECK(string_set({"b", "a"}) == string_set({"a", "b"}));
  CHECK(*Value::of_number_set({number("1e3"), number("2")}) ==
        *Value::of_number_set({number("2.0"), number("1000")}));
  CHECK(list({n("1"), s("x")}) == list({n("1.0"), s("x")}));
  CHECK_FALSE(list({s("a"), s("b")}) == list({s("b"), s("a")}));
  CHECK(map({{"a", n(1)}, {"b", Value::null()}}) == map({{"b", Value::null()}, {"a", n(1)}}));
  CHECK_FALSE(map({{"a", n(1)}}) == map({{"a", n(2)}}));
  CHECK_FALSE(s("1") == n(1));
  CHECK_FALSE(s("x") == b("x"));
  CHECK_FALSE(string_set({"x"}) == *Value::of_binary_set({"x"}));
}

TEST_CASE("Value: a set with two equal elements is none, numbers being compared as numbers") {
  CHECK_FALSE(Value::of_string_set({"a", "b", "a"}).has_value());
  CHECK_FALSE(Value::of_number_set({number("1"), number("1.0")}).has_value());
  CHECK(Value::of_binary_set({"a", "b"}).has_value());
}

TEST_CASE("Value: sets unite and subtract") {
  Value set = string_set({"b", "d"});
  set.add_elements(string_set({"a", "b", "c"}));
  CHECK(set == string_set({"a", "b", "c", "d"}));
  set.remove_elements(string_set({"a", "x", "d"}));
  CHECK(set == string_set({"b", "c"}));
  set.remove_elements(string_set({"b", "c"}));
  CHECK(set.element_count() == 0);
}

TEST_CASE("Value: scalars of one type compare, others do not") {
  CHECK((*compare(s("a"), s("b")) < 0));
  CHECK((*compare(s("z"), s("\xc3\xa9")) < 0));  // UTF-8 bytes, unsigned
  CHECK((*compare(b("\x01"), b("\xff")) < 0));
  CHECK((*compare(n("10"), n("9")) > 0));
  CHECK((*compare(n("1e1"), n("10")) == 0));
  CHECK_FALSE(compare(s("1"), n("1")).has_value());
  CHECK_FALSE(compare(Value::of_bool(true), Value::of_bool(true)).has_value());
}

TEST_CASE("Value: sizes are those that the service bills") {
  CHECK(size_bytes(s("h\xc3\xa9")) == 3);
  CHECK(size_bytes(b(std::string(10, '\0'))) == 10);
  CHECK(size_bytes(n(1)) == 2);
  CHECK(size_bytes(n(-1)) == 3);
  CHECK(size_bytes(n("123.45")) == 4);
  CHECK(size_bytes(Value::null()) == 1);
  CHECK(size_bytes(Value::of_bool(false)) == 1);
  CHECK(size_bytes(string_set({"ab", "cde"})) == 5);
  CHECK(size_bytes(*Value::of_number_set({number("1"), number("-1")})) == 5);
  CHECK(size_bytes(list({})) == 3);
  CHECK(size_bytes(list({n(1), s("abc")})) == 3 + 2 + 2 + 3);
  CHECK(size_bytes(map({{"key", s("v")}})) == 3 + 1 + 3 + 1);
  CHECK(item_size_bytes(item({{"p", s("abc")}, {"n", n(5)}})) == 1 + 3 + 1 + 2);
  CHECK(nesting_depth(s("x")) == 0);
  CHECK(nesting_depth(list({map({{"a", list({})}}), n(1)})) == 3);
}

TEST_CASE("Map: sorted by name, and the last of equal names wins") {
  Map built = Map::from_unsorted({{"b", n(1)}, {"a", n(2)}, {"b", n(3)}});
  REQUIRE(built.size() == 2);
  CHECK(built.begin()->name == "a");
  CHECK(*built.find("b") == n(3));
  built.set("ab", n(4));
  built.set("a", n(5));
  CHECK(built == item({{"a", n(5)}, {"ab", n(4)}, {"b", n(3)}}));
  CHECK(built.erase("ab"));
  CHECK_FALSE(built.erase("ab"));
  CHECK(built.find("ab") == nullptr);
  CHECK(Map::from_unsorted({{"x", n(1)}, {"x", n(2)}, {"x", n(3)}}) == item({{"x", n(3)}}));
}

TEST_CASE("Value: types have the wire's names") {
  for (int i = 0; i < 10; ++i) {
    CHECK(type_from_name(type_name(static_cast<Type>(i))) == static_cast<Type>(i));
  }
  CHECK_FALSE(type_from_name("X").has_value());
}

TEST_CASE("Format: what is encoded decodes to the same, views agree, and size stands in front") {
  std::mt19937_64 random(77);
  for (int round = 0; round < 2000; ++round) {
    const Item original = random_item(random);
    const std::string encoded = encode_item(original);
    REQUIRE(decode_item(encoded) == original);
    const ItemView view(encoded);
    REQUIRE(view.size_bytes() == item_size_bytes(original));
    REQUIRE(view.count() == original.size());
    std::uint32_t position = 0;
    for (const auto& [name, value] : original) {
      REQUIRE(view.at(position).first == name);
      REQUIRE(view.at(position++).second.to_value() == value);
      const auto found = view.find(name);
      REQUIRE(found.has_value());
      REQUIRE(found->to_value() == value);
      REQUIRE(found->type() == value.type());
      REQUIRE(found->size_bytes() == size_bytes(value));
      REQUIRE(view.find(name + "~").has_value() == original.contains(name + "~"));
    }
    // Any order of building gives the same bytes.
    std::vector<Attribute> shuffled(original.begin(), original.end());
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    REQUIRE(encode_item(Item::from_unsorted(std::move(shuffled))) == encoded);
  }
}

TEST_CASE("Format: a view walks sets, lists and maps without decoding them") {
  const std::string encoded = encode_item(item({{"bs", *Value::of_binary_set({"y", "x"})},
                                                {"l", list({n(7), s("q")})},
                                                {"m", map({{"k", n(1)}, {"j", s("v")}})},
                                                {"ns", *Value::of_number_set({number("3")})},
                                                {"t", Value::of_bool(true)}}));
  const ItemView view(encoded);
  std::string seen;
  view.find("bs")->each_bytes([&](std::string_view bytes) { seen += bytes; });
  view.find("l")->each_value([&](ValueView value) { seen += type_name(value.type()); });
  view.find("m")->each_attribute([&](std::string_view name, ValueView value) {
    seen += name;
    seen += value.key_bytes().empty() ? "?" : "!";
  });
  view.find("ns")->each_number([&](const Number& number) { seen += number.to_string(); });
  CHECK(seen == "xyNSj!k!3");
  CHECK(view.find("t")->boolean());
  CHECK(view.find("l")->count() == 2);
}

TEST_CASE("Format: a projection keeps the named attributes and has its own size") {
  const Item whole = item({{"a", s("1")}, {"b", list({n(1), n(2)})}, {"c", n(3)}, {"d", s("")}});
  const std::string encoded = encode_item(whole);
  const std::string projected = ItemView(encoded).project({"b", "d", "x"});
  const Item expected = item({{"b", list({n(1), n(2)})}, {"d", s("")}});
  CHECK(decode_item(projected) == expected);
  CHECK(projected == encode_item(expected));
  CHECK(ItemView(ItemView(encoded).project({})).count() == 0);
}

TEST_CASE("Format: damaged bytes are a storage fault, never a crash") {
  std::mt19937_64 random(78);
  int faults = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string encoded = encode_item(random_item(random));
    if (round % 2 == 0) {
      encoded.resize(random() % encoded.size());
    } else {
      encoded[random() % encoded.size()] = static_cast<char>(random());
    }
    try {
      const ItemView view(encoded);
      for (std::uint32_t i = 0; i < view.count(); ++i) view.at(i).second.size_bytes();
      view.find("needle");
      (void)view.to_item();
    } catch (const base::StorageFault&) {
      ++faults;
    }
  }
  CHECK(faults > 1000);
}

}  // namespace bodega::table
