// The Redis listener: one loop, with a thread of its own, that owns the keyspace and all RESP
// connections. It works in ticks: run what every ready socket has brought, commit the keyspace's
// batch once, then write all replies, one write a connection. A reply therefore never leaves before
// what it acknowledges is in the store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "engines/base/clock.h"
#include "server/net/address.h"

namespace bodega::keyspace {
class Engine;
}
namespace bodega::redis {
class Instance;
struct InstanceOptions;
}  // namespace bodega::redis

namespace bodega::server {

class Metrics;

class RedisListener {
 public:
  // Binds and listens, so clients can connect from now on, but answers only after start(). Throws
  // StartError when the address cannot be had. `options.port` and `bind` are set from the address.
  // All references must outlive the listener; from start() on, only its thread touches the engine.
  RedisListener(const Address& address, keyspace::Engine& engine, const base::Clock& clock,
                Metrics& metrics, redis::InstanceOptions options);
  // Stops as stop() and join() do.
  ~RedisListener();
  RedisListener(const RedisListener&) = delete;
  RedisListener& operator=(const RedisListener&) = delete;

  // Where it listens; the port is the real one when 0 was asked for.
  const Address& address() const;

  void start();

  // Accepts nothing more, finishes the tick it is in, commits and closes all connections. Returns
  // at once; thread-safe, may be called again.
  void stop();

  // Waits until all is finished. REQUIRES: stop() was called.
  void join();

  // Runs `task` on the loop, where it may use instance() and the engine; what it changes is
  // committed at the end of the tick. Thread-safe. Tasks posted after stop() may never run.
  void post(std::function<void()> task);

  // REQUIRES: called on the loop, or before start().
  redis::Instance& instance();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::server
