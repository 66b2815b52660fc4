#include "server/redis/instances_service.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "server/control/service.h"
#include "server/net/start_error.h"
#include "server/redis/instances.h"

namespace bodega::server {
namespace {

using Json = nlohmann::json;

constexpr int kMadeStatus = 201;
constexpr int kWrongStatus = 400;
constexpr int kNotThereStatus = 404;
constexpr int kMethodStatus = 405;
constexpr int kTakenStatus = 409;
constexpr int kFaultStatus = 500;

http::Reply json_reply(int status, const Json& json) {
  return control_reply(status, "application/json",
                       json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", "Redis");
}

http::Reply refusal(int status, const std::string& why) {
  return json_reply(status, Json{{"error", why}});
}

Json to_json(const RedisInstances::Facts& facts) {
  Json json;
  json["name"] = facts.name;
  json["addresses"] = Json::array();
  for (const Address& address : facts.addresses) {
    json["addresses"].push_back("redis://" + address.text());
  }
  if (facts.cluster.shards > 0) {
    json["cluster"] = {{"masters", facts.cluster.shards}, {"replicas", facts.cluster.replicas}};
  }
  return json;
}

// Waits until the instance has ended; what comes as a body means nothing.
class Awaited {
 public:
  void come() {
    std::function<void()> ready;
    {
      const base::Lock lock(mutex_);
      is_there_ = true;
      ready = std::exchange(ready_, nullptr);
    }
    if (ready) ready();
  }
  void when_come(std::function<void()> ready) {
    {
      const base::Lock lock(mutex_);
      if (!is_there_) {
        ready_ = std::move(ready);
        return;
      }
    }
    ready();
  }

 private:
  base::Mutex mutex_;
  bool is_there_ GUARDED_BY(mutex_) = false;
  std::function<void()> ready_ GUARDED_BY(mutex_);
};

}  // namespace

class RedisInstancesService::Ending final : public http::BodySink {
 public:
  explicit Ending(std::string name) : name_(std::move(name)) {}

  std::function<void()> when_ended() const {
    return [awaited = awaited_] { awaited->come(); };
  }

  Flow write(std::string_view) override { return Flow::kMore; }
  Flow end() override { return Flow::kWait; }
  void resume(std::function<void()> ready) override { awaited_->when_come(std::move(ready)); }
  http::Reply finish(const http::Headers&) override {
    return json_reply(200, Json{{"ended", name_}});
  }

 private:
  const std::string name_;
  const std::shared_ptr<Awaited> awaited_ = std::make_shared<Awaited>();
};

void RedisInstancesService::add_to(ControlService& control) {
  control.add("/_bodega/redis", [this](const http::RequestHead& head) { return begin(head); });
}

http::Begun RedisInstancesService::begin(const http::RequestHead& head) {
  if (is_read(head)) return list();
  try {
    if (head.method == "POST") return make(head);
    if (head.method == "DELETE") return remove(head);
  } catch (const std::invalid_argument& error) {
    return refusal(kWrongStatus, error.what());
  } catch (const StartError& error) {
    return refusal(kTakenStatus, error.what());
  } catch (const base::StorageFault& fault) {
    return refusal(kFaultStatus, fault.what());
  }
  http::Reply refused = refusal(kMethodStatus, "GET lists, POST makes one, DELETE ends one");
  refused.headers.add("Allow", "GET, POST, DELETE");
  return refused;
}

http::Reply RedisInstancesService::list() const {
  Json json = Json::array();
  for (const RedisInstances::Facts& facts : instances_.list()) json.push_back(to_json(facts));
  return json_reply(200, Json{{"redis", json}});
}

// What is none of name, address and cluster is a parameter, as CONFIG SET takes it.
http::Reply RedisInstancesService::make(const http::RequestHead& head) {
  RedisInstances::Plan plan;
  plan.address = Address::of("127.0.0.1", 0);
  for (const http::QueryParameter& parameter : head.query) {
    const std::string name(parameter.name);
    const std::string value(parameter.value);
    if (name == "name") {
      plan.name = value;
    } else if (name == "address") {
      const auto address = Address::parse(value);
      if (!address) throw std::invalid_argument("\"" + value + "\" is no ADDR:PORT");
      plan.address = *address;
    } else if (name == "cluster") {
      const auto [shards, replicas] = read_shape_(value);
      plan.cluster = {shards, replicas};
    } else {
      plan.parameters.emplace_back(name, value);
    }
  }
  if (!check_name_(plan.name)) {
    throw std::invalid_argument("name= takes 1 to 64 of a to z, 0 to 9 and -");
  }
  const RedisInstances::Facts facts = instances_.add(plan);
  log::info("redis: \"" + facts.name + "\" answers at " + facts.addresses.front().text());
  return json_reply(kMadeStatus, to_json(facts));
}

http::Begun RedisInstancesService::remove(const http::RequestHead& head) {
  std::string name;
  auto data = RedisInstances::Data::kRemoved;
  for (const http::QueryParameter& parameter : head.query) {
    if (parameter.name == "name") {
      name = parameter.value;
    } else if (parameter.name == "data" && parameter.value == "keep") {
      data = RedisInstances::Data::kKept;
    } else {
      throw std::invalid_argument("name=NAME and data=keep are all that DELETE takes");
    }
  }
  auto ending = std::make_unique<Ending>(name);
  if (instances_.end(name, data, ending->when_ended())) return ending;
  return refusal(kNotThereStatus, name.empty() ? "the process's own Redis ends with the process"
                                               : "there is no Redis of the name \"" + name + "\"");
}

}  // namespace bodega::server
