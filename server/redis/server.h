// The Redis server: one loop, with a thread of its own, for all Redis endpoints of the process.
// Each endpoint has an address, a keyspace and an Instance, and sees nothing of the others. The
// loop works in ticks: run what every ready socket has brought, commit what each keyspace changed
// once, then write all replies, one write a connection. A reply therefore never leaves before what
// it acknowledges is in the store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engines/base/clock.h"
#include "protocol/redis/instance/instance.h"
#include "server/net/address.h"

namespace bodega::keyspace {
class Engine;
}

namespace bodega::server {

class KeyCounts;
class Metrics;
class Tls;

// A socket in the file system.
struct UnixPlace {
  std::string path;      // empty: none
  unsigned mode = 0700;  // who may connect
};

struct RedisEndpoint {
  // Port 0 takes a free one. The nodes of a cluster (options.cluster) have this port and those
  // behind it.
  Address address;
  // What metrics call it; empty: the process's own, as most have no other.
  std::string label;
  // Held, and with it its world, until the endpoint has ended; only the loop's thread touches it
  // meanwhile. No other endpoint may have it.
  std::shared_ptr<keyspace::Engine> keyspace;
  const base::Clock* clock = nullptr;  // its world's
  // `port` and `bind` are set from the address. Without a `shutdown`, SHUTDOWN ends this endpoint
  // and no other.
  redis::InstanceOptions options;
  // Told twice a second how many keys there are. Null: nothing. Must outlive the server.
  KeyCounts* key_counts = nullptr;
  // Called on the loop's thread when it has ended and its addresses are free. Null: nothing.
  std::function<void()> ended = nullptr;
  // What speaks TLS to clients that begin with it; outlives the server. Null: nothing does.
  Tls* tls = nullptr;
  UnixPlace unix_place = {};  // besides the address
};

class RedisServer {
 public:
  explicit RedisServer(Metrics& metrics);  // which must outlive it
  // Stops as stop() and join() do.
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // Binds and listens, so clients can connect from now on, but answers only after start(). Returns
  // the address with the real port, and of a cluster that of each node. Throws StartError when an
  // address cannot be had. Thread-safe.
  std::vector<Address> add(RedisEndpoint endpoint);

  void start();

  // Ends the endpoint that has this keyspace; nothing happens when none has. Thread-safe.
  void end(std::shared_ptr<keyspace::Engine> keyspace);

  struct Cleared {
    std::uint64_t keys = 0;
    std::string fault;  // why it could not be done, as a client would be told; empty: it is done
  };
  // Removes all keys of these keyspaces, whether endpoints have them or nobody does, and calls
  // `done` on the loop's thread when that is committed. Thread-safe.
  using Keyspaces = std::vector<std::shared_ptr<keyspace::Engine>>;
  void clear(Keyspaces keyspaces, std::function<void(Cleared)> done);

  // Calls `work` on the loop's thread, between two ticks, with the instance of the endpoint that
  // has this keyspace; nullptr when none has. Thread-safe.
  void with_instance(const keyspace::Engine& keyspace, std::function<void(redis::Instance*)> work);

  // Ends all endpoints. Returns at once; thread-safe, may be called again.
  void stop();

  // Waits until all is finished. REQUIRES: stop() was called.
  void join();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::server
