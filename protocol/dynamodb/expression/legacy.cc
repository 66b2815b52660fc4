#include "protocol/dynamodb/expression/legacy.h"

#include <algorithm>
#include <array>

#include "protocol/dynamodb/expression/update.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/error.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

namespace {

using table::Type;
using table::Value;

// How many values an operator takes, and of which types.
struct ComparisonRow {
  Comparison comparison;
  std::string_view name;
  std::size_t min_values;
  std::size_t max_values;
  bool numbers;   // takes N beside S and B
  bool any_type;  // takes everything
};

constexpr std::size_t kMany = 1000;

constexpr std::array<ComparisonRow, 13> kComparisons{{
    {Comparison::kEq, "EQ", 1, 1, true, true},
    {Comparison::kNe, "NE", 1, 1, true, true},
    {Comparison::kLe, "LE", 1, 1, true, false},
    {Comparison::kLt, "LT", 1, 1, true, false},
    {Comparison::kGe, "GE", 1, 1, true, false},
    {Comparison::kGt, "GT", 1, 1, true, false},
    {Comparison::kNotNull, "NOT_NULL", 0, 0, false, false},
    {Comparison::kNull, "NULL", 0, 0, false, false},
    {Comparison::kContains, "CONTAINS", 1, 1, true, false},
    {Comparison::kNotContains, "NOT_CONTAINS", 1, 1, true, false},
    {Comparison::kBeginsWith, "BEGINS_WITH", 1, 1, false, false},
    {Comparison::kIn, "IN", 1, kMany, true, false},
    {Comparison::kBetween, "BETWEEN", 2, 2, true, false},
}};

const ComparisonRow& row_of(Comparison comparison) {
  return kComparisons[static_cast<std::size_t>(comparison)];
}

const ComparisonRow& row_of(std::string_view name) {
  const auto found = std::find_if(kComparisons.begin(), kComparisons.end(),
                                  [name](const ComparisonRow& row) { return row.name == name; });
  // The constraint table has let only these names through.
  return found != kComparisons.end() ? *found : kComparisons.front();
}

bool takes(const ComparisonRow& row, Type type) {
  if (row.any_type) return true;
  if (type == Type::kString || type == Type::kBinary) return true;
  return type == Type::kNumber && row.numbers;
}

// The rules that Condition and ExpectedAttributeValue share.
void check_values(const LegacyCondition& condition) {
  const ComparisonRow& row = row_of(condition.comparison);
  const auto& values = condition.values;
  if (values.size() < row.min_values || values.size() > row.max_values) {
    throw invalid_parameter("Invalid number of argument(s) for the " + std::string(row.name) +
                            " ComparisonOperator");
  }
  for (const Value& value : values) {
    if (value.type() != values.front().type()) {
      throw invalid_parameter("AttributeValues inside AttributeValueList must be of same type");
    }
  }
  for (const Value& value : values) {
    if (!takes(row, value.type())) {
      throw invalid_parameter("ComparisonOperator " + std::string(row.name) + " is not valid for " +
                              std::string(table::type_name(value.type())) + " AttributeValue type");
    }
  }
  if (condition.comparison == Comparison::kBetween) {
    const auto order = table::compare(values[0], values[1]);
    if (order && *order > 0) {
      throw validation(
          "The BETWEEN condition was provided a range where the lower bound is greater than the "
          "upper bound");
    }
  }
}

// The service names no limit of its own for these; an expression may have 300 operators.
constexpr std::size_t kMaxConditions = 100'000;

void check_count(json::Node conditions, std::string_view what) {
  if (conditions.size() <= kMaxConditions) return;
  throw invalid_parameter(std::string(what) + " may have 100000 elements at most");
}

std::vector<Value> read_values(json::Node list) {
  std::vector<Value> values;
  if (!list.present()) return values;
  check_count(list, "AttributeValueList");
  values.reserve(list.size());
  for (json::Node child = list.first(); child.exists(); child = child.next()) {
    if (child.present()) values.push_back(read_value_or_throw(child));
  }
  return values;
}

std::string for_attribute(std::string_view attribute) {
  return " for Attribute: " + std::string(attribute);
}

LegacyCondition read_expectation(std::string_view attribute, json::Node node) {
  const json::Node value = node.find("Value");
  const json::Node list = node.find("AttributeValueList");
  const json::Node exists = node.find("Exists");
  const auto comparison = string_member(node, "ComparisonOperator");
  if (list.present() && value.present()) {
    throw invalid_parameter("Value and AttributeValueList cannot be used together" +
                            for_attribute(attribute));
  }
  LegacyCondition condition;
  condition.attribute = attribute;
  if (comparison) {
    if (exists.present()) {
      throw invalid_parameter("Exists and ComparisonOperator cannot be used together" +
                              for_attribute(attribute));
    }
    condition.comparison = row_of(*comparison).comparison;
    if (row_of(*comparison).min_values > 0 && !list.present() && !value.present()) {
      throw invalid_parameter("Value or AttributeValueList must be used with ComparisonOperator: " +
                              std::string(*comparison) + for_attribute(attribute));
    }
    condition.values = read_values(list);
    if (value.present()) condition.values.push_back(read_value_or_throw(value));
    check_values(condition);
    return condition;
  }
  if (list.present()) {
    throw invalid_parameter("AttributeValueList can only be used with a ComparisonOperator" +
                            for_attribute(attribute));
  }
  const bool wanted = !exists.present() || read_boolean(exists).value_or(true);
  if (wanted && !value.present()) {
    throw invalid_parameter("Value must be provided when Exists is " +
                            std::string(exists.present() ? "true" : "null") +
                            for_attribute(attribute));
  }
  if (!wanted && value.present()) {
    throw invalid_parameter("Value cannot be used when Exists is false" + for_attribute(attribute));
  }
  if (!wanted) {
    condition.comparison = Comparison::kNull;
  } else {
    condition.values.push_back(read_value_or_throw(value));
  }
  return condition;
}

std::vector<LegacyCondition> read_conditions(json::Node map, std::string_view member) {
  check_count(map, member);
  std::vector<LegacyCondition> conditions;
  conditions.reserve(map.size());
  for (json::Node name = map.first(); name.exists();) {
    const json::Node node = name.next();
    if (node.present()) {
      LegacyCondition condition;
      condition.attribute = name.text();
      condition.comparison = row_of(string_or(node, "ComparisonOperator", "EQ")).comparison;
      condition.values = read_values(node.find("AttributeValueList"));
      check_values(condition);
      conditions.push_back(std::move(condition));
    }
    name = node.next();
  }
  return conditions;
}

bool joined_by_or(json::Node request) {
  return string_or(request, "ConditionalOperator", "AND") == "OR";
}

[[noreturn]] void type_mismatch() { throw validation("Type mismatch for attribute to update"); }

// What an attribute becomes; nothing: it is not there.
void add(std::optional<Value>& value, const Value& more) {
  if (!value) {
    value = more;
    return;
  }
  if (value->type() != more.type()) type_mismatch();
  if (value->is(Type::kNumber)) {
    value = add_numbers(*value, more);
  } else if (value->is(Type::kList)) {
    const auto& elements = more.as_list();
    value->as_list().insert(value->as_list().end(), elements.begin(), elements.end());
  } else {
    value->add_elements(more);
  }
}

void remove(std::optional<Value>& value, const std::optional<Value>& elements) {
  if (value && elements) {
    if (value->type() != elements->type()) type_mismatch();
    value->remove_elements(*elements);
    if (value->element_count() > 0) return;
  }
  value.reset();
}

void change(std::optional<Value>& value, const AttributeUpdate& update) {
  switch (update.action) {
    case AttributeUpdate::Action::kPut: value = *update.value; break;
    case AttributeUpdate::Action::kAdd: add(value, *update.value); break;
    case AttributeUpdate::Action::kDelete: remove(value, update.value); break;
  }
}

}  // namespace

std::string_view comparison_name(Comparison comparison) { return row_of(comparison).name; }

bool holds(const LegacyCondition& condition, const Value* value) {
  const auto& values = condition.values;
  if (condition.comparison == Comparison::kNull) return value == nullptr;
  if (condition.comparison == Comparison::kNotNull) return value != nullptr;
  if (value == nullptr) return condition.comparison == Comparison::kNe;
  const auto ordered = [&](const Value& other) { return table::compare(*value, other); };
  const auto order = ordered(values.front());
  switch (condition.comparison) {
    case Comparison::kEq: return *value == values.front();
    case Comparison::kNe: return !(*value == values.front());
    case Comparison::kLe: return order && *order <= 0;
    case Comparison::kLt: return order && *order < 0;
    case Comparison::kGe: return order && *order >= 0;
    case Comparison::kGt: return order && *order > 0;
    case Comparison::kContains: return contains(*value, values.front());
    case Comparison::kNotContains: return !contains(*value, values.front());
    case Comparison::kBeginsWith: return begins_with(*value, values.front());
    case Comparison::kIn: return std::find(values.begin(), values.end(), *value) != values.end();
    case Comparison::kBetween: {
      const auto upper = ordered(values.back());
      return order && upper && *order >= 0 && *upper <= 0;
    }
    case Comparison::kNull:
    case Comparison::kNotNull: break;
  }
  return false;
}

bool LegacyFilter::holds(const ItemAttributes& attributes) const {
  for (const LegacyCondition& condition : conditions) {
    const bool fits = dynamodb::holds(condition, attributes.find(condition.attribute));
    if (fits == any) return any;
  }
  return !any || conditions.empty();
}

std::optional<LegacyFilter> read_expected(json::Node request) {
  const json::Node expected = request.find("Expected");
  if (!expected.present()) return std::nullopt;
  LegacyFilter filter;
  filter.any = joined_by_or(request);
  check_count(expected, "Expected");
  filter.conditions.reserve(expected.size());
  for (json::Node name = expected.first(); name.exists();) {
    const json::Node node = name.next();
    if (node.present()) filter.conditions.push_back(read_expectation(name.text(), node));
    name = node.next();
  }
  return filter;
}

std::optional<LegacyFilter> read_filter(json::Node request, std::string_view member) {
  const json::Node map = request.find(member);
  if (!map.present()) return std::nullopt;
  return LegacyFilter{read_conditions(map, member), joined_by_or(request)};
}

std::optional<std::vector<LegacyCondition>> read_key_conditions(json::Node request) {
  const json::Node map = request.find("KeyConditions");
  if (!map.present()) return std::nullopt;
  return read_conditions(map, "KeyConditions");
}

void check_conditional_operator(json::Node request, const std::optional<LegacyFilter>& filter) {
  if (!has_member(request, "ConditionalOperator")) return;
  if (!filter || filter->conditions.empty()) {
    throw invalid_parameter("ConditionalOperator cannot be used without Filter or Expected");
  }
  if (filter->conditions.size() == 1) {
    throw invalid_parameter(
        "ConditionalOperator can only be used when Filter or Expected has two or more elements");
  }
}

std::optional<std::vector<AttributeUpdate>> read_attribute_updates(json::Node request) {
  const json::Node map = request.find("AttributeUpdates");
  if (!map.present()) return std::nullopt;
  std::vector<AttributeUpdate> updates;
  updates.reserve(map.size());
  std::size_t put_bytes = 0;  // of the attributes that will be there
  for (json::Node name = map.first(); name.exists();) {
    const json::Node node = name.next();
    if (node.present()) {
      AttributeUpdate update;
      update.attribute = name.text();
      const std::string_view action = string_or(node, "Action", "PUT");
      if (action == "ADD") update.action = AttributeUpdate::Action::kAdd;
      if (action == "DELETE") update.action = AttributeUpdate::Action::kDelete;
      try {
        check_attribute_name(update.attribute);
      } catch (ValueFault& fault) {
        throw validation(std::move(fault.message));
      }
      if (const json::Node value = node.find("Value"); value.present()) {
        update.value = read_value_or_throw(value);
      }
      const bool is_delete = update.action == AttributeUpdate::Action::kDelete;
      if (!update.value && !is_delete) {
        throw invalid_parameter(
            "Only DELETE action is allowed when no attribute value is specified");
      }
      if (update.value) {
        const Type type = update.value->type();
        if (is_delete && !update.value->is_set()) {
          throw invalid_parameter("DELETE action with value is not supported for the type " +
                                  std::string(table::type_name(type)));
        }
        if (update.action == AttributeUpdate::Action::kAdd && !update.value->is_set() &&
            type != Type::kNumber && type != Type::kList) {
          throw invalid_parameter("ADD action is not supported for the type " +
                                  std::string(table::type_name(type)));
        }
      }
      if (!is_delete) {
        // What a number becomes when it is added to may be shorter than what is added.
        const bool sum =
            update.action == AttributeUpdate::Action::kAdd && update.value->is(Type::kNumber);
        put_bytes += update.attribute.size() + (sum ? 1 : table::size_bytes(*update.value));
      }
      // More than an item can hold: what follows is looked at and forgotten.
      if (put_bytes <= kMaxItemBytes) updates.push_back(std::move(update));
    }
    name = node.next();
  }
  if (put_bytes > kMaxItemBytes) {
    throw validation("Item size to update has exceeded the maximum allowed size");
  }
  return updates;
}

table::Item apply(const std::vector<AttributeUpdate>& updates, const table::Item* previous,
                  const table::Item& key) {
  // In the order of names, which an item has already: one walk along both, however many they are.
  std::vector<const AttributeUpdate*> sorted;
  sorted.reserve(updates.size());
  for (const AttributeUpdate& update : updates) sorted.push_back(&update);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->attribute < b->attribute; });
  table::Item item;
  std::size_t size_bytes = 0;
  const auto append = [&](std::string_view name, Value value) {
    // Behind the limit nothing more is kept: the caller refuses what is there already.
    if (size_bytes > kMaxItemBytes) return;
    size_bytes += name.size() + table::size_bytes(value);
    item.append(std::string(name), std::move(value));
  };
  const table::Item& before = previous != nullptr ? *previous : key;
  auto old = before.begin();
  auto next = sorted.begin();
  while (old != before.end() || next != sorted.end()) {
    if (next == sorted.end() || (old != before.end() && old->name < (*next)->attribute)) {
      append(old->name, old->value);
      ++old;
      continue;
    }
    const std::string_view name = (*next)->attribute;
    std::optional<Value> value;
    if (old != before.end() && old->name == name) {
      value = old->value;
      ++old;
    }
    for (; next != sorted.end() && (*next)->attribute == name; ++next) change(value, **next);
    if (value) append(name, *std::move(value));
  }
  return item;
}

std::optional<std::vector<ResolvedPath>> read_attributes_to_get(json::Node request) {
  const json::Node list = request.find("AttributesToGet");
  if (!list.present()) return std::nullopt;
  std::vector<ResolvedPath> paths;
  for (json::Node child = list.first(); child.exists(); child = child.next()) {
    if (!child.present()) continue;
    const std::string_view name = child.text();
    try {
      check_attribute_name(name);
    } catch (ValueFault& fault) {
      throw validation(std::move(fault.message));
    }
    for (const ResolvedPath& path : paths) {
      if (path.front().name == name) {
        throw invalid_parameter("Duplicate value in attribute name: " + std::string(name));
      }
    }
    paths.push_back({ResolvedStep{false, 0, name}});
  }
  return paths;
}

}  // namespace bodega::dynamodb
