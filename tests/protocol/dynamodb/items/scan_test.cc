// Scan: everything once, in pages and segments, with filters of both kinds.
#include <set>

#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

class Table : public Harness {
 public:
  Table() {
    create_hash_table("tab");
    for (int i = 0; i < 50; ++i) {
      put("tab", {{"pk", S("k" + std::to_string(i))}, {"n", N(std::to_string(i))}});
    }
  }
};

// All pages of a Scan: the partition keys in the order they came.
std::vector<std::string> all(Harness& h, Json request) {
  std::vector<std::string> keys;
  for (;;) {
    const Answer answer = h.run("Scan", request);
    INFO(answer.text);
    REQUIRE(answer.ok());
    for (const Json& item : answer["Items"]) keys.push_back(item["pk"]["S"]);
    if (!answer.has("LastEvaluatedKey")) return keys;
    request["ExclusiveStartKey"] = answer["LastEvaluatedKey"];
  }
}

}  // namespace

TEST_CASE("Scan: pages cover everything once, in a stable order") {
  Table t;
  const auto whole = all(t, {{"TableName", "tab"}});
  CHECK(std::set<std::string>(whole.begin(), whole.end()).size() == 50);
  CHECK(all(t, {{"TableName", "tab"}, {"Limit", 7}}) == whole);
}

TEST_CASE("Scan: segments are disjoint and complete") {
  Table t;
  std::vector<std::string> joined;
  for (int segment = 0; segment < 4; ++segment) {
    for (const auto& key :
         all(t, {{"TableName", "tab"}, {"Segment", segment}, {"TotalSegments", 4}, {"Limit", 5}})) {
      joined.push_back(key);
    }
  }
  CHECK(joined == all(t, {{"TableName", "tab"}}));
}

TEST_CASE("Scan: segment parameters") {
  Table t;
  CHECK(t.invalid("Scan", {{"TableName", "tab"}, {"Segment", 0}}) ==
        "The TotalSegments parameter is required but was not present in the request when Segment "
        "parameter is present");
  CHECK(t.invalid("Scan", {{"TableName", "tab"}, {"TotalSegments", 4}}) ==
        "The Segment parameter is required but was not present in the request when parameter "
        "TotalSegments is present");
  CHECK(
      t.invalid("Scan", {{"TableName", "tab"}, {"Segment", 5}, {"TotalSegments", 5}}) ==
      "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: "
      "5 is not less than TotalSegments: 5");
  CHECK(
      t.invalid("Scan", {{"TableName", "tab"}, {"Limit", 0}}) ==
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must "
      "have value greater than or equal to 1");
  CHECK(t.invalid("Scan", {{"TableName", "tab"},
                           {"Segment", 0},
                           {"TotalSegments", 2},
                           {"ExclusiveStartKey", {{"other", S("k")}}}}) ==
        "The provided starting key is invalid: The provided key element does not match the schema");
}

TEST_CASE("Scan: a starting key of another segment") {
  Table t;
  int refused = 0;
  for (int segment = 0; segment < 2; ++segment) {
    const Answer answer = t.run("Scan", {{"TableName", "tab"},
                                         {"Segment", segment},
                                         {"TotalSegments", 2},
                                         {"ExclusiveStartKey", pk("k1")}});
    if (answer.ok()) continue;
    ++refused;
    CHECK(answer.message() ==
          "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
          "ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: " +
              std::to_string(segment));
  }
  CHECK(refused == 1);
}

TEST_CASE("Scan: ScanFilter and ConditionalOperator") {
  Table t;
  const auto condition = [](const char* op, Json values) {
    return Json{{"ComparisonOperator", op}, {"AttributeValueList", std::move(values)}};
  };
  Json request = {
      {"TableName", "tab"},
      {"Select", "COUNT"},
      {"ScanFilter", {{"n", condition("LT", {N("10")})}, {"pk", condition("EQ", {S("k5")})}}}};
  CHECK(t.run("Scan", request)["Count"] == 1);
  request["ConditionalOperator"] = "OR";
  CHECK(t.run("Scan", request)["Count"] == 10);
  request["ScanFilter"].erase("pk");
  CHECK(
      t.invalid("Scan", request) ==
      "One or more parameter values were invalid: ConditionalOperator can only be used when Filter "
      "or Expected has two or more elements");
  request.erase("ScanFilter");
  CHECK(t.invalid("Scan", request) ==
        "One or more parameter values were invalid: ConditionalOperator cannot be used without "
        "Filter or Expected");
  CHECK(t.invalid("Scan", {{"TableName", "tab"}, {"AttributesToGet", {"a", "a"}}}) ==
        "One or more parameter values were invalid: Duplicate value in attribute name: a");
}

TEST_CASE("Scan: a page ends when a megabyte was read") {
  Harness h;
  h.create_hash_table("tab");
  for (int i = 0; i < 5; ++i) {
    h.put("tab", {{"pk", S(std::to_string(i))}, {"x", S(std::string(300'000, 'x'))}});
  }
  const Answer answer = h.run("Scan", {{"TableName", "tab"}, {"Select", "COUNT"}});
  CHECK(answer["Count"] == 4);
  CHECK(answer.has("LastEvaluatedKey"));
}

}  // namespace bodega::dynamodb
