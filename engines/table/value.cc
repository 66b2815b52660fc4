#include "engines/table/value.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "engines/base/check.h"

namespace bodega::table {
namespace {

constexpr std::array<std::string_view, 10> kTypeNames{"S",  "N",  "B",  "BOOL", "NULL",
                                                      "SS", "NS", "BS", "L",    "M"};

template <class Element>
std::optional<std::vector<Element>> sorted_distinct(std::vector<Element> elements) {
  std::sort(elements.begin(), elements.end());
  if (std::adjacent_find(elements.begin(), elements.end()) != elements.end()) return std::nullopt;
  return elements;
}

template <class Element>
std::vector<Element> united(const std::vector<Element>& a, const std::vector<Element>& b) {
  std::vector<Element> result;
  result.reserve(a.size() + b.size());
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

template <class Element>
std::vector<Element> without(const std::vector<Element>& a, const std::vector<Element>& b) {
  std::vector<Element> result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

template <class Strings>
std::size_t total_bytes(const Strings& strings) {
  std::size_t total = 0;
  for (const auto& string : strings) total += string.size();
  return total;
}

bool ascends(const std::vector<Attribute>& attributes) {
  return std::adjacent_find(attributes.begin(), attributes.end(),
                            [](const Attribute& a, const Attribute& b) {
                              return !(a.name < b.name);
                            }) == attributes.end();
}

struct NameLess {
  bool operator()(const Attribute& attribute, std::string_view name) const {
    return attribute.name < name;
  }
};

}  // namespace

std::string_view type_name(Type type) { return kTypeNames[static_cast<std::size_t>(type)]; }

std::optional<Type> type_from_name(std::string_view name) {
  const auto* const found = std::find(kTypeNames.begin(), kTypeNames.end(), name);
  if (found == kTypeNames.end()) return std::nullopt;
  return static_cast<Type>(found - kTypeNames.begin());
}

Map Map::from_unsorted(std::vector<Attribute> attributes) {
  Map map;
  map.attributes_ = std::move(attributes);
  auto& all = map.attributes_;
  if (ascends(all)) return map;
  std::stable_sort(all.begin(), all.end(),
                   [](const Attribute& a, const Attribute& b) { return a.name < b.name; });
  // Keeps the last of each run of equal names.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i + 1 < all.size() && all[i].name == all[i + 1].name) continue;
    if (kept != i) all[kept] = std::move(all[i]);
    ++kept;
  }
  all.resize(kept);
  return map;
}

std::optional<Map> Map::from_sorted(std::vector<Attribute> attributes) {
  if (!ascends(attributes)) return std::nullopt;
  Map map;
  map.attributes_ = std::move(attributes);
  return map;
}

const Value* Map::find(std::string_view name) const {
  const auto found = std::lower_bound(attributes_.begin(), attributes_.end(), name, NameLess{});
  return found != attributes_.end() && found->name == name ? &found->value : nullptr;
}

Value* Map::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

Value& Map::set(std::string_view name, Value value) {
  const auto found = std::lower_bound(attributes_.begin(), attributes_.end(), name, NameLess{});
  if (found != attributes_.end() && found->name == name) {
    found->value = std::move(value);
    return found->value;
  }
  return attributes_.insert(found, Attribute{std::string(name), std::move(value)})->value;
}

bool Map::erase(std::string_view name) {
  const auto found = std::lower_bound(attributes_.begin(), attributes_.end(), name, NameLess{});
  if (found == attributes_.end() || found->name != name) return false;
  attributes_.erase(found);
  return true;
}

Value& Map::append(std::string name, Value value) {
  BODEGA_CHECK(attributes_.empty() || attributes_.back().name < name);
  attributes_.push_back(Attribute{std::move(name), std::move(value)});
  return attributes_.back().value;
}

bool operator==(const Map& a, const Map& b) { return a.attributes_ == b.attributes_; }

bool operator==(const Attribute& a, const Attribute& b) {
  return a.name == b.name && a.value == b.value;
}

Value Value::of_list(List list) { return make<Type::kList>(std::move(list)); }
Value Value::of_map(Map map) { return make<Type::kMap>(std::move(map)); }

std::optional<Value> Value::of_string_set(std::vector<std::string> elements) {
  auto sorted = sorted_distinct(std::move(elements));
  return sorted ? std::optional(make<Type::kStringSet>(std::move(*sorted))) : std::nullopt;
}

std::optional<Value> Value::of_number_set(std::vector<Number> elements) {
  auto sorted = sorted_distinct(std::move(elements));
  return sorted ? std::optional(make<Type::kNumberSet>(std::move(*sorted))) : std::nullopt;
}

std::optional<Value> Value::of_binary_set(std::vector<std::string> elements) {
  auto sorted = sorted_distinct(std::move(elements));
  return sorted ? std::optional(make<Type::kBinarySet>(std::move(*sorted))) : std::nullopt;
}

Value Value::of_sorted_string_set(std::vector<std::string> elements) {
  return make<Type::kStringSet>(std::move(elements));
}

Value Value::of_sorted_number_set(std::vector<Number> elements) {
  return make<Type::kNumberSet>(std::move(elements));
}

Value Value::of_sorted_binary_set(std::vector<std::string> elements) {
  return make<Type::kBinarySet>(std::move(elements));
}

void Value::add_elements(const Value& other) {
  BODEGA_CHECK(is_set() && other.type() == type());
  if (is(Type::kStringSet)) {
    *this = of_sorted_string_set(united(as_string_set(), other.as_string_set()));
  } else if (is(Type::kNumberSet)) {
    *this = of_sorted_number_set(united(as_number_set(), other.as_number_set()));
  } else {
    *this = of_sorted_binary_set(united(as_binary_set(), other.as_binary_set()));
  }
}

void Value::remove_elements(const Value& other) {
  BODEGA_CHECK(is_set() && other.type() == type());
  if (is(Type::kStringSet)) {
    *this = of_sorted_string_set(without(as_string_set(), other.as_string_set()));
  } else if (is(Type::kNumberSet)) {
    *this = of_sorted_number_set(without(as_number_set(), other.as_number_set()));
  } else {
    *this = of_sorted_binary_set(without(as_binary_set(), other.as_binary_set()));
  }
}

std::size_t Value::element_count() const {
  switch (type()) {
    case Type::kString: return as_string().size();
    case Type::kBinary: return as_binary().size();
    case Type::kStringSet: return as_string_set().size();
    case Type::kNumberSet: return as_number_set().size();
    case Type::kBinarySet: return as_binary_set().size();
    case Type::kList: return as_list().size();
    case Type::kMap: return as_map().size();
    case Type::kNumber:
    case Type::kBool:
    case Type::kNull: return 0;
  }
  return 0;
}

bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }

void Value::wrong_type(Type wanted, Type actual) {
  const std::string what = "a value of type " + std::string(type_name(actual)) + " was read as " +
                           std::string(type_name(wanted));
  base::check_failed(what, __FILE__, __LINE__);
}

std::optional<std::strong_ordering> compare(const Value& a, const Value& b) {
  if (a.type() != b.type()) return std::nullopt;
  if (a.is(Type::kString)) return a.as_string().compare(b.as_string()) <=> 0;
  if (a.is(Type::kBinary)) return a.as_binary().compare(b.as_binary()) <=> 0;
  if (a.is(Type::kNumber)) return a.as_number() <=> b.as_number();
  return std::nullopt;
}

std::size_t size_bytes(const Value& value) {
  switch (value.type()) {
    case Type::kString: return value.as_string().size();
    case Type::kBinary: return value.as_binary().size();
    case Type::kNumber: return value.as_number().size_bytes();
    case Type::kBool:
    case Type::kNull: return 1;
    case Type::kStringSet: return total_bytes(value.as_string_set());
    case Type::kBinarySet: return total_bytes(value.as_binary_set());
    case Type::kNumberSet: {
      std::size_t total = 0;
      for (const Number& number : value.as_number_set()) total += number.size_bytes();
      return total;
    }
    case Type::kList: {
      std::size_t total = kDocumentBytes;
      for (const Value& element : value.as_list()) total += kElementBytes + size_bytes(element);
      return total;
    }
    case Type::kMap:
      return kDocumentBytes + kElementBytes * value.as_map().size() +
             item_size_bytes(value.as_map());
  }
  return 0;
}

std::size_t item_size_bytes(const Item& item) {
  std::size_t total = 0;
  for (const auto& [name, value] : item) total += name.size() + size_bytes(value);
  return total;
}

int nesting_depth(const Value& value) {
  int deepest = 0;
  if (value.is(Type::kList)) {
    for (const Value& element : value.as_list()) {
      deepest = std::max(deepest, nesting_depth(element));
    }
  } else if (value.is(Type::kMap)) {
    for (const auto& [name, element] : value.as_map()) {
      deepest = std::max(deepest, nesting_depth(element));
    }
  } else {
    return 0;
  }
  return deepest + 1;
}

}  // namespace bodega::table
