// PutItem, GetItem, UpdateItem, DeleteItem.
#include <array>
#include <utility>

#include "protocol/dynamodb/items/read_request.h"
#include "protocol/dynamodb/items/write.h"
#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/capacity.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

std::string get_item(const Request& request) {
  const ReadRequest read = read_read_request(request.body, request.expressions);
  const table::OpenTable table = open_table(request, read.table_name);
  const table::ItemKey key = fitting_key(*table, read.key, read.wanted);
  const auto stored = request.engine.get(table, key);
  std::string out;
  json::Object reply(out);
  const Report report = report_of(request.body);
  if (report != Report::kNone) {
    ConsumedCapacity capacity{std::string(read.table_name)};
    capacity.add_table(read_units(stored ? stored->size_bytes() : 0, read.consistency));
    capacity.write(reply.name("ConsumedCapacity"), report);
  }
  if (stored) read.wanted.write(reply.name("Item"), stored->view());
  reply.close();
  return out;
}

std::string write_item(const Request& request, WriteRequest::Kind kind) {
  WriteRequest read =
      read_write_request(kind, WriteSource::kRequest, request.body, request.expressions);
  table::OpenTable table = open_table(request, read.table_name);
  const ItemWrite write(std::move(read), std::move(table));
  const table::Modified modified = carry_out(request.engine, write);
  std::string out;
  json::Object reply(out);
  if (const auto attributes = write.returned(modified)) {
    dynamodb::write_item(reply.name("Attributes"), *attributes);
  }
  const Report report = report_of(request.body);
  if (report != Report::kNone) {
    ConsumedCapacity capacity{std::string(write.request().table_name)};
    capacity.add_write(modified);
    capacity.write(reply.name("ConsumedCapacity"), report);
  }
  if (wants_collection_metrics(request.body, *write.table())) {
    write_collection_metrics(reply.name("ItemCollectionMetrics"), *write.table(),
                             write.request().item);
  }
  reply.close();
  return out;
}

std::string put_item(const Request& request) {
  return write_item(request, WriteRequest::Kind::kPut);
}
std::string update_item(const Request& request) {
  return write_item(request, WriteRequest::Kind::kUpdate);
}
std::string delete_item(const Request& request) {
  return write_item(request, WriteRequest::Kind::kDelete);
}

using namespace shapes;
using enum Presence;

constexpr Member kGetMembers[] = {
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"AttributesToGet", &kAttributesToGet},
    {"TableName", &kTableName, kNotNull},
    {"Key", &kAttributeMap, kNotNull},
    {"ConsistentRead", &kFlag},
    {"ProjectionExpression", &kAnyString},
    {"ExpressionAttributeNames", &kStringMap},
};
constexpr Member kPutMembers[] = {
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"TableName", &kTableName, kNotNull},
    {"Item", &kAttributeMap, kNotNull},
    {"ConditionalOperator", &kConditionalOperator},
    {"Expected", &kExpected},
    {"ReturnValues", &kReturnValues},
    {"ReturnItemCollectionMetrics", &kReturnItemCollectionMetrics},
    {"ReturnValuesOnConditionCheckFailure", &kReturnValuesOnConditionCheckFailure},
    {"ConditionExpression", &kAnyString},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ExpressionAttributeNames", &kStringMap},
};
constexpr Member kDeleteMembers[] = {
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"TableName", &kTableName, kNotNull},
    {"ReturnValues", &kReturnValues},
    {"ReturnItemCollectionMetrics", &kReturnItemCollectionMetrics},
    {"ReturnValuesOnConditionCheckFailure", &kReturnValuesOnConditionCheckFailure},
    {"Key", &kAttributeMap, kNotNull},
    {"ConditionalOperator", &kConditionalOperator},
    {"Expected", &kExpected},
    {"ConditionExpression", &kAnyString},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ExpressionAttributeNames", &kStringMap},
};
constexpr Shape kAction{.type = Shape::Type::kString, .values = "ADD, DELETE, PUT"};
constexpr Member kAttributeUpdateMembers[] = {
    {"Action", &kAction},
    {"Value", &kAnyValue},
};
constexpr Shape kAttributeValueUpdate{.type = Shape::Type::kStructure,
                                      .name = "AttributeValueUpdate",
                                      .members = kAttributeUpdateMembers};
constexpr Shape kAttributeUpdates{.type = Shape::Type::kMap, .element = &kAttributeValueUpdate};
constexpr Member kUpdateMembers[] = {
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"TableName", &kTableName, kNotNull},
    {"ReturnItemCollectionMetrics", &kReturnItemCollectionMetrics},
    {"ReturnValues", &kReturnValues},
    {"ReturnValuesOnConditionCheckFailure", &kReturnValuesOnConditionCheckFailure},
    {"Key", &kAttributeMap, kNotNull},
    {"ConditionalOperator", &kConditionalOperator},
    {"Expected", &kExpected},
    {"AttributeUpdates", &kAttributeUpdates},
    {"ConditionExpression", &kAnyString},
    {"UpdateExpression", &kAnyString},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ExpressionAttributeNames", &kStringMap},
};

constexpr Shape kGetInput{
    .type = Shape::Type::kStructure, .name = "GetItemInput", .members = kGetMembers};
constexpr Shape kPutInput{
    .type = Shape::Type::kStructure, .name = "PutItemInput", .members = kPutMembers};
constexpr Shape kDeleteInput{
    .type = Shape::Type::kStructure, .name = "DeleteItemInput", .members = kDeleteMembers};
constexpr Shape kUpdateInput{
    .type = Shape::Type::kStructure, .name = "UpdateItemInput", .members = kUpdateMembers};

constexpr std::array<Operation, 4> kOperations{{
    {"GetItem", &kGetInput, get_item},
    {"PutItem", &kPutInput, put_item},
    {"UpdateItem", &kUpdateInput, update_item},
    {"DeleteItem", &kDeleteInput, delete_item},
}};

}  // namespace

std::span<const Operation> item_operations() { return kOperations; }

}  // namespace bodega::dynamodb
