// POST /_bodega/reset: removes what is stored, of all services, of some (?service=s3,redis) or of
// one account (?account=111122223333), and answers once that is durable. LocalStack's and moto's
// paths for the same lead here too. What is stored costs the caller nothing: memory and blobs are
// freed in the background.
//
// Each service is reset in one commit of its own. A request that is in flight sees what was before
// or what is after, and a kill leaves every service whole or empty.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/world/worlds.h"
#include "protocol/http/message.h"

namespace bodega::server {

class ControlService;

class ResetService {
 public:
  struct RedisCleared {
    std::uint64_t keys = 0;
    std::string fault;  // why it could not be done; empty: it is
  };
  // Empties all keyspaces and calls back, on any thread, when that is durable.
  using ClearRedis = std::function<void(std::function<void(RedisCleared)> done)>;

  // `worlds` must outlive the requests.
  ResetService(world::Worlds& worlds, ClearRedis clear_redis)
      : worlds_(worlds), clear_redis_(std::move(clear_redis)) {}

  // Adds the paths. Outlives the requests.
  void add_to(ControlService& control);

 private:
  class Sink;

  // `services`: names, with commas between; empty: all.
  http::Begun begin(const http::RequestHead& head, std::string_view services) const;

  world::Worlds& worlds_;
  const ClearRedis clear_redis_;
};

}  // namespace bodega::server
