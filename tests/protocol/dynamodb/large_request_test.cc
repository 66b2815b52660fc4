// Requests of very many values: read without keeping more of them than an item can have, and still
// answered as the service answers.
#include "protocol/dynamodb/wire/attribute_value.h"
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

constexpr std::string_view kTooLarge = "Item size has exceeded the maximum allowed size";

// `{"L":[…]}` with so many empty strings, each billed with one byte.
std::string list_of(std::size_t count) {
  std::string text = "{\"L\":[";
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "{\"S\":\"\"}" : ",{\"S\":\"\"}";
  return text + "]}";
}

std::string put_of(std::string_view attributes) {
  return "{\"TableName\":\"tab\",\"Item\":{" + std::string(attributes) + "}}";
}

}  // namespace

TEST_CASE("PutItem: a list as large as an item may be is stored, one element more is refused") {
  Harness h;
  h.create_hash_table("tab");
  // pk and its value, the list's name, 3 bytes for the list.
  const std::size_t most = kMaxItemBytes - 3 - 1 - 3;
  const std::string key = "\"pk\":{\"S\":\"a\"},";
  const Answer stored = h.run_text("PutItem", put_of(key + "\"x\":" + list_of(most)));
  REQUIRE(stored.ok());
  CHECK(h.get("tab", pk("a"))["x"]["L"].size() == most);
  const Answer refused = h.run_text("PutItem", put_of(key + "\"x\":" + list_of(most + 1)));
  CHECK(refused.message() == kTooLarge);
}

TEST_CASE("PutItem: what stands behind the largest size is read all the same") {
  Harness h;
  h.create_hash_table("tab");
  const std::string large = "\"x\":" + list_of(2 * kMaxItemBytes);
  const auto message = [&](const std::string& attributes) {
    return h.run_text("PutItem", put_of(attributes)).message();
  };
  CHECK(message(large + ",\"pk\":{\"S\":\"a\"}") == kTooLarge);
  CHECK(message(large) ==
        "One or more parameter values were invalid: Missing the key pk in the item");
  CHECK(message(large + ",\"pk\":{\"S\":\"a\"},\"y\":{\"N\":\"none\"}") ==
        "The parameter cannot be converted to a numeric value: none");
  CHECK(message(large + ",\"y\":{\"L\":[{\"M\":{\"z\":{\"SS\":[]}}}]},\"pk\":{\"S\":\"a\"}") ==
        "One or more parameter values were invalid: An string set  may not be empty");
  CHECK(message(large + ",\"y\":{\"SS\":[\"a\"]},\"pk\":{\"S\":\"a\"}") == kTooLarge);
}

TEST_CASE("PutItem: of names that come twice the last value counts, and only its size") {
  Harness h;
  h.create_hash_table("tab");
  const std::string half = "\"x\":" + list_of(kMaxItemBytes / 2 - 100);
  const std::string key = "\"pk\":{\"S\":\"a\"},";
  const Answer stored =
      h.run_text("PutItem", put_of(key + half + "," + half + ",\"x\":{\"N\":\"1\"}"));
  REQUIRE(stored.ok());
  CHECK(h.get("tab", pk("a"))["x"] == N("1"));
  // With more than an item's size on the way to the last one it is not looked into any more.
  const std::string three = half + "," + half + "," + half;
  CHECK(h.run_text("PutItem", put_of(key + three)).message() == kTooLarge);
}

TEST_CASE("Conditions: a value that is larger than an item can be is refused, not cut") {
  Harness h;
  h.create_hash_table("tab");
  const auto message = [&](std::size_t count) {
    return h
        .run_text("PutItem",
                  "{\"TableName\":\"tab\",\"Item\":{\"pk\":{\"S\":\"a\"}},\"ConditionExpression\":"
                  "\"x = :v\",\"ExpressionAttributeValues\":{\":v\":" +
                      list_of(count) + "}}")
        .message();
  };
  CHECK(message(1000) == "The conditional request failed");
  CHECK(message(kMaxItemBytes + 2) ==
        "ExpressionAttributeValues contains invalid value: Supplied AttributeValue has exceeded "
        "the maximum allowed size for key :v");
}

TEST_CASE("Conditions: names and values have two megabytes together") {
  Harness h;
  h.create_hash_table("tab");
  const auto message = [&](int values) {
    Json request = {{"TableName", "tab"},
                    {"Item", pk("a")},
                    {"ConditionExpression", "#n = :v0"},
                    {"ExpressionAttributeNames", {{"#n", "n"}}}};
    for (int i = 0; i < values; ++i) {
      request["ExpressionAttributeValues"][":v" + std::to_string(i)] = S(std::string(300'000, 'x'));
    }
    return h.invalid("PutItem", request);
  };
  CHECK(message(6).starts_with("Value provided in ExpressionAttributeValues unused"));
  CHECK(message(7) ==
        "ExpressionAttributeNames and ExpressionAttributeValues have exceeded the maximum allowed "
        "size of 2097152 bytes");
}

TEST_CASE("BatchWriteItem: items of many values are written whole") {
  Harness h;
  h.create_hash_table("tab");
  const std::size_t count = 20'000;  // three JSON values each: not kept while the rest is read
  const auto item = [&](int number) {
    return "{\"Item\":{\"pk\":{\"S\":\"" + std::to_string(number) + "\"},\"x\":" + list_of(count) +
           "}";
  };
  const auto length = [&](int number) {
    const Json found = h.get("tab", pk(std::to_string(number)));
    return found.is_null() ? 0 : found["x"]["L"].size();
  };
  const Answer batch =
      h.run_text("BatchWriteItem", "{\"RequestItems\":{\"tab\":[{\"PutRequest\":" + item(1) +
                                       "}},{\"PutRequest\":" + item(2) + "}}]}}");
  CHECK(batch.body == Json({{"UnprocessedItems", Json::object()}}));
  CHECK(length(1) == count);
  CHECK(length(2) == count);
}

TEST_CASE("UpdateItem: AttributeUpdates of any order and number are one walk along the item") {
  Harness h;
  h.create_hash_table("tab");
  h.put("tab", {{"pk", S("m")},
                {"b", N("1")},
                {"d", {{"SS", {"x", "y"}}}},
                {"f", S("stays")},
                {"z", N("5")}});
  const Answer done = h.run_text("UpdateItem", R"({"TableName":"tab","Key":{"pk":{"S":"m"}},
    "AttributeUpdates":{"z":{"Action":"ADD","Value":{"N":"2"}},"a":{"Value":{"S":"new"}},
    "d":{"Action":"DELETE","Value":{"SS":["x"]}},"b":{"Action":"DELETE"},
    "c":{"Action":"DELETE","Value":{"SS":["q"]}},"q":{"Action":"ADD","Value":{"N":"3"}}}})");
  REQUIRE(done.ok());
  CHECK(h.get("tab", pk("m")) == Json({{"pk", S("m")},
                                       {"a", S("new")},
                                       {"d", {{"SS", {"y"}}}},
                                       {"f", S("stays")},
                                       {"q", N("3")},
                                       {"z", N("7")}}));
  // Each stands in front of all that came before: the worst order for an item that is kept sorted.
  std::string updates;
  for (int i = 50'000; i > 0; --i) {
    if (!updates.empty()) updates += ',';
    updates += "\"" + std::to_string(100'000 + i) + "\":{\"Value\":{\"S\":\"\"}}";
  }
  const std::string request = "{\"TableName\":\"tab\",\"Key\":{\"pk\":{\"S\":\"m\"}},";
  CHECK(h.run_text("UpdateItem", request + "\"AttributeUpdates\":{" + updates + "}}").ok());
  CHECK(h.get("tab", pk("m")).size() == 50'006);
  std::string more = updates;
  for (int i = 0; i < 50'000; ++i) {
    more += ",\"" + std::to_string(i) + "\":{\"Value\":{\"S\":\"\"}}";
  }
  CHECK(h.run_text("UpdateItem", request + "\"AttributeUpdates\":{" + more + "}}").message() ==
        "Item size to update has exceeded the maximum allowed size");
}

TEST_CASE("Errors: a long request is not repeated whole") {
  Harness h;
  const std::string message =
      h.invalid("PutItem", {{"TableName", std::string(1'000'000, 'x')}, {"Item", pk("a")}});
  CHECK(message.starts_with("1 validation error detected: Value 'xxxx"));
  CHECK(message.find("x...' at 'tableName' failed to satisfy constraint") != std::string::npos);
  CHECK(message.size() < 70'000);
}

}  // namespace bodega::dynamodb
