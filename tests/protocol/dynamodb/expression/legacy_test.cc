// Expected and ConditionalOperator: the conditions from before expressions.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

class Expectations : public Harness {
 public:
  Expectations() {
    create_hash_table("tab");
    put("tab", {{"pk", S("a")}, {"n", N("5")}, {"s", S("hello")}, {"ss", {{"SS", {"x", "y"}}}}});
  }

  // "yes", "no", or the message of a ValidationException.
  std::string check(const Json& expected, const char* joined = nullptr) {
    Json request = {{"TableName", "tab"}, {"Key", pk("a")}, {"Expected", expected}};
    if (joined != nullptr) request["ConditionalOperator"] = joined;
    const Answer answer = run("UpdateItem", request);
    if (answer.ok()) return "yes";
    return answer.error() == "ConditionalCheckFailedException" ? "no" : answer.message();
  }
};

Json compare(const char* op, Json values) {
  return {{"ComparisonOperator", op}, {"AttributeValueList", std::move(values)}};
}

}  // namespace

TEST_CASE("Expected: Value and Exists") {
  Expectations e;
  CHECK(e.check({{"n", {{"Value", N("5.0")}}}}) == "yes");
  CHECK(e.check({{"n", {{"Value", N("6")}}}}) == "no");
  CHECK(e.check({{"none", {{"Exists", false}}}}) == "yes");
  CHECK(e.check({{"n", {{"Exists", false}}}}) == "no");
  CHECK(e.check(Json::object()) == "yes");
}

TEST_CASE("Expected: comparison operators") {
  Expectations e;
  CHECK(e.check({{"n", compare("EQ", {N("5")})}}) == "yes");
  CHECK(e.check({{"n", compare("NE", {N("5")})}}) == "no");
  CHECK(e.check({{"none", compare("NE", {N("5")})}}) == "yes");
  CHECK(e.check({{"n", compare("LT", {N("5")})}}) == "no");
  CHECK(e.check({{"n", compare("LE", {N("5")})}}) == "yes");
  CHECK(e.check({{"n", compare("GT", {S("1")})}}) == "no");
  CHECK(e.check({{"n", compare("BETWEEN", {N("1"), N("5")})}}) == "yes");
  CHECK(e.check({{"n", compare("IN", {N("1"), N("5")})}}) == "yes");
  CHECK(e.check({{"s", compare("BEGINS_WITH", {S("he")})}}) == "yes");
  CHECK(e.check({{"ss", compare("CONTAINS", {S("x")})}}) == "yes");
  CHECK(e.check({{"ss", compare("NOT_CONTAINS", {S("x")})}}) == "no");
  CHECK(e.check({{"none", {{"ComparisonOperator", "NULL"}}}}) == "yes");
  CHECK(e.check({{"none", {{"ComparisonOperator", "NOT_NULL"}}}}) == "no");
}

TEST_CASE("Expected: joined by ConditionalOperator") {
  Expectations e;
  const Json both = {{"n", {{"Value", N("5")}}}, {"s", {{"Value", S("other")}}}};
  CHECK(e.check(both) == "no");
  CHECK(e.check(both, "AND") == "no");
  CHECK(e.check(both, "OR") == "yes");
}

TEST_CASE("Expected: what cannot be said") {
  Expectations e;
  const std::string kInvalid = "One or more parameter values were invalid: ";
  CHECK(e.check({{"n", {{"Value", N("1")}, {"AttributeValueList", {N("1")}}}}}) ==
        kInvalid + "Value and AttributeValueList cannot be used together for Attribute: n");
  CHECK(e.check({{"n", {{"Exists", true}, {"ComparisonOperator", "EQ"}, {"Value", N("1")}}}}) ==
        kInvalid + "Exists and ComparisonOperator cannot be used together for Attribute: n");
  CHECK(
      e.check({{"n", {{"ComparisonOperator", "EQ"}}}}) ==
      kInvalid +
          "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: n");
  CHECK(e.check({{"n", {{"AttributeValueList", {N("1")}}}}}) ==
        kInvalid +
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: n");
  CHECK(e.check({{"n", Json::object()}}) ==
        kInvalid + "Value must be provided when Exists is null for Attribute: n");
  CHECK(e.check({{"n", {{"Exists", true}}}}) ==
        kInvalid + "Value must be provided when Exists is true for Attribute: n");
  CHECK(e.check({{"n", {{"Exists", false}, {"Value", N("1")}}}}) ==
        kInvalid + "Value cannot be used when Exists is false for Attribute: n");
  CHECK(e.check({{"n", compare("BETWEEN", {N("1")})}}) ==
        kInvalid + "Invalid number of argument(s) for the BETWEEN ComparisonOperator");
  CHECK(e.check({{"n", compare("IN", {N("1"), S("1")})}}) ==
        kInvalid + "AttributeValues inside AttributeValueList must be of same type");
  CHECK(
      e.check({{"n", compare("BETWEEN", {N("2"), N("1")})}}) ==
      "The BETWEEN condition was provided a range where the lower bound is greater than the upper "
      "bound");
  CHECK(e.check({{"n", compare("LT", {{{"BOOL", true}}})}}) ==
        kInvalid + "ComparisonOperator LT is not valid for BOOL AttributeValue type");
}

}  // namespace bodega::dynamodb
