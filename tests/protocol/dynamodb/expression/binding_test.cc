// Expressions with their names and values: what is undefined, unused, of the wrong type, or in each
// other's way. The texts are the service's.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

// Runs expressions against an UpdateItem on a table without the item.
class Sender {
 public:
  Sender() { h_.create_hash_table("tab"); }

  std::string update(const std::string& text, Json values = nullptr, Json names = nullptr) {
    return run("UpdateExpression", text, std::move(values), std::move(names));
  }
  std::string condition(const std::string& text, Json values = nullptr, Json names = nullptr) {
    return run("ConditionExpression", text, std::move(values), std::move(names));
  }

 private:
  std::string run(const char* member, const std::string& text, Json values, Json names) {
    Json request = {{"TableName", "tab"}, {"Key", pk("a")}, {member, text}};
    if (!values.is_null()) request["ExpressionAttributeValues"] = std::move(values);
    if (!names.is_null()) request["ExpressionAttributeNames"] = std::move(names);
    return h_.invalid("UpdateItem", request);
  }

  Harness h_;
};

const Json kValues = {{":a", S("a")}, {":b", S("a")}};
const Json kNames = {{"#a", "a"}, {"#b", "b"}};

}  // namespace

TEST_CASE("placeholders: undefined ones") {
  Sender u;
  CHECK(
      u.update("SET a = :v") ==
      "Invalid UpdateExpression: An expression attribute value used in expression is not defined; "
      "attribute value: :v");
  CHECK(u.update("SET #c = if_not_exists(:c)", kValues, kNames) ==
        "Invalid UpdateExpression: An expression attribute name used in the document path is not "
        "defined; attribute name: #c");
  CHECK(
      u.condition("a = :b AND #missing = :b", {{":b", S("x")}}) ==
      "Invalid ConditionExpression: An expression attribute name used in the document path is not "
      "defined; attribute name: #missing");
}

TEST_CASE("placeholders: unused, empty and malformed ones") {
  Sender u;
  CHECK(u.update("REMOVE a", nullptr, {{"#unused", "x"}}) ==
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {#unused}");
  CHECK(u.update("SET a = :v", {{":v", N("1")}, {":unused", N("1")}}) ==
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:unused}");
  CHECK(u.update("", Json::object(), Json::object()) ==
        "ExpressionAttributeNames must not be empty");
  CHECK(u.update("", Json::object()) == "ExpressionAttributeValues must not be empty");
  CHECK(u.update("", nullptr, {{"a", "a"}}) ==
        "ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"");
  CHECK(u.update("", {{":b", Json::object()}, {"b", S("a")}}) ==
        "ExpressionAttributeValues contains invalid key: Syntax error; key: \"b\"");
  CHECK(u.update("", {{":b", {{"N", "x"}}}}) ==
        "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a "
        "numeric value: x for key :b");
  CHECK(
      u.update("", {{":b", {{"S", "a"}, {"N", "1"}}}}) ==
      "ExpressionAttributeValues contains invalid value: Supplied AttributeValue has more than one "
      "datatypes set, must contain exactly one of the supported datatypes for key :b");
  CHECK(u.update("") == "Invalid UpdateExpression: The expression can not be empty;");
}

TEST_CASE("parameters: expressions beside legacy ones, names without expressions") {
  Harness h;
  h.create_hash_table("tab");
  CHECK(h.invalid("PutItem", {{"TableName", "tab"},
                              {"Item", pk("a")},
                              {"Expected", {{"pk", {{"Exists", false}}}}},
                              {"ConditionExpression", "attribute_not_exists(pk)"}}) ==
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}");
  CHECK(h.invalid("UpdateItem", {{"TableName", "tab"},
                                 {"Key", pk("a")},
                                 {"AttributeUpdates", Json::object()},
                                 {"Expected", Json::object()},
                                 {"UpdateExpression", ""},
                                 {"ConditionExpression", ""}}) ==
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: {AttributeUpdates, Expected} Expression parameters: "
        "{UpdateExpression, ConditionExpression}");
  CHECK(h.invalid("PutItem", {{"TableName", "tab"},
                              {"Item", pk("a")},
                              {"ExpressionAttributeValues", {{":v", S("x")}}}}) ==
        "ExpressionAttributeValues can only be specified when using expressions: "
        "ConditionExpression is null");
  CHECK(h.invalid("UpdateItem", {{"TableName", "tab"},
                                 {"Key", pk("a")},
                                 {"ExpressionAttributeValues", {{":v", S("x")}}}}) ==
        "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression "
        "and "
        "ConditionExpression are null");
  CHECK(h.invalid("GetItem", {{"TableName", "tab"},
                              {"Key", pk("a")},
                              {"ExpressionAttributeNames", {{"#a", "a"}}}}) ==
        "ExpressionAttributeNames can only be specified when using expressions");
}

TEST_CASE("paths: overlapping and conflicting ones") {
  Sender u;
  const Json names = {{"#b", "b"}, {"#c", "c"}, {"#d", "[3]"}};
  CHECK(u.update("set a = :v remove a", {{":v", N("1")}}) ==
        "Invalid UpdateExpression: Two document paths overlap with each other; must remove or "
        "rewrite "
        "one of these paths; path one: [a], path two: [a]");
  CHECK(u.update("set #c[3].#d = a, #c[3] = a", nullptr, {{"#c", "c"}, {"#d", "[3]"}}) ==
        "Invalid UpdateExpression: Two document paths overlap with each other; must remove or "
        "rewrite "
        "one of these paths; path one: [c, [3], [3]], path two: [c, [3]]");
  CHECK(u.update("set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a)", nullptr, names) ==
        "Invalid UpdateExpression: Two document paths overlap with each other; must remove or "
        "rewrite "
        "one of these paths; path one: [c, [1], a], path two: [c]");
  CHECK(u.update("remove a.#c set a[1] = #d", nullptr, {{"#c", "c"}, {"#d", "d"}}) ==
        "Invalid UpdateExpression: Two document paths conflict with each other; must remove or "
        "rewrite one of these paths; path one: [a, c], path two: [a, [1]]");
}

TEST_CASE("condition functions: operands") {
  Sender u;
  const std::string kInvalid = "Invalid ConditionExpression: ";
  CHECK(u.condition("size(a, b) = :v", {{":v", N("1")}}) ==
        kInvalid +
            "Incorrect number of operands for operator or function; operator or function: size, "
            "number of operands: 2");
  CHECK(
      u.condition("attribute_exists(:v)", {{":v", N("1")}}) ==
      kInvalid +
          "Operator or function requires a document path; operator or function: attribute_exists");
  CHECK(u.condition("begins_with(a, :v)", {{":v", N("1")}}) ==
        kInvalid +
            "Incorrect operand type for operator or function; operator or function: begins_with, "
            "operand type: N");
  CHECK(u.condition("attribute_type(a, :v)", {{":v", S("DOG")}}) ==
        kInvalid +
            "Invalid attribute type name found; type: DOG, valid types: "
            "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
  CHECK(
      u.condition("attribute_type(a, b)") ==
      kInvalid +
          "Incorrect operand type for operator or function; operator or function: attribute_type, "
          "operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
  CHECK(u.condition("size(:v) = :v", {{":v", N("1")}}) ==
        kInvalid +
            "Incorrect operand type for operator or function; operator or function: size, operand "
            "type: N");
  CHECK(u.condition("a = a") ==
        kInvalid +
            "The first operand must be distinct from the remaining operands for this operator or "
            "function; operator: =, first operand: [a]");
  CHECK(u.condition("contains(a.b[1], #a.b[1])", nullptr, {{"#a", "a"}}) ==
        kInvalid +
            "The first operand must be distinct from the remaining operands for this operator or "
            "function; operator: contains, first operand: [a, b, [1]]");
  CHECK(
      u.condition("a < :v", {{":v", {{"L", {N("1")}}}}}) ==
      kInvalid +
          "Incorrect operand type for operator or function; operator or function: <, operand type: "
          "L");
}

TEST_CASE("BETWEEN: its bounds") {
  Sender u;
  CHECK(u.condition("a BETWEEN :x AND :y", {{":x", N("5")}, {":y", N("1")}}) ==
        "Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than "
        "or "
        "equal to lower bound; lower bound operand: AttributeValue: {N:5}, upper bound operand: "
        "AttributeValue: {N:1}");
  CHECK(u.condition("a BETWEEN :x AND :y", {{":x", N("1")}, {":y", S("a")}}) ==
        "Invalid ConditionExpression: The BETWEEN operator requires same data type for lower and "
        "upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: "
        "AttributeValue: {S:a}");
}

TEST_CASE("update functions: operands") {
  Sender u;
  const std::string kInvalid = "Invalid UpdateExpression: ";
  CHECK(u.update("set a = if_not_exists(c)") ==
        kInvalid +
            "Incorrect number of operands for operator or function; operator or function: "
            "if_not_exists, number of operands: 1");
  CHECK(u.update("set a = if_not_exists(:a, c)", {{":a", N("1")}}) ==
        kInvalid +
            "Operator or function requires a document path; operator or function: if_not_exists");
  CHECK(u.update("set a = list_append(:a, a)", {{":a", S("x")}}) ==
        kInvalid +
            "Incorrect operand type for operator or function; operator or function: list_append, "
            "operand type: S");
  CHECK(
      u.update("set a = a + :a", {{":a", {{"BOOL", false}}}}) ==
      kInvalid +
          "Incorrect operand type for operator or function; operator or function: +, operand type: "
          "BOOL");
  CHECK(u.update("add a.b :a", {{":a", S("x")}}) ==
        kInvalid +
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING");
  CHECK(u.update("delete a.b :a", {{":a", N("1")}}) ==
        kInvalid +
            "Incorrect operand type for operator or function; operator: DELETE, operand type: "
            "NUMBER");
}

}  // namespace bodega::dynamodb
