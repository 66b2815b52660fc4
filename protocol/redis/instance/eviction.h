// Eviction: when the keyspace is larger than maxmemory, keys go as maxmemory-policy says.
#pragma once

namespace bodega::redis {

class Instance;

// Removes keys until the keyspace fits, a bounded number of them a call. False: it does not fit,
// and the policy gives nothing (more) to remove.
bool evict_if_needed(Instance& instance);

}  // namespace bodega::redis
