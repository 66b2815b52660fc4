#include "protocol/dynamodb/items/query_request.h"

#include <string>

#include "protocol/dynamodb/expression/key_condition.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/error.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

namespace {

table::Item read_start(json::Node start) {
  try {
    return read_item(start);
  } catch (const ValueFault& fault) {
    // The service puts its prefix before some of these only.
    const bool bare = fault.message.find("umber") != std::string::npos ||
                      fault.message.find("numeric") != std::string::npos ||
                      fault.message.find("contains duplicates") != std::string::npos;
    throw validation(bare ? fault.message
                          : "The provided starting key is invalid: " + fault.message);
  }
}

// What Query and Scan have in common and the service reads before the expressions: filters,
// AttributesToGet and the starting key.
void read_legacy(QueryRequest& query, json::Node node, std::string_view filter_parameter) {
  query.table_name = string_or(node, "TableName", "");
  query.index_name = string_member(node, "IndexName");
  query.limit = integer_member(node, "Limit");
  if (flag_member(node, "ConsistentRead")) query.consistency = Consistency::kStrong;
  query.legacy_filter = read_filter(node, filter_parameter);
  check_conditional_operator(node, query.legacy_filter);
  query.wanted.set(read_attributes_to_get(node));
  const json::Node start = node.find("ExclusiveStartKey");
  if (start.present()) query.start = read_start(start);
}

void read_expressions(QueryRequest& query, ExpressionParameters& expressions) {
  query.filter = expressions.condition("FilterExpression");
  query.wanted.set(expressions.projection("ProjectionExpression"));
  expressions.finish();
}

// Select, with the rules of it that need no table.
Select read_select(const QueryRequest& query, json::Node node) {
  const auto text = string_member(node, "Select");
  if (!text) return Select::kDefault;
  const bool some = !query.wanted.everything();
  if (*text == "SPECIFIC_ATTRIBUTES") {
    if (some) return Select::kSpecific;
    throw invalid_parameter(
        "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
        "SPECIFIC_ATTRIBUTES");
  }
  if (some) {
    const bool legacy = has_member(node, "AttributesToGet");
    throw invalid_parameter(
        std::string("Cannot specify the ") + (legacy ? "AttributesToGet" : "ProjectionExpression") +
        " when choosing to get " + (*text == "COUNT" ? "only the Count" : std::string(*text)));
  }
  if (*text == "COUNT") return Select::kCount;
  if (*text != "ALL_PROJECTED_ATTRIBUTES") return Select::kAllAttributes;
  if (query.index_name) return Select::kAllProjected;
  throw invalid_parameter(
      "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
}

Segment read_segment(json::Node node) {
  const auto segment = integer_member(node, "Segment");
  const auto total = integer_member(node, "TotalSegments");
  if (segment && !total) {
    throw validation(
        "The TotalSegments parameter is required but was not present in the request when Segment "
        "parameter is present");
  }
  if (!total) return {};
  if (!segment) {
    throw validation(
        "The Segment parameter is required but was not present in the request when parameter "
        "TotalSegments is present");
  }
  if (*segment >= *total) {
    throw validation(
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        "Segment: " +
        std::to_string(*segment) + " is not less than TotalSegments: " + std::to_string(*total));
  }
  return {static_cast<std::uint32_t>(*segment), static_cast<std::uint32_t>(*total)};
}

}  // namespace

QueryRequest read_query_request(json::Node node, ExpressionCache& cache) {
  check_exclusive(node, {"ProjectionExpression", "FilterExpression", "KeyConditionExpression"},
                  {"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"});
  QueryRequest query;
  read_legacy(query, node, "QueryFilter");
  if (!has_member(node, "KeyConditions") && !has_member(node, "KeyConditionExpression")) {
    throw validation(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request.");
  }
  query.placeholders = std::make_unique<const Placeholders>(Placeholders::read(node));
  ExpressionParameters expressions(node, cache, *query.placeholders);
  const auto key_expression = expressions.condition("KeyConditionExpression");
  read_expressions(query, expressions);
  query.key_conditions =
      key_expression ? key_conditions(*key_expression) : *read_key_conditions(node);
  query.select = read_select(query, node);
  const json::Node forward = node.find("ScanIndexForward");
  if (forward.present() && !read_boolean(forward).value_or(true)) {
    query.direction = table::Direction::kBackward;
  }
  return query;
}

QueryRequest read_scan_request(json::Node node, ExpressionCache& cache) {
  check_exclusive(node, {"ProjectionExpression", "FilterExpression"},
                  {"AttributesToGet", "ScanFilter", "ConditionalOperator"});
  QueryRequest scan;
  read_legacy(scan, node, "ScanFilter");
  scan.segment = read_segment(node);
  scan.placeholders = std::make_unique<const Placeholders>(Placeholders::read(node));
  ExpressionParameters expressions(node, cache, *scan.placeholders);
  read_expressions(scan, expressions);
  scan.select = read_select(scan, node);
  return scan;
}

}  // namespace bodega::dynamodb
