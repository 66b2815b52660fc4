// Conditions against items: what is true of which values. Run as filters of a Scan over one item.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

class OneItem {
 public:
  OneItem() {
    h_.create_hash_table("tab");
    h_.put("tab", {{"pk", S("a")},
                   {"n", N("5")},
                   {"s", S("hello")},
                   {"umlaut", S("\u00e9\u00e9")},
                   {"b", {{"B", "AQID"}}},
                   {"t", {{"BOOL", true}}},
                   {"nul", {{"NULL", true}}},
                   {"ss", {{"SS", {"x", "y"}}}},
                   {"ns", {{"NS", {"1", "2"}}}},
                   {"l", {{"L", {N("1"), S("two"), {{"M", {{"k", S("v")}}}}}}}},
                   {"m", {{"M", {{"k", {{"M", {{"deep", N("7")}}}}}}}}}});
  }

  bool holds(const std::string& text, Json values = nullptr, Json names = nullptr) {
    Json request = {{"TableName", "tab"}, {"FilterExpression", text}};
    if (!values.is_null()) request["ExpressionAttributeValues"] = std::move(values);
    if (!names.is_null()) request["ExpressionAttributeNames"] = std::move(names);
    const Answer answer = h_.run("Scan", request);
    INFO(text << " " << answer.text);
    REQUIRE(answer.ok());
    return answer["Count"] == 1;
  }

 private:
  Harness h_;
};

}  // namespace

TEST_CASE("comparisons: equality is deep, and numbers are equal by value") {
  OneItem i;
  CHECK(i.holds("n = :v", {{":v", N("5.0")}}));
  CHECK_FALSE(i.holds("n = :v", {{":v", S("5")}}));
  CHECK(i.holds("ss = :v", {{":v", {{"SS", {"y", "x"}}}}}));
  CHECK(i.holds("m = :v", {{":v", {{"M", {{"k", {{"M", {{"deep", N("7.00")}}}}}}}}}}));
  CHECK(i.holds("ss <> :v", {{":v", {{"SS", {"y", "z"}}}}}));
  CHECK(i.holds("t = :v", {{":v", {{"BOOL", true}}}}));
}

TEST_CASE("comparisons: an attribute that is not there differs from everything") {
  OneItem i;
  CHECK_FALSE(i.holds("nix = :v", {{":v", N("1")}}));
  CHECK(i.holds("nix <> :v", {{":v", N("1")}}));
  CHECK(i.holds("nix <> nada"));
  CHECK_FALSE(i.holds("nix = nada"));
  CHECK_FALSE(i.holds("nix < :v", {{":v", N("1")}}));
}

TEST_CASE("comparisons: order is within one type") {
  OneItem i;
  CHECK(i.holds("n < :v", {{":v", N("10")}}));
  CHECK_FALSE(i.holds("n < :v", {{":v", S("9")}}));
  CHECK(i.holds(":v <= n", {{":v", N("5")}}));
  CHECK(i.holds("s > :v", {{":v", S("hell")}}));
  CHECK(i.holds("b >= :v", {{":v", {{"B", "AQI="}}}}));
  CHECK_FALSE(i.holds("l < :v", {{":v", N("1")}}));
  CHECK(i.holds("n BETWEEN :x AND :y", {{":x", N("5")}, {":y", N("5")}}));
  CHECK_FALSE(i.holds("n BETWEEN :x AND :y", {{":x", N("6")}, {":y", N("7")}}));
  CHECK(i.holds("n IN (:x, :y)", {{":x", S("5")}, {":y", N("5")}}));
}

TEST_CASE("functions: existence, types, prefixes, contents, sizes") {
  OneItem i;
  CHECK(i.holds("attribute_exists(m.k.deep) AND attribute_not_exists(m.k.nix)"));
  CHECK(i.holds("attribute_exists(l[2].k) AND attribute_not_exists(l[3])"));
  CHECK(i.holds("attribute_type(l, :v)", {{":v", S("L")}}));
  CHECK_FALSE(i.holds("attribute_type(nix, :v)", {{":v", S("NULL")}}));
  CHECK(i.holds("begins_with(s, :v)", {{":v", S("he")}}));
  CHECK(i.holds("begins_with(b, :v)", {{":v", {{"B", "AQI="}}}}));
  CHECK_FALSE(i.holds("begins_with(n, :v)", {{":v", S("5")}}));
  CHECK(i.holds("contains(s, :v)", {{":v", S("ell")}}));
  CHECK(i.holds("contains(ss, :v)", {{":v", S("x")}}));
  CHECK(i.holds("contains(ns, :v)", {{":v", N("2.0")}}));
  CHECK(i.holds("contains(l, :v)", {{":v", S("two")}}));
  CHECK_FALSE(i.holds("contains(l, :v)", {{":v", S("tw")}}));
  CHECK(i.holds("size(s) = :v", {{":v", N("5")}}));
  CHECK(i.holds("size(umlaut) = :v", {{":v", N("2")}}));
  CHECK(i.holds("size(b) = :v AND size(l) = :v", {{":v", N("3")}}));
  CHECK(i.holds("size(m) < size(ss)"));
  CHECK_FALSE(i.holds("size(n) > :v", {{":v", N("0")}}));
}

TEST_CASE("logic: NOT before AND before OR") {
  OneItem i;
  const Json v = {{":y", N("5")}, {":n", N("6")}};
  CHECK(i.holds("n = :y OR n = :n AND n = :n", v));
  CHECK_FALSE(i.holds("(n = :y OR n = :n) AND n = :n", v));
  CHECK(i.holds("NOT n = :n AND n = :y", v));
  CHECK_FALSE(i.holds("NOT (n = :n OR n = :y)", v));
  CHECK(i.holds("n BETWEEN :y AND :n AND n = :y", v));
}

}  // namespace bodega::dynamodb
