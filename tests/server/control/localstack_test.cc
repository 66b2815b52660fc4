// LocalStack's pages, in its shapes.
#include "server/control/localstack.h"

#include <nlohmann/json.hpp>

#include "server/control/service.h"
#include "tests/catch.h"

using namespace bodega;
using namespace bodega::server;

namespace {

struct Pages {
  Pages() { pages.add_to(control); }

  http::Reply ask(std::string method, std::string path) {
    http::RequestHead head;
    head.method = std::move(method);
    head.path = std::move(path);
    REQUIRE(control.claims(head));
    return std::get<http::Reply>(control.begin(std::move(head)));
  }
  nlohmann::json json(const std::string& path) {
    const http::Reply reply = ask("GET", path);
    CHECK(reply.status == 200);
    CHECK(reply.headers.get("content-type") == "application/json");
    return nlohmann::json::parse(std::get<std::string>(reply.body));
  }

  base::ManualClock clock;
  Metrics metrics;
  aws::KeyRing keys{{}};
  aws::Authenticator authenticator{aws::Authenticator::Mode::kAcceptAny, keys};
  InitState state;
  LocalStackPages pages{{"s3", "dynamodb"}, clock, [this] { return state; }};
  ControlService control{
      {"s3", "dynamodb"}, metrics, {authenticator, clock, ControlAccess::Reach::kThisMachine}, [] {
        return std::optional<std::string>();
      }};
};

}  // namespace

TEST_CASE("LocalStack: info says what is true here") {
  Pages pages;
  pages.clock.advance_ms(90'500);
  const auto info = pages.json("/_localstack/info");
  CHECK(info["version"] == BODEGA_VERSION);
  CHECK(info["edition"] == "community");
  CHECK(info["is_license_activated"] == false);
  CHECK(info["session_id"].get<std::string>().size() == 36);
  CHECK(info["system"] == "linux");
  CHECK(info["is_docker"].is_boolean());
  CHECK(info["server_time_utc"] == "2026-01-02T03:05:35");
  CHECK(info["uptime"] == 90);
}

TEST_CASE("LocalStack: init tells how far the start has come, and of each script") {
  Pages pages;
  pages.state.is_ready = false;
  pages.state.scripts = {{"BOOT", "a.sh", "SUCCESSFUL"}, {"READY", "b.sh", "RUNNING"}};
  const auto init = pages.json("/_localstack/init");
  CHECK(init["completed"] ==
        nlohmann::json({{"BOOT", true}, {"START", true}, {"READY", false}, {"SHUTDOWN", false}}));
  REQUIRE(init["scripts"].size() == 2);
  CHECK(init["scripts"][1] ==
        nlohmann::json({{"stage", "READY"}, {"name", "b.sh"}, {"state", "RUNNING"}}));
  const auto ready = pages.json("/_localstack/init/ready");
  CHECK(ready["completed"] == false);
  CHECK(ready["scripts"].size() == 1);
  CHECK(pages.json("/_localstack/init/boot")["completed"] == true);
  CHECK(pages.ask("GET", "/_localstack/init/other").status == 404);
}

TEST_CASE("LocalStack: diagnose has the other pages in it") {
  Pages pages;
  const auto all = pages.json("/_localstack/diagnose");
  CHECK(all["version"]["bodega"] == BODEGA_VERSION);
  CHECK(all["info"]["edition"] == "community");
  CHECK(all["services"] == nlohmann::json({{"s3", "running"}, {"dynamodb", "running"}}));
  CHECK(all["init"]["completed"]["READY"] == true);
}

TEST_CASE("LocalStack: a restart over HTTP is refused, and nothing is written") {
  Pages pages;
  CHECK(pages.ask("POST", "/_localstack/health").status == 501);
  CHECK(pages.ask("GET", "/_localstack/health").status == 200);
  CHECK(pages.ask("POST", "/_localstack/info").status == 405);
}
