#include "protocol/aws/front/rest_routes.h"

#include <array>

#include "tests/catch.h"

using namespace bodega;
using aws::RestRoute;

namespace {

constexpr std::array kRoutes{
    RestRoute{"GET", "/2015-03-31/functions"},
    RestRoute{"GET", "/2015-03-31/functions/{Name}"},
    RestRoute{"GET", "/2015-03-31/functions/settings"},
    RestRoute{"PUT", "/2015-03-31/functions/{Name}/code/{Part}"},
    RestRoute{"GET", "/tags/{Arn+}"},
};

std::optional<aws::RestMatch> find(std::string method, std::string path) {
  http::RequestHead head;
  head.method = std::move(method);
  head.path = std::move(path);
  return aws::find_route(kRoutes, head);
}

}  // namespace

TEST_CASE("REST routes: literal segments and labels, which are decoded") {
  REQUIRE(find("GET", "/2015-03-31/functions"));
  CHECK(find("GET", "/2015-03-31/functions/")->route == 0);
  const auto named = find("GET", "/2015-03-31/functions/a%2Fb%20c");
  REQUIRE(named);
  CHECK(named->route == 1);
  CHECK(named->label("Name") == "a/b c");
  CHECK(named->label("Other").empty());
  const auto part = find("PUT", "/2015-03-31/functions/f/code/2");
  REQUIRE(part);
  CHECK(part->label("Name") == "f");
  CHECK(part->label("Part") == "2");
}

TEST_CASE("REST routes: the template with more literal segments counts") {
  CHECK(find("GET", "/2015-03-31/functions/settings")->route == 2);
}

TEST_CASE("REST routes: a greedy label takes the rest") {
  CHECK(find("GET", "/tags/arn:aws:x/y/z")->label("Arn") == "arn:aws:x/y/z");
}

TEST_CASE("REST routes: what does not fit has no route") {
  CHECK_FALSE(find("POST", "/2015-03-31/functions"));
  CHECK_FALSE(find("GET", "/2015-03-31/functions/a/b"));
  CHECK_FALSE(find("GET", "/2015-03-31"));
  CHECK_FALSE(find("GET", "/tags/"));
  CHECK_FALSE(find("GET", "/2015-03-31/functions/%zz"));
  CHECK_FALSE(find("GET", "/"));
}
