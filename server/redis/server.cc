#include "server/redis/server.h"

#include <utility>

#include "server/control/metrics.h"
#include "server/redis/loop.h"

namespace bodega::server {

class RedisServer::Impl {
 public:
  explicit Impl(Metrics& to) : metrics(to) {}

  Metrics& metrics;
  RedisLoop loop;
};

RedisServer::RedisServer(Metrics& metrics) : impl_(std::make_unique<Impl>(metrics)) {}
RedisServer::~RedisServer() = default;

Address RedisServer::add(RedisEndpoint endpoint) {
  Metrics::Shard& shard = impl_->metrics.make_shard("redis", endpoint.label);
  return impl_->loop.add(std::move(endpoint), shard);
}

void RedisServer::clear(Keyspaces keyspaces, std::function<void(Cleared)> done) {
  impl_->loop.clear(std::move(keyspaces), std::move(done));
}

void RedisServer::with_instance(const keyspace::Engine& keyspace,
                                std::function<void(redis::Instance*)> work) {
  impl_->loop.with_instance(keyspace, std::move(work));
}

void RedisServer::start() { impl_->loop.start(); }
void RedisServer::stop() { impl_->loop.stop(); }
void RedisServer::join() { impl_->loop.join(); }

}  // namespace bodega::server
