#include "server/redis/listener.h"

#include <utility>

#include "server/redis/loop.h"

namespace bodega::server {

class RedisListener::Impl {
 public:
  Impl(const Address& address, keyspace::Engine& engine, const base::Clock& clock, Metrics& metrics,
       redis::InstanceOptions options)
      : loop(address, engine, clock, metrics.make_shard("redis"), std::move(options)) {}

  RedisLoop loop;
};

RedisListener::RedisListener(const Address& address, keyspace::Engine& engine,
                             const base::Clock& clock, Metrics& metrics,
                             redis::InstanceOptions options)
    : impl_(std::make_unique<Impl>(address, engine, clock, metrics, std::move(options))) {}

RedisListener::~RedisListener() = default;

const Address& RedisListener::address() const { return impl_->loop.address(); }
void RedisListener::start() { impl_->loop.start(); }
void RedisListener::stop() { impl_->loop.stop(); }
void RedisListener::join() { impl_->loop.join(); }
void RedisListener::post(std::function<void()> task) { impl_->loop.post(std::move(task)); }
redis::Instance& RedisListener::instance() { return impl_->loop.instance(); }

}  // namespace bodega::server
