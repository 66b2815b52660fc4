// What CLUSTER shows: the sub-commands that only look.
#pragma once

#include "protocol/redis/instance/cluster.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// The cluster of this call; throws when there is none.
Cluster& cluster_of(Call& call);
// The node at which the client is.
int node_of(const Call& call);
// A slot's number; throws Redis's error.
unsigned to_slot(std::string_view text);
// A node that the client's node knows of; throws `error` and the id.
int to_node(Call& call, std::string_view id, std::string_view error);

void cluster_nodes(Call& call);
void cluster_slots(Call& call);
void cluster_shards(Call& call);
void cluster_replicas(Call& call);
void cluster_info(Call& call);
void cluster_links(Call& call);
void cluster_myid(Call& call);
void cluster_myshardid(Call& call);
void cluster_keyslot(Call& call);
void cluster_countkeysinslot(Call& call);
void cluster_getkeysinslot(Call& call);
void cluster_count_failure_reports(Call& call);

}  // namespace bodega::redis
