// What a Query or Scan asks for, as a plain value. One reader for each makes it of JSON; what
// carries it out is in page.h.
//
// Views point into what the request was read from, which outlives it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engines/table/engine.h"
#include "protocol/dynamodb/expression/legacy.h"
#include "protocol/dynamodb/expression/parameters.h"
#include "protocol/dynamodb/items/read_request.h"
#include "protocol/dynamodb/wire/capacity.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

// kDefault: all attributes of the table, or those that are projected into the index, or what is
// wanted.
enum class Select : std::uint8_t { kDefault, kAllAttributes, kAllProjected, kSpecific, kCount };

// Of a parallel scan.
struct Segment {
  std::uint32_t number = 0;
  std::uint32_t total = 1;
};

struct QueryRequest {
  std::string_view table_name;  // as given: may be an ARN
  std::optional<std::string_view> index_name;

  // Of a query: what it asks of the keys, and in which order. Nothing: a scan.
  std::optional<std::vector<LegacyCondition>> key_conditions;
  table::Direction direction = table::Direction::kForward;
  Segment segment;  // of a scan

  std::optional<BoundCondition> filter;
  std::optional<LegacyFilter> legacy_filter;  // instead of the filter
  Wanted wanted;
  Select select = Select::kDefault;
  Consistency consistency = Consistency::kEventual;
  std::optional<std::int64_t> limit;  // items that are read, whether they pass the filter or not
  std::optional<table::Item> start;   // ExclusiveStartKey
  // What the filter is bound to; none where its tree has no references.
  std::unique_ptr<const Placeholders> placeholders;

  bool is_scan() const { return !key_conditions.has_value(); }
};

// Each reads the parameters in `node` and checks all that can be checked before the table is known.
// Throws Error.
QueryRequest read_query_request(json::Node node, ExpressionCache& cache);
QueryRequest read_scan_request(json::Node node, ExpressionCache& cache);

}  // namespace bodega::dynamodb
