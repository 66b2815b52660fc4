#include "server/redis/server.h"

#include <map>
#include <utility>

#include "engines/base/mutex.h"
#include "server/control/metrics.h"
#include "server/redis/loop.h"

namespace bodega::server {

class RedisServer::Impl {
 public:
  explicit Impl(Metrics& to) : metrics(to) {}

  // One that comes after another of its name goes on where that one stopped.
  Metrics::Shard& shard(const std::string& label) {
    const base::Lock lock(mutex);
    Metrics::Shard*& shard = shards[label];
    if (shard == nullptr) shard = &metrics.make_shard("redis", label);
    return *shard;
  }

  Metrics& metrics;
  base::Mutex mutex;
  std::map<std::string, Metrics::Shard*> shards GUARDED_BY(mutex);
  RedisLoop loop;
};

RedisServer::RedisServer(Metrics& metrics) : impl_(std::make_unique<Impl>(metrics)) {}
RedisServer::~RedisServer() = default;

std::vector<Address> RedisServer::add(RedisEndpoint endpoint) {
  Metrics::Shard& shard = impl_->shard(endpoint.label);
  return impl_->loop.add(std::move(endpoint), shard);
}

void RedisServer::end(std::shared_ptr<keyspace::Engine> keyspace) {
  impl_->loop.end(std::move(keyspace));
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
