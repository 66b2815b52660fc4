// What is stored in numbers, and the status that is made of it.
#include "server/control/status.h"

#include <nlohmann/json.hpp>

#include "engines/world/world.h"
#include "server/control/inventory.h"
#include "server/control/key_counts.h"
#include "server/control/missing.h"
#include "server/control/recent.h"
#include "tests/catch.h"
#include "tests/held_executor.h"

using namespace bodega;
using namespace bodega::server;

namespace {

void make_bucket(world::World& world, const std::string& name, int objects) {
  object::Bucket bucket;
  bucket.name = name;
  REQUIRE(world.objects().create_bucket(bucket));
  for (int i = 0; i < objects; ++i) {
    object::DataWriter writer = world.objects().begin_write();
    writer.write("hello");
    object::Put put;
    put.bucket = name;
    put.key = "key" + std::to_string(i);
    REQUIRE(world.objects().put(put, writer.finish()));
  }
}

struct Storage {
  base::ManualClock clock;
  std::shared_ptr<world::World> world = world::World::in_memory(clock);
  world::Worlds worlds{world, clock};
};

nlohmann::json count(Storage& storage) {
  base::InlineExecutor executor;
  Inventory inventory(storage.worlds, executor);
  int called = 0;
  inventory.refresh([&called] { ++called; });
  CHECK(called == 1);
  return nlohmann::json::parse(inventory.json());
}

}  // namespace

TEST_CASE("Inventory: buckets with their objects, tables, keys") {
  Storage storage;
  make_bucket(*storage.world, "first", 3);
  make_bucket(*storage.world, "second", 0);
  table::Table table;
  table.name = {"000000000000", "us-east-1", "visits"};
  table.keys.hash = {{"page"}};
  REQUIRE(storage.world->tables().create_table(table));
  const auto json = count(storage);
  CHECK(json["s3"]["objects"] == 3);
  CHECK(json["s3"]["bytes"] == 15);
  CHECK(json["s3"]["at_least"] == false);
  REQUIRE(json["s3"]["buckets"].size() == 2);
  CHECK(json["s3"]["buckets"][0]["name"] == "first");
  CHECK(json["s3"]["buckets"][0]["objects"] == 3);
  CHECK(json["s3"]["buckets"][1]["objects"] == 0);
  REQUIRE(json["dynamodb"]["tables"].size() == 1);
  CHECK(json["dynamodb"]["tables"][0]["name"] == "visits");
  CHECK(json["dynamodb"]["tables"][0]["items"] == 0);
  CHECK(json["dynamodb"]["at_least"] == false);
  CHECK(json["kms"]["keys"] == 0);
}

TEST_CASE("Inventory: those who ask while it is being counted wait for the same count") {
  Storage storage;
  tests::HeldExecutor executor;
  Inventory inventory(storage.worlds, executor);
  int called = 0;
  inventory.refresh([&called] { ++called; });
  inventory.refresh([&called] { ++called; });
  CHECK(called == 0);
  CHECK(executor.held() == 1);
  executor.run_all();
  CHECK(called == 2);
  inventory.refresh([&called] { ++called; });
  CHECK(called == 3);  // it is still new enough
  CHECK(executor.held() == 0);
}

TEST_CASE("Status: facts, what is stored, the last requests and what was missing") {
  Storage storage;
  make_bucket(*storage.world, "first", 1);
  base::InlineExecutor executor;
  Inventory inventory(storage.worlds, executor);
  Missing missing(storage.clock, "");
  RecentRequests recent(storage.clock);
  KeyCounts keys;
  keys.set("", {{0, 7, 2}, {3, 1, 0}});
  observe::Exchange exchange;
  exchange.service = "s3";
  exchange.operation = "PutBucketCors";
  exchange.missing = "PutBucketCors";
  missing.after(exchange);
  recent.after(exchange);
  const StatusService status({storage.clock, missing, recent, keys, inventory}, [] {
    return StatusService::Facts{{"http://127.0.0.1:4566"}, {"s3"}, "/data", "process", "verify"};
  });
  storage.clock.advance_ms(2500);
  http::RequestHead head;
  head.method = "GET";
  auto begun = status.begin(head);
  auto& sink = *std::get<std::unique_ptr<http::BodySink>>(begun);
  CHECK(sink.end() == http::BodySink::Flow::kWait);
  bool ready = false;
  sink.resume([&ready] { ready = true; });
  REQUIRE(ready);
  const auto json = nlohmann::json::parse(std::get<std::string>(sink.finish({}).body));
  CHECK(json["version"] == BODEGA_VERSION);
  CHECK(json["uptime_seconds"] == 2);
  CHECK(json["addresses"] == nlohmann::json({"http://127.0.0.1:4566"}));
  CHECK(json["services"] == nlohmann::json({"s3"}));
  CHECK(json["data"] == "/data");
  CHECK(json["durability"] == "process");
  CHECK(json["auth"] == "verify");
  CHECK(json["stored"]["s3"]["objects"] == 1);
  CHECK(json["redis"][0]["databases"][0] ==
        nlohmann::json({{"number", 0}, {"keys", 7}, {"expiring", 2}}));
  CHECK(json["redis"][0]["databases"].size() == 2);
  CHECK(json["requests"][0]["operation"] == "PutBucketCors");
  CHECK(json["missing"][0]["count"] == 1);
  head.method = "POST";
  CHECK(std::get<http::Reply>(status.begin(head)).status == 405);
}
