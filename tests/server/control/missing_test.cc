// What clients asked for in vain: told apart, counted and bounded.
#include "server/control/missing.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"

using namespace bodega;
using namespace bodega::server;

namespace {

observe::Exchange refused(std::string_view service, std::string missing) {
  observe::Exchange exchange;
  exchange.service = service;
  exchange.missing = std::move(missing);
  exchange.error_message = "The operation is not implemented";
  return exchange;
}

}  // namespace

TEST_CASE("Missing: each kind is counted, with its first and its last time") {
  base::ManualClock clock;
  Missing missing(clock, "");
  missing.after(refused("s3", "PutBucketCors"));
  clock.advance_ms(1500);
  missing.after(refused("s3", "PutBucketCors"));
  missing.after(refused("redis", "EVAL"));
  missing.after(observe::Exchange{});
  missing.after(observe::Batch{"redis", "get", 7, 0, 10});
  const auto json = nlohmann::json::parse(missing.json());
  REQUIRE(json.size() == 2);
  CHECK(json[0]["service"] == "redis");
  CHECK(json[0]["count"] == 1);
  CHECK(json[1]["operation"] == "PutBucketCors");
  CHECK(json[1]["message"] == "The operation is not implemented");
  CHECK(json[1]["count"] == 2);
  CHECK(json[1]["first"] == "2026-01-02T03:04:05.000Z");
  CHECK(json[1]["last"] == "2026-01-02T03:04:06.500Z");
  CHECK(missing.figures()[0].value == 2);
  CHECK(missing.figures()[1].value == 3);
}

TEST_CASE("Missing: names that a client makes up fill no memory") {
  base::ManualClock clock;
  Missing missing(clock, "");
  for (std::size_t i = 0; i < Missing::kMaxKinds + 50; ++i) {
    missing.after(refused("redis", std::to_string(i) + std::string(1000, 'x')));
  }
  const auto kinds = missing.kinds();
  REQUIRE(kinds.size() == Missing::kMaxKinds + 1);
  CHECK(kinds.back().service == "other");
  CHECK(kinds.back().count == 50);
  CHECK(kinds.front().operation.size() == Missing::kMaxTextBytes);
}
