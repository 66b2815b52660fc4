// TransactWriteItems and TransactGetItems.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

Json put_action(const Json& item, Json more = Json::object()) {
  more["TableName"] = "tab";
  more["Item"] = item;
  return {{"Put", more}};
}

}  // namespace

TEST_CASE("TransactWriteItems: all actions, seeing the state before") {
  Harness h;
  h.create_hash_table("tab");
  h.put("tab", {{"pk", S("b")}, {"n", N("1")}});
  h.put("tab", pk("c"));
  h.put("tab", pk("d"));
  const Answer answer =
      h.run("TransactWriteItems",
            {{"TransactItems",
              {put_action(pk("a"), {{"ConditionExpression", "attribute_not_exists(pk)"}}),
               {{"Update",
                 {{"TableName", "tab"},
                  {"Key", pk("b")},
                  {"UpdateExpression", "SET n = n + :v"},
                  {"ExpressionAttributeValues", {{":v", N("1")}}}}}},
               {{"Delete", {{"TableName", "tab"}, {"Key", pk("c")}}}},
               {{"ConditionCheck",
                 {{"TableName", "tab"},
                  {"Key", pk("d")},
                  {"ConditionExpression", "attribute_exists(pk)"}}}}}},
             {"ReturnConsumedCapacity", "TOTAL"}});
  INFO(answer.text);
  REQUIRE(answer.ok());
  CHECK(answer["ConsumedCapacity"] ==
        Json::array({{{"TableName", "tab"}, {"CapacityUnits", 8}, {"WriteCapacityUnits", 8}}}));
  CHECK(h.get("tab", pk("a")) == pk("a"));
  CHECK(h.get("tab", pk("b"))["n"] == N("2"));
  CHECK(h.get("tab", pk("c")).is_null());
}

TEST_CASE("TransactWriteItems: a failed condition cancels everything, with a reason for each") {
  Harness h;
  h.create_hash_table("tab");
  h.put("tab", {{"pk", S("old")}, {"x", N("1")}});
  const Answer answer =
      h.run("TransactWriteItems",
            {{"TransactItems",
              {put_action(pk("new")),
               put_action(pk("old"), {{"ConditionExpression", "attribute_not_exists(pk)"},
                                      {"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}})}}});
  CHECK(answer.status == 400);
  CHECK(answer["__type"] == "com.amazonaws.dynamodb.v20120810#TransactionCanceledException");
  CHECK(answer.message() ==
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, "
        "ConditionalCheckFailed]");
  CHECK(answer["CancellationReasons"] ==
        Json::array({{{"Code", "None"}},
                     {{"Code", "ConditionalCheckFailed"},
                      {"Message", "The conditional request failed"},
                      {"Item", {{"pk", S("old")}, {"x", N("1")}}}}}));
  CHECK(h.get("tab", pk("new")).is_null());
}

TEST_CASE("TransactWriteItems: what is wrong with an action, and what with the request") {
  Harness h;
  h.create_hash_table("tab");
  const auto write = [&](const Json& actions) {
    return h.run("TransactWriteItems", {{"TransactItems", actions}});
  };
  CHECK(write(Json::array()).message() ==
        "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1");
  CHECK(write({put_action(pk("a")), put_action(pk("a"))}).message() ==
        "Transaction request cannot include multiple operations on one item");
  Json two = put_action(pk("a"));
  two["Delete"] = {{"TableName", "tab"}, {"Key", pk("b")}};
  CHECK(write(Json::array({two})).message() ==
        "TransactItems can only contain one of Check, Put, Update or Delete");
  const Answer wrong_key = write({put_action(pk("a")), put_action({{"x", S("y")}})});
  CHECK(wrong_key["CancellationReasons"][0]["Code"] == "None");
  CHECK(wrong_key["CancellationReasons"][1] ==
        Json({{"Code", "ValidationError"},
              {"Message",
               "One or more parameter values were invalid: Missing the key pk in the item"}}));
  CHECK(write(Json::array({put_action(pk("a"), {{"ConditionExpression", "a ="}})})).error() ==
        "ValidationException");
  const Answer operand = write(
      {{{"Update", {{"TableName", "tab"}, {"Key", pk("a")}, {"UpdateExpression", "SET x = y"}}}}});
  CHECK(operand["CancellationReasons"][0]["Code"] == "ValidationError");
}

TEST_CASE("TransactWriteItems: a token makes it happen once, for ten minutes") {
  Harness h;
  h.create_hash_table("tab");
  const auto add = [&](const char* amount) {
    return h.run("TransactWriteItems",
                 {{"ClientRequestToken", "once"},
                  {"TransactItems",
                   {{{"Update",
                      {{"TableName", "tab"},
                       {"Key", pk("a")},
                       {"UpdateExpression", "ADD n :v"},
                       {"ExpressionAttributeValues", {{":v", N(amount)}}}}}}}}});
  };
  CHECK(add("1").ok());
  CHECK(add("1").ok());
  CHECK(h.get("tab", pk("a"))["n"] == N("1"));
  CHECK(add("2").error() == "IdempotentParameterMismatchException");
  h.clock.advance_ms(10 * 60 * 1000 + 1);
  CHECK(add("2").ok());
  CHECK(h.get("tab", pk("a"))["n"] == N("3"));
}

TEST_CASE("TransactGetItems: positional, with an empty response for a missing item") {
  Harness h;
  h.create_hash_table("tab");
  h.put("tab", {{"pk", S("a")}, {"x", N("1")}, {"y", N("2")}});
  const auto get = [](const Json& key, Json more = Json::object()) {
    more["TableName"] = "tab";
    more["Key"] = key;
    return Json{{"Get", more}};
  };
  Answer answer =
      h.run("TransactGetItems",
            {{"TransactItems", {get(pk("none")), get(pk("a"), {{"ProjectionExpression", "y"}})}},
             {"ReturnConsumedCapacity", "TOTAL"}});
  CHECK(answer["Responses"] == Json::array({Json::object(), {{"Item", {{"y", N("2")}}}}}));
  CHECK(answer["ConsumedCapacity"][0]["ReadCapacityUnits"] == 4);
  answer = h.run("TransactGetItems", {{"TransactItems", {get(Json::object())}}});
  CHECK(answer.message() ==
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[ValidationError]");
  CHECK(h.invalid("TransactGetItems",
                  {{"TransactItems", {get(pk("a"), {{"ProjectionExpression", "!!!"}})}}}) ==
        R"(Invalid ProjectionExpression: Syntax error; token: "!", near: "!!")");
}

}  // namespace bodega::dynamodb
