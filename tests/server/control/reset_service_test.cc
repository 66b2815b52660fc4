// POST /_bodega/reset: what it takes, what it refuses, what goes.
#include "server/control/reset_service.h"

#include <nlohmann/json.hpp>
#include <string>

#include "protocol/dynamodb/idempotency.h"
#include "server/control/service.h"
#include "tests/catch.h"

using namespace bodega;
using namespace bodega::server;

namespace {

using Json = nlohmann::json;

class Reset {
 public:
  Reset() {
    service.add_to(control);
    for (const char* account : {"111122223333", "999988887777"}) {
      object::Bucket bucket;
      bucket.name = std::string("bucket-") + account;
      bucket.owner = account;
      REQUIRE(world->objects().create_bucket(bucket));
      table::Table table;
      table.name = {account, "us-east-1", "table"};
      table.keys.hash = {{"p", table::Type::kString}};
      REQUIRE(world->tables().create_table(std::move(table)));
      vault::NewKey key;
      key.place = {account, "us-east-1"};
      world->vault().create_key(std::move(key));
    }
  }

  struct Answer {
    int status;
    Json body;
  };
  Answer post(const std::string& path, const std::string& query = "") {
    return send("POST", path, query);
  }
  Answer send(const std::string& method, const std::string& path, const std::string& query = "") {
    http::RequestHead head;
    head.method = method;
    head.path = path;
    head.query = http::Query::parse(query);
    REQUIRE(control.claims(head));
    http::Begun begun = control.begin(std::move(head));
    if (auto* reply = std::get_if<http::Reply>(&begun)) return answer(*reply);
    auto& sink = *std::get<std::unique_ptr<http::BodySink>>(begun);
    if (sink.end() == http::BodySink::Flow::kWait) {
      bool ready = false;
      sink.resume([&ready] { ready = true; });
      CHECK_FALSE(ready);
      done(RedisCleared{3, redis_fault});
      CHECK(ready);
    }
    return answer(sink.finish({}));
  }
  std::size_t buckets() { return world->objects().list_buckets({}).buckets.size(); }
  std::size_t keys() {
    std::size_t keys = 0;
    for (const char* account : {"111122223333", "999988887777"}) {
      keys += world->vault().list_keys({account, "us-east-1"}, {{}, 10}).elements.size();
    }
    return keys;
  }

  using RedisCleared = ResetService::RedisCleared;
  base::SystemClock clock;
  std::shared_ptr<world::World> world = world::World::in_memory(clock);
  world::Worlds worlds{world, clock};
  std::function<void(RedisCleared)> done;
  std::string redis_fault;
  Metrics metrics;
  aws::KeyRing no_keys;
  aws::Authenticator authenticator{aws::Authenticator::Mode::kAcceptAny, no_keys};
  ControlService control{{"s3"}, metrics, {authenticator, clock}, [] { return std::nullopt; }};
  ResetService service{worlds, [this](auto when_done) { done = std::move(when_done); }};

 private:
  static Answer answer(const http::Reply& reply) {
    return {reply.status, Json::parse(std::get<std::string>(reply.body))};
  }
};

}  // namespace

TEST_CASE("Reset: everything goes, and the answer says what") {
  Reset reset;
  const auto answer =
      reset.post(GENERATE("/_bodega/reset", "/_localstack/state/reset", "/moto-api/reset"));
  CHECK(answer.status == 200);
  CHECK(answer.body == Json::parse(R"({"status": "ok", "reset": {
    "s3": {"buckets": 2}, "dynamodb": {"tables": 2, "items": 0}, "redis": {"keys": 3},
    "kms": {}, "sts": {}}})"));
  CHECK(reset.buckets() == 0);
  CHECK(reset.world->tables().table_count() == 0);
  CHECK(reset.keys() == 0);
}

TEST_CASE("Reset: some services, by name or by LocalStack's path") {
  Reset reset;
  CHECK(reset.post("/_bodega/reset", "service=s3&service=kms").body["reset"].size() == 2);
  CHECK(reset.buckets() == 0);
  CHECK(reset.keys() == 0);
  CHECK(reset.world->tables().table_count() == 2);
  CHECK(reset.post("/_bodega/reset", "service=redis,elasticache").body["reset"] ==
        Json::parse(R"({"redis": {"keys": 3}})"));
  CHECK(reset.post("/_localstack/state/dynamodb/reset").body["reset"].size() == 1);
  CHECK(reset.world->tables().table_count() == 0);
}

TEST_CASE("Reset: one account, of the services that have accounts") {
  Reset reset;
  const auto answer = reset.post("/_bodega/reset", "account=111122223333");
  CHECK(answer.body["reset"] == Json::parse(R"({"s3": {"buckets": 1},
    "dynamodb": {"tables": 1, "items": 0}, "kms": {}, "sts": {}})"));
  CHECK(reset.world->objects().find_bucket("bucket-999988887777") != nullptr);
  CHECK(reset.keys() == 1);
  const auto refused = reset.post("/_bodega/reset", "account=999988887777&service=redis");
  CHECK(refused.status == 400);
  CHECK(refused.body["error"].get<std::string>().starts_with("the keys of Redis belong to no"));
  CHECK(reset.buckets() == 1);
}

TEST_CASE("Reset: what is misspelt resets nothing") {
  Reset reset;
  for (const char* query : {"services=s3", "service=s4", "service=", "service=s3,s4", "account=1",
                            "account=", "account=111122223333&account=999988887777", "s3"}) {
    const auto answer = reset.post("/_bodega/reset", query);
    CHECK(answer.status == 400);
    CHECK(answer.body.contains("error"));
  }
  CHECK(reset.send("GET", "/_bodega/reset").status == 405);
  CHECK(reset.send("DELETE", "/_localstack/state/s3/reset").status == 405);
  CHECK(reset.buckets() == 2);
}

TEST_CASE("Reset: moto's path is a key of a bucket for whatever is not moto's") {
  Reset reset;
  http::RequestHead head;
  head.path = "/moto-api/reset";
  head.method = "GET";
  CHECK_FALSE(reset.control.claims(head));
  head.method = "POST";
  CHECK(reset.control.claims(head));
  head.query = http::Query::parse("uploads");
  CHECK_FALSE(reset.control.claims(head));
}

TEST_CASE("Reset: a fault is told, with what was reset before it") {
  Reset reset;
  reset.redis_fault = "MISCONF No space left on device";
  const auto answer = reset.post("/_bodega/reset");
  CHECK(answer.status == 500);
  CHECK(answer.body["status"] == "failed");
  CHECK(answer.body["fault"] == "redis: MISCONF No space left on device");
  CHECK(answer.body["reset"].size() == 4);
  CHECK_FALSE(answer.body["reset"].contains("redis"));
}

TEST_CASE("Reset: a transaction may be sent again with its token") {
  Reset reset;
  auto& tokens = reset.world->service_state().get<dynamodb::Idempotency>();
  using Verdict = dynamodb::Idempotency::Verdict;
  for (const char* scope : {"111122223333/us-east-1", "999988887777/us-east-1"}) {
    CHECK(tokens.begin(scope, "token", "digest", 1) == Verdict::kFirst);
    tokens.end(scope, "token", dynamodb::Idempotency::End::kDone);
  }
  reset.post("/_bodega/reset", "account=111122223333");
  CHECK(tokens.begin("111122223333/us-east-1", "token", "digest", 1) == Verdict::kFirst);
  CHECK(tokens.begin("999988887777/us-east-1", "token", "digest", 1) == Verdict::kRepeated);
}
