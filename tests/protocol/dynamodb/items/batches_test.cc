// BatchGetItem and BatchWriteItem.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

Json put_request(const Json& item) { return {{"PutRequest", {{"Item", item}}}}; }
Json delete_request(const Json& key) { return {{"DeleteRequest", {{"Key", key}}}}; }

}  // namespace

TEST_CASE("BatchWriteItem: puts and deletes in several tables") {
  Harness h;
  h.create_hash_table("tab");
  h.create_range_table("ranges");
  h.put("tab", pk("old"));
  const Answer answer =
      h.run("BatchWriteItem",
            {{"RequestItems",
              {{"tab", {put_request({{"pk", S("new")}, {"x", N("1")}}), delete_request(pk("old"))}},
               {"ranges", {put_request(pk_sk("a", "b"))}}}}});
  CHECK(answer.body == Json({{"UnprocessedItems", Json::object()}}));
  CHECK(h.get("tab", pk("old")).is_null());
  CHECK(h.get("tab", pk("new"))["x"] == N("1"));
  CHECK(h.get("ranges", pk_sk("a", "b")) == pk_sk("a", "b"));
}

TEST_CASE("BatchWriteItem: what is wrong anywhere stops everything") {
  Harness h;
  h.create_hash_table("tab");
  const auto write = [&](const Json& requests) {
    return h.invalid("BatchWriteItem", {{"RequestItems", {{"tab", requests}}}});
  };
  CHECK(write({put_request(pk("a")), delete_request(pk("a"))}) ==
        "Provided list of item keys contains duplicates");
  CHECK(write({put_request(pk("a")), put_request({{"x", S("a")}})}) ==
        "One or more parameter values were invalid: Missing the key pk in the item");
  CHECK(write({put_request(pk("a")), delete_request({{"x", S("a")}})}) ==
        "The provided key element does not match the schema");
  CHECK(write({put_request(pk("a")), Json::object()}) ==
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  CHECK(write(Json::array({put_request({{"pk", S("a")}, {"x", S(std::string(500'000, 'x'))}})})) ==
        "Item size has exceeded the maximum allowed size");
  CHECK(h.get("tab", pk("a")).is_null());
  CHECK(h.invalid("BatchWriteItem", {{"RequestItems", Json::object()}}) ==
        "The requestItems parameter is required for BatchWriteItem");
  CHECK(h.run("BatchWriteItem", {{"RequestItems", {{"none", {put_request(pk("a"))}}}}}).error() ==
        "ResourceNotFoundException");
}

TEST_CASE("BatchWriteItem: at most 25 requests, echoed as the service prints them") {
  Harness h;
  h.create_hash_table("tab");
  Json requests = Json::array();
  for (int i = 0; i < 26; ++i) requests.push_back(put_request(pk(std::to_string(i))));
  const std::string message = h.invalid("BatchWriteItem", {{"RequestItems", {{"tab", requests}}}});
  CHECK(message.starts_with(
      "1 validation error detected: Value '{tab=[WriteRequest(putRequest=PutRequest(item={pk="
      "AttributeValue(s=0)})), "));
  CHECK(message.ends_with(
      "]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "
      "[Member "
      "must have length less than or equal to 25, Member must have length greater than or equal to "
      "1]"));
}

TEST_CASE("BatchWriteItem: numbers that are equal are one key") {
  Harness h;
  h.create_hash_table("num", "N");
  CHECK(h.invalid(
            "BatchWriteItem",
            {{"RequestItems",
              {{"num", {put_request({{"pk", N("1000")}}), put_request({{"pk", N("1e3")}})}}}}}) ==
        "Provided list of item keys contains duplicates");
}

TEST_CASE("BatchGetItem: items of several tables, missing ones left out") {
  Harness h;
  h.create_hash_table("tab");
  h.create_range_table("ranges");
  h.put("tab", {{"pk", S("a")}, {"x", N("1")}, {"y", N("2")}});
  h.put("ranges", pk_sk("a", "b"));
  const Answer answer = h.run(
      "BatchGetItem", {{"RequestItems",
                        {{"tab",
                          {{"Keys", {pk("a"), pk("none")}},
                           {"ProjectionExpression", "#y"},
                           {"ExpressionAttributeNames", {{"#y", "y"}}}}},
                         {"ranges", {{"Keys", {pk_sk("a", "none")}}, {"ConsistentRead", true}}}}},
                       {"ReturnConsumedCapacity", "TOTAL"}});
  CHECK(answer["Responses"]["tab"] == Json::array({{{"y", N("2")}}}));
  CHECK(answer["Responses"]["ranges"] == Json::array());
  CHECK(answer["UnprocessedKeys"] == Json::object());
  CHECK(answer["ConsumedCapacity"] == Json::array({{{"TableName", "ranges"}, {"CapacityUnits", 1}},
                                                   {{"TableName", "tab"}, {"CapacityUnits", 1}}}));
}

TEST_CASE("BatchGetItem: refusals") {
  Harness h;
  h.create_hash_table("tab");
  CHECK(h.invalid("BatchGetItem", {{"RequestItems", Json::object()}}) ==
        "The requestItems parameter is required for BatchGetItem");
  CHECK(h.invalid("BatchGetItem", {{"RequestItems", {{"tab", {{"Keys", {pk("a"), pk("a")}}}}}}}) ==
        "Provided list of item keys contains duplicates");
  Json keys = Json::array();
  for (int i = 0; i < 101; ++i) keys.push_back(pk(std::to_string(i)));
  CHECK(h.invalid("BatchGetItem", {{"RequestItems", {{"tab", {{"Keys", keys}}}}}}) ==
        "1 validation error detected: Value at 'RequestItems.tab.member.Keys' failed to satisfy "
        "constraint: Member must have length less than or equal to 100");
  CHECK(h.run("BatchGetItem", {{"RequestItems", {{"none", {{"Keys", {pk("a")}}}}}}}).message() ==
        "Requested resource not found");
}

TEST_CASE("BatchGetItem: more than 16 MB come in two replies") {
  Harness h;
  h.create_hash_table("tab");
  Json keys = Json::array();
  for (int i = 0; i < 50; ++i) {
    keys.push_back(pk(std::to_string(i)));
    h.put("tab", {{"pk", S(std::to_string(i))}, {"x", S(std::string(390'000, 'x'))}});
  }
  Json request = {
      {"RequestItems",
       {{"tab", {{"Keys", keys}, {"ConsistentRead", true}, {"AttributesToGet", {"pk"}}}}}}};
  Answer answer = h.run("BatchGetItem", request);
  const std::size_t first = answer["Responses"]["tab"].size();
  CHECK(first == 43);
  const Json rest = answer["UnprocessedKeys"]["tab"];
  CHECK(rest["Keys"].size() == 50 - first);
  CHECK(rest["ConsistentRead"] == true);
  CHECK(rest["AttributesToGet"] == Json({"pk"}));
  request["RequestItems"] = answer["UnprocessedKeys"];
  answer = h.run("BatchGetItem", request);
  CHECK(answer["Responses"]["tab"].size() == 50 - first);
  CHECK(answer["UnprocessedKeys"] == Json::object());
}

}  // namespace bodega::dynamodb
