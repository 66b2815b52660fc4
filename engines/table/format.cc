#include "engines/table/format.h"

#include <cstring>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/fault.h"

namespace bodega::table {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 9;
constexpr std::size_t kOffsetBytes = 4;

[[noreturn]] void corrupt() { throw base::StorageFault("a stored item cannot be understood"); }

std::uint32_t get_u32(const char* at) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = (value << 8) | static_cast<unsigned char>(at[i]);
  return value;
}

void set_u32(std::string& out, std::size_t at, std::size_t value) {
  BODEGA_CHECK(value <= UINT32_MAX);
  for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>((value >> (8 * i)) & 0xff);
}

// --- Writing ---

void put_varint(std::string& out, std::size_t value) {
  if (value < 0x80) {
    out.push_back(static_cast<char>(value));
  } else {
    base::put_varint(out, value);
  }
}

void put_string(std::string& out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out.append(bytes);
}

void put_number(std::string& out, const Number& number) {
  out.push_back(static_cast<char>(number.size_bytes()));
  out.append(number.bytes());
}

void put_value(std::string& out, const Value& value);

// The length in front, then the count, then whatever `put` writes for each element.
template <class Elements, class Put>
void put_elements(std::string& out, const Elements& elements, Put put) {
  const std::size_t length_at = out.size();
  out.append(4, '\0');
  put_varint(out, elements.size());
  for (const auto& element : elements) put(element);
  set_u32(out, length_at, out.size() - length_at - 4);
}

void put_value(std::string& out, const Value& value) {
  out.push_back(static_cast<char>(value.type()));
  const auto put_bytes = [&out](const std::string& bytes) { put_string(out, bytes); };
  switch (value.type()) {
    case Type::kString: return put_string(out, value.as_string());
    case Type::kBinary: return put_string(out, value.as_binary());
    case Type::kNumber: return put_number(out, value.as_number());
    case Type::kBool: return out.push_back(value.as_bool() ? 1 : 0);
    case Type::kNull: return;
    case Type::kStringSet: return put_elements(out, value.as_string_set(), put_bytes);
    case Type::kBinarySet: return put_elements(out, value.as_binary_set(), put_bytes);
    case Type::kNumberSet:
      return put_elements(out, value.as_number_set(),
                          [&out](const Number& number) { put_number(out, number); });
    case Type::kList:
      return put_elements(out, value.as_list(),
                          [&out](const Value& element) { put_value(out, element); });
    case Type::kMap:
      return put_elements(out, value.as_map(), [&out](const Attribute& attribute) {
        put_string(out, attribute.name);
        put_value(out, attribute.value);
      });
  }
}

// Room for the header of `count` attributes; finish with set_header.
std::string start_item(std::size_t count, std::size_t expected_bytes) {
  std::string out;
  const std::size_t header = kHeaderBytes + kOffsetBytes * count;
  out.reserve(header + expected_bytes);
  out.resize(header);
  out[0] = static_cast<char>(kVersion);
  set_u32(out, 5, count);
  return out;
}

// --- Reading ---

// Reads a varint at the start of `rest`, which moves behind it.
std::uint64_t take_varint(std::string_view& rest) {
  if (!rest.empty() && static_cast<unsigned char>(rest[0]) < 0x80) {
    const auto value = static_cast<unsigned char>(rest[0]);
    rest.remove_prefix(1);
    return value;
  }
  base::ByteReader reader(rest);
  const std::uint64_t value = reader.varint();
  if (!reader.ok()) corrupt();
  rest = reader.rest();
  return value;
}

std::string_view take(std::string_view& rest, std::uint64_t length) {
  if (length > rest.size()) corrupt();
  const std::string_view bytes = rest.substr(0, static_cast<std::size_t>(length));
  rest.remove_prefix(static_cast<std::size_t>(length));
  return bytes;
}

std::string_view take_string(std::string_view& rest) { return take(rest, take_varint(rest)); }

std::string_view take_number(std::string_view& rest) {
  if (rest.empty()) corrupt();
  const auto length = static_cast<unsigned char>(rest[0]);
  rest.remove_prefix(1);
  return take(rest, length);
}

Type take_type(std::string_view& rest) {
  if (rest.empty() || static_cast<unsigned char>(rest[0]) > static_cast<int>(Type::kMap)) corrupt();
  const auto type = static_cast<Type>(rest[0]);
  rest.remove_prefix(1);
  return type;
}

std::string_view take_payload(std::string_view& rest) {
  if (rest.size() < 4) corrupt();
  const std::uint32_t length = get_u32(rest.data());
  rest.remove_prefix(4);
  return take(rest, length);
}

// The count of elements at the start of a payload. Every element has at least a byte, so a count
// beyond the payload is corrupt, and no reservation can get out of hand.
std::size_t take_count(std::string_view& payload) {
  const std::uint64_t count = take_varint(payload);
  if (count > payload.size()) corrupt();
  return static_cast<std::size_t>(count);
}

Number to_number(std::string_view bytes) {
  const std::optional<Number> number = Number::from_bytes(bytes);
  if (!number) corrupt();
  return *number;
}

Value take_value(std::string_view& rest);

std::vector<std::string> take_strings(std::string_view payload) {
  std::vector<std::string> elements;
  std::size_t count = take_count(payload);
  elements.reserve(count);
  for (; count > 0; --count) elements.emplace_back(take_string(payload));
  return elements;
}

std::vector<Number> take_numbers(std::string_view payload) {
  std::vector<Number> elements;
  std::size_t count = take_count(payload);
  elements.reserve(count);
  for (; count > 0; --count) elements.push_back(to_number(take_number(payload)));
  return elements;
}

List take_list(std::string_view payload) {
  List elements;
  std::size_t count = take_count(payload);
  elements.reserve(count);
  for (; count > 0; --count) elements.push_back(take_value(payload));
  return elements;
}

// `count` names and values at the start of `rest`.
Map take_attributes(std::string_view rest, std::size_t count) {
  std::vector<Attribute> attributes;
  attributes.reserve(count);
  for (; count > 0; --count) {
    const std::string_view name = take_string(rest);
    attributes.push_back(Attribute{std::string(name), take_value(rest)});
  }
  std::optional<Map> map = Map::from_sorted(std::move(attributes));
  if (!map) corrupt();
  return std::move(*map);
}

Map take_map(std::string_view payload) {
  const std::size_t count = take_count(payload);
  return take_attributes(payload, count);
}

Value take_value(std::string_view& rest) {
  switch (take_type(rest)) {
    case Type::kString: return Value::of_string(std::string(take_string(rest)));
    case Type::kBinary: return Value::of_binary(std::string(take_string(rest)));
    case Type::kNumber: return Value::of_number(to_number(take_number(rest)));
    case Type::kBool: return Value::of_bool(take(rest, 1)[0] != 0);
    case Type::kNull: return Value::null();
    case Type::kStringSet: return Value::of_sorted_string_set(take_strings(take_payload(rest)));
    case Type::kNumberSet: return Value::of_sorted_number_set(take_numbers(take_payload(rest)));
    case Type::kBinarySet: return Value::of_sorted_binary_set(take_strings(take_payload(rest)));
    case Type::kList: return Value::of_list(take_list(take_payload(rest)));
    case Type::kMap: return Value::of_map(take_map(take_payload(rest)));
  }
  corrupt();
}

// The bytes of the value at the start of `rest`, which moves behind it.
std::string_view take_encoded_value(std::string_view& rest) {
  const std::string_view start = rest;
  switch (take_type(rest)) {
    case Type::kString:
    case Type::kBinary: take_string(rest); break;
    case Type::kNumber: take_number(rest); break;
    case Type::kBool: take(rest, 1); break;
    case Type::kNull: break;
    case Type::kStringSet:
    case Type::kNumberSet:
    case Type::kBinarySet:
    case Type::kList:
    case Type::kMap: take_payload(rest); break;
  }
  return start.substr(0, start.size() - rest.size());
}

}  // namespace

std::string encode_item(const Item& item) {
  const std::size_t size = item_size_bytes(item);
  std::string out = start_item(item.size(), size + 4 * item.size());
  set_u32(out, 1, size);
  const std::size_t entries = out.size();
  std::size_t offset_at = kHeaderBytes;
  for (const auto& [name, value] : item) {
    set_u32(out, offset_at, out.size() - entries);
    offset_at += kOffsetBytes;
    put_string(out, name);
    put_value(out, value);
  }
  return out;
}

Item decode_item(std::string_view bytes) {
  const ItemView view(bytes);
  return take_attributes(bytes.substr(kHeaderBytes + kOffsetBytes * view.count()), view.count());
}

// --- ValueView ---

Type ValueView::type() const {
  std::string_view rest = bytes_;
  return take_type(rest);
}

std::string_view ValueView::bytes() const {
  std::string_view rest = bytes_;
  const Type type = take_type(rest);
  BODEGA_CHECK(type == Type::kString || type == Type::kBinary);
  return take_string(rest);
}

std::string_view ValueView::key_bytes() const {
  std::string_view rest = bytes_;
  const Type type = take_type(rest);
  BODEGA_CHECK(type <= Type::kBinary);
  return type == Type::kNumber ? take_number(rest) : take_string(rest);
}

Number ValueView::number() const {
  BODEGA_CHECK(type() == Type::kNumber);
  return to_number(key_bytes());
}

bool ValueView::boolean() const {
  std::string_view rest = bytes_;
  BODEGA_CHECK(take_type(rest) == Type::kBool);
  return take(rest, 1)[0] != 0;
}

std::uint32_t ValueView::count() const { return Elements(*this).count(); }

Value ValueView::to_value() const {
  std::string_view rest = bytes_;
  return take_value(rest);
}

std::size_t ValueView::size_bytes() const {
  std::size_t total = 0;
  switch (type()) {
    case Type::kString:
    case Type::kNumber:
    case Type::kBinary: return key_bytes().size();
    case Type::kBool:
    case Type::kNull: return 1;
    case Type::kStringSet:
    case Type::kBinarySet:
      each_bytes([&](std::string_view element) { total += element.size(); });
      return total;
    case Type::kNumberSet:
      each_number([&](const Number& element) { total += element.size_bytes(); });
      return total;
    case Type::kList:
      each_value([&](ValueView element) { total += 1 + element.size_bytes(); });
      return total + 3;
    case Type::kMap:
      each_attribute([&](std::string_view name, ValueView element) {
        total += 1 + name.size() + element.size_bytes();
      });
      return total + 3;
  }
  return total;
}

ValueView::Elements::Elements(const ValueView& value) : rest_(value.bytes_) {
  BODEGA_CHECK(take_type(rest_) >= Type::kStringSet);
  rest_ = take_payload(rest_);
  count_ = static_cast<std::uint32_t>(take_count(rest_));
}

std::string_view ValueView::Elements::bytes() { return take_string(rest_); }

Number ValueView::Elements::number() { return to_number(take_number(rest_)); }

ValueView ValueView::Elements::value() { return ValueView(take_encoded_value(rest_)); }

// --- ItemView ---

ItemView::ItemView(std::string_view encoded) : encoded_(encoded) {
  if (encoded.size() < kHeaderBytes) corrupt();
  if (static_cast<std::uint8_t>(encoded[0]) != kVersion) corrupt();
  size_bytes_ = get_u32(encoded.data() + 1);
  count_ = get_u32(encoded.data() + 5);
  if (count_ > (encoded.size() - kHeaderBytes) / kOffsetBytes) corrupt();
}

std::string_view ItemView::entry(std::uint32_t position) const {
  const char* const offsets = encoded_.data() + kHeaderBytes;
  const std::string_view entries = encoded_.substr(kHeaderBytes + kOffsetBytes * count_);
  const std::size_t from = get_u32(offsets + kOffsetBytes * position);
  const std::size_t to =
      position + 1 < count_ ? get_u32(offsets + kOffsetBytes * (position + 1)) : entries.size();
  if (from > to || to > entries.size()) corrupt();
  return entries.substr(from, to - from);
}

std::optional<std::uint32_t> ItemView::position_of(std::string_view name) const {
  std::uint32_t low = 0;
  std::uint32_t high = count_;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    std::string_view rest = entry(middle);
    const int order = take_string(rest).compare(name);
    if (order == 0) return middle;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

std::optional<ValueView> ItemView::find(std::string_view name) const {
  const std::optional<std::uint32_t> position = position_of(name);
  if (!position) return std::nullopt;
  return at(*position).second;
}

std::pair<std::string_view, ValueView> ItemView::at(std::uint32_t position) const {
  BODEGA_CHECK(position < count_);
  std::string_view rest = entry(position);
  const std::string_view name = take_string(rest);
  return {name, ValueView(rest)};
}

std::string ItemView::project(const std::vector<std::string>& names) const {
  std::vector<std::string_view> entries;
  entries.reserve(names.size());
  std::size_t length = 0;
  std::size_t size = 0;
  for (const std::string& name : names) {
    const std::optional<std::uint32_t> position = position_of(name);
    if (!position) continue;
    entries.push_back(entry(*position));
    length += entries.back().size();
    size += name.size() + at(*position).second.size_bytes();
  }
  std::string out = start_item(entries.size(), length);
  set_u32(out, 1, size);
  std::size_t offset = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    set_u32(out, kHeaderBytes + kOffsetBytes * i, offset);
    offset += entries[i].size();
    out.append(entries[i]);
  }
  return out;
}

}  // namespace bodega::table
