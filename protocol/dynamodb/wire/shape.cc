#include "protocol/dynamodb/wire/shape.h"

#include <charconv>
#include <cmath>
#include <vector>

#include "engines/base/bytes.h"
#include "protocol/dynamodb/wire/error.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

namespace {

constexpr std::string_view kModel = "com.amazonaws.dynamodb.v20120810.";
// A document deeper than this is refused anyway, when its values are read.
constexpr int kDeepestChecked = 40;

[[noreturn]] void bad_type(std::string message) {
  throw Error{Code::kSerializationException, std::move(message)};
}

// Where a value stands decides how the service words its complaint.
enum class Place : std::uint8_t { kMember, kElement };

std::string_view scalar_name(json::Kind kind) {
  switch (kind) {
    case json::Kind::kTrue: return "TRUE_VALUE";
    case json::Kind::kFalse: return "FALSE_VALUE";
    case json::Kind::kInteger: return "NUMBER_VALUE";
    case json::Kind::kDecimal: return "DECIMAL_VALUE";
    case json::Kind::kString: return "STRING_VALUE";
    case json::Kind::kNull:
    case json::Kind::kArray:
    case json::Kind::kObject: break;
  }
  return "NULL_VALUE";
}

[[noreturn]] void bad_scalar(json::Node node, std::string_view wanted) {
  if (node.is_array()) {
    bad_type("Unrecognized collection type class java.lang." + std::string(wanted));
  }
  if (node.is_object()) bad_type("Start of structure or map found where not expected");
  bad_type(std::string(scalar_name(node.kind())) + " cannot be converted to " +
           std::string(wanted));
}

void check_string(json::Node node) {
  if (node.present() && !node.is_string()) bad_scalar(node, "String");
}

void check_boolean(json::Node node) {
  if (!node.present()) return;
  if (node.kind() == json::Kind::kTrue || node.kind() == json::Kind::kFalse) return;
  if (node.is_string()) {
    if (!read_boolean(node)) bad_type("Unexpected token received from parser");
    return;
  }
  bad_scalar(node, "Boolean");
}

void check_blob(json::Node node) {
  if (!node.present()) return;
  if (node.is_array()) bad_type("Unrecognized collection type class java.nio.ByteBuffer");
  if (node.is_object()) bad_type("Start of structure or map found where not expected");
  if (!node.is_string()) bad_type("only base-64-encoded strings are convertible to bytes");
  const std::string_view text = node.text();
  if (text.size() % 4 != 0) {
    bad_type("Base64 encoded length is expected a multiple of 4 bytes but found: " +
             std::to_string(text.size()));
  }
  if (!base::from_base64(text)) bad_type("Invalid last non-pad Base64 character dectected");
}

template <class Check>
void check_list(json::Node node, const Check& check) {
  if (!node.present()) return;
  if (node.is_object()) bad_type("Start of structure or map found where not expected");
  if (!node.is_array()) bad_type("Unexpected field type");
  for (json::Node child = node.first(); child.exists(); child = child.next()) check(child);
}

void check_attribute_value(json::Node node, Place place, int depth);

void check_attribute_map(json::Node node, int depth) {
  if (!node.present()) return;
  if (node.is_array()) {
    bad_type("Unrecognized collection type java.util.Map<java.lang.String, " + std::string(kModel) +
             "AttributeValue>");
  }
  if (!node.is_object()) bad_type("Unexpected field type");
  for (json::Node name = node.first(); name.exists(); name = name.next()) {
    name = name.next();
    check_attribute_value(name, Place::kElement, depth);
  }
}

void check_attribute_value(json::Node node, Place place, int depth) {
  if (!node.present() || depth > kDeepestChecked) return;
  if (node.is_array()) {
    bad_type("Unrecognized collection type class " + std::string(kModel) + "AttributeValue");
  }
  if (!node.is_object()) {
    bad_type(place == Place::kElement ? "Unexpected value type in payload"
                                      : "Unexpected field type");
  }
  for (json::Node name = node.first(); name.exists(); name = name.next()) {
    const std::string_view type = name.text();
    name = name.next();
    if (type == "S" || type == "N") {
      check_string(name);
    } else if (type == "B") {
      check_blob(name);
    } else if (type == "BOOL" || type == "NULL") {
      check_boolean(name);
    } else if (type == "SS" || type == "NS") {
      check_list(name, check_string);
    } else if (type == "BS") {
      check_list(name, check_blob);
    } else if (type == "L") {
      check_list(name, [depth](json::Node child) {
        check_attribute_value(child, Place::kElement, depth + 1);
      });
    } else if (type == "M") {
      check_attribute_map(name, depth + 1);
    }
  }
}

// How Java names the type of a map's values or a list's elements.
std::string java_type(const Shape& shape) {
  switch (shape.type) {
    case Shape::Type::kString: return "java.lang.String";
    case Shape::Type::kBoolean: return "java.lang.Boolean";
    case Shape::Type::kInteger: return "java.lang.Integer";
    case Shape::Type::kLong: return "java.lang.Long";
    case Shape::Type::kDouble: return "java.lang.Double";
    case Shape::Type::kList: return "java.util.List<" + java_type(*shape.element) + ">";
    case Shape::Type::kMap:
      return "java.util.Map<java.lang.String, " + java_type(*shape.element) + ">";
    case Shape::Type::kStructure: return std::string(kModel) + std::string(shape.name);
    case Shape::Type::kAttributeValue: return std::string(kModel) + "AttributeValue";
  }
  return {};
}

constexpr std::string_view kGenericCast =
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
    "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
    "java.lang.Class are in module java.base of loader 'bootstrap')";

void check_place(json::Node node, const Shape& shape, Place place);

void check_number(json::Node node, std::string_view wanted) {
  if (node.present() && !node.is_number()) bad_scalar(node, wanted);
}

void check_place(json::Node node, const Shape& shape, Place place) {
  if (!node.present()) return;
  switch (shape.type) {
    case Shape::Type::kString: return check_string(node);
    case Shape::Type::kBoolean: return check_boolean(node);
    case Shape::Type::kInteger: return check_number(node, "Integer");
    case Shape::Type::kLong: return check_number(node, "Long");
    case Shape::Type::kDouble: return check_number(node, "Double");
    case Shape::Type::kAttributeValue: return check_attribute_value(node, place, 0);
    case Shape::Type::kList:
      if (node.is_object()) bad_type("Start of structure or map found where not expected");
      if (!node.is_array()) {
        bad_type(place == Place::kElement ? std::string(kGenericCast) : "Unexpected field type");
      }
      for (json::Node child = node.first(); child.exists(); child = child.next()) {
        check_place(child, *shape.element, Place::kElement);
      }
      return;
    case Shape::Type::kMap:
      if (node.is_array()) bad_type("Unrecognized collection type " + java_type(shape));
      if (!node.is_object()) {
        bad_type(place == Place::kElement ? std::string(kGenericCast) : "Unexpected field type");
      }
      for (json::Node name = node.first(); name.exists(); name = name.next()) {
        name = name.next();
        check_place(name, *shape.element, Place::kElement);
      }
      return;
    case Shape::Type::kStructure:
      if (node.is_array()) bad_type("Unrecognized collection type class " + java_type(shape));
      if (!node.is_object()) {
        bad_type(place == Place::kElement ? "Unexpected value type in payload"
                                          : "Unexpected field type");
      }
      for (const Member& member : shape.members) {
        check_place(node.find(member.name), *member.shape, Place::kMember);
      }
      return;
  }
}

std::string lower_first(std::string_view text) {
  std::string lower(text);
  if (!lower.empty() && lower[0] >= 'A' && lower[0] <= 'Z') {
    lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
  }
  return lower;
}

bool fits_name_pattern(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == '-';
    if (!fits) return false;
  }
  return true;
}

bool is_one_of(std::string_view text, std::string_view values) {
  while (!values.empty()) {
    const std::size_t comma = values.find(", ");
    if (values.substr(0, comma) == text) return true;
    if (comma == std::string_view::npos) break;
    values.remove_prefix(comma + 2);
  }
  return false;
}

// Collects constraint errors while it walks a request.
class Checker {
 public:
  void structure(json::Node node, const Shape& shape) {
    for (const Member& member : shape.members) {
      const json::Node child = node.find(member.name);
      path_.push_back({member.name, true});
      if (child.present()) {
        value(child, *member.shape);
      } else if (member.presence == Presence::kNotNull) {
        report(child, *member.shape, "Member must not be null");
      }
      path_.pop_back();
    }
  }

  // Only the table's name; the first error of it is the whole answer.
  void table_name(json::Node node, const Member& member) {
    path_.push_back({member.name, true});
    if (node.present()) {
      value(node, *member.shape);
    } else if (member.presence == Presence::kNotNull) {
      report(node, *member.shape, "Member must not be null");
    }
    path_.pop_back();
    if (errors_.size() > 1) errors_.resize(1);
    finish();
  }

  void finish() const {
    if (errors_.empty()) return;
    std::string message = std::to_string(errors_.size());
    message +=
        errors_.size() == 1 ? " validation error detected: " : " validation errors detected: ";
    for (std::size_t i = 0; i < errors_.size(); ++i) {
      if (i > 0) message += "; ";
      message += errors_[i];
    }
    throw validation(std::move(message));
  }

 private:
  struct Step {
    std::string_view name;
    bool member;  // written with a small first letter
  };

  void report(json::Node node, const Shape& shape, std::string_view constraint) {
    if (errors_.size() >= kMaxReportedErrors) return;
    const bool bare = shape.wording == Shape::Wording::kBare;
    std::string error = "Value ";
    if (!bare) {
      error += node.present() ? "'" + java_string(node, shape) + "' " : "null ";
    }
    error += "at '";
    bool first = true;
    for (const Step& step : path_) {
      if (!first) error += '.';
      first = false;
      error += step.member && !bare ? lower_first(step.name) : std::string(step.name);
    }
    error += "' failed to satisfy constraint: ";
    error += constraint;
    errors_.push_back(std::move(error));
  }

  void length(json::Node node, const Shape& shape, std::size_t length) {
    const auto signed_length = static_cast<std::int64_t>(length);
    if (shape.min_length != Shape::kNone && signed_length < shape.min_length) {
      report(
          node, shape,
          "Member must have length greater than or equal to " + std::to_string(shape.min_length));
    }
    if (shape.max_length != Shape::kNone && signed_length > shape.max_length) {
      report(node, shape,
             "Member must have length less than or equal to " + std::to_string(shape.max_length));
    }
  }

  void value(json::Node node, const Shape& shape) {
    switch (shape.type) {
      case Shape::Type::kString: {
        if (shape.table_name && node.text().starts_with("arn:")) return;
        length(node, shape, node.text().size());
        if (shape.name_pattern && !fits_name_pattern(node.text())) {
          report(node, shape, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
        }
        if (!shape.values.empty() && !is_one_of(node.text(), shape.values)) {
          report(node, shape,
                 "Member must satisfy enum value set: [" + std::string(shape.values) + "]");
        }
        return;
      }
      case Shape::Type::kInteger:
      case Shape::Type::kLong:
      case Shape::Type::kDouble: {
        const std::int64_t number = read_integer(node);
        if (shape.min_value != Shape::kNone && number < shape.min_value) {
          report(
              node, shape,
              "Member must have value greater than or equal to " + std::to_string(shape.min_value));
        }
        if (shape.max_value != Shape::kNone && number > shape.max_value) {
          report(node, shape,
                 "Member must have value less than or equal to " + std::to_string(shape.max_value));
        }
        return;
      }
      case Shape::Type::kList: return list(node, shape);
      case Shape::Type::kMap: return map(node, shape);
      case Shape::Type::kStructure: return structure(node, shape);
      case Shape::Type::kBoolean:
      case Shape::Type::kAttributeValue: return;
    }
  }

  void list(json::Node node, const Shape& shape) {
    length(node, shape, node.size());
    elements(node, shape);
  }

  void elements(json::Node node, const Shape& shape) {
    if (shape.element->type == Shape::Type::kAttributeValue) return;
    std::size_t place = 0;
    for (json::Node child = node.first(); child.exists(); child = child.next()) {
      const std::string number = std::to_string(++place);
      path_.push_back({number, false});
      path_.push_back({"member", false});
      if (child.present()) value(child, *shape.element);
      path_.pop_back();
      path_.pop_back();
    }
  }

  void map(json::Node node, const Shape& shape) {
    length(node, shape, node.size());
    if (shape.element->type == Shape::Type::kAttributeValue) return;
    const bool element_lengths = !shape.value_constraint.empty();
    for (json::Node name = node.first(); name.exists(); name = name.next()) {
      const std::string_view key = name.text();
      if (!shape.key_constraint.empty() && !key.starts_with("arn:") &&
          (!fits_name_pattern(key) || key.size() > 255)) {
        report(node, shape,
               "Map keys must satisfy constraint: [" + std::string(shape.key_constraint) + "]");
      }
      name = name.next();
      if (!name.present()) continue;
      if (element_lengths) {
        const auto size = static_cast<std::int64_t>(name.size());
        if (size < shape.element->min_length || size > shape.element->max_length) {
          report(
              node, shape,
              "Map value must satisfy constraint: [" + std::string(shape.value_constraint) + "]");
        }
      }
      path_.push_back({key, false});
      path_.push_back({"member", false});
      if (element_lengths) {
        elements(name, *shape.element);
      } else {
        value(name, *shape.element);
      }
      path_.pop_back();
      path_.pop_back();
    }
  }

  std::vector<Step> path_;
  std::vector<std::string> errors_;
};

// Requests are echoed in errors; deeper than this, and behind kMaxEchoBytes, an ellipsis stands in.
constexpr int kDeepestPrinted = 12;

bool is_long(const std::string& out) { return out.size() > kMaxEchoBytes; }
std::string_view clipped(json::Node node) { return node.text().substr(0, kMaxEchoBytes + 1); }

void print(std::string& out, json::Node node, const Shape& shape, int depth);

// An attribute value, as the service's own class prints itself.
void print_attribute_value(std::string& out, json::Node node, int depth) {
  if (depth > kDeepestPrinted) {
    out += "...";
    return;
  }
  out += "AttributeValue(";
  bool first = true;
  for (json::Node name = node.is_object() ? node.first() : json::Node{}; name.exists();
       name = name.next()) {
    if (is_long(out)) break;
    if (!first) out += ", ";
    first = false;
    const std::string_view type = clipped(name);
    out += type.size() == 1 ? lower_first(type) : std::string(type);
    out += '=';
    name = name.next();
    if (type == "M" && name.is_object()) {
      print(out, name, shapes::kAttributeMap, depth + 1);
    } else if (name.is_array()) {
      out += '[';
      bool first_element = true;
      for (json::Node child = name.first(); child.exists(); child = child.next()) {
        if (is_long(out)) break;
        if (!first_element) out += ", ";
        first_element = false;
        if (type == "L") {
          print_attribute_value(out, child, depth + 1);
        } else {
          out += clipped(child);
        }
      }
      out += ']';
    } else if (name.kind() == json::Kind::kTrue || name.kind() == json::Kind::kFalse) {
      out += name.kind() == json::Kind::kTrue ? "true" : "false";
    } else {
      out += clipped(name);
    }
  }
  out += ')';
}

void print(std::string& out, json::Node node, const Shape& shape, int depth) {
  if (!node.present()) {
    out += "null";
    return;
  }
  if (depth > kDeepestPrinted) {
    out += "...";
    return;
  }
  bool first = true;
  const auto comma = [&] {
    if (!first) out += ", ";
    first = false;
  };
  switch (shape.type) {
    case Shape::Type::kString:
    case Shape::Type::kDouble: out += clipped(node); return;
    case Shape::Type::kInteger:
    case Shape::Type::kLong: out += std::to_string(read_integer(node)); return;
    case Shape::Type::kBoolean:
      out += read_boolean(node).value_or(false) ? "true" : "false";
      return;
    case Shape::Type::kAttributeValue: print_attribute_value(out, node, depth); return;
    case Shape::Type::kList:
      out += '[';
      for (json::Node child = node.first(); child.exists(); child = child.next()) {
        if (is_long(out)) break;
        comma();
        print(out, child, *shape.element, depth + 1);
      }
      out += ']';
      return;
    case Shape::Type::kMap:
      out += '{';
      for (json::Node name = node.first(); name.exists(); name = name.next()) {
        if (is_long(out)) break;
        comma();
        out += clipped(name);
        out += '=';
        name = name.next();
        print(out, name, *shape.element, depth + 1);
      }
      out += '}';
      return;
    case Shape::Type::kStructure:
      out += shape.name;
      out += '(';
      for (const Member& member : shape.members) {
        const json::Node child = node.find(member.name);
        if (!child.present()) continue;
        comma();
        out += lower_first(member.name);
        out += '=';
        print(out, child, *member.shape, depth + 1);
      }
      out += ')';
      return;
  }
}

}  // namespace

void check_types(json::Node node, const Shape& shape) { check_place(node, shape, Place::kMember); }

void check_constraints(json::Node node, const Shape& shape) {
  for (const Member& member : shape.members) {
    if (member.presence == Presence::kRequired && !node.find(member.name).present()) {
      throw validation("The parameter '" + std::string(member.name) +
                       "' is required but was not present in the request");
    }
  }
  for (const Member& member : shape.members) {
    if (member.shape->table_name) Checker().table_name(node.find(member.name), member);
  }
  Checker checker;
  checker.structure(node, shape);
  checker.finish();
}

std::string java_string(json::Node node, const Shape& shape) {
  std::string out;
  print(out, node, shape, 0);
  if (is_long(out)) {
    out.resize(kMaxEchoBytes);
    out += "...";
  }
  return out;
}

namespace shapes {

using enum Shape::Type;

constexpr std::string_view kComparisonOperators =
    "IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS";

constinit const Shape kAnyString{.type = kString};
constinit const Shape kFlag{.type = kBoolean};
constinit const Shape kAnyValue{.type = kAttributeValue};
constinit const Shape kAttributeMap{.type = kMap, .element = &kAnyValue};
constinit const Shape kStringMap{.type = kMap, .element = &kAnyString};
constinit const Shape kTableName{
    .type = kString, .min_length = 1, .max_length = 255, .name_pattern = true, .table_name = true};
constinit const Shape kIndexName{
    .type = kString, .min_length = 3, .max_length = 255, .name_pattern = true};
constinit const Shape kReturnConsumedCapacity{.type = kString, .values = "INDEXES, TOTAL, NONE"};
constinit const Shape kReturnItemCollectionMetrics{.type = kString, .values = "SIZE, NONE"};
constinit const Shape kReturnValues{.type = kString,
                                    .values = "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW"};
constinit const Shape kReturnValuesOnConditionCheckFailure{.type = kString,
                                                           .values = "ALL_OLD, NONE"};
constinit const Shape kConditionalOperator{.type = kString, .values = "OR, AND"};

constinit const Shape kValueList{.type = kList, .element = &kAnyValue};
constinit const Shape kComparisonOperator{.type = kString, .values = kComparisonOperators};
constinit const Member kExpectedMembers[] = {
    {"AttributeValueList", &kValueList},
    {"ComparisonOperator", &kComparisonOperator},
    {"Exists", &kFlag},
    {"Value", &kAnyValue},
};
constinit const Shape kExpectedAttributeValue{
    .type = kStructure, .name = "ExpectedAttributeValue", .members = kExpectedMembers};
constinit const Shape kExpected{.type = kMap, .element = &kExpectedAttributeValue};

constinit const Member kConditionMembers[] = {
    {"AttributeValueList", &kValueList},
    {"ComparisonOperator", &kComparisonOperator, Presence::kNotNull},
};
constinit const Shape kCondition{
    .type = kStructure, .name = "Condition", .members = kConditionMembers};
constinit const Shape kConditions{.type = kMap, .element = &kCondition};

constinit const Shape kAttributesToGet{
    .type = kList, .element = &kAnyString, .min_length = 1, .max_length = 255};
constinit const Shape kSelect{
    .type = kString,
    .values = "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES"};

}  // namespace shapes

}  // namespace bodega::dynamodb
