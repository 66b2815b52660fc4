// PutItem, GetItem, UpdateItem, DeleteItem.
#include <array>

#include "protocol/dynamodb/items/key.h"
#include "protocol/dynamodb/items/read.h"
#include "protocol/dynamodb/items/write.h"
#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/capacity.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

std::string get_item(const Request& request) {
  ItemRead read(request.body, request);
  read.find_table(request);
  const table::ItemKey key = read.fit_to_table();
  const auto stored = request.engine.get(read.table(), key);
  std::string out;
  json::Object reply(out);
  const Report report = report_of(request.body);
  if (report != Report::kNone) {
    ConsumedCapacity capacity{std::string(read.given_table_name())};
    capacity.add_table(read_units(stored ? stored->size_bytes() : 0, read.consistency()));
    capacity.write(reply.name("ConsumedCapacity"), report);
  }
  if (stored) read.write(reply.name("Item"), stored->view());
  reply.close();
  return out;
}

std::string write_item(const Request& request, ItemWrite::Kind kind) {
  ItemWrite write(kind, ItemWrite::Source::kRequest, request.body, request);
  write.find_table(request);
  write.fit_to_table();
  std::string old_item;
  const auto modified =
      request.engine.modify(write.table(), write.key(), [&](const table::Previous& previous) {
        table::Decision decision = write.decide(previous);
        if (write.wants_item_on_failure() && previous.exists()) {
          old_item = "\"Item\":";
          dynamodb::write_item(old_item, previous.view());
        }
        return decision;
      });
  if (!modified) {
    if (modified.error() == table::Outcome::kRefused) {
      throw Error{Code::kConditionalCheckFailedException, "The conditional request failed",
                  std::move(old_item)};
    }
    throw table_not_found();
  }
  std::string out;
  json::Object reply(out);
  if (const auto attributes = write.returned(*modified)) {
    dynamodb::write_item(reply.name("Attributes"), *attributes);
  }
  const Report report = report_of(request.body);
  if (report != Report::kNone) {
    ConsumedCapacity capacity{std::string(write.given_table_name())};
    capacity.add_write(*modified);
    capacity.write(reply.name("ConsumedCapacity"), report);
  }
  if (wants_collection_metrics(request.body, *write.table())) {
    write_collection_metrics(reply.name("ItemCollectionMetrics"), *write.table(), write.item());
  }
  reply.close();
  return out;
}

std::string put_item(const Request& request) { return write_item(request, ItemWrite::Kind::kPut); }
std::string update_item(const Request& request) {
  return write_item(request, ItemWrite::Kind::kUpdate);
}
std::string delete_item(const Request& request) {
  return write_item(request, ItemWrite::Kind::kDelete);
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
