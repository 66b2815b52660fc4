// UpdateTable: what may change, what with what, and how a new index is filled.
#include "tests/catch.h"
#include "tests/held_executor.h"
#include "tests/protocol/dynamodb/tables/table_requests.h"

namespace bodega::dynamodb {

namespace {

Json units(int read, int write) {
  return {{"ReadCapacityUnits", read}, {"WriteCapacityUnits", write}};
}
// UpdateTable of "tab" with these members.
Json with(Json members) {
  members["TableName"] = "tab";
  return members;
}
Json create_index(const char* name, const char* attribute, const char* type = "S") {
  return with(
      {{"AttributeDefinitions", {definition(attribute, type)}},
       {"GlobalSecondaryIndexUpdates", {{{"Create", index(name, {key(attribute, "HASH")})}}}}});
}
Json delete_index(const char* name) {
  return with({{"GlobalSecondaryIndexUpdates", {{{"Delete", {{"IndexName", name}}}}}}});
}
const std::string kInvalid = "One or more parameter values were invalid: ";

}  // namespace

TEST_CASE("UpdateTable: throughput and billing") {
  Harness h;
  Json request = table();
  request.erase("BillingMode");
  request["ProvisionedThroughput"] = {{"ReadCapacityUnits", 5}, {"WriteCapacityUnits", 5}};
  h.run("CreateTable", request);
  CHECK(h.invalid("UpdateTable", {{"TableName", "tab"}}) ==
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
        "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "
        "ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, "
        "OnDemandThroughput, WarmThroughput or TableClass is required");
  CHECK(
      h.invalid("UpdateTable",
                {{"TableName", "tab"}, {"ProvisionedThroughput", request["ProvisionedThroughput"]}})
          .starts_with("The provisioned throughput for the table will not change. The requested "
                       "value equals the current value. Current ReadCapacityUnits provisioned for "
                       "the table: 5. Requested ReadCapacityUnits: 5."));
  CHECK(h.run("UpdateTable", {{"TableName", "tab"},
                              {"ProvisionedThroughput",
                               {{"ReadCapacityUnits", 9},
                                {"WriteCapacityUnits", 3}}}})["TableDescription"]["TableStatus"] ==
        "UPDATING");
  Json described = h.run("DescribeTable", {{"TableName", "tab"}})["Table"];
  CHECK(described["ProvisionedThroughput"]["ReadCapacityUnits"] == 9);
  CHECK(described["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1);
  CHECK(h.run("UpdateTable", {{"TableName", "tab"}, {"BillingMode", "PAY_PER_REQUEST"}}).ok());
  described = h.run("DescribeTable", {{"TableName", "tab"}})["Table"];
  CHECK(described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST");
  CHECK(described["ProvisionedThroughput"]["ReadCapacityUnits"] == 0);
}

TEST_CASE("UpdateTable: a new index is filled, an old one goes away") {
  Harness h;
  h.run("CreateTable", table());
  for (int i = 0; i < 5; ++i) {
    h.put("tab", {{"pk", S(std::to_string(i))}, {"g", S("x")}});
  }
  h.put("tab", {{"pk", S("wrong")}, {"g", N("1")}});
  const Json create = {
      {"TableName", "tab"},
      {"AttributeDefinitions", {definition("g")}},
      {"GlobalSecondaryIndexUpdates", {{{"Create", index("glob", {key("g", "HASH")})}}}}};
  const Answer updated = h.run("UpdateTable", create);
  INFO(updated.text);
  REQUIRE(updated.ok());
  CHECK(updated["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING");
  const Json query = {{"TableName", "tab"},
                      {"IndexName", "glob"},
                      {"KeyConditionExpression", "g = :g"},
                      {"ExpressionAttributeValues", {{":g", S("x")}}}};
  CHECK(h.run("Query", query)["Count"] == 5);
  CHECK(h.invalid("UpdateTable", create) == "Attempting to create an index which already exists");
  const Json remove = {{"TableName", "tab"},
                       {"GlobalSecondaryIndexUpdates", {{{"Delete", {{"IndexName", "glob"}}}}}}};
  CHECK(h.run("UpdateTable", remove).ok());
  CHECK(h.run("UpdateTable", remove).error() == "ResourceNotFoundException");
  const Json described = h.run("DescribeTable", {{"TableName", "tab"}})["Table"];
  CHECK_FALSE(described.contains("GlobalSecondaryIndexes"));
  CHECK(described["AttributeDefinitions"].size() == 1);
}

TEST_CASE("UpdateTable: a new index's keys stand in the request's own definitions") {
  Harness h;
  h.run("CreateTable", table());
  Json request = create_index("glob", "g");
  request.erase("AttributeDefinitions");
  CHECK(h.invalid("UpdateTable", request) ==
        kInvalid + "AttributeDefinitions is not specified for index: glob");
  request["AttributeDefinitions"] = {definition("other")};
  CHECK(h.invalid("UpdateTable", request) ==
        kInvalid +
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [g], "
            "AttributeDefinitions: [other]");
  // The table's own definition of pk does not count.
  request = create_index("glob", "pk");
  request["AttributeDefinitions"] = {definition("g")};
  CHECK(h.invalid("UpdateTable", request).starts_with(kInvalid + "Some index key attributes"));
  CHECK_FALSE(
      h.run("DescribeTable", {{"TableName", "tab"}})["Table"].contains("GlobalSecondaryIndexes"));
}

TEST_CASE("UpdateTable: definitions are those of the keys, sorted; others are ignored") {
  Harness h;
  h.run("CreateTable", table());
  const auto names = [&] {
    Json list = Json::array();
    const Json described = h.run("DescribeTable", {{"TableName", "tab"}})["Table"];
    for (const Json& one : described["AttributeDefinitions"]) list.push_back(one["AttributeName"]);
    return list;
  };
  Json request = create_index("first", "z");
  request["AttributeDefinitions"].push_back(definition("unused", "N"));
  CHECK(h.run("UpdateTable", request).ok());
  CHECK(names() == Json({"pk", "z"}));
  CHECK(h.run("UpdateTable", create_index("second", "a")).ok());
  CHECK(names() == Json({"a", "pk", "z"}));
  CHECK(h.run("UpdateTable", delete_index("first")).ok());
  CHECK(names() == Json({"a", "pk"}));
  CHECK(h.invalid("UpdateTable", create_index("third", "a", "N")) ==
        kInvalid +
            "Attributes cannot be redefined. Please check that your attribute has the same "
            "type as previously defined. Existing schema: Schema:[SchemaElement: "
            "key{a:S:HASH}] New schema: Schema:[SchemaElement: key{a:N:HASH}]");
}

TEST_CASE("UpdateTable: one action an element, one new or deleted index a request") {
  Harness h;
  h.run("CreateTable", table());
  const auto refused = [&](Json updates) {
    return h.run("UpdateTable", with({{"AttributeDefinitions", {definition("g")}},
                                      {"GlobalSecondaryIndexUpdates", std::move(updates)}}));
  };
  const Json create = index("one", {key("g", "HASH")});
  CHECK(refused({Json::object()}).message() ==
        kInvalid +
            "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
            "GlobalSecondaryIndexUpdate.Delete must not be null");
  CHECK(refused({{{"Create", create}, {"Delete", {{"IndexName", "two"}}}}}).message() ==
        kInvalid +
            "Only one global secondary index action is allowed per "
            "GlobalSecondaryIndexUpdate object");
  CHECK(refused({{{"Create", create}}, {{"Delete", {{"IndexName", "two"}}}}}).error() ==
        "LimitExceededException");
  CHECK(h.invalid("UpdateTable", with({{"GlobalSecondaryIndexUpdates", Json::array()},
                                       {"DeletionProtectionEnabled", true}})) ==
        kInvalid + "List of GlobalSecondaryIndexUpdates is empty");
  CHECK(h.run("UpdateTable", delete_index("nix")).error() == "ResourceNotFoundException");
}

TEST_CASE("UpdateTable: one concern a request") {
  Harness h;
  h.run("CreateTable", table());
  const Json flag = true;
  const auto message = [&](Json members) { return h.invalid("UpdateTable", with(members)); };
  CHECK(message({{"SSESpecification", {{"Enabled", true}}}, {"DeletionProtectionEnabled", flag}}) ==
        kInvalid + "Server-Side Encryption modification must be the only operation in the request");
  CHECK(message({{"TableClass", "STANDARD"}, {"BillingMode", "PAY_PER_REQUEST"}}) ==
        kInvalid + "TableClass modification must be the only operation in the request");
  CHECK(message({{"DeletionProtectionEnabled", flag}, {"BillingMode", "PAY_PER_REQUEST"}}) ==
        kInvalid + "DeletionProtection modification must be the only operation in the request");
  Json create = create_index("glob", "g");
  create["StreamSpecification"] = {{"StreamEnabled", true}, {"StreamViewType", "KEYS_ONLY"}};
  CHECK(h.invalid("UpdateTable", create) ==
        kInvalid + "You cannot create or delete index while changing stream status");
  create.erase("StreamSpecification");
  create["ProvisionedThroughput"] = units(1, 1);
  CHECK(h.invalid("UpdateTable", create) ==
        kInvalid + "You cannot create or delete index while updating table IOPS");
  CHECK(h.run("UpdateTable", with({{"DeletionProtectionEnabled", flag}})).ok());
}

TEST_CASE("UpdateTable: streams on and off") {
  Harness h;
  h.run("CreateTable", table());
  const auto stream = [&](Json specification) {
    return h.run("UpdateTable", with({{"StreamSpecification", std::move(specification)}}));
  };
  CHECK(stream({{"StreamEnabled", false}}).message() ==
        "Table has no stream to disable: TableName: tab");
  CHECK(stream({{"StreamEnabled", true}}).message() ==
        kInvalid + "If stream is being enabled then UpdateViewType is required");
  CHECK(stream({{"StreamEnabled", false}, {"StreamViewType", "KEYS_ONLY"}}).message() ==
        kInvalid + "If stream is being disabled, then UpdateViewType must not be specified");
  const Json on = {{"StreamEnabled", true}, {"StreamViewType", "KEYS_ONLY"}};
  CHECK(stream(on).ok());
  CHECK(stream(on).message() == "Table already has an enabled stream: TableName: tab");
  CHECK(stream({{"StreamEnabled", false}}).ok());
}

TEST_CASE("UpdateTable: capacity of indexes follows the table's billing") {
  Harness h;
  Json request = table();
  request["AttributeDefinitions"] = {definition("pk"), definition("g")};
  request["GlobalSecondaryIndexes"] = {index("glob", {key("g", "HASH")})};
  h.run("CreateTable", request);
  const Json update = {
      {{"Update", {{"IndexName", "glob"}, {"ProvisionedThroughput", units(2, 2)}}}}};
  CHECK(h.invalid("UpdateTable", with({{"GlobalSecondaryIndexUpdates", update}})) ==
        kInvalid +
            "The only Updates for index: glob when TableThroughputMode is PAY_PER_REQUEST "
            "can be to OnDemandThroughput, WarmThroughput");
  Json change = with({{"BillingMode", "PROVISIONED"}});
  CHECK(h.invalid("UpdateTable", change) ==
        kInvalid + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  change["ProvisionedThroughput"] = units(5, 5);
  CHECK(h.invalid("UpdateTable", change) ==
        kInvalid + "ProvisionedThroughput must be specified for index: glob");
  change["GlobalSecondaryIndexUpdates"] = update;
  CHECK(h.run("UpdateTable", change).ok());
  CHECK(h.invalid("UpdateTable", with({{"GlobalSecondaryIndexUpdates", update}}))
            .starts_with("The provisioned throughput for the index glob will not change. The "
                         "requested value equals the current value."));
}

TEST_CASE("UpdateTable: a large table's new index fills in the background") {
  Harness h;
  tests::HeldExecutor queue;
  h.selector.reset();
  h.engine.reset();
  h.engine = std::make_unique<table::Engine>(*h.store, h.clock, &queue);
  h.selector = std::make_unique<base::SingleSelector<table::Engine>>(*h.engine, h.clock);
  h.service = std::make_unique<Service>(*h.selector, aws::Front{h.authenticator});
  h.run("CreateTable", table());
  const auto opened = h.engine->open_table("000000000000", "us-east-1", "tab");
  for (int i = 0; i < 12'500; ++i) {
    const table::Item item = table::Item::from_unsorted(
        {{"pk", table::Value::of_string(std::to_string(i))}, {"g", table::Value::of_string("x")}});
    REQUIRE(h.engine
                ->modify(*opened, table::item_key(**opened, item),
                         [&](const table::Previous&) { return table::Decision::put(item); })
                .has_value());
  }
  CHECK(h.run("UpdateTable", create_index("glob", "g")).ok());

  const auto shown = [&] {
    return h.run("DescribeTable", {{"TableName", "tab"}})["Table"]["GlobalSecondaryIndexes"][0];
  };
  CHECK(shown()["IndexStatus"] == "CREATING");
  CHECK(shown()["Backfilling"] == true);
  const Json query = {{"TableName", "tab"},
                      {"IndexName", "glob"},
                      {"Select", "COUNT"},
                      {"KeyConditionExpression", "g = :g"},
                      {"ExpressionAttributeValues", {{":g", S("x")}}}};
  CHECK(h.invalid("Query", query) == "Cannot read from backfilling global secondary index: glob");
  CHECK(h.run("UpdateTable", create_index("other", "g")).error() == "LimitExceededException");
  CHECK(h.run("DeleteTable", {{"TableName", "tab"}}).message() ==
        "Attempt to change a resource which is still in use: Cannot delete table while indexes "
        "are being created, updated, or deleted.");
  // Writes go on meanwhile, on either side of what is filled.
  h.put("tab", {{"pk", S("new")}, {"g", S("x")}});

  int tasks = 0;
  for (; queue.held() > 0; ++tasks) queue.run_one();
  CHECK(tasks == 3);
  CHECK(shown()["IndexStatus"] == "ACTIVE");
  CHECK_FALSE(shown().contains("Backfilling"));
  CHECK(h.run("Query", query)["Count"] == 12'501);
}

}  // namespace bodega::dynamodb
