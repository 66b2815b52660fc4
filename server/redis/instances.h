// RedisInstances: the Redis endpoints of the process by name. Those of --redis are there from the
// start, others are made and ended while it runs (instances_service.h). Each has its own keyspace,
// port and parameters; all share the one loop and the one store.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/mutex.h"
#include "server/redis/server.h"

namespace bodega::world {
class World;
}

namespace bodega::server {

class RedisInstances {
 public:
  // What is wanted of a new one.
  struct Plan {
    std::string name;
    Address address;  // port 0: a free one
    redis::ClusterShape cluster;
    std::vector<std::pair<std::string, std::string>> parameters;  // as for CONFIG SET
    bool ends_process = false;                                    // its SHUTDOWN
  };

  struct Facts {
    std::string name;
    std::vector<Address> addresses;  // one for each node of a cluster
    redis::ClusterShape cluster;
    std::uint64_t order = 0;  // of their making
  };

  // What all have in common, and what the settings say of that name; the rest is filled in.
  using MakeEndpoint = std::function<RedisEndpoint(const std::string& name)>;

  // All must outlive it; so must it the server's loop.
  RedisInstances(RedisServer& server, world::World& world, KeyCounts& key_counts,
                 MakeEndpoint make_endpoint);

  // Binds and serves. Throws StartError when an address cannot be had, std::invalid_argument when
  // there is one of that name or a parameter makes no sense, StorageFault. Thread-safe, as all
  // here.
  Facts add(const Plan& plan);
  // In the order in which they were made.
  std::vector<Facts> list() const;

  enum class Data : std::uint8_t { kKept, kRemoved };
  // Closes its connections and frees its ports, then calls `done`, on the loop's thread. False:
  // there is none of that name, or it is the process's own. Throws StorageFault.
  bool end(const std::string& name, Data data, std::function<void()> done);

 private:
  struct Entry {
    std::optional<Facts> facts;  // nothing: being made
    std::vector<std::function<void()>> when_ended;
  };

  void ended(const std::string& name);

  RedisServer& server_;
  world::World& world_;
  KeyCounts& key_counts_;
  const MakeEndpoint make_endpoint_;
  mutable base::Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_ GUARDED_BY(mutex_);
  std::uint64_t made_ GUARDED_BY(mutex_) = 0;
};

}  // namespace bodega::server
