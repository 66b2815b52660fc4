#include "protocol/dynamodb/items/write_request.h"

#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/error.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

namespace {

using Kind = WriteRequest::Kind;

void check_parameters(Kind kind, WriteSource source, json::Node node) {
  if (source == WriteSource::kAction) {
    check_exclusive(node, {"UpdateExpression", "ConditionExpression"}, {});
  } else if (kind == Kind::kUpdate) {
    check_exclusive(node, {"UpdateExpression", "ConditionExpression"},
                    {"AttributeUpdates", "Expected"});
  } else {
    check_exclusive(node, {"ConditionExpression"}, {"Expected"});
  }
}

// The input shape has seen that it is one of these.
ReturnValues read_return_values(json::Node node) {
  const std::string_view text = string_or(node, "ReturnValues", "NONE");
  if (text == "ALL_OLD") return ReturnValues::kAllOld;
  if (text == "UPDATED_OLD") return ReturnValues::kUpdatedOld;
  if (text == "ALL_NEW") return ReturnValues::kAllNew;
  if (text == "UPDATED_NEW") return ReturnValues::kUpdatedNew;
  return ReturnValues::kNone;
}

void read_legacy(WriteRequest& write, json::Node node) {
  if (write.kind == Kind::kUpdate) write.attribute_updates = read_attribute_updates(node);
  write.expected = read_expected(node);
  check_conditional_operator(node, write.expected);
}

void read_expressions(WriteRequest& write, json::Node node, ExpressionCache& cache) {
  if (!has_member(node, "UpdateExpression") && !has_member(node, "ConditionExpression") &&
      !has_member(node, "ExpressionAttributeNames") &&
      !has_member(node, "ExpressionAttributeValues")) {
    return;
  }
  write.placeholders = std::make_unique<const Placeholders>(Placeholders::read(node));
  ExpressionParameters expressions(node, cache, *write.placeholders);
  if (write.kind == Kind::kUpdate) write.update = expressions.update("UpdateExpression");
  write.condition = expressions.condition("ConditionExpression");
  expressions.finish();
}

}  // namespace

WriteRequest read_write_request(Kind kind, WriteSource source, json::Node node,
                                ExpressionCache& cache) {
  WriteRequest write;
  write.kind = kind;
  write.table_name = string_or(node, "TableName", "");
  check_parameters(kind, source, node);
  write.item = read_item_or_throw(node.find(kind == Kind::kPut ? "Item" : "Key"));
  if (source == WriteSource::kRequest) write.return_values = read_return_values(node);
  if (kind != Kind::kUpdate && write.return_values != ReturnValues::kNone &&
      write.return_values != ReturnValues::kAllOld) {
    throw validation("ReturnValues can only be ALL_OLD or NONE");
  }
  write.wants_item_on_failure =
      string_or(node, "ReturnValuesOnConditionCheckFailure", "NONE") == "ALL_OLD";
  if (source == WriteSource::kRequest) read_legacy(write, node);
  read_expressions(write, node, cache);
  return write;
}

}  // namespace bodega::dynamodb
