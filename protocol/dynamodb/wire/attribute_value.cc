#include "protocol/dynamodb/wire/attribute_value.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engines/base/bytes.h"
#include "protocol/dynamodb/wire/error.h"
#include "protocol/dynamodb/wire/request.h"

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

// The elements as they were written: "[a, b]". A long list ends in an ellipsis.
std::string listed(json::Node list) {
  std::string out = "[";
  for (json::Node child = list.first(); child.exists(); child = child.next()) {
    if (out.size() > 1) out += ", ";
    if (out.size() > kMaxEchoBytes) return out + "...]";
    out += child.text().substr(0, kMaxEchoBytes);
  }
  return out + "]";
}

// Reads values, and keeps no more of them than an item can have. What comes behind that is checked
// like everything before it and then dropped: a body of a million tiny values never becomes a tree
// of a million nodes, and what was kept is too large already, so it is refused where the size of a
// whole item is.
class Reader {
 public:
  Value value(json::Node node) {
    Value read = nested(node, 0);
    if (dropped_) fail("Supplied AttributeValue has exceeded the maximum allowed size");
    return read;
  }

  // An item's own scalars are kept to twice the limit: a key that stands late is found.
  table::Item item(json::Node node) {
    return map(node, 0, [this](const Value& read) {
      const bool could_be_key = !read.is_document() && !read.is_set();
      return could_be_key && kept_bytes_ <= 2 * kMaxItemBytes;
    });
  }

 private:
  bool full() const { return kept_bytes_ > kMaxItemBytes; }

  // Goes back to what was kept before a value that is not.
  void drop(std::size_t before_bytes) {
    kept_bytes_ = before_bytes;
    dropped_ = true;
  }

  template <class Element, class Read>
  std::vector<Element> elements(json::Node list, const Read& read) {
    std::vector<Element> all;
    all.reserve(list.size());
    for (json::Node child = list.first(); child.exists(); child = child.next()) {
      if (!child.present()) continue;
      Element element = read(child);
      if (full()) {
        dropped_ = true;
        continue;
      }
      kept_bytes_ += size_of(element);
      all.push_back(std::move(element));
    }
    return all;
  }
  static std::size_t size_of(const std::string& element) { return element.size(); }
  static std::size_t size_of(const table::Number& element) { return element.size_bytes(); }

  Value set(Type type, json::Node list) {
    switch (type) {
      case Type::kStringSet: {
        if (list.size() == 0) fail_invalid("An string set  may not be empty");
        auto set = Value::of_string_set(elements<std::string>(
            list, [](json::Node child) { return std::string(child.text()); }));
        if (!set) fail_invalid("Input collection " + listed(list) + " contains duplicates.");
        return *std::move(set);
      }
      case Type::kNumberSet: {
        if (list.size() == 0) fail_invalid("An number set  may not be empty");
        auto set = Value::of_number_set(elements<table::Number>(
            list, [](json::Node child) { return read_number(child.text()); }));
        if (!set) fail("Input collection contains duplicates");
        return *std::move(set);
      }
      default: {
        if (list.size() == 0) fail_invalid("Binary sets should not be empty");
        auto set = Value::of_binary_set(elements<std::string>(list, read_blob));
        if (!set) {
          fail_invalid("Input collection " + listed(list) + "of type BS contains duplicates.");
        }
        return *std::move(set);
      }
    }
  }

  // `keeps` says which values are kept all the same when there is no more room.
  template <class Keeps>
  table::Map map(json::Node node, int depth, const Keeps& keeps) {
    const std::size_t element_bytes = depth == 0 ? 0 : table::kElementBytes;
    const std::size_t before_bytes = kept_bytes_;
    std::vector<table::Attribute> attributes;
    attributes.reserve(node.size());
    for (json::Node name = node.first(); name.exists();) {
      const json::Node value = name.next();
      if (value.present()) {
        check_attribute_name(name.text());
        const bool was_full = full();
        const std::size_t without_bytes = kept_bytes_;
        kept_bytes_ += name.text().size() + element_bytes;
        Value read = nested(value, depth);
        if (was_full && !keeps(read)) {
          drop(without_bytes);
        } else {
          attributes.push_back({std::string(name.text()), std::move(read)});
        }
      }
      name = value.next();
    }
    const std::size_t given = attributes.size();
    table::Map map = table::Map::from_unsorted(std::move(attributes));
    if (map.size() < given) {
      // Names that came twice counted twice.
      if (dropped_) fail("Item size has exceeded the maximum allowed size");
      kept_bytes_ = before_bytes + table::item_size_bytes(map) + element_bytes * map.size();
    }
    return map;
  }

  table::List list(json::Node node, int depth) {
    table::List list;
    list.reserve(node.size());
    for (json::Node child = node.first(); child.exists(); child = child.next()) {
      if (!child.present()) continue;
      const bool was_full = full();
      const std::size_t without_bytes = kept_bytes_;
      kept_bytes_ += table::kElementBytes;
      Value read = nested(child, depth);
      if (was_full) {
        drop(without_bytes);
      } else {
        list.push_back(std::move(read));
      }
    }
    return list;
  }

  Value scalar(Value value) {
    kept_bytes_ += table::size_bytes(value);
    return value;
  }

  Value typed(Type type, json::Node content, int depth) {
    switch (type) {
      case Type::kString: return scalar(Value::of_string(std::string(content.text())));
      case Type::kNumber: return scalar(Value::of_number(read_number(content.text())));
      case Type::kBinary: return scalar(Value::of_binary(read_blob(content)));
      case Type::kBool: return scalar(Value::of_bool(read_boolean(content).value_or(false)));
      case Type::kNull:
        if (!read_boolean(content).value_or(false)) {
          fail_invalid("Null attribute value types must have the value of true");
        }
        return scalar(Value::null());
      case Type::kStringSet:
      case Type::kNumberSet:
      case Type::kBinarySet: return set(type, content);
      case Type::kList:
      case Type::kMap: break;
    }
    if (depth >= kMaxNesting) {
      fail_invalid(
          "Nesting Levels have exceeded supported limits: Attributes in the item have "
          "nested levels beyond supported limit");
    }
    kept_bytes_ += table::kDocumentBytes;
    if (type == Type::kList) return Value::of_list(list(content, depth + 1));
    return Value::of_map(map(content, depth + 1, [](const Value&) { return false; }));
  }

  Value nested(json::Node node, int depth) {
    std::optional<Value> value;
    bool several = false;
    for (json::Node name = node.first(); name.exists();) {
      const json::Node content = name.next();
      if (content.present()) {
        if (const auto type = table::type_from_name(name.text())) {
          Value read = typed(*type, content, depth);
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
          "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
          "the supported datatypes");
    }
    return *std::move(value);
  }

  std::size_t kept_bytes_ = 0;  // what is billed for what was kept
  bool dropped_ = false;
};

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

Value read_value(json::Node node) { return Reader().value(node); }

table::Item read_item(json::Node node) { return Reader().item(node); }

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
      case Type::kString: return json::write_string(out, value.as_string());
      case Type::kNumber: return write_number(out, value.as_number());
      case Type::kBinary: return write_base64(out, value.as_binary());
      case Type::kBool: return json::write_bool(out, value.as_bool());
      case Type::kNull: return json::write_bool(out, true);
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
      case Type::kMap: return write_item(out, value.as_map());
    }
    out.push_back(']');
  });
}

void write_value(std::string& out, const table::ValueView& value) {
  const Type type = value.type();
  typed(out, type, [&] {
    Commas commas(out);
    switch (type) {
      case Type::kString: return json::write_string(out, value.bytes());
      case Type::kNumber: return write_number(out, value.number());
      case Type::kBinary: return write_base64(out, value.bytes());
      case Type::kBool: return json::write_bool(out, value.boolean());
      case Type::kNull: return json::write_bool(out, true);
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
    case Type::kString: out += value.as_string(); break;
    case Type::kNumber: value.as_number().append_to(out); break;
    case Type::kBinary: out += base::to_base64(value.as_binary()); break;
    case Type::kBool: out += value.as_bool() ? "true" : "false"; break;
    case Type::kNull: out += "true"; break;
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
