#include "protocol/dynamodb/attribute_value.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engines/base/bytes.h"
#include "protocol/dynamodb/error.h"
#include "protocol/dynamodb/request.h"

namespace bodega::dynamodb {

namespace {

using table::Type;
using table::Value;

constexpr std::string_view kInvalid = "One or more parameter values were invalid: ";

[[noreturn]] void fail(std::string message) { throw ValueFault{std::move(message)}; }
[[noreturn]] void fail_invalid(std::string_view message) {
  throw ValueFault{std::string(kInvalid) + std::string(message)};
}

table::Number read_number(std::string_view text) {
  auto number = table::Number::parse(text);
  if (!number) fail(number_fault(number.error(), text));
  return *number;
}

// REQUIRES: check_types has decoded it once.
std::string read_blob(json::Node node) {
  return base::from_base64(node.text()).value_or(std::string());
}

// The elements as they were written: "[a, b]".
std::string listed(json::Node list) {
  std::string out = "[";
  for (json::Node child = list.first(); child.exists(); child = child.next()) {
    if (out.size() > 1) out += ", ";
    out += child.text();
  }
  return out + "]";
}

template <class Element, class Read>
std::vector<Element> read_elements(json::Node list, const Read& read) {
  std::vector<Element> elements;
  elements.reserve(list.size());
  for (json::Node child = list.first(); child.exists(); child = child.next()) {
    if (!child.present()) continue;
    elements.push_back(read(child));
  }
  return elements;
}

Value read_set(Type type, json::Node list) {
  switch (type) {
    case Type::kStringSet: {
      if (list.size() == 0) fail_invalid("An string set  may not be empty");
      auto set = Value::of_string_set(read_elements<std::string>(
          list, [](json::Node child) { return std::string(child.text()); }));
      if (!set) fail_invalid("Input collection " + listed(list) + " contains duplicates.");
      return *std::move(set);
    }
    case Type::kNumberSet: {
      if (list.size() == 0) fail_invalid("An number set  may not be empty");
      auto set = Value::of_number_set(read_elements<table::Number>(
          list, [](json::Node child) { return read_number(child.text()); }));
      if (!set) fail("Input collection contains duplicates");
      return *std::move(set);
    }
    default: {
      if (list.size() == 0) fail_invalid("Binary sets should not be empty");
      auto set = Value::of_binary_set(read_elements<std::string>(list, read_blob));
      if (!set)
        fail_invalid("Input collection " + listed(list) + "of type BS contains duplicates.");
      return *std::move(set);
    }
  }
}

Value read_nested(json::Node node, int depth);

table::Map read_map(json::Node node, int depth) {
  std::vector<table::Attribute> attributes;
  attributes.reserve(node.size());
  bool sorted = true;
  for (json::Node name = node.first(); name.exists();) {
    const json::Node value = name.next();
    if (value.present()) {
      check_attribute_name(name.text());
      sorted = sorted && (attributes.empty() || attributes.back().name < name.text());
      attributes.push_back({std::string(name.text()), read_nested(value, depth)});
    }
    name = value.next();
  }
  if (!sorted) return table::Map::from_unsorted(std::move(attributes));
  table::Map map;
  map.reserve(attributes.size());
  for (auto& attribute : attributes)
    map.append(std::move(attribute.name), std::move(attribute.value));
  return map;
}

Value read_typed(Type type, json::Node content, int depth) {
  switch (type) {
    case Type::kString:
      return Value::of_string(std::string(content.text()));
    case Type::kNumber:
      return Value::of_number(read_number(content.text()));
    case Type::kBinary:
      return Value::of_binary(read_blob(content));
    case Type::kBool:
      return Value::of_bool(read_boolean(content).value_or(false));
    case Type::kNull:
      if (!read_boolean(content).value_or(false)) {
        fail_invalid("Null attribute value types must have the value of true");
      }
      return Value::null();
    case Type::kStringSet:
    case Type::kNumberSet:
    case Type::kBinarySet:
      return read_set(type, content);
    case Type::kList:
    case Type::kMap:
      break;
  }
  if (depth >= kMaxNesting) {
    fail_invalid(
        "Nesting Levels have exceeded supported limits: Attributes in the item have "
        "nested levels beyond supported limit");
  }
  if (type == Type::kMap) return Value::of_map(read_map(content, depth + 1));
  table::List list;
  list.reserve(content.size());
  for (json::Node child = content.first(); child.exists(); child = child.next()) {
    if (child.present()) list.push_back(read_nested(child, depth + 1));
  }
  return Value::of_list(std::move(list));
}

Value read_nested(json::Node node, int depth) {
  std::optional<Value> value;
  bool several = false;
  for (json::Node name = node.first(); name.exists();) {
    const json::Node content = name.next();
    if (content.present()) {
      if (const auto type = table::type_from_name(name.text())) {
        Value read = read_typed(*type, content, depth);
        several = several || value.has_value();
        value = std::move(read);
      }
    }
    name = content.next();
  }
  if (!value) {
    fail("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  }
  if (several) {
    fail(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  }
  return *std::move(value);
}

void write_base64(std::string& out, std::string_view bytes) {
  out.push_back('"');
  out += base::to_base64(bytes);
  out.push_back('"');
}

void write_number(std::string& out, const table::Number& number) {
  out.push_back('"');
  number.append_to(out);
  out.push_back('"');
}

// `{"TYPE":` … `}` around what `content` writes.
template <class Content>
void typed(std::string& out, Type type, const Content& content) {
  out += "{\"";
  out += table::type_name(type);
  out += "\":";
  content();
  out.push_back('}');
}

// Puts commas between the elements that a walk shows.
class Commas {
 public:
  explicit Commas(std::string& out) : out_(out) {}
  std::string& next() {
    if (!first_) out_.push_back(',');
    first_ = false;
    return out_;
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace

void check_attribute_name(std::string_view name) {
  if (name.empty()) fail_invalid("Empty attribute name");
  if (name.size() > kMaxAttributeNameBytes) {
    fail_invalid("Attribute name is too large, must be less than 65536 bytes");
  }
}

Value read_value(json::Node node) { return read_nested(node, 0); }

table::Item read_item(json::Node node) { return read_map(node, 0); }

table::Item read_item_or_throw(json::Node node) {
  try {
    return read_item(node);
  } catch (ValueFault& fault) {
    throw validation(std::move(fault.message));
  }
}

Value read_value_or_throw(json::Node node) {
  try {
    return read_value(node);
  } catch (ValueFault& fault) {
    throw validation(std::move(fault.message));
  }
}

void write_value(std::string& out, const Value& value) {
  typed(out, value.type(), [&] {
    Commas commas(out);
    switch (value.type()) {
      case Type::kString:
        return json::write_string(out, value.as_string());
      case Type::kNumber:
        return write_number(out, value.as_number());
      case Type::kBinary:
        return write_base64(out, value.as_binary());
      case Type::kBool:
        return json::write_bool(out, value.as_bool());
      case Type::kNull:
        return json::write_bool(out, true);
      case Type::kStringSet:
        out.push_back('[');
        for (const auto& element : value.as_string_set()) {
          json::write_string(commas.next(), element);
        }
        break;
      case Type::kNumberSet:
        out.push_back('[');
        for (const auto& element : value.as_number_set()) write_number(commas.next(), element);
        break;
      case Type::kBinarySet:
        out.push_back('[');
        for (const auto& element : value.as_binary_set()) write_base64(commas.next(), element);
        break;
      case Type::kList:
        out.push_back('[');
        for (const auto& element : value.as_list()) write_value(commas.next(), element);
        break;
      case Type::kMap:
        return write_item(out, value.as_map());
    }
    out.push_back(']');
  });
}

void write_value(std::string& out, const table::ValueView& value) {
  const Type type = value.type();
  typed(out, type, [&] {
    Commas commas(out);
    switch (type) {
      case Type::kString:
        return json::write_string(out, value.bytes());
      case Type::kNumber:
        return write_number(out, value.number());
      case Type::kBinary:
        return write_base64(out, value.bytes());
      case Type::kBool:
        return json::write_bool(out, value.boolean());
      case Type::kNull:
        return json::write_bool(out, true);
      case Type::kStringSet:
        out.push_back('[');
        value.each_bytes([&](std::string_view bytes) { json::write_string(commas.next(), bytes); });
        break;
      case Type::kNumberSet:
        out.push_back('[');
        value.each_number(
            [&](const table::Number& number) { write_number(commas.next(), number); });
        break;
      case Type::kBinarySet:
        out.push_back('[');
        value.each_bytes([&](std::string_view bytes) { write_base64(commas.next(), bytes); });
        break;
      case Type::kList:
        out.push_back('[');
        value.each_value(
            [&](const table::ValueView& element) { write_value(commas.next(), element); });
        break;
      case Type::kMap:
        out.push_back('{');
        value.each_attribute([&](std::string_view name, const table::ValueView& element) {
          json::write_string(commas.next(), name);
          out.push_back(':');
          write_value(out, element);
        });
        out.push_back('}');
        return;
    }
    out.push_back(']');
  });
}

void write_item(std::string& out, const table::Item& item) {
  json::Object object(out);
  for (const auto& attribute : item) write_value(object.name(attribute.name), attribute.value);
}

void write_item(std::string& out, const table::ItemView& item) {
  json::Object object(out);
  for (std::uint32_t i = 0; i < item.count(); ++i) {
    const auto [name, value] = item.at(i);
    write_value(object.name(name), value);
  }
}

std::string number_fault(table::NumberFault fault, std::string_view text) {
  switch (fault) {
    case table::NumberFault::kNotNumeric:
      return text.empty()
                 ? "The parameter cannot be converted to a numeric value"
                 : "The parameter cannot be converted to a numeric value: " + std::string(text);
    case table::NumberFault::kOverflow:
      return "Number overflow. Attempting to store a number with magnitude larger than supported "
             "range";
    case table::NumberFault::kUnderflow:
      return "Number underflow. Attempting to store a number with magnitude smaller than "
             "supported range";
    case table::NumberFault::kTooManyDigits:
      return "Attempting to store more than 38 significant digits in a Number";
  }
  return {};
}

std::string printed(const Value& value) {
  std::string out = "{" + std::string(table::type_name(value.type())) + ":";
  switch (value.type()) {
    case Type::kString:
      out += value.as_string();
      break;
    case Type::kNumber:
      value.as_number().append_to(out);
      break;
    case Type::kBinary:
      out += base::to_base64(value.as_binary());
      break;
    case Type::kBool:
      out += value.as_bool() ? "true" : "false";
      break;
    case Type::kNull:
      out += "true";
      break;
    case Type::kStringSet:
    case Type::kNumberSet:
    case Type::kBinarySet:
    case Type::kList:
    case Type::kMap: {
      std::string json;
      write_value(json, value);
      out += json;
      break;
    }
  }
  return out + "}";
}

}  // namespace bodega::dynamodb
