// Value: one DynamoDB attribute value of any of the ten types. Map: attribute names to values,
// sorted by name. Item: the Map that is a whole item.
//
// Everything is canonical: maps are sorted by name, sets by element and without duplicates, numbers
// are Number. So deep equality is member by member, and equal items have equal encodings
// (format.h).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engines/table/number.h"

namespace bodega::table {

// The values reach the disk (format.h) and index Value's variant: never renumber.
enum class Type : std::uint8_t {
  kString = 0,
  kNumber = 1,
  kBinary = 2,
  kBool = 3,
  kNull = 4,
  kStringSet = 5,
  kNumberSet = 6,
  kBinarySet = 7,
  kList = 8,
  kMap = 9,
};

// "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M".
std::string_view type_name(Type type);
std::optional<Type> type_from_name(std::string_view name);

class Value;
struct Attribute;

// Attribute names to values, sorted by name (bytes), without duplicates. A vector, because items
// are small, read whole, and built once. Pointers and iterators are valid until the next change.
class Map {
 public:
  // Defined where an Attribute is complete.
  Map();
  Map(const Map& other);
  Map(Map&& other) noexcept;
  Map& operator=(const Map& other);
  Map& operator=(Map&& other) noexcept;
  ~Map();

  // Sorts; of several entries with one name the last wins, as in JSON.
  static Map from_unsorted(std::vector<Attribute> attributes);

  // Returns nullopt when the names do not ascend.
  static std::optional<Map> from_sorted(std::vector<Attribute> attributes);

  // The value, or nullptr.
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  // Inserts or replaces; the reference is to the stored value.
  Value& set(std::string_view name, Value value);

  // Whether there was one.
  bool erase(std::string_view name);

  // Appends behind the last. REQUIRES: `name` is larger than every name in the map.
  Value& append(std::string name, Value value);

  void reserve(std::size_t count);
  std::size_t size() const;
  bool empty() const;
  std::vector<Attribute>::const_iterator begin() const;
  std::vector<Attribute>::const_iterator end() const;

  friend bool operator==(const Map& a, const Map& b);

 private:
  std::vector<Attribute> attributes_;
};

using Item = Map;
using List = std::vector<Value>;

class Value {
 public:
  Value() : data_(std::in_place_index<static_cast<std::size_t>(Type::kNull)>) {}  // NULL

  static Value of_string(std::string utf8) { return make<Type::kString>(std::move(utf8)); }
  static Value of_number(const Number& number) { return make<Type::kNumber>(number); }
  static Value of_binary(std::string bytes) { return make<Type::kBinary>(std::move(bytes)); }
  // Of a bool and nothing that would turn into one, such as a string literal.
  static Value of_bool(std::same_as<bool> auto value) { return make<Type::kBool>(value); }
  static Value null() { return {}; }
  static Value of_list(List list);
  static Value of_map(Map map);

  // A set of the elements, which are sorted; nothing when two of them are equal. An empty set is
  // possible here; that the service refuses it is the protocol's rule.
  static std::optional<Value> of_string_set(std::vector<std::string> elements);
  static std::optional<Value> of_number_set(std::vector<Number> elements);
  static std::optional<Value> of_binary_set(std::vector<std::string> elements);

  // A set of elements that are sorted and distinct already. REQUIRES: that.
  static Value of_sorted_string_set(std::vector<std::string> elements);
  static Value of_sorted_number_set(std::vector<Number> elements);
  static Value of_sorted_binary_set(std::vector<std::string> elements);

  Type type() const { return static_cast<Type>(data_.index()); }
  bool is(Type wanted) const { return type() == wanted; }
  bool is_set() const { return type() >= Type::kStringSet && type() <= Type::kBinarySet; }
  bool is_document() const { return type() >= Type::kList; }

  // REQUIRES for each: type() is the one named.
  const std::string& as_string() const { return get<Type::kString, std::string>(); }
  const Number& as_number() const { return get<Type::kNumber, Number>(); }
  const std::string& as_binary() const { return get<Type::kBinary, std::string>(); }
  bool as_bool() const { return get<Type::kBool, bool>(); }
  const std::vector<std::string>& as_string_set() const {
    return get<Type::kStringSet, std::vector<std::string>>();
  }
  const std::vector<Number>& as_number_set() const {
    return get<Type::kNumberSet, std::vector<Number>>();
  }
  const std::vector<std::string>& as_binary_set() const {
    return get<Type::kBinarySet, std::vector<std::string>>();
  }
  const List& as_list() const { return get<Type::kList, List>(); }
  const Map& as_map() const { return get<Type::kMap, Map>(); }
  List& as_list() { return const_cast<List&>(std::as_const(*this).as_list()); }
  Map& as_map() { return const_cast<Map&>(std::as_const(*this).as_map()); }

  // Union and difference with a set of the same type, as ADD and DELETE do. The difference may be
  // empty. REQUIRES: is_set() and other.type() == type().
  void add_elements(const Value& other);
  void remove_elements(const Value& other);

  // The number of elements of a set, list or map; bytes of S and B; 0 otherwise.
  std::size_t element_count() const;

  // Deep equality: the order of set elements and map entries and the spelling of numbers are
  // nothing.
  friend bool operator==(const Value& a, const Value& b);

 private:
  using Data =
      std::variant<std::string, Number, std::string, bool, std::monostate, std::vector<std::string>,
                   std::vector<Number>, std::vector<std::string>, List, Map>;

  template <Type kType, class Content>
  static Value make(Content&& content) {
    Value value;
    value.data_.template emplace<static_cast<std::size_t>(kType)>(std::forward<Content>(content));
    return value;
  }
  template <Type kType, class Content>
  const Content& get() const {
    const Content* content = std::get_if<static_cast<std::size_t>(kType)>(&data_);
    if (content == nullptr) wrong_type(kType, type());
    return *content;
  }
  [[noreturn]] static void wrong_type(Type wanted, Type actual);  // a bug: aborts

  Data data_;
};

struct Attribute {
  std::string name;
  Value value;

  friend bool operator==(const Attribute& a, const Attribute& b);
};

inline Map::Map() = default;
inline Map::Map(const Map& other) = default;
inline Map::Map(Map&& other) noexcept = default;
inline Map& Map::operator=(const Map& other) = default;
inline Map& Map::operator=(Map&& other) noexcept = default;
inline Map::~Map() = default;

// <, =, > of two values of the same scalar type: strings by UTF-8 bytes, binaries by unsigned
// bytes, numbers by size. Returns nullopt for any other pair, which the service calls false.
std::optional<std::strong_ordering> compare(const Value& a, const Value& b);

// What DynamoDB bills for a list or map beside its contents, and for each of its elements.
inline constexpr std::size_t kDocumentBytes = 3;
inline constexpr std::size_t kElementBytes = 1;

// The size that DynamoDB bills: S and B their bytes, N its canonical bytes, BOOL and NULL 1, sets
// the sum, L and M 3 + 1 for each element + contents, a map's names with them.
std::size_t size_bytes(const Value& value);

// An item's size: names and values of its attributes. At most 409,600 in the service.
std::size_t item_size_bytes(const Item& item);

// Levels of lists and maps: 0 for a scalar or set, 1 for a list of scalars, and so on.
int nesting_depth(const Value& value);

inline void Map::reserve(std::size_t count) { attributes_.reserve(count); }
inline std::size_t Map::size() const { return attributes_.size(); }
inline bool Map::empty() const { return attributes_.empty(); }
inline std::vector<Attribute>::const_iterator Map::begin() const { return attributes_.begin(); }
inline std::vector<Attribute>::const_iterator Map::end() const { return attributes_.end(); }

}  // namespace bodega::table
