// Query and Scan, which differ in how they are read (query_request.h) and answer with a page alike.
#include <array>

#include "protocol/dynamodb/items/page.h"
#include "protocol/dynamodb/items/query_request.h"
#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/capacity.h"

namespace bodega::dynamodb {

namespace {

std::string answer(const Request& request, const QueryRequest& query) {
  const Page page = read_page(request.engine, query, open_table(request, query.table_name));
  std::string out;
  out.reserve(page.items.size() + 256);
  json::Object reply(out);
  if (query.select != Select::kCount) reply.name("Items") += "[" + page.items + "]";
  reply.integer("Count", page.count);
  reply.integer("ScannedCount", page.scanned);
  if (page.last) write_item(reply.name("LastEvaluatedKey"), *page.last);
  const Report report = report_of(request.body);
  if (report != Report::kNone) page.capacity.write(reply.name("ConsumedCapacity"), report);
  reply.close();
  return out;
}

std::string query(const Request& request) {
  return answer(request, read_query_request(request.body, request.expressions));
}
std::string scan(const Request& request) {
  return answer(request, read_scan_request(request.body, request.expressions));
}

using namespace shapes;
using enum Presence;

constexpr Shape kQueryLimit{
    .type = Shape::Type::kInteger, .min_value = 1, .wording = Shape::Wording::kBare};
constexpr Shape kScanLimit{.type = Shape::Type::kInteger, .min_value = 1};
constexpr Shape kSegment{.type = Shape::Type::kInteger, .min_value = 0, .max_value = 999'999};
constexpr Shape kTotalSegments{
    .type = Shape::Type::kInteger, .min_value = 1, .max_value = 1'000'000};

constexpr Member kQueryMembers[] = {
    {"Select", &kSelect},
    {"IndexName", &kIndexName},
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"QueryFilter", &kConditions},
    {"TableName", &kTableName, kNotNull},
    {"ConditionalOperator", &kConditionalOperator},
    {"AttributesToGet", &kAttributesToGet},
    {"Limit", &kQueryLimit},
    {"KeyConditions", &kConditions},
    {"ExclusiveStartKey", &kAttributeMap},
    {"ConsistentRead", &kFlag},
    {"ScanIndexForward", &kFlag},
    {"KeyConditionExpression", &kAnyString},
    {"FilterExpression", &kAnyString},
    {"ProjectionExpression", &kAnyString},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ExpressionAttributeNames", &kStringMap},
};
constexpr Member kScanMembers[] = {
    {"Select", &kSelect},
    {"IndexName", &kIndexName},
    {"TotalSegments", &kTotalSegments},
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"TableName", &kTableName, kNotNull},
    {"ConditionalOperator", &kConditionalOperator},
    {"ScanFilter", &kConditions},
    {"Segment", &kSegment},
    {"Limit", &kScanLimit},
    {"AttributesToGet", &kAttributesToGet},
    {"ExclusiveStartKey", &kAttributeMap},
    {"ConsistentRead", &kFlag},
    {"FilterExpression", &kAnyString},
    {"ProjectionExpression", &kAnyString},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ExpressionAttributeNames", &kStringMap},
};
constexpr Shape kQueryInput{
    .type = Shape::Type::kStructure, .name = "QueryInput", .members = kQueryMembers};
constexpr Shape kScanInput{
    .type = Shape::Type::kStructure, .name = "ScanInput", .members = kScanMembers};

constexpr std::array<Operation, 2> kOperations{{
    {"Query", &kQueryInput, query},
    {"Scan", &kScanInput, scan},
}};

}  // namespace

std::span<const Operation> read_operations() { return kOperations; }

}  // namespace bodega::dynamodb
