#include "protocol/dynamodb/wire/shapes.h"

#include <string>

#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

constexpr std::string_view kPackage = "com.amazonaws.dynamodb.v20120810.";
// A document deeper than this is refused anyway, when its values are read.
constexpr int kDeepestChecked = 40;

[[noreturn]] void bad_type(std::string message) { throw aws::TypeFault{std::move(message)}; }

void check_at_depth(json::Node node, aws::Place place, int depth);

void check_attribute_map(json::Node node, int depth) {
  if (!node.present()) return;
  if (node.is_array()) {
    bad_type("Unrecognized collection type java.util.Map<java.lang.String, " +
             std::string(kPackage) + "AttributeValue>");
  }
  if (!node.is_object()) bad_type("Unexpected field type");
  for (json::Node name = node.first(); name.exists(); name = name.next()) {
    name = name.next();
    check_at_depth(name, aws::Place::kElement, depth);
  }
}

void check_elements(json::Node node, int depth) {
  if (!node.present()) return;
  if (node.is_object()) bad_type("Start of structure or map found where not expected");
  if (!node.is_array()) bad_type("Unexpected field type");
  for (json::Node child = node.first(); child.exists(); child = child.next()) {
    check_at_depth(child, aws::Place::kElement, depth);
  }
}

void check_at_depth(json::Node node, aws::Place place, int depth) {
  if (!node.present() || depth > kDeepestChecked) return;
  if (node.is_array()) {
    bad_type("Unrecognized collection type class " + std::string(kPackage) + "AttributeValue");
  }
  if (!node.is_object()) {
    bad_type(place == aws::Place::kElement ? "Unexpected value type in payload"
                                           : "Unexpected field type");
  }
  for (json::Node name = node.first(); name.exists(); name = name.next()) {
    const std::string_view type = name.text();
    name = name.next();
    if (type == "S" || type == "N") {
      aws::check_string(name);
    } else if (type == "B") {
      aws::check_blob(name);
    } else if (type == "BOOL" || type == "NULL") {
      aws::check_boolean(name);
    } else if (type == "SS" || type == "NS") {
      aws::check_list(name, aws::check_string);
    } else if (type == "BS") {
      aws::check_list(name, aws::check_blob);
    } else if (type == "L") {
      check_elements(name, depth + 1);
    } else if (type == "M") {
      check_attribute_map(name, depth + 1);
    }
  }
}

void check_attribute_value(json::Node node, aws::Place place) { check_at_depth(node, place, 0); }

// An attribute value, as the service's own class prints itself.
void print_attribute_value(std::string& out, json::Node node, int depth) {
  if (depth > aws::kDeepestPrinted) {
    out += "...";
    return;
  }
  out += "AttributeValue(";
  bool first = true;
  for (json::Node name = node.is_object() ? node.first() : json::Node{}; name.exists();
       name = name.next()) {
    if (aws::is_long(out)) break;
    if (!first) out += ", ";
    first = false;
    const std::string_view type = aws::clipped(name);
    out += type.size() == 1 ? aws::lower_first(type) : std::string(type);
    out += '=';
    name = name.next();
    if (type == "M" && name.is_object()) {
      aws::append_java_string(out, name, shapes::kAttributeMap, depth + 1);
    } else if (name.is_array()) {
      out += '[';
      bool first_element = true;
      for (json::Node child = name.first(); child.exists(); child = child.next()) {
        if (aws::is_long(out)) break;
        if (!first_element) out += ", ";
        first_element = false;
        if (type == "L") {
          print_attribute_value(out, child, depth + 1);
        } else {
          out += aws::clipped(child);
        }
      }
      out += ']';
    } else if (name.kind() == json::Kind::kTrue || name.kind() == json::Kind::kFalse) {
      out += name.kind() == json::Kind::kTrue ? "true" : "false";
    } else {
      out += aws::clipped(name);
    }
  }
  out += ')';
}

constinit const aws::Custom kAttributeValue{
    .java_name = "AttributeValue", .check = check_attribute_value, .print = print_attribute_value};

}  // namespace

constinit const aws::Model kModel{
    .package = kPackage,
    .type_error = &kErrorRows[static_cast<std::size_t>(Code::kSerializationException)],
    .constraint_error = &kErrorRows[static_cast<std::size_t>(Code::kValidationException)]};

constinit const aws::Pattern kNamePattern{"[a-zA-Z0-9_.-]+", fits_name_pattern};

bool fits_name_pattern(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == '-';
    if (!fits) return false;
  }
  return true;
}

bool is_arn(std::string_view text) { return text.starts_with("arn:"); }

bool is_table_key(std::string_view key) {
  return is_arn(key) || (fits_name_pattern(key) && key.size() <= 255);
}

namespace shapes {

using enum Shape::Type;

constexpr std::string_view kComparisonOperators =
    "IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS";

constinit const Shape kAnyString{.type = kString};
constinit const Shape kFlag{.type = kBoolean};
constinit const Shape kAnyValue{.type = kCustom, .custom = &kAttributeValue};
constinit const Shape kAttributeMap{.type = kMap, .element = &kAnyValue};
constinit const Shape kStringMap{.type = kMap, .element = &kAnyString};
constinit const Shape kTableName{.type = kString,
                                 .min_length = 1,
                                 .max_length = 255,
                                 .pattern = &kNamePattern,
                                 .exempt = is_arn,
                                 .checked_first = true};
constinit const Shape kIndexName{
    .type = kString, .min_length = 3, .max_length = 255, .pattern = &kNamePattern};
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
