// The parameters from before expressions: Expected, QueryFilter, ScanFilter, KeyConditions,
// ConditionalOperator, AttributeUpdates and AttributesToGet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/table/value.h"
#include "protocol/dynamodb/expression/binding.h"
#include "protocol/dynamodb/expression/condition.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

enum class Comparison : std::uint8_t {
  kEq,
  kNe,
  kLe,
  kLt,
  kGe,
  kGt,
  kNotNull,
  kNull,
  kContains,
  kNotContains,
  kBeginsWith,
  kIn,
  kBetween,
};

std::string_view comparison_name(Comparison comparison);

struct LegacyCondition {
  std::string attribute;
  Comparison comparison = Comparison::kEq;
  std::vector<table::Value> values;
};

// Several of them, joined by the ConditionalOperator.
struct LegacyFilter {
  std::vector<LegacyCondition> conditions;
  bool any = false;  // OR; false is AND

  bool holds(const ItemAttributes& attributes) const;
};

bool holds(const LegacyCondition& condition, const table::Value* value);

// Each reads a member where it is present, and throws Error for what the service refuses.
std::optional<LegacyFilter> read_expected(json::Node request);
std::optional<LegacyFilter> read_filter(json::Node request, std::string_view member);
std::optional<std::vector<LegacyCondition>> read_key_conditions(json::Node request);

// ConditionalOperator without the filter it would join. Throws Error.
void check_conditional_operator(json::Node request, const std::optional<LegacyFilter>& filter);

struct AttributeUpdate {
  enum class Action : std::uint8_t { kPut, kAdd, kDelete };
  std::string_view attribute;
  Action action = Action::kPut;
  std::optional<table::Value> value;
};

std::optional<std::vector<AttributeUpdate>> read_attribute_updates(json::Node request);
// As apply() of an update expression: the new item. Throws Error.
table::Item apply(const std::vector<AttributeUpdate>& updates, const table::Item* previous,
                  const table::Item& key);

// AttributesToGet as paths of one step. Throws Error for a name given twice.
std::optional<std::vector<ResolvedPath>> read_attributes_to_get(json::Node request);

}  // namespace bodega::dynamodb
