// PutItem, GetItem, UpdateItem, DeleteItem: what is stored, what comes back, and the keys' rules.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

TEST_CASE("PutItem: GetItem gives every type back, numbers in plain notation") {
  Harness h;
  h.create_hash_table("tab");
  const Json item = {{"pk", S("a")},
                     {"s", S("h\u00e9llo \"quoted\"\n")},
                     {"n", N("1e3")},
                     {"b", {{"B", "AAEC"}}},
                     {"t", {{"BOOL", true}}},
                     {"nul", {{"NULL", true}}},
                     {"ss", {{"SS", {"b", "a"}}}},
                     {"ns", {{"NS", {"2", "1.10"}}}},
                     {"bs", {{"BS", {"AQ==", "AA=="}}}},
                     {"l", {{"L", {S("x"), N("-0")}}}},
                     {"m", {{"M", {{"k", {{"M", Json::object()}}}}}}}};
  h.put("tab", item);
  const Json got = h.get("tab", pk("a"));
  CHECK(got["s"] == item["s"]);
  CHECK(got["n"] == N("1000"));
  CHECK(got["b"] == item["b"]);
  CHECK(got["t"] == item["t"]);
  CHECK(got["nul"] == item["nul"]);
  CHECK(got["ss"]["SS"] == Json({"a", "b"}));
  CHECK(got["ns"]["NS"] == Json({"1.1", "2"}));
  CHECK(got["bs"]["BS"].size() == 2);
  CHECK(got["l"]["L"][1] == N("0"));
  CHECK(got["m"] == item["m"]);
}

TEST_CASE("GetItem: a missing item has no Item, a projection of nothing an empty one") {
  Harness h;
  h.create_hash_table("tab");
  CHECK(h.run("GetItem", {{"TableName", "tab"}, {"Key", pk("a")}}).text == "{}");
  h.put("tab", {{"pk", S("a")}, {"x", N("1")}});
  const Answer answer = h.run(
      "GetItem", {{"TableName", "tab"}, {"Key", pk("a")}, {"ProjectionExpression", "nothing"}});
  CHECK(answer.body == Json({{"Item", Json::object()}}));
}

TEST_CASE("PutItem: keys that do not fit the schema") {
  Harness h;
  h.create_range_table("tab");
  const auto put = [&](const Json& item) {
    return h.invalid("PutItem", {{"TableName", "tab"}, {"Item", item}});
  };
  CHECK(put(pk("a")) ==
        "One or more parameter values were invalid: Missing the key sk in the item");
  CHECK(
      put({{"pk", N("1")}, {"sk", S("a")}}) ==
      "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N");
  CHECK(put({{"pk", S("")}, {"sk", S("a")}}) ==
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
        "contain an empty string value. Key: pk");
  CHECK(put({{"pk", S(std::string(2049, 'x'))}, {"sk", S("a")}}) ==
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size "
        "limit of2048 bytes");
  CHECK(put({{"pk", S("a")}, {"sk", S(std::string(1025, 'x'))}}) ==
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded "
        "the size limit of 1024 bytes");
}

TEST_CASE("GetItem, UpdateItem, DeleteItem: a key of another shape does not match the schema") {
  Harness h;
  h.create_range_table("tab");
  for (const char* operation : {"GetItem", "UpdateItem", "DeleteItem"}) {
    for (const Json& key : {pk("a"), Json({{"pk", S("a")}, {"sk", N("1")}}),
                            Json({{"pk", S("a")}, {"sk", S("b")}, {"x", S("c")}}),
                            Json({{"pk", S("a")}, {"other", S("b")}})}) {
      CHECK(h.invalid(operation, {{"TableName", "tab"}, {"Key", key}}) ==
            "The provided key element does not match the schema");
    }
  }
}

TEST_CASE("items: a table that is not there") {
  Harness h;
  for (const char* operation : {"GetItem", "UpdateItem", "DeleteItem"}) {
    const Answer answer = h.run(operation, {{"TableName", "none"}, {"Key", pk("a")}});
    CHECK(answer.status == 400);
    CHECK(answer["__type"] == "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException");
    CHECK(answer["message"] == "Requested resource not found");
  }
}

TEST_CASE("PutItem: an item larger than 400 KB") {
  Harness h;
  h.create_hash_table("tab");
  const auto item = [](std::size_t size) {
    return Json{{"pk", S("a")}, {"x", S(std::string(size, 'y'))}};
  };
  CHECK(h.run("PutItem", {{"TableName", "tab"}, {"Item", item(409'600 - 4)}}).ok());
  CHECK(h.invalid("PutItem", {{"TableName", "tab"}, {"Item", item(409'600 - 3)}}) ==
        "Item size has exceeded the maximum allowed size");
  CHECK(h.invalid("UpdateItem", {{"TableName", "tab"},
                                 {"Key", pk("a")},
                                 {"UpdateExpression", "SET z = :v"},
                                 {"ExpressionAttributeValues", {{":v", S("12")}}}}) ==
        "Item size to update has exceeded the maximum allowed size");
}

TEST_CASE("PutItem: ReturnValues are ALL_OLD or NONE") {
  Harness h;
  h.create_hash_table("tab");
  const Json first = {{"pk", S("a")}, {"x", N("1")}};
  Answer answer =
      h.run("PutItem", {{"TableName", "tab"}, {"Item", first}, {"ReturnValues", "ALL_OLD"}});
  CHECK(answer.text == "{}");
  answer = h.run("PutItem", {{"TableName", "tab"}, {"Item", pk("a")}, {"ReturnValues", "ALL_OLD"}});
  CHECK(answer["Attributes"] == first);
  CHECK(h.invalid("PutItem",
                  {{"TableName", "tab"}, {"Item", first}, {"ReturnValues", "UPDATED_NEW"}}) ==
        "ReturnValues can only be ALL_OLD or NONE");
  CHECK(h.invalid("DeleteItem",
                  {{"TableName", "tab"}, {"Key", pk("a")}, {"ReturnValues", "ALL_NEW"}}) ==
        "ReturnValues can only be ALL_OLD or NONE");
}

TEST_CASE("conditions: a failed one says so, with the old item where wanted") {
  Harness h;
  h.create_hash_table("tab");
  h.put("tab", {{"pk", S("a")}, {"x", N("1")}});
  Json request = {
      {"TableName", "tab"}, {"Item", pk("a")}, {"ConditionExpression", "attribute_not_exists(pk)"}};
  Answer answer = h.run("PutItem", request);
  CHECK(answer.status == 400);
  CHECK(answer["__type"] == "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException");
  CHECK(answer["message"] == "The conditional request failed");
  CHECK_FALSE(answer.has("Item"));
  request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
  answer = h.run("PutItem", request);
  CHECK(answer["Item"] == Json({{"pk", S("a")}, {"x", N("1")}}));
  // With no item there is none to show.
  request["Item"] = pk("b");
  request["ConditionExpression"] = "attribute_exists(pk)";
  answer = h.run("PutItem", request);
  CHECK(answer.error() == "ConditionalCheckFailedException");
  CHECK_FALSE(answer.has("Item"));
}

TEST_CASE("DeleteItem: removes, and a missing item is no error") {
  Harness h;
  h.create_hash_table("tab");
  h.put("tab", pk("a"));
  const Answer answer =
      h.run("DeleteItem", {{"TableName", "tab"}, {"Key", pk("a")}, {"ReturnValues", "ALL_OLD"}});
  CHECK(answer["Attributes"] == pk("a"));
  CHECK(h.get("tab", pk("a")).is_null());
  CHECK(h.run("DeleteItem", {{"TableName", "tab"}, {"Key", pk("a")}}).text == "{}");
}

TEST_CASE("items: account and region separate tables, an ARN names one") {
  Harness h;
  h.create_hash_table("tab");
  h.put("tab", pk("a"));
  auto head = h.head("DynamoDB_20120810.GetItem");
  head.headers.set("Authorization",
                   "AWS4-HMAC-SHA256 Credential=test/20260102/eu-west-1/dynamodb/aws4_request, "
                   "SignedHeaders=host, Signature=00");
  const std::string body = Json({{"TableName", "tab"}, {"Key", pk("a")}}).dump();
  CHECK(h.send(head, body).error() == "ResourceNotFoundException");
  const std::string arn = "arn:aws:dynamodb:us-east-1:000000000000:table/tab";
  CHECK(h.run("GetItem", {{"TableName", arn}, {"Key", pk("a")}})["Item"] == pk("a"));
}

}  // namespace bodega::dynamodb
