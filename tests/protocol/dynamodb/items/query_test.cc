// Query: key conditions, order, pages, filters, projections, Select, indexes.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

// A table with numbers 0 to 9 as sort keys of "a", an LSI on "alt" and a GSI on "g".
class Table : public Harness {
 public:
  Table() {
    const auto key = [](const char* name, const char* type) {
      return Json{{"AttributeName", name}, {"KeyType", type}};
    };
    const auto definition = [](const char* name, const char* type) {
      return Json{{"AttributeName", name}, {"AttributeType", type}};
    };
    const Answer made =
        run("CreateTable",
            {{"TableName", "tab"},
             {"BillingMode", "PAY_PER_REQUEST"},
             {"AttributeDefinitions",
              {definition("pk", "S"), definition("sk", "N"), definition("alt", "S"),
               definition("g", "S")}},
             {"KeySchema", {key("pk", "HASH"), key("sk", "RANGE")}},
             {"LocalSecondaryIndexes",
              {{{"IndexName", "local"},
                {"KeySchema", {key("pk", "HASH"), key("alt", "RANGE")}},
                {"Projection", {{"ProjectionType", "KEYS_ONLY"}}}}}},
             {"GlobalSecondaryIndexes",
              {{{"IndexName", "global"},
                {"KeySchema", {key("g", "HASH"), key("sk", "RANGE")}},
                {"Projection", {{"ProjectionType", "INCLUDE"}, {"NonKeyAttributes", {"x"}}}}}}}});
    if (!made.ok()) throw std::runtime_error(made.text);
    for (int i = 0; i < 10; ++i) {
      Json item = {{"pk", S("a")},
                   {"sk", N(std::to_string(i))},
                   {"x", N(std::to_string(i % 3))},
                   {"y", S("why")},
                   {"alt", S(std::string(1, static_cast<char>('j' - i)))}};
      if (i % 2 == 0) item["g"] = S("even");
      put("tab", item);
    }
    put("tab", {{"pk", S("b")}, {"sk", N("1")}});
  }

  Answer query(const std::string& condition, Json values, Json more = Json::object()) {
    more["TableName"] = "tab";
    more["KeyConditionExpression"] = condition;
    more["ExpressionAttributeValues"] = std::move(values);
    return run("Query", more);
  }
  // The sort keys found, e.g. "1 2 3".
  static std::string keys(const Answer& answer) {
    if (!answer.ok()) return answer.text;
    std::string out;
    for (const Json& item : answer["Items"]) {
      out += (out.empty() ? "" : " ") + item["sk"]["N"].get<std::string>();
    }
    return out;
  }
  std::string invalid_query(const std::string& condition, Json values, Json more = Json::object()) {
    const Answer answer = query(condition, std::move(values), std::move(more));
    return answer.error() == "ValidationException" ? answer.message() : answer.text;
  }
};

const Json kA = {{":p", S("a")}};
Json with(Json values, const char* name, Json value) {
  values[name] = std::move(value);
  return values;
}

}  // namespace

TEST_CASE("Query: every comparison of the sort key, either way round") {
  Table t;
  const auto found = [&](const std::string& condition, const char* number) {
    return Table::keys(t.query("pk = :p AND " + condition, with(kA, ":v", N(number))));
  };
  CHECK(Table::keys(t.query("pk = :p", kA)) == "0 1 2 3 4 5 6 7 8 9");
  CHECK(found("sk = :v", "3.0") == "3");
  CHECK(found("sk < :v", "2") == "0 1");
  CHECK(found("sk <= :v", "2") == "0 1 2");
  CHECK(found("sk > :v", "7") == "8 9");
  CHECK(found(":v <= sk", "7") == "7 8 9");
  CHECK(found(":v > sk", "2") == "0 1");
  CHECK(Table::keys(t.query("(sk BETWEEN :x AND :y) AND (pk = :p)",
                            {{":p", S("a")}, {":x", N("2")}, {":y", N("4")}})) == "2 3 4");
  CHECK(Table::keys(t.query("pk = :p", {{":p", S("none")}})) == "");
}

TEST_CASE("Query: backwards, and in pages that end with a key to go on from") {
  Table t;
  CHECK(Table::keys(t.query("pk = :p", kA, {{"ScanIndexForward", false}, {"Limit", 3}})) ==
        "9 8 7");
  std::string all;
  Json more = {{"Limit", 4}};
  int pages = 0;
  for (;;) {
    const Answer answer = t.query("pk = :p", kA, more);
    all += Table::keys(answer) + "|";
    ++pages;
    if (!answer.has("LastEvaluatedKey")) break;
    more["ExclusiveStartKey"] = answer["LastEvaluatedKey"];
  }
  CHECK(all == "0 1 2 3|4 5 6 7|8 9|");
  // A limit that is reached gives a key even when nothing is left.
  const Answer exact = t.query("pk = :p", kA, {{"Limit", 10}});
  CHECK(exact["LastEvaluatedKey"] == Json({{"pk", S("a")}, {"sk", N("9")}}));
}

TEST_CASE("Query: Limit counts what is read, the filter what is returned") {
  Table t;
  const Answer answer =
      t.query("pk = :p", with(kA, ":x", N("0")), {{"FilterExpression", "x = :x"}, {"Limit", 5}});
  CHECK(answer["ScannedCount"] == 5);
  CHECK(answer["Count"] == 2);
  CHECK(Table::keys(answer) == "0 3");
  CHECK(answer["LastEvaluatedKey"]["sk"] == N("4"));
}

TEST_CASE("Query: Select and projections") {
  Table t;
  const Answer count = t.query("pk = :p", kA, {{"Select", "COUNT"}});
  CHECK(count["Count"] == 10);
  CHECK_FALSE(count.has("Items"));
  const Answer some =
      t.query("pk = :p AND sk = :s", with(kA, ":s", N("1")), {{"ProjectionExpression", "x, sk"}});
  CHECK(some["Items"][0] == Json({{"x", N("1")}, {"sk", N("1")}}));
  CHECK(t.invalid_query("pk = :p", kA, {{"Select", "SPECIFIC_ATTRIBUTES"}})
            .starts_with("One or more parameter values were invalid: "));
  CHECK(t.invalid_query("pk = :p", kA, {{"Select", "INVALID_VALUE"}}) ==
        "1 validation error detected: Value 'INVALID_VALUE' at 'select' failed to satisfy "
        "constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, "
        "ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]");
}

TEST_CASE("Query: a local index, and what it fetches from the table") {
  Table t;
  Answer answer =
      t.query("pk = :p AND begins_with(alt, :a)", with(kA, ":a", S("c")), {{"IndexName", "local"}});
  CHECK(answer["Items"] == Json::array({{{"pk", S("a")}, {"sk", N("7")}, {"alt", S("c")}}}));
  answer =
      t.query("pk = :p AND alt < :a", with(kA, ":a", S("c")),
              {{"IndexName", "local"}, {"Select", "ALL_ATTRIBUTES"}, {"ConsistentRead", true}});
  CHECK(Table::keys(answer) == "9 8");
  CHECK(answer["Items"][0]["y"] == S("why"));
  answer = t.query("pk = :p", kA, {{"IndexName", "local"}, {"Limit", 1}});
  CHECK(answer["LastEvaluatedKey"] == Json({{"pk", S("a")}, {"sk", N("9")}, {"alt", S("a")}}));
  answer = t.query(
      "pk = :p", kA,
      {{"IndexName", "local"}, {"Limit", 2}, {"ExclusiveStartKey", answer["LastEvaluatedKey"]}});
  CHECK(Table::keys(answer) == "8 7");
}

TEST_CASE("Query: a global index is sparse and holds what it projects") {
  Table t;
  const Json even = {{":g", S("even")}};
  Answer answer = t.query("g = :g", even, {{"IndexName", "global"}});
  CHECK(Table::keys(answer) == "0 2 4 6 8");
  CHECK(answer["Items"][1] ==
        Json({{"pk", S("a")}, {"sk", N("2")}, {"g", S("even")}, {"x", N("2")}}));
  CHECK(t.invalid_query("g = :g", even, {{"IndexName", "global"}, {"ConsistentRead", true}}) ==
        "Consistent reads are not supported on global secondary indexes");
  CHECK(
      t.invalid_query("g = :g", even, {{"IndexName", "global"}, {"Select", "ALL_ATTRIBUTES"}}) ==
      "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for "
      "global secondary index global because its projection type is not ALL");
  CHECK(t.invalid_query("g = :g", even, {{"IndexName", "other"}}) ==
        "The table does not have the specified index: other");
  // The index follows its table.
  t.run("DeleteItem", {{"TableName", "tab"}, {"Key", {{"pk", S("a")}, {"sk", N("4")}}}});
  CHECK(Table::keys(t.query("g = :g", even, {{"IndexName", "global"}})) == "0 2 6 8");
}

TEST_CASE("Query: key conditions that are none") {
  Table t;
  const Json v = with(kA, ":v", N("1"));
  CHECK(t.invalid_query("sk = :v", {{":v", N("1")}}) ==
        "Query condition missed key schema element: pk");
  CHECK(t.invalid_query("x = :v", {{":v", N("1")}}) ==
        "Query condition missed key schema element: pk");
  CHECK(t.invalid_query("pk = :p AND x = :v", v) ==
        "Query condition missed key schema element: sk");
  CHECK(t.invalid_query("pk > :p", kA) == "Query key condition not supported");
  CHECK(t.invalid_query("pk = :p OR sk = :v", v) ==
        "Invalid operator used in KeyConditionExpression: OR");
  CHECK(t.invalid_query("pk = :p AND NOT sk = :v", v) ==
        "Invalid operator used in KeyConditionExpression: NOT");
  CHECK(t.invalid_query("pk = :p AND sk <> :v", v) ==
        "Invalid operator used in KeyConditionExpression: <>");
  CHECK(t.invalid_query("pk = :p AND sk IN (:v)", v) ==
        "Invalid operator used in KeyConditionExpression: IN");
  CHECK(t.invalid_query("pk = :p AND attribute_exists(sk)", kA) ==
        "Invalid operator used in KeyConditionExpression: attribute_exists");
  CHECK(t.invalid_query("pk = :p AND sk.x = :v", v) ==
        "KeyConditionExpressions cannot have conditions on nested attributes");
  CHECK(t.invalid_query("pk = :p AND size(sk) = :v", v) ==
        "KeyConditionExpressions cannot contain nested operations");
  CHECK(t.invalid_query("pk = :p AND sk = :v AND pk = :p", v) ==
        "KeyConditionExpressions must only contain one condition per key");
  CHECK(t.invalid_query("pk = :p AND sk = pk", kA) ==
        "Invalid condition in KeyConditionExpression: Multiple attribute names used in one "
        "condition");
  CHECK(t.invalid_query("pk = :p AND sk = :v AND x = :v", v) ==
        "Conditions can be of length 1 or 2 only");
  CHECK(t.invalid_query("pk = :p AND sk = :v", with(kA, ":v", S("1"))) ==
        "One or more parameter values were invalid: Condition parameter type does not match schema "
        "type");
  CHECK(t.invalid_query("pk = :p AND begins_with(sk, :v)", v) ==
        "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator "
        "or function: begins_with, operand type: N");
  CHECK(t.invalid_query("", kA) ==
        "Invalid KeyConditionExpression: The expression can not be empty;");
  CHECK(t.invalid("Query", {{"TableName", "tab"}}) ==
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request.");
  CHECK(t.invalid_query("pk = :p", kA, {{"Limit", 0}}) ==
        "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must "
        "have "
        "value greater than or equal to 1");
}

TEST_CASE("Query: a filter may not look at the keys") {
  Table t;
  CHECK(t.invalid_query("pk = :p", with(kA, ":v", N("1")), {{"FilterExpression", "sk = :v"}}) ==
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk");
  CHECK(t.invalid("Query",
                  {{"TableName", "tab"},
                   {"KeyConditions",
                    {{"pk", {{"ComparisonOperator", "EQ"}, {"AttributeValueList", {S("a")}}}}}},
                   {"QueryFilter",
                    {{"pk", {{"ComparisonOperator", "EQ"}, {"AttributeValueList", {S("a")}}}}}}}) ==
        "QueryFilter can only contain non-primary key attributes: Primary key attribute: pk");
}

TEST_CASE("Query: starting keys that do not belong") {
  Table t;
  const auto start = [&](Json key, const std::string& condition = "pk = :p", Json values = kA) {
    return t.invalid_query(condition, std::move(values), {{"ExclusiveStartKey", std::move(key)}});
  };
  CHECK(start(pk("a")) == "The provided starting key is invalid");
  CHECK(start({{"pk", S("a")}, {"sk", N("1")}, {"x", N("1")}}) ==
        "The provided starting key is invalid");
  CHECK(start({{"pk", S("a")}, {"sk", S("1")}}) ==
        "The provided starting key is invalid: The provided key element does not match the schema");
  CHECK(start({{"pk", S("b")}, {"sk", N("1")}}) ==
        "The provided starting key is outside query boundaries based on provided conditions");
  CHECK(start({{"pk", S("a")}, {"sk", N("7")}}, "pk = :p AND sk < :v", with(kA, ":v", N("5"))) ==
        "The provided starting key does not match the range key predicate");
  // The item itself need not be there.
  CHECK(Table::keys(
            t.query("pk = :p", kA, {{"ExclusiveStartKey", {{"pk", S("a")}, {"sk", N("6.5")}}}})) ==
        "7 8 9");
}

TEST_CASE("Query: KeyConditions and QueryFilter from before expressions") {
  Table t;
  const auto condition = [](const char* op, Json values) {
    return Json{{"ComparisonOperator", op}, {"AttributeValueList", std::move(values)}};
  };
  Json request = {
      {"TableName", "tab"},
      {"KeyConditions",
       {{"pk", condition("EQ", {S("a")})}, {"sk", condition("BETWEEN", {N("2"), N("6")})}}},
      {"QueryFilter", {{"x", condition("NE", {N("0")})}}}};
  CHECK(Table::keys(t.run("Query", request)) == "2 4 5");
  request["QueryFilter"]["x"] = condition("IN", {N("0"), N("1")});
  request["QueryFilter"]["y"] = condition("CONTAINS", {S("h")});
  CHECK(Table::keys(t.run("Query", request)) == "3 4 6");
  request["QueryFilter"]["y"] = condition("NOT_CONTAINS", {S("h")});
  request["ConditionalOperator"] = "OR";
  CHECK(Table::keys(t.run("Query", request)) == "3 4 6");
  request["KeyConditions"]["sk"] = condition("NE", {N("2")});
  CHECK(t.invalid("Query", request) ==
        "Attempted conditional constraint is not an indexable operation");
  request["KeyConditions"]["sk"] = condition("BETWEEN", {N("2")});
  CHECK(t.invalid("Query", request) ==
        "One or more parameter values were invalid: Invalid number of argument(s) for the BETWEEN "
        "ComparisonOperator");
  request["KeyConditions"]["sk"] = condition("BEGINS_WITH", {N("2")});
  CHECK(
      t.invalid("Query", request) ==
      "One or more parameter values were invalid: ComparisonOperator BEGINS_WITH is not valid for "
      "N AttributeValue type");
}

TEST_CASE("Query: paths may not look into keys") {
  Table t;
  CHECK(
      t.invalid_query("pk = :p", kA, {{"ProjectionExpression", "x, pk.y"}}) ==
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
      "Key: pk");
  CHECK(
      t.invalid_query("pk = :p", kA, {{"ProjectionExpression", "x, g[0]"}}) ==
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
      "IndexKey: g");
}

}  // namespace bodega::dynamodb
