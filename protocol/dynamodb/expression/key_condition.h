// What a Query asks of the keys, from a KeyConditionExpression or from KeyConditions, made into
// what the engine walks.
#pragma once

#include <vector>

#include "engines/table/engine.h"
#include "protocol/dynamodb/expression/legacy.h"
#include "protocol/dynamodb/expression/parameters.h"

namespace bodega::dynamodb {

// The comparisons of a key condition expression: AND of comparisons of one attribute with values
// each. They do not need the condition any longer. Throws Error for whatever else it contains.
std::vector<LegacyCondition> key_conditions(const BoundCondition& condition);

// One partition, and what of it.
struct KeyCondition {
  std::vector<table::Value> partition;
  table::SortRange range;
};

// Fits the conditions to a key schema. Throws Error.
KeyCondition fit_key_conditions(const std::vector<LegacyCondition>& conditions,
                                const table::KeySchema& keys);

// Checks an ExclusiveStartKey against the conditions it is meant to go on with. Throws Error.
void check_start_in_range(const std::vector<LegacyCondition>& conditions,
                          const table::KeySchema& keys, const table::Item& start);

}  // namespace bodega::dynamodb
