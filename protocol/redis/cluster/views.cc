#include "protocol/redis/cluster/views.h"

#include <algorithm>
#include <string>

#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

// How far the port of the bus, which clients do not use, is from a node's own.
constexpr int kBusPortDistance = 10000;

void append_ranges(std::string& out, const Topology& topology, int node) {
  for (const Topology::Range& range : topology.ranges_of(node)) {
    out += ' ' + std::to_string(range.first);
    if (range.last != range.first) out += '-' + std::to_string(range.last);
  }
}

void append_moves(std::string& out, const Topology& topology, int node) {
  for (const auto& [slot, move] : topology.moves()) {
    const std::string number = " [" + std::to_string(slot);
    if (topology.owner(slot) == node && move.to != Topology::kNone) {
      out += number + "->-" + topology.node(move.to).id + "]";
    } else if (move.importer == node) {
      out += number + "-<-" + topology.node(move.from).id + "]";
    }
  }
}

// A line of CLUSTER NODES, without its end.
std::string description(Call& call, int node) {
  const Cluster& cluster = cluster_of(call);
  const Topology& topology = cluster.topology();
  const int port = cluster.port(node);
  std::string out = topology.node(node).id + ' ' + cluster.ip(call.session) + ':' +
                    std::to_string(port) + '@' + std::to_string(port + kBusPortDistance);
  if (!cluster.hostname().empty()) out += ',' + cluster.hostname();
  out += node == node_of(call) ? " myself," : " ";
  out +=
      topology.is_master(node) ? "master -" : "slave " + topology.node(topology.master_of(node)).id;
  // No ping is due, and all nodes were heard of this very moment.
  out += " 0 " + std::to_string(node == node_of(call) ? 0 : call.now_ms) + ' ' +
         std::to_string(topology.epoch_of(node)) + " connected";
  append_ranges(out, topology, node);
  if (node == node_of(call)) append_moves(out, topology, node);
  return out;
}

void reply_pair(Reply& reply, std::string_view name, std::string_view value) {
  reply.bulk(name);
  reply.bulk(value);
}

// One node of CLUSTER SLOTS.
void reply_slots_node(Call& call, int node) {
  const Cluster& cluster = cluster_of(call);
  const Cluster::Endpoint preferred = cluster.preferred();
  const bool shows_ip = preferred != Cluster::Endpoint::kIp;
  const bool shows_hostname =
      preferred != Cluster::Endpoint::kHostname && !cluster.hostname().empty();
  call.reply.array(4);
  if (preferred == Cluster::Endpoint::kUnknown) {
    call.reply.null();
  } else {
    call.reply.bulk(cluster.preferred_host(call.session));
  }
  call.reply.integer(cluster.port(node));
  call.reply.bulk(cluster.topology().node(node).id);
  call.reply.map((shows_ip ? 1u : 0u) + (shows_hostname ? 1u : 0u));
  if (shows_ip) reply_pair(call.reply, "ip", cluster.ip(call.session));
  if (shows_hostname) reply_pair(call.reply, "hostname", cluster.hostname());
}

// One node of CLUSTER SHARDS.
void reply_shards_node(Call& call, int node) {
  const Cluster& cluster = cluster_of(call);
  const Topology& topology = cluster.topology();
  call.reply.map(cluster.hostname().empty() ? 7 : 8);
  reply_pair(call.reply, "id", topology.node(node).id);
  call.reply.bulk("port");
  call.reply.integer(cluster.port(node));
  reply_pair(call.reply, "ip", cluster.ip(call.session));
  reply_pair(call.reply, "endpoint", cluster.preferred_host(call.session));
  if (!cluster.hostname().empty()) reply_pair(call.reply, "hostname", cluster.hostname());
  reply_pair(call.reply, "role", topology.is_master(node) ? "master" : "replica");
  call.reply.bulk("replication-offset");
  call.reply.integer(static_cast<std::int64_t>(call.keyspace.change_count()));
  reply_pair(call.reply, "health", "online");
}

std::vector<int> shard_of(const Topology& topology, int master) {
  std::vector<int> nodes{master};
  for (const int replica : topology.replicas_of(master)) nodes.push_back(replica);
  return nodes;
}

}  // namespace

Cluster& cluster_of(Call& call) {
  if (call.instance.cluster() == nullptr) {
    throw Error("ERR This instance has cluster support disabled");
  }
  return *call.instance.cluster();
}

int node_of(const Call& call) { return call.session.cluster.node; }

unsigned to_slot(std::string_view text) {
  return static_cast<unsigned>(
      to_integer_in(text, 0, kSlots - 1, "ERR Invalid or out of range slot"));
}

int to_node(Call& call, std::string_view id, std::string_view error) {
  const Topology& topology = cluster_of(call).topology();
  const int node = topology.find(id);
  if (node == Topology::kNone || !topology.sees(node_of(call), node)) {
    throw Error(std::string(error) + std::string(id));
  }
  return node;
}

void cluster_nodes(Call& call) {
  std::string text;
  for (const int node : cluster_of(call).topology().seen_by(node_of(call))) {
    text += description(call, node) + '\n';
  }
  call.reply.verbatim(text);
}

void cluster_slots(Call& call) {
  const Topology& topology = cluster_of(call).topology();
  const auto header = call.reply.defer();
  std::size_t count = 0;
  unsigned first = 0;
  while (first < kSlots) {
    const int owner = topology.owner_seen_by(node_of(call), first);
    unsigned behind = first + 1;
    while (behind < kSlots && topology.owner_seen_by(node_of(call), behind) == owner) ++behind;
    if (owner != Topology::kNone) {
      const std::vector<int> nodes = shard_of(topology, owner);
      call.reply.array(2 + nodes.size());
      call.reply.integer(first);
      call.reply.integer(behind - 1);
      for (const int node : nodes) reply_slots_node(call, node);
      ++count;
    }
    first = behind;
  }
  call.reply.close(header, count);
}

void cluster_shards(Call& call) {
  const Topology& topology = cluster_of(call).topology();
  const auto header = call.reply.defer();
  std::size_t count = 0;
  for (const int master : topology.seen_by(node_of(call))) {
    if (!topology.is_master(master)) continue;
    ++count;
    call.reply.map(2);
    call.reply.bulk("slots");
    const auto ranges = topology.ranges_of(master);
    call.reply.array(ranges.size() * 2);
    for (const Topology::Range& range : ranges) {
      call.reply.integer(range.first);
      call.reply.integer(range.last);
    }
    call.reply.bulk("nodes");
    const std::vector<int> nodes = shard_of(topology, master);
    call.reply.array(nodes.size());
    for (const int node : nodes) reply_shards_node(call, node);
  }
  call.reply.close(header, count);
}

void cluster_replicas(Call& call) {
  const Topology& topology = cluster_of(call).topology();
  const int master = to_node(call, call.arg(2), "ERR Unknown node ");
  if (!topology.is_master(master)) throw Error("ERR The specified node is not a master");
  const std::vector<int> replicas = topology.replicas_of(master);
  call.reply.array(replicas.size());
  for (const int replica : replicas) call.reply.bulk(description(call, replica));
}

void cluster_info(Call& call) {
  const Cluster& cluster = cluster_of(call);
  const Topology& topology = cluster.topology();
  const int me = node_of(call);
  const std::vector<int> known = topology.seen_by(me);
  const std::string assigned = std::to_string(topology.slots_seen_by(me));
  const auto serving = std::count_if(known.begin(), known.end(),
                                     [&](int node) { return topology.slot_count(node) > 0; });
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(":").append(value).append("\r\n");
  };
  add("cluster_state", cluster.is_up(me) ? "ok" : "fail");
  add("cluster_slots_assigned", assigned);
  add("cluster_slots_ok", assigned);
  add("cluster_slots_pfail", "0");
  add("cluster_slots_fail", "0");
  add("cluster_known_nodes", std::to_string(known.size()));
  add("cluster_size", std::to_string(serving));
  add("cluster_current_epoch", std::to_string(topology.current_epoch()));
  add("cluster_my_epoch", std::to_string(topology.epoch_of(me)));
  add("cluster_stats_messages_sent", "0");
  add("cluster_stats_messages_received", "0");
  add("total_cluster_links_buffer_limit_exceeded", "0");
  call.reply.verbatim(text);
}

// Nodes of one process need no links.
void cluster_links(Call& call) {
  cluster_of(call);
  call.reply.array(0);
}

void cluster_myid(Call& call) {
  call.reply.bulk(cluster_of(call).topology().node(node_of(call)).id);
}

void cluster_myshardid(Call& call) {
  const Topology& topology = cluster_of(call).topology();
  call.reply.bulk(topology.node(topology.master_of(node_of(call))).shard);
}

void cluster_keyslot(Call& call) {
  cluster_of(call);
  call.reply.integer(keyspace::slot_of(call.arg(2)));
}

void cluster_countkeysinslot(Call& call) {
  const Cluster& cluster = cluster_of(call);
  const std::int64_t slot = to_integer(call.arg(2));
  if (slot < 0 || slot >= kSlots) throw Error("ERR Invalid slot");
  call.reply.integer(
      static_cast<std::int64_t>(cluster.count_in_slot(node_of(call), static_cast<unsigned>(slot))));
}

void cluster_getkeysinslot(Call& call) {
  const Cluster& cluster = cluster_of(call);
  const std::int64_t slot = to_integer(call.arg(2));
  const std::int64_t most = to_integer(call.arg(3));
  if (slot < 0 || slot >= kSlots || most < 0) {
    throw Error("ERR Invalid slot or number of keys");
  }
  const auto keys = cluster.keys_in_slot(node_of(call), static_cast<unsigned>(slot),
                                         static_cast<std::size_t>(most));
  call.reply.array(keys.size());
  for (const std::string& key : keys) call.reply.bulk(key);
}

// No node of one process fails by itself.
void cluster_count_failure_reports(Call& call) {
  to_node(call, call.arg(2), "ERR Unknown node ");
  call.reply.integer(0);
}

}  // namespace bodega::redis
