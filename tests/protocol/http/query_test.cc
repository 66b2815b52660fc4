#include "protocol/http/query.h"

#include "tests/catch.h"

using namespace bodega;

TEST_CASE("Query: parameters in order, decoded, with their raw spelling") {
  const auto query = http::Query::parse("a=1&b=%2F+x&&c&d=&a=2");
  std::string seen;
  for (const http::QueryParameter& parameter : query) {
    seen.append(parameter.name).append("[").append(parameter.value).append("]");
    seen.append(parameter.has_equals ? "=" : "-").append(parameter.raw).append(" ");
  }
  CHECK(seen == "a[1]=a=1 b[/ x]=b=%2F+x c[]-c d[]=d= a[2]=a=2 ");
  CHECK(query.get_or_empty("a") == "1");
  CHECK_FALSE(query.has("e"));
  CHECK(query.well_formed());
  CHECK(query.raw() == "a=1&b=%2F+x&&c&d=&a=2");
}

TEST_CASE("Query: a malformed escape is kept as sent and makes the query bad") {
  const auto query = http::Query::parse("a=%2&b=%zz&c=%41");
  CHECK_FALSE(query.well_formed());
  CHECK(query.get_or_empty("a") == "%2");
  CHECK(query.get_or_empty("b") == "%zz");
  CHECK(query.get_or_empty("c") == "A");
}

TEST_CASE("Query: it owns its text, moved and copied") {
  std::string text = "short=%20";
  auto query = http::Query::parse(text);
  text.assign(text.size(), 'x');
  const http::Query moved = std::move(query);
  CHECK(moved.get_or_empty("short") == " ");
  http::Query copied = moved;
  CHECK(copied.raw() == "short=%20");
  CHECK(copied.get_or_empty("short") == " ");
  CHECK(copied.raw().data() != moved.raw().data());
  copied = http::Query();
  CHECK(copied.empty());
  CHECK(http::Query::parse("").empty());
}
