// S3 and web pages: what the front's judgement makes of answers, preflights and refusals.
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;

namespace {

constexpr const char* kPage = "http://localhost:3000";

Answer from_page(World& world, std::string_view method, std::string_view target,
                 std::string_view body = {}, std::vector<http::Header> headers = {}) {
  headers.push_back({"Origin", kPage});
  http::RequestHead head = head_of(method, target, std::move(headers));
  head.content_length = body.size();
  head.readable_by = kPage;
  return world.send(std::move(head), body);
}

}  // namespace

TEST_CASE("browser: a page that the settings let in may read every answer") {
  World world;
  world.run("PUT", "/bucket");
  const auto put = from_page(world, "PUT", "/bucket/k", "body", {{"x-amz-meta-Colour", "red"}});
  CHECK(put.status == 200);
  CHECK(put.header("Access-Control-Allow-Origin") == kPage);
  CHECK(put.header("Access-Control-Expose-Headers").starts_with("ETag, "));
  const auto got = from_page(world, "GET", "/bucket/k");
  CHECK(got.body == "body");
  CHECK(got.header("Access-Control-Allow-Origin") == kPage);
  CHECK(got.header("Access-Control-Expose-Headers").ends_with(", x-amz-meta-colour"));
  CHECK(got.header("Vary").starts_with("Origin"));
  const auto none = from_page(world, "GET", "/bucket/none");
  CHECK(none.status == 404);
  CHECK(none.header("Access-Control-Allow-Origin") == kPage);
}

TEST_CASE("browser: any other page may not") {
  World world;
  world.run("PUT", "/bucket");
  world.run("PUT", "/bucket/k", "body");
  const auto got = world.run("GET", "/bucket/k", "", {{"Origin", "http://evil.example"}});
  CHECK(got.status == 200);
  CHECK_FALSE(got.headers.has("Access-Control-Allow-Origin"));
}

TEST_CASE("browser: preflights of a page that the settings let in are granted") {
  World world;
  world.run("PUT", "/bucket");
  const auto granted = from_page(world, "OPTIONS", "/bucket/k", "",
                                 {{"Access-Control-Request-Method", "PUT"},
                                  {"Access-Control-Request-Headers", "content-type,x-amz-date"}});
  CHECK(granted.status == 200);
  CHECK(granted.body.empty());
  CHECK(granted.header("Access-Control-Allow-Origin") == kPage);
  CHECK(granted.header("Access-Control-Allow-Methods").find("PUT") != std::string::npos);
  CHECK(granted.header("Access-Control-Allow-Headers") == "content-type,x-amz-date");
  const auto refused =
      world.run("OPTIONS", "/bucket/k", "",
                {{"Origin", "http://evil.example"}, {"Access-Control-Request-Method", "PUT"}});
  CHECK(refused.status == 403);
  CHECK(refused.at("Code") == "AccessForbidden");
  CHECK(refused.at("Message") == "CORSResponse: CORS is not enabled for this bucket.");
}

TEST_CASE("browser: refusals are the service's own errors, a preflight's too") {
  World world;
  CHECK(world.service().exposure() == http::Exposure::kReads);
  const auto refused = world.service().refuse(head_of("PUT", "/bucket/k"), "Because <so>.");
  CHECK(refused.status == 403);
  CHECK(refused.error_code == "AccessDenied");
  CHECK(std::get<std::string>(refused.body).find("<Message>Because &lt;so") != std::string::npos);
  CHECK(refused.headers.has("x-amz-request-id"));
  CHECK(world.service().refuse(head_of("OPTIONS", "/bucket/k"), "").error_code ==
        "AccessForbidden");
  CHECK(std::get<std::string>(world.service().refuse(head_of("HEAD", "/b/k"), "No.").body).empty());
}

TEST_CASE("browser: who verifies signatures leaves pages to them") {
  WorldOptions options;
  options.mode = aws::Authenticator::Mode::kVerify;
  World world(options);
  CHECK(world.service().exposure() == http::Exposure::kSigned);
}
