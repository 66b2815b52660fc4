// The last requests: which, how many, in which order, and from several threads.
#include "server/control/recent.h"

#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "tests/catch.h"

using namespace bodega;
using namespace bodega::server;

namespace {

observe::Exchange request(std::string_view service, std::string resource, int status = 200) {
  observe::Exchange exchange;
  exchange.service = service;
  exchange.operation = "GetObject";
  exchange.resource = std::move(resource);
  exchange.status = status;
  return exchange;
}

}  // namespace

TEST_CASE("RecentRequests: the last come first, with status and reason") {
  base::ManualClock clock;
  RecentRequests recent(clock);
  recent.after(request("s3", "b/one"));
  clock.advance_ms(10);
  auto failed = request("s3", "b/two", 404);
  failed.error_code = "NoSuchKey";
  failed.error_message = "The specified key does not exist.";
  failed.elapsed_us = 120;
  failed.response_bytes = 300;
  recent.after(failed);
  const auto json = nlohmann::json::parse(recent.json());
  REQUIRE(json.size() == 2);
  CHECK(json[0]["number"] == 2);
  CHECK(json[0]["time"] == "2026-01-02T03:04:05.010Z");
  CHECK(json[0]["service"] == "s3");
  CHECK(json[0]["operation"] == "GetObject");
  CHECK(json[0]["resource"] == "b/two");
  CHECK(json[0]["status"] == 404);
  CHECK(json[0]["error"] == "NoSuchKey");
  CHECK(json[0]["message"] == "The specified key does not exist.");
  CHECK(json[0]["elapsed_us"] == 120);
  CHECK(json[0]["response_bytes"] == 300);
  CHECK(json[1]["resource"] == "b/one");
  CHECK(json[1]["error"] == "");
}

TEST_CASE("RecentRequests: so many and no more, each of a bounded size") {
  base::ManualClock clock;
  RecentRequests recent(clock);
  for (std::size_t i = 1; i <= RecentRequests::kSlots + 3; ++i) {
    recent.after(request("s3", std::string(i, 'x')));
  }
  const auto list = recent.list();
  REQUIRE(list.size() == RecentRequests::kSlots);
  CHECK(list.front().number == RecentRequests::kSlots + 3);
  CHECK(list.back().number == 4);
  CHECK(list.front().resource.size() == RecentRequests::kMaxResourceBytes);
}

TEST_CASE("RecentRequests: looking leaves no trace; of Redis only what is not there shows") {
  base::ManualClock clock;
  RecentRequests recent(clock);
  recent.after(request("control", ""));
  recent.after(request("redis", "key"));
  auto unknown = request("redis", "");
  unknown.missing = "EVAL";
  recent.after(unknown);
  REQUIRE(recent.list().size() == 1);
  CHECK(recent.list()[0].resource == "EVAL");
}

TEST_CASE("RecentRequests: threads write and one reads") {
  base::ManualClock clock;
  RecentRequests recent(clock);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&recent] {
      for (int i = 0; i < 1000; ++i) recent.after(request("s3", "bucket/a-key-of-some-length"));
    });
  }
  for (int i = 0; i < 20; ++i) CHECK(recent.list().size() <= RecentRequests::kSlots);
  for (std::thread& thread : threads) thread.join();
  CHECK(recent.list().front().number == 3000);
}
