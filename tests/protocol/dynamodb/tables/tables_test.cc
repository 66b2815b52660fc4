// CreateTable, DescribeTable, ListTables, UpdateTable, DeleteTable, tags, time to live, and the
// rest of what hangs on a table.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/tables/table_requests.h"

namespace bodega::dynamodb {

TEST_CASE("CreateTable: the reply says CREATING, the next description ACTIVE") {
  Harness h;
  Json request = table();
  request["AttributeDefinitions"] = {definition("pk"), definition("sk", "N"), definition("g", "B")};
  request["KeySchema"] = {key("pk", "HASH"), key("sk", "RANGE")};
  request["GlobalSecondaryIndexes"] = {index("glob", {key("g", "HASH")}, "KEYS_ONLY")};
  request["LocalSecondaryIndexes"] = {index("loc", {key("pk", "HASH"), key("g", "RANGE")})};
  const Answer created = h.run("CreateTable", request);
  INFO(created.text);
  REQUIRE(created.ok());
  CHECK(created["TableDescription"]["TableStatus"] == "CREATING");
  CHECK(created["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING");
  h.put("tab", {{"pk", S("a")}, {"sk", N("1")}, {"g", {{"B", "AA=="}}}});
  const Json described = h.run("DescribeTable", {{"TableName", "tab"}})["Table"];
  CHECK(described["TableStatus"] == "ACTIVE");
  CHECK(described["TableArn"] == "arn:aws:dynamodb:us-east-1:000000000000:table/tab");
  CHECK(described["AttributeDefinitions"] ==
        Json({definition("g", "B"), definition("pk"), definition("sk", "N")}));
  CHECK(described["KeySchema"] == request["KeySchema"]);
  CHECK(described["ItemCount"] == 1);
  CHECK(described["TableSizeBytes"] == 3 + 4 + 2);
  CHECK(described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST");
  CHECK(described["ProvisionedThroughput"]["ReadCapacityUnits"] == 0);
  CHECK(described["CreationDateTime"].is_number());
  CHECK(described["DeletionProtectionEnabled"] == false);
  const Json& global = described["GlobalSecondaryIndexes"][0];
  CHECK(global["IndexStatus"] == "ACTIVE");
  CHECK(global["Projection"] == Json({{"ProjectionType", "KEYS_ONLY"}}));
  CHECK(global["IndexArn"] == "arn:aws:dynamodb:us-east-1:000000000000:table/tab/index/glob");
  CHECK(global["ItemCount"] == 1);
  CHECK(described["LocalSecondaryIndexes"][0]["IndexName"] == "loc");
}

TEST_CASE("CreateTable: names and enums in the constraint layer") {
  Harness h;
  Json request = table("ab");
  CHECK(
      h.invalid("CreateTable", request) ==
      "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member "
      "must have length greater than or equal to 3");
  request.erase("TableName");
  CHECK(h.invalid("CreateTable", request) ==
        "The parameter 'TableName' is required but was not present in the request");
  request = table();
  request["KeySchema"][0]["KeyType"] = "INVALID";
  CHECK(h.invalid("CreateTable", request) ==
        "1 validation error detected: Value 'INVALID' at 'keySchema.1.member.keyType' failed to "
        "satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]");
  request["BillingMode"] = "FREE";
  CHECK(h.invalid("CreateTable", request) ==
        "2 validation errors detected: Value 'FREE' at 'billingMode' failed to satisfy constraint: "
        "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]; Value 'INVALID' at "
        "'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value "
        "set: [HASH, RANGE]");
  request = table();
  request["AttributeDefinitions"][0]["AttributeType"] = "INVALID";
  CHECK(
      h.invalid("CreateTable", request) ==
      "1 validation error detected: Value 'INVALID' at 'attributeDefinitions.1.member."
      "attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]");
  request = table();
  request["KeySchema"] = {key("pk", "HASH"), key("sk", "RANGE"), key("x", "RANGE")};
  CHECK(
      h.invalid("CreateTable", request) ==
      "1 validation error detected: Value '[KeySchemaElement(attributeName=pk, keyType=HASH), "
      "KeySchemaElement(attributeName=sk, keyType=RANGE), KeySchemaElement(attributeName=x, "
      "keyType=RANGE)]' at 'keySchema' failed to satisfy constraint: Member must have length less "
      "than or equal to 2");
  CHECK(
      h.invalid("CreateTable", {{"TableName", "x!"}, {"KeySchema", Json::array()}}) ==
      "1 validation error detected: Value 'x!' at 'tableName' failed to satisfy constraint: Member "
      "must have length greater than or equal to 3");
}

TEST_CASE("CreateTable: key schemas that make no table") {
  Harness h;
  const auto create = [&](const Json& definitions, const Json& keys) {
    Json request = table();
    request["AttributeDefinitions"] = definitions;
    request["KeySchema"] = keys;
    return h.invalid("CreateTable", request);
  };
  const std::string kInvalid = "One or more parameter values were invalid: ";
  CHECK(create(Json::array({definition("pk")}), {key("pk", "HASH"), key("pk", "RANGE")}) ==
        "Invalid KeySchema: Some index key attribute have no definition");
  CHECK(create({definition("a"), definition("b")}, {key("a", "HASH"), key("c", "RANGE")}) ==
        kInvalid +
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [a, c], "
            "AttributeDefinitions: [a, b]");
  CHECK(create({definition("a"), definition("b")}, {key("a", "HASH"), key("a", "RANGE")}) ==
        "Both the Hash Key and the Range Key element in the KeySchema have the same name");
  CHECK(create(Json::array({definition("a")}), Json::array({key("a", "RANGE")})) ==
        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  CHECK(create({definition("a"), definition("b")}, {key("a", "HASH"), key("b", "HASH")}) ==
        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  CHECK(create({definition("a"), definition("b")}, Json::array({key("a", "HASH")})) ==
        kInvalid +
            "Number of attributes in KeySchema does not exactly match number of attributes defined "
            "in "
            "AttributeDefinitions");
}

TEST_CASE("CreateTable: billing and indexes") {
  Harness h;
  const std::string kInvalid = "One or more parameter values were invalid: ";
  Json request = table();
  request["ProvisionedThroughput"] = {{"ReadCapacityUnits", 1}, {"WriteCapacityUnits", 1}};
  CHECK(h.invalid("CreateTable", request) ==
        kInvalid +
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
            "PAY_PER_REQUEST");
  request = table();
  request.erase("BillingMode");
  CHECK(h.invalid("CreateTable", request) ==
        kInvalid +
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
            "PROVISIONED");
  request = table();
  request["AttributeDefinitions"].push_back(definition("x"));
  request["LocalSecondaryIndexes"] = {index("loc", {key("pk", "HASH"), key("x", "RANGE")})};
  CHECK(h.invalid("CreateTable", request) ==
        kInvalid +
            "Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex");
  request.erase("LocalSecondaryIndexes");
  request["GlobalSecondaryIndexes"] = {index("same", {key("x", "HASH")}),
                                       index("same", {key("x", "HASH")})};
  CHECK(h.invalid("CreateTable", request) == kInvalid + "Duplicate index name: same");
  request["GlobalSecondaryIndexes"] = Json::array();
  CHECK(h.invalid("CreateTable", request) == kInvalid + "List of GlobalSecondaryIndexes is empty");
  request["GlobalSecondaryIndexes"] = {index("glob", {key("x", "HASH")})};
  request["GlobalSecondaryIndexes"][0]["Projection"] = Json::object();
  CHECK(h.invalid("CreateTable", request) == kInvalid + "Unknown ProjectionType: null");
  request["GlobalSecondaryIndexes"][0]["Projection"] = {{"ProjectionType", "ALL"},
                                                        {"NonKeyAttributes", {"z"}}};
  CHECK(h.invalid("CreateTable", request) ==
        kInvalid + "ProjectionType is ALL, but NonKeyAttributes is specified");
}

TEST_CASE("CreateTable: a table that is there already") {
  Harness h;
  CHECK(h.run("CreateTable", table()).ok());
  const Answer again = h.run("CreateTable", table());
  CHECK(again["__type"] == "com.amazonaws.dynamodb.v20120810#ResourceInUseException");
  CHECK(again.message() == "Table already exists: tab");
}

TEST_CASE("DescribeTable, DeleteTable: a table that is not there") {
  Harness h;
  for (const char* operation : {"DescribeTable", "DeleteTable"}) {
    const Answer answer = h.run(operation, {{"TableName", "none"}});
    CHECK(answer.error() == "ResourceNotFoundException");
    CHECK(answer.message() == "Requested resource not found: Table: none not found");
  }
}

TEST_CASE("DeleteTable: says DELETING and takes the items along, unless protected") {
  Harness h;
  Json request = table();
  request["DeletionProtectionEnabled"] = true;
  h.run("CreateTable", request);
  h.put("tab", pk("a"));
  CHECK(
      h.invalid("DeleteTable", {{"TableName", "tab"}}) ==
      "Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
      "protection first.");
  CHECK(h.run("UpdateTable", {{"TableName", "tab"}, {"DeletionProtectionEnabled", false}}).ok());
  const Answer deleted = h.run("DeleteTable", {{"TableName", "tab"}});
  CHECK(deleted["TableDescription"]["TableStatus"] == "DELETING");
  CHECK_FALSE(deleted["TableDescription"].contains("KeySchema"));
  CHECK(h.run("DescribeTable", {{"TableName", "tab"}}).error() == "ResourceNotFoundException");
  h.run("CreateTable", table());
  CHECK(h.get("tab", pk("a")).is_null());
}

TEST_CASE("ListTables: sorted, in pages") {
  Harness h;
  for (const char* name : {"ccc", "aaa", "bbb"}) h.create_hash_table(name);
  CHECK(h.run("ListTables", Json::object()).body == Json({{"TableNames", {"aaa", "bbb", "ccc"}}}));
  const Answer page = h.run("ListTables", {{"Limit", 2}});
  CHECK(page["TableNames"] == Json({"aaa", "bbb"}));
  CHECK(page["LastEvaluatedTableName"] == "bbb");
  CHECK(h.run("ListTables", {{"ExclusiveStartTableName", "bb0"}})["TableNames"] ==
        Json({"bbb", "ccc"}));
  CHECK(h.invalid("ListTables", {{"Limit", 101}}) ==
        "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member "
        "must "
        "have value less than or equal to 100");
}

TEST_CASE("indexes: key attributes of the wrong type stop a write") {
  Harness h;
  Json request = table();
  request["AttributeDefinitions"].push_back(definition("g"));
  request["GlobalSecondaryIndexes"] = {index("glob", {key("g", "HASH")})};
  h.run("CreateTable", request);
  CHECK(h.invalid("PutItem", {{"TableName", "tab"}, {"Item", {{"pk", S("a")}, {"g", N("1")}}}}) ==
        "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
        "Actual: "
        "N IndexName: glob");
  CHECK(
      h.invalid("PutItem", {{"TableName", "tab"}, {"Item", {{"pk", S("a")}, {"g", S("")}}}}) ==
      "One or more parameter values are not valid. A value specified for a secondary index key is "
      "not supported. The AttributeValue for a key attribute cannot contain an empty string value. "
      "IndexName: glob, IndexKey: g");
  CHECK(h.invalid("UpdateItem", {{"TableName", "tab"},
                                 {"Key", pk("a")},
                                 {"UpdateExpression", "SET g = :v"},
                                 {"ExpressionAttributeValues", {{":v", N("1")}}}}) ==
        "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
        "Actual: "
        "N IndexName: glob");
}

TEST_CASE("ConsumedCapacity: rounded up, by table and index") {
  Harness h;
  Json request = table();
  request["AttributeDefinitions"].push_back(definition("g"));
  request["GlobalSecondaryIndexes"] = {index("glob", {key("g", "HASH")})};
  h.run("CreateTable", request);
  const auto put = [&](const Json& item) {
    return h.run("PutItem", {{"TableName", "tab"},
                             {"Item", item},
                             {"ReturnConsumedCapacity", "INDEXES"}})["ConsumedCapacity"];
  };
  const Json big = {{"pk", S("a")}, {"g", S("x")}, {"v", S(std::string(1500, 'v'))}};
  CHECK(put(big) == Json({{"TableName", "tab"},
                          {"CapacityUnits", 4},
                          {"Table", {{"CapacityUnits", 2}}},
                          {"GlobalSecondaryIndexes", {{"glob", {{"CapacityUnits", 2}}}}}}));
  // Nothing changed: the index is not touched.
  CHECK(put(big) ==
        Json({{"TableName", "tab"}, {"CapacityUnits", 2}, {"Table", {{"CapacityUnits", 2}}}}));
  const auto get = [&](bool consistent) {
    return h.run("GetItem", {{"TableName", "tab"},
                             {"Key", pk("a")},
                             {"ConsistentRead", consistent},
                             {"ReturnConsumedCapacity", "TOTAL"}})["ConsumedCapacity"];
  };
  CHECK(get(true) == Json({{"TableName", "tab"}, {"CapacityUnits", 1}}));
  CHECK(get(false) == Json({{"TableName", "tab"}, {"CapacityUnits", 0.5}}));
  CHECK(h.run("Query", {{"TableName", "tab"},
                        {"IndexName", "glob"},
                        {"KeyConditionExpression", "g = :g"},
                        {"ExpressionAttributeValues", {{":g", S("x")}}},
                        {"ReturnConsumedCapacity", "INDEXES"}})["ConsumedCapacity"] ==
        Json({{"TableName", "tab"},
              {"CapacityUnits", 0.5},
              {"Table", {{"CapacityUnits", 0}}},
              {"GlobalSecondaryIndexes", {{"glob", {{"CapacityUnits", 0.5}}}}}}));
}

TEST_CASE("ItemCollectionMetrics: only with local indexes") {
  Harness h;
  Json request = table();
  request["AttributeDefinitions"] = {definition("pk"), definition("sk"), definition("x")};
  request["KeySchema"] = {key("pk", "HASH"), key("sk", "RANGE")};
  request["LocalSecondaryIndexes"] = {index("loc", {key("pk", "HASH"), key("x", "RANGE")})};
  h.run("CreateTable", request);
  h.create_hash_table("plain");
  const Answer with = h.run(
      "PutItem",
      {{"TableName", "tab"}, {"Item", pk_sk("a", "b")}, {"ReturnItemCollectionMetrics", "SIZE"}});
  CHECK(with["ItemCollectionMetrics"] ==
        Json({{"ItemCollectionKey", pk("a")}, {"SizeEstimateRangeGB", {0, 1}}}));
  CHECK(h.run("PutItem",
              {{"TableName", "plain"}, {"Item", pk("a")}, {"ReturnItemCollectionMetrics", "SIZE"}})
            .text == "{}");
}

TEST_CASE("time to live: switched on, once") {
  Harness h;
  h.create_hash_table("tab");
  const auto switch_to = [](bool on) {
    return Json{{"TableName", "tab"},
                {"TimeToLiveSpecification", {{"AttributeName", "ttl"}, {"Enabled", on}}}};
  };
  CHECK(h.run("DescribeTimeToLive", {{"TableName", "tab"}})["TimeToLiveDescription"] ==
        Json({{"TimeToLiveStatus", "DISABLED"}}));
  CHECK(h.run("UpdateTimeToLive", switch_to(true))["TimeToLiveSpecification"] ==
        Json({{"AttributeName", "ttl"}, {"Enabled", true}}));
  CHECK(h.run("DescribeTimeToLive", {{"TableName", "tab"}})["TimeToLiveDescription"] ==
        Json({{"TimeToLiveStatus", "ENABLED"}, {"AttributeName", "ttl"}}));
  CHECK(h.invalid("UpdateTimeToLive", switch_to(true)) == "TimeToLive is already enabled");
}

TEST_CASE("account: limits and endpoints") {
  Harness h;
  CHECK(h.run("DescribeLimits", Json::object())["AccountMaxReadCapacityUnits"] == 80000);
  CHECK(h.run("DescribeEndpoints", Json::object())["Endpoints"][0] ==
        Json({{"Address", "localhost:4566"}, {"CachePeriodInMinutes", 1440}}));
}

}  // namespace bodega::dynamodb
