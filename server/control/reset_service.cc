#include "server/control/reset_service.h"

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "protocol/aws/signature/credentials.h"
#include "protocol/dynamodb/idempotency.h"
#include "server/control/service.h"

namespace bodega::server {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kRedis = "redis";

http::Reply reset_reply(int status, const Json& json) {
  return control_reply(status, "application/json",
                       json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
                       "Reset");
}

http::Reply refusal(int status, const std::string& why) {
  Json json;
  json["error"] = why;
  return reset_reply(status, json);
}

// ---- What each service does ----

Json reset_s3(world::World& world, std::string_view account) {
  Json json;
  json["buckets"] = world.objects().clear(account);
  return json;
}

Json reset_dynamodb(world::World& world, std::string_view account) {
  const table::Cleared cleared = world.tables().clear(account);
  // A transaction that is sent again was about items that are gone.
  const std::string scope = account.empty() ? "" : std::string(account) + "/";
  world.service_state().get<dynamodb::Idempotency>().forget(scope);
  Json json;
  json["tables"] = cleared.tables;
  if (cleared.items) json["items"] = *cleared.items;
  return json;
}

Json reset_kms(world::World& world, std::string_view account) {
  world.vault().clear(account);
  return Json::object();
}

Json reset_sts(world::World& world, std::string_view account) {
  world.identities().clear(account);
  return Json::object();
}

struct Row {
  std::string_view service;
  Json (*reset)(world::World& world, std::string_view account);  // null: Redis
};

constexpr std::array<Row, 5> kRows{{
    {"s3", reset_s3},
    {"dynamodb", reset_dynamodb},
    {"kms", reset_kms},
    {"sts", reset_sts},
    {kRedis, nullptr},
}};

// ---- The request ----

struct Asked {
  std::vector<const Row*> rows;
  std::string account;  // empty: all
  bool redis = false;

  std::string names() const {
    std::string text;
    for (const Row* row : rows) text.append(text.empty() ? "" : ", ").append(row->service);
    if (redis) text.append(text.empty() ? "" : ", ").append(kRedis);
    return text;
  }
};

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (comma > 0) names.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return names;
}

// Adds the service, or says what is wrong with its name.
std::optional<std::string> add_service(Asked& asked, const std::string& name) {
  if (name == kRedis || name == "elasticache") {
    asked.redis = true;
    return std::nullopt;
  }
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&name](const Row& one) { return one.service == name; });
  if (row == kRows.end()) {
    return "there is no service \"" + name + "\" to reset: s3, dynamodb, kms, sts and redis are";
  }
  if (std::find(asked.rows.begin(), asked.rows.end(), &*row) == asked.rows.end()) {
    asked.rows.push_back(&*row);
  }
  return std::nullopt;
}

void add_all(Asked& asked) {
  for (const Row& row : kRows) {
    if (row.reset != nullptr) asked.rows.push_back(&row);
  }
  asked.redis = asked.account.empty();
}

// A parameter that is misspelt must not lead to a reset of more than was meant.
std::variant<Asked, std::string> read(const http::RequestHead& head, std::string_view services) {
  Asked asked;
  std::vector<std::string> names = names_in(services);
  bool named = !services.empty();
  for (const http::QueryParameter& parameter : head.query) {
    if (parameter.name == "service") {
      named = true;
      for (std::string& name : names_in(parameter.value)) names.push_back(std::move(name));
    } else if (parameter.name == "account" && asked.account.empty()) {
      asked.account = parameter.value;
      if (!aws::is_account(asked.account))
        return "\"" + asked.account + "\" is no account: 12 digits";
    } else {
      return "\"" + std::string(parameter.name) +
             "\" is no parameter of a reset: service (several) and account (one) are";
    }
  }
  for (const std::string& name : names) {
    if (auto wrong = add_service(asked, name)) return *std::move(wrong);
  }
  if (named && names.empty()) return std::string("service= names no service");
  if (!named) add_all(asked);
  if (asked.redis && !asked.account.empty()) {
    return std::string(
        "the keys of Redis belong to no account: name the services that have accounts "
        "(s3, dynamodb, kms, sts), or leave the account out");
  }
  return asked;
}

}  // namespace

// Waits for Redis; what comes as a body means nothing.
class ResetService::Sink final : public http::BodySink {
 public:
  Sink(const ResetService& service, Asked asked)
      : worlds_(service.worlds_), clear_redis_(service.clear_redis_), asked_(std::move(asked)) {}

  Flow write(std::string_view) override { return Flow::kMore; }

  Flow end() override {
    log::info("reset: " + asked_.names() +
              (asked_.account.empty() ? "" : " of account " + asked_.account));
    for (const Row* row : asked_.rows) {
      if (!reset(*row)) return Flow::kMore;
    }
    if (!asked_.redis) return Flow::kMore;
    clear_redis_([awaited = awaited_](const RedisCleared& cleared) { awaited->come(cleared); });
    return Flow::kWait;
  }

  void resume(std::function<void()> ready) override { awaited_->when_come(std::move(ready)); }

  http::Reply finish(const http::Headers&) override {
    if (const auto redis = awaited_->cleared()) {
      if (redis->fault.empty()) {
        done_[std::string(kRedis)]["keys"] = redis->keys;
      } else {
        fail(kRedis, redis->fault);
      }
    }
    Json json;
    json["status"] = fault_.empty() ? "ok" : "failed";
    if (!fault_.empty()) json["fault"] = fault_;
    json["reset"] = done_;
    return reset_reply(fault_.empty() ? 200 : 500, json);
  }

 private:
  // What Redis answers, which may be after the sink has gone.
  class Awaited {
   public:
    void come(const RedisCleared& cleared) {
      std::function<void()> ready;
      {
        const base::Lock lock(mutex_);
        cleared_ = cleared;
        ready = std::exchange(ready_, nullptr);
      }
      if (ready) ready();
    }
    void when_come(std::function<void()> ready) {
      {
        const base::Lock lock(mutex_);
        if (!cleared_) {
          ready_ = std::move(ready);
          return;
        }
      }
      ready();
    }
    std::optional<RedisCleared> cleared() const {
      const base::Lock lock(mutex_);
      return cleared_;
    }

   private:
    mutable base::Mutex mutex_;
    std::optional<RedisCleared> cleared_ GUARDED_BY(mutex_);
    std::function<void()> ready_ GUARDED_BY(mutex_);
  };

  bool reset(const Row& row) {
    try {
      done_[std::string(row.service)] = row.reset(*worlds_.main(), asked_.account);
      return true;
    } catch (const base::StorageFault& fault) {
      fail(row.service, fault.what());
      return false;
    }
  }

  void fail(std::string_view service, const std::string& why) {
    fault_ = std::string(service) + ": " + why;
    log::error("the reset failed at " + fault_);
  }

  world::Worlds& worlds_;
  const ClearRedis& clear_redis_;
  const Asked asked_;
  Json done_ = Json::object();
  std::string fault_;
  const std::shared_ptr<Awaited> awaited_ = std::make_shared<Awaited>();
};

http::Begun ResetService::begin(const http::RequestHead& head, std::string_view services) const {
  if (head.method != "POST") {
    http::Reply refused = refusal(405, "only POST resets");
    refused.headers.add("Allow", "POST");
    return refused;
  }
  auto asked = read(head, services);
  if (const auto* wrong = std::get_if<std::string>(&asked)) return refusal(400, *wrong);
  return std::make_unique<Sink>(*this, std::get<Asked>(std::move(asked)));
}

void ResetService::add_to(ControlService& control) {
  const auto add = [this, &control](std::string path, std::string services) {
    control.add(std::move(path),
                [this, services = std::move(services)](const http::RequestHead& head) {
                  return begin(head, services);
                });
  };
  for (const char* path : {"/_bodega/reset", "/_localstack/state/reset", "/moto-api/reset"}) {
    add(path, "");
  }
  for (const char* service : {"s3", "dynamodb", "kms", "sts", "redis", "elasticache"}) {
    add(std::string("/_localstack/state/") + service + "/reset", service);
  }
}

}  // namespace bodega::server
