#include "protocol/redis/instance/eviction.h"

#include <optional>
#include <string>

#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"

namespace bodega::redis {
namespace {

// Keys that one call removes at most: a bound on how long a command may have to wait.
constexpr int kMaxRemovals = 1000;
// Random keys that are looked at in search of one with a time to live, in databases with few of
// them.
constexpr int kMaxTries = 200;

struct Policy {
  bool volatile_only;
  enum class By { kLru, kLfu, kTtl, kRandom } by;
};

// Empty for noeviction.
std::optional<Policy> policy_of(std::string_view name) {
  const bool volatile_only = name.starts_with("volatile-");
  if (name.ends_with("-lru")) return Policy{volatile_only, Policy::By::kLru};
  if (name.ends_with("-lfu")) return Policy{volatile_only, Policy::By::kLfu};
  if (name.ends_with("-ttl")) return Policy{volatile_only, Policy::By::kTtl};
  if (name.ends_with("-random")) return Policy{volatile_only, Policy::By::kRandom};
  return std::nullopt;
}

struct Candidate {
  unsigned db;
  std::string key;
  std::int64_t worth;  // the lowest goes first
};

std::int64_t worth_of(const keyspace::Engine& engine, const Policy& policy, unsigned db,
                      const keyspace::Entry& entry) {
  switch (policy.by) {
    case Policy::By::kLru: return -engine.idle_seconds(entry);
    case Policy::By::kLfu: return engine.frequency(entry);
    case Policy::By::kTtl: return engine.expiry_of(db, entry);
    case Policy::By::kRandom: break;
  }
  return 0;
}

// The least worthy of a few random keys of each database.
std::optional<Candidate> choose(Instance& instance, const Policy& policy) {
  keyspace::Engine& engine = instance.keyspace();
  const std::int64_t samples =
      policy.by == Policy::By::kRandom ? 1 : instance.parameters().number("maxmemory-samples");
  std::optional<Candidate> best;
  for (unsigned db = 0; db < engine.database_count(); ++db) {
    if ((policy.volatile_only ? engine.expiring_count(db) : engine.size(db)) == 0) continue;
    std::int64_t seen = 0;
    for (int tries = 0; seen < samples && tries < kMaxTries; ++tries) {
      const keyspace::Entry* entry = engine.random(db);
      if (entry == nullptr) break;
      if (policy.volatile_only && !entry->has_expiry()) continue;
      ++seen;
      const std::int64_t worth = worth_of(engine, policy, db, *entry);
      if (!best || worth < best->worth) best = Candidate{db, std::string(entry->key()), worth};
    }
  }
  return best;
}

}  // namespace

bool evict_if_needed(Instance& instance) {
  const std::uint64_t limit = instance.parameters().live().maxmemory;
  keyspace::Engine& engine = instance.keyspace();
  if (limit == 0 || instance.used_memory() <= limit) return true;
  if (!instance.fault().empty()) return false;  // a removal is a write
  if (engine.is_staging()) return true;         // under way likewise: a key at random may be staged
  const auto policy = policy_of(instance.parameters().text("maxmemory-policy"));
  if (!policy) return false;
  for (int removed = 0; instance.used_memory() > limit; ++removed) {
    if (removed == kMaxRemovals) return true;  // under way; the next call goes on
    const auto candidate = choose(instance, *policy);
    if (!candidate) return false;
    engine.remove(candidate->db, candidate->key);
    instance.replicas().removed(candidate->db, candidate->key);
    ++instance.statistics().evicted_keys;
    instance.notify(candidate->db, kNotifyEvicted, "evicted", candidate->key);
  }
  return true;
}

}  // namespace bodega::redis
