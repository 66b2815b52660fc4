// UpdateItem: what update expressions and AttributeUpdates make of items, and what comes back.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

class Updates : public Harness {
 public:
  Updates() { create_hash_table("tab"); }

  void start(Json attributes) {
    attributes["pk"] = S("a");
    put("tab", attributes);
  }
  Answer update(const std::string& text, Json values = nullptr, const char* returned = nullptr) {
    Json request = {{"TableName", "tab"}, {"Key", pk("a")}, {"UpdateExpression", text}};
    if (!values.is_null()) request["ExpressionAttributeValues"] = std::move(values);
    if (returned != nullptr) request["ReturnValues"] = returned;
    return run("UpdateItem", request);
  }
  Answer legacy(Json updates, const char* returned = nullptr) {
    Json request = {{"TableName", "tab"}, {"Key", pk("a")}, {"AttributeUpdates", updates}};
    if (returned != nullptr) request["ReturnValues"] = returned;
    return run("UpdateItem", request);
  }
  Json item() {
    Json found = get("tab", pk("a"));
    if (found.is_object()) found.erase("pk");
    return found;
  }
};

Json L(std::vector<std::string> texts) {
  Json list = Json::array();
  for (auto& text : texts) list.push_back(S(text));
  return {{"L", list}};
}

}  // namespace

TEST_CASE("SET: right-hand sides see the item before the update") {
  Updates u;
  u.start({{"a", N("1")}, {"b", N("2")}});
  CHECK(u.update("SET a = b, b = a, c = a + b, d = b - :v", {{":v", N("0.5")}}).ok());
  CHECK(u.item() == Json({{"a", N("2")}, {"b", N("1")}, {"c", N("3")}, {"d", N("1.5")}}));
}

TEST_CASE("SET: if_not_exists and list_append") {
  Updates u;
  u.start({{"l", L({"a"})}});
  CHECK(u.update("SET x = if_not_exists(x, :v), l = list_append(l, :l), y = if_not_exists(l, :v), "
                 "z = list_append(if_not_exists(nix, :e), :l)",
                 {{":v", N("1")}, {":l", L({"b", "c"})}, {":e", {{"L", Json::array()}}}})
            .ok());
  CHECK(u.item()["l"] == L({"a", "b", "c"}));
  CHECK(u.item()["x"] == N("1"));
  CHECK(u.item()["y"] == L({"a"}));
  CHECK(u.item()["z"] == L({"b", "c"}));
}

TEST_CASE("SET: list elements, behind the end in the order of their indices") {
  Updates u;
  u.start({{"l", L({"a", "b"})}});
  CHECK(u.update("SET l[9] = :y, l[5] = :x, l[0] = :z",
                 {{":x", S("x")}, {":y", S("y")}, {":z", S("z")}})
            .ok());
  CHECK(u.item()["l"] == L({"z", "b", "x", "y"}));
}

TEST_CASE("REMOVE: attributes, map entries and list elements, which close ranks") {
  Updates u;
  u.start({{"l", L({"a", "b", "c", "d"})}, {"m", {{"M", {{"k", N("1")}, {"j", N("2")}}}}}});
  CHECK(u.update("REMOVE l[0], l[2], m.k, nix, l[17]").ok());
  CHECK(u.item()["l"] == L({"b", "d"}));
  CHECK(u.item()["m"] == Json({{"M", {{"j", N("2")}}}}));
  CHECK(u.update("REMOVE m.j").ok());
  CHECK(u.item()["m"] == Json({{"M", Json::object()}}));
}

TEST_CASE("ADD and DELETE: numbers and sets") {
  Updates u;
  CHECK(u.update("ADD n :n, s :s", {{":n", N("5")}, {":s", {{"SS", {"a"}}}}}).ok());
  CHECK(u.update("ADD n :n, s :s", {{":n", N("-7.5")}, {":s", {{"SS", {"b", "a"}}}}}).ok());
  CHECK(u.item() == Json({{"n", N("-2.5")}, {"s", {{"SS", {"a", "b"}}}}}));
  CHECK(u.update("DELETE s :s", {{":s", {{"SS", {"a", "x"}}}}}).ok());
  CHECK(u.item()["s"]["SS"] == Json({"b"}));
  CHECK(u.update("DELETE s :s", {{":s", {{"SS", {"b"}}}}}).ok());
  CHECK_FALSE(u.item().contains("s"));
}

TEST_CASE("updates: what does not fit the item") {
  Updates u;
  u.start({{"n", N("1")}, {"s", S("x")}, {"l", L({"a"})}});
  const auto message = [&](const std::string& text, Json values = nullptr) {
    const Answer answer = u.update(text, std::move(values));
    CHECK(answer.error() == "ValidationException");
    return answer.message();
  };
  const std::string kPath =
      "The document path provided in the update expression is invalid for update";
  const std::string kOperand = "An operand in the update expression has an incorrect data type";
  CHECK(message("SET nix.x = :v", {{":v", N("1")}}) == kPath);
  CHECK(message("SET s.x = :v", {{":v", N("1")}}) == kPath);
  CHECK(message("SET n[0] = :v", {{":v", N("1")}}) == kPath);
  CHECK(message("SET l.x = :v", {{":v", N("1")}}) == kPath);
  CHECK(message("REMOVE nix.x") == kPath);
  CHECK(message("SET a = nix") ==
        "The provided expression refers to an attribute that does not exist in the item");
  CHECK(message("SET a = s + :v", {{":v", N("1")}}) == kOperand);
  CHECK(message("SET a = list_append(s, :v)", {{":v", L({"x"})}}) == kOperand);
  CHECK(message("ADD s :v", {{":v", N("1")}}) == kOperand);
  CHECK(message("DELETE n :v", {{":v", {{"NS", {"1"}}}}}) == kOperand);
  CHECK(message("SET pk = :v", {{":v", S("b")}}) ==
        "One or more parameter values were invalid: Cannot update attribute pk. This attribute is "
        "part of the key");
  CHECK(message("SET n = n + :v", {{":v", N("1e125")}}) ==
        "Number overflow. Attempting to store a number with magnitude larger than supported "
        "range");
}

TEST_CASE("UpdateItem: makes an item, but not by taking away") {
  Updates u;
  CHECK(u.update("REMOVE x, y.z").ok());
  CHECK(u.item().is_null());
  CHECK(u.update("DELETE x :v", {{":v", {{"SS", {"a"}}}}}, "ALL_NEW").text == "{}");
  CHECK(u.item().is_null());
  CHECK(u.run("UpdateItem", {{"TableName", "tab"}, {"Key", pk("a")}}).ok());
  CHECK(u.item() == Json::object());
}

TEST_CASE("ReturnValues: all five") {
  Updates u;
  u.start({{"a", N("1")}, {"b", {{"M", {{"x", N("1")}, {"y", N("2")}}}}}, {"c", N("3")}});
  const Json v = {{":v", N("9")}};
  Answer answer = u.update("SET b.x = :v REMOVE c", v, "UPDATED_OLD");
  CHECK(answer["Attributes"] == Json({{"b", {{"M", {{"x", N("1")}}}}}, {"c", N("3")}}));
  answer = u.update("SET b.x = :v, d = :v REMOVE c", v, "UPDATED_NEW");
  CHECK(answer["Attributes"] == Json({{"b", {{"M", {{"x", N("9")}}}}}, {"d", N("9")}}));
  answer = u.update("SET d = :v", {{":v", N("4")}}, "ALL_OLD");
  CHECK(answer["Attributes"]["d"] == N("9"));
  answer = u.update("SET d = :v", {{":v", N("5")}}, "ALL_NEW");
  CHECK(answer["Attributes"]["d"] == N("5"));
  CHECK(answer["Attributes"]["pk"] == S("a"));
  CHECK(u.update("SET e = :v", v, "UPDATED_OLD").text == "{}");
  CHECK(u.update("REMOVE e", nullptr, "UPDATED_NEW").text == "{}");
  CHECK(u.update("SET e = :v", v, "NONE").text == "{}");
}

TEST_CASE("ReturnValues: UPDATED_OLD and UPDATED_NEW take nested paths out of maps and lists") {
  Updates u;
  u.start({{"a", {{"M", {{"b", S("dog")}, {"c", L({"1", "2", "3"})}}}}}, {"d", S("cat")}});
  const Json v = {{":v", S("x")}};
  const auto attributes = [](const Answer& answer) {
    return answer.has("Attributes") ? answer["Attributes"] : Json();
  };
  const auto in_a = [](const char* name, Json value) {
    return Json{{"a", {{"M", {{name, std::move(value)}}}}}};
  };
  CHECK(attributes(u.update("SET a.c[1] = :v", v, "UPDATED_OLD")) == in_a("c", L({"2"})));
  CHECK(attributes(u.update("SET a.c[1] = :v", v, "UPDATED_NEW")) == in_a("c", L({"x"})));
  CHECK(attributes(u.update("SET a.c[2] = :v, a.c[0] = :v, a.b = :v", v, "UPDATED_OLD")) ==
        Json({{"a", {{"M", {{"b", S("dog")}, {"c", L({"1", "3"})}}}}}}));
  // What was not there is not in the old one; the new element behind the end is not at its index.
  CHECK(attributes(u.update("SET a.n = :v", v, "UPDATED_OLD")).is_null());
  CHECK(attributes(u.update("SET a.m = :v", v, "UPDATED_NEW")) == in_a("m", S("x")));
  CHECK(attributes(u.update("SET a.c[100] = :v", {{":v", S("last")}}, "UPDATED_NEW")).is_null());
  // Where an element went, the next one has moved up, and is what its path leads to now.
  CHECK(attributes(u.update("REMOVE a.c[2], a.c[9]", nullptr, "UPDATED_NEW")) ==
        in_a("c", L({"last"})));
  CHECK(attributes(u.update("REMOVE a.c[0], a.c[9]", nullptr, "UPDATED_OLD")) ==
        in_a("c", L({"x"})));
  CHECK(attributes(u.update("REMOVE a.b", nullptr, "UPDATED_NEW")).is_null());
}

TEST_CASE("SET and ADD: sums that 38 digits cannot hold overflow") {
  Updates u;
  u.start({{"n", N("1")}, {"big", N("1e50")}, {"most", N("9e125")}, {"small", N("1.1e-130")}});
  const std::string overflow =
      "Number overflow. Attempting to store a number with magnitude larger than supported range";
  CHECK(u.update("SET n = big + :v", {{":v", N("1")}}).message() == overflow);
  CHECK(u.update("SET n = big - :v", {{":v", N("1")}}).message() == overflow);
  CHECK(u.update("ADD big :v", {{":v", N("0.5")}}).message() == overflow);
  CHECK(u.update("SET n = most + most").message() == overflow);
  CHECK(u.legacy({{"big", {{"Action", "ADD"}, {"Value", N("1")}}}}).message() == overflow);
  CHECK(u.update("SET n = small - :v", {{":v", N("1e-130")}}).message() ==
        "Number underflow. Attempting to store a number with magnitude smaller than supported "
        "range");
  CHECK(u.update("SET n = big + :v", {{":v", N("1e13")}}).ok());
  CHECK(u.item()["n"] == N("100000000000000000000000000000000000010000000000000"));
}

TEST_CASE("AttributeUpdates: PUT, ADD and DELETE") {
  Updates u;
  CHECK(u.legacy({{"a", {{"Value", N("1")}}},
                  {"l", {{"Action", "ADD"}, {"Value", L({"x"})}}},
                  {"s", {{"Action", "ADD"}, {"Value", {{"NS", {"1"}}}}}}})
            .ok());
  CHECK(u.legacy({{"a", {{"Action", "ADD"}, {"Value", N("2")}}},
                  {"l", {{"Action", "ADD"}, {"Value", L({"y"})}}},
                  {"s", {{"Action", "DELETE"}, {"Value", {{"NS", {"1"}}}}}},
                  {"gone", {{"Action", "DELETE"}}}})
            .ok());
  CHECK(u.item() == Json({{"a", N("3")}, {"l", L({"x", "y"})}}));
  CHECK(u.legacy({{"a", {{"Value", N("1")}, {"Action", "PUT"}}}}, "UPDATED_OLD")["Attributes"] ==
        Json({{"a", N("3")}}));
  CHECK(
      u.legacy({{"b", {{"Action", "PUT"}}}}).message() ==
      "One or more parameter values were invalid: Only DELETE action is allowed when no attribute "
      "value is specified");
  CHECK(u.legacy({{"a", {{"Action", "ADD"}, {"Value", S("x")}}}}).message() ==
        "One or more parameter values were invalid: ADD action is not supported for the type S");
  CHECK(u.legacy({{"a", {{"Action", "DELETE"}, {"Value", N("1")}}}}).message() ==
        "One or more parameter values were invalid: DELETE action with value is not supported for "
        "the type N");
  CHECK(u.legacy({{"a", {{"Action", "ADD"}, {"Value", {{"SS", {"x"}}}}}}}).message() ==
        "Type mismatch for attribute to update");
  CHECK(u.legacy({{"pk", {{"Value", S("x")}}}}).message() ==
        "One or more parameter values were invalid: Cannot update attribute pk. This attribute is "
        "part of the key");
}

TEST_CASE("AttributeUpdates: only DELETE makes no item, nothing at all makes one") {
  Updates u;
  CHECK(u.legacy({{"x", {{"Action", "DELETE"}}}}).ok());
  CHECK(u.item().is_null());
  CHECK(u.legacy(Json::object(), "ALL_NEW")["Attributes"] == pk("a"));
}

}  // namespace bodega::dynamodb
