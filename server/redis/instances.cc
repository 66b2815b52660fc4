#include "server/redis/instances.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "engines/world/world.h"
#include "server/control/key_counts.h"

namespace bodega::server {
namespace {

// Throws std::invalid_argument, with Redis's text.
void check_parameters(const std::vector<std::pair<std::string, std::string>>& given) {
  redis::Parameters parameters;
  for (const auto& [name, value] : given) {
    try {
      parameters.set(std::vector<std::string_view>{name, value});
    } catch (const redis::Error& error) {
      throw std::invalid_argument(error.text());
    }
  }
}

}  // namespace

RedisInstances::RedisInstances(RedisServer& server, world::World& world, KeyCounts& key_counts,
                               MakeEndpoint make_endpoint)
    : server_(server),
      world_(world),
      key_counts_(key_counts),
      make_endpoint_(std::move(make_endpoint)) {}

RedisInstances::Facts RedisInstances::add(const Plan& plan) {
  check_parameters(plan.parameters);
  {
    const base::Lock lock(mutex_);
    if (!entries_.try_emplace(plan.name).second) {
      throw std::invalid_argument("there is a Redis of the name \"" + plan.name + "\"");
    }
  }
  Facts facts{plan.name, {}, plan.cluster};
  try {
    RedisEndpoint endpoint = make_endpoint_(plan.name);
    endpoint.address = plan.address;
    endpoint.label = plan.name;
    endpoint.keyspace = world_.keyspace_named(plan.name);
    endpoint.clock = &world_.clock();
    endpoint.options.cluster = plan.cluster;
    endpoint.options.parameters = plan.parameters;
    // Those that share a folder each have a file of their own.
    if (!plan.name.empty()) endpoint.options.snapshot_file = plan.name + ".rdb";
    endpoint.ended = [this, name = plan.name] { ended(name); };
    if (plan.ends_process) endpoint.options.shutdown = [] { ::kill(::getpid(), SIGTERM); };
    facts.addresses = server_.add(std::move(endpoint));
  } catch (...) {
    const base::Lock lock(mutex_);
    entries_.erase(plan.name);
    throw;
  }
  const base::Lock lock(mutex_);
  facts.order = made_++;
  // A client may have ended it already.
  if (const auto entry = entries_.find(plan.name); entry != entries_.end()) {
    entry->second.facts = facts;
  }
  return facts;
}

std::vector<RedisInstances::Facts> RedisInstances::list() const {
  std::vector<Facts> out;
  {
    const base::Lock lock(mutex_);
    for (const auto& [name, entry] : entries_) {
      if (entry.facts) out.push_back(*entry.facts);
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Facts& a, const Facts& b) { return a.order < b.order; });
  return out;
}

bool RedisInstances::end(const std::string& name, Data data, std::function<void()> done) {
  if (name.empty()) return false;
  {
    const base::Lock lock(mutex_);
    const auto entry = entries_.find(name);
    if (entry == entries_.end() || !entry->second.facts) return false;
    entry->second.when_ended.push_back(std::move(done));
  }
  const auto keyspace = world_.keyspace_named(name);
  // Its endpoint holds it until it has ended.
  if (data == Data::kRemoved) world_.drop_keyspace(name);
  server_.end(keyspace);
  return true;
}

// On the loop's thread.
void RedisInstances::ended(const std::string& name) {
  std::vector<std::function<void()>> waiting;
  {
    const base::Lock lock(mutex_);
    const auto entry = entries_.find(name);
    if (entry == entries_.end()) return;
    waiting = std::move(entry->second.when_ended);
    entries_.erase(entry);
  }
  key_counts_.forget(name);
  for (const auto& done : waiting) done();
}

}  // namespace bodega::server
