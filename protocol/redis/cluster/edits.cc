#include "protocol/redis/cluster/edits.h"

#include <set>
#include <string>

#include "engines/keyspace/engine.h"
#include "protocol/redis/cluster/views.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

// ---- ADDSLOTS and the like ----

enum class Change : std::uint8_t { kAdd, kDelete };

void collect_slot(Call& call, Change change, unsigned slot, std::set<unsigned>& slots) {
  const std::string name = "ERR Slot " + std::to_string(slot);
  const bool owned = cluster_of(call).topology().owner(slot) != Topology::kNone;
  if (change == Change::kDelete && !owned) throw Error(name + " is already unassigned");
  if (change == Change::kAdd && owned) throw Error(name + " is already busy");
  if (!slots.insert(slot).second) throw Error(name + " specified multiple times");
}

void change_slots(Call& call, Change change, const std::set<unsigned>& slots) {
  const int owner = change == Change::kAdd ? node_of(call) : Topology::kNone;
  cluster_of(call).edit([&](Topology& topology) {
    for (const unsigned slot : slots) {
      if (change == Change::kAdd) topology.end_move(slot, owner);
      topology.assign(slot, owner);
    }
  });
  call.reply.ok();
}

void change_listed(Call& call, Change change) {
  cluster_of(call);
  for (const auto text : call.args.subspan(2)) to_slot(text);
  std::set<unsigned> slots;
  for (const auto text : call.args.subspan(2)) collect_slot(call, change, to_slot(text), slots);
  change_slots(call, change, slots);
}

void change_ranges(Call& call, Change change) {
  cluster_of(call);
  if (call.size() % 2 == 1) throw errors::wrong_arity(call.command.name);
  std::set<unsigned> slots;
  for (std::size_t i = 2; i < call.size(); i += 2) {
    const unsigned first = to_slot(call.arg(i));
    const unsigned last = to_slot(call.arg(i + 1));
    if (first > last) {
      throw Error("ERR start slot number " + std::to_string(first) +
                  " is greater than end slot number " + std::to_string(last));
    }
    for (unsigned slot = first; slot <= last; ++slot) collect_slot(call, change, slot, slots);
  }
  change_slots(call, change, slots);
}

// ---- SETSLOT ----

int to_target(Call& call, std::string_view error) {
  const int node = to_node(call, call.arg(4), error);
  if (!cluster_of(call).topology().is_master(node)) throw Error("ERR Target node is not a master");
  return node;
}

void set_migrating(Call& call, unsigned slot) {
  Cluster& cluster = cluster_of(call);
  if (cluster.topology().owner(slot) != node_of(call)) {
    throw Error("ERR I'm not the owner of hash slot " + std::to_string(slot));
  }
  const int to = to_target(call, "ERR I don't know about node ");
  cluster.edit([&](Topology& topology) { topology.begin_move(slot).to = to; });
}

void set_importing(Call& call, unsigned slot) {
  Cluster& cluster = cluster_of(call);
  if (cluster.topology().owner(slot) == node_of(call)) {
    throw Error("ERR I'm already the owner of hash slot " + std::to_string(slot));
  }
  const int from = to_target(call, "ERR I don't know about node ");
  cluster.edit([&](Topology& topology) {
    Topology::Move& move = topology.begin_move(slot);
    move.importer = node_of(call);
    move.from = from;
  });
}

void set_owner(Call& call, unsigned slot) {
  Cluster& cluster = cluster_of(call);
  const int to = to_target(call, "ERR Unknown node ");
  const int me = node_of(call);
  if (cluster.topology().owner(slot) == me && to != me && cluster.count_in_slot(me, slot) != 0) {
    throw Error("ERR Can't assign hashslot " + std::to_string(slot) +
                " to a different node while I still hold keys for this hash slot.");
  }
  const bool stays = call.instance.parameters().text("cluster-allow-replica-migration") != "yes";
  cluster.edit([&](Topology& topology) {
    topology.settle_move(
        slot, to, stays ? Topology::Emptied::kStaysMaster : Topology::Emptied::kBecomesReplica);
  });
}

}  // namespace

void cluster_addslots(Call& call) { change_listed(call, Change::kAdd); }
void cluster_delslots(Call& call) { change_listed(call, Change::kDelete); }
void cluster_addslotsrange(Call& call) { change_ranges(call, Change::kAdd); }
void cluster_delslotsrange(Call& call) { change_ranges(call, Change::kDelete); }

void cluster_flushslots(Call& call) {
  Cluster& cluster = cluster_of(call);
  if (cluster.key_count(node_of(call)) != 0) {
    throw Error("ERR DB must be empty to perform CLUSTER FLUSHSLOTS.");
  }
  cluster.edit([&](Topology& topology) {
    for (unsigned slot = 0; slot < kSlots; ++slot) {
      if (topology.owner(slot) == node_of(call)) topology.assign(slot, Topology::kNone);
    }
  });
  call.reply.ok();
}

void cluster_setslot(Call& call) {
  Cluster& cluster = cluster_of(call);
  if (cluster.is_replica(node_of(call))) throw Error("ERR Please use SETSLOT only with masters.");
  const unsigned slot = to_slot(call.arg(2));
  const std::string_view action = call.arg(3);
  if (is_word(action, "MIGRATING") && call.size() == 5) {
    set_migrating(call, slot);
  } else if (is_word(action, "IMPORTING") && call.size() == 5) {
    set_importing(call, slot);
  } else if (is_word(action, "NODE") && call.size() == 5) {
    set_owner(call, slot);
  } else if (is_word(action, "STABLE") && call.size() == 4) {
    cluster.edit([&](Topology& topology) { topology.end_move(slot, node_of(call)); });
  } else {
    throw Error("ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP");
  }
  call.reply.ok();
}

// The replica has all that its master has, so each kind of failover is done at once.
void cluster_failover(Call& call) {
  Cluster& cluster = cluster_of(call);
  ArgumentCursor args(call.args, 2);
  if (!args.take("FORCE")) args.take("TAKEOVER");
  args.finish();
  if (!cluster.is_replica(node_of(call))) {
    throw Error("ERR You should send CLUSTER FAILOVER to a replica");
  }
  cluster.edit([&](Topology& topology) { topology.fail_over(node_of(call)); });
  call.reply.ok();
}

void cluster_replicate(Call& call) {
  Cluster& cluster = cluster_of(call);
  const int me = node_of(call);
  const int master = to_node(call, call.arg(2), "ERR Unknown node ");
  if (master == me) throw Error("ERR Can't replicate myself");
  if (cluster.is_replica(master)) {
    throw Error("ERR I can only replicate a master, not a replica.");
  }
  if (!cluster.is_replica(me) && cluster.topology().slot_count(me) != 0) {
    throw Error("ERR To set a master the node must be empty and without assigned slots.");
  }
  cluster.edit([&](Topology& topology) { topology.replicate(me, master); });
  call.reply.ok();
}

// Only those that stand in this process can meet.
void cluster_meet(Call& call) {
  Cluster& cluster = cluster_of(call);
  if (call.size() > 5) throw errors::wrong_subcommand("CLUSTER", call.arg(1));
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::int64_t port =
      to_integer_in(call.arg(3), -kMost, kMost,
                    "ERR Invalid TCP base port specified: " + std::string(call.arg(3)));
  const Topology& topology = cluster.topology();
  int met = Topology::kNone;
  for (int node = 0; node < topology.size(); ++node) {
    if (cluster.port(node) == port) met = node;
  }
  const int me = node_of(call);
  // Two that stand alone would have to found a cluster beside the one that is there.
  bool apart = met != Topology::kNone && topology.node(me).alone && topology.node(met).alone;
  for (int node = 0; apart && node < topology.size(); ++node) {
    if (!topology.node(node).alone) met = Topology::kNone;
  }
  if (met == Topology::kNone) {
    throw Error("ERR Invalid node address specified: " + std::string(call.arg(2)) + ":" +
                std::string(call.arg(3)));
  }
  cluster.edit([&](Topology& edited) { edited.meet(me, met); });
  call.reply.ok();
}

// The first node that is asked has all of them forget it; redis-cli asks each.
void cluster_forget(Call& call) {
  Cluster& cluster = cluster_of(call);
  const int me = node_of(call);
  const int node = cluster.topology().find(call.arg(2));
  if (node == Topology::kNone) throw Error("ERR Unknown node " + std::string(call.arg(2)));
  if (node == me) throw Error("ERR I tried hard but I can't forget myself...");
  if (cluster.topology().node(me).master == node) throw Error("ERR Can't forget my master!");
  if (cluster.topology().sees(me, node)) {
    cluster.edit([&](Topology& topology) { topology.forget(node); });
  }
  call.reply.ok();
}

void cluster_reset(Call& call) {
  Cluster& cluster = cluster_of(call);
  ArgumentCursor args(call.args, 2);
  const bool hard = args.take("HARD");
  if (!hard) args.take("SOFT");
  args.finish();
  const int me = node_of(call);
  if (!cluster.is_replica(me) && cluster.key_count(me) != 0) {
    throw Error("ERR CLUSTER RESET can't be called with master nodes containing keys");
  }
  cluster.edit([&](Topology& topology) {
    topology.reset(me, hard ? Topology::Reset::kHard : Topology::Reset::kSoft);
  });
  call.reply.ok();
}

void cluster_bumpepoch(Call& call) {
  Cluster& cluster = cluster_of(call);
  const int me = node_of(call);
  bool bumped = false;
  cluster.edit([&](Topology& topology) { bumped = topology.bump_epoch(me); });
  call.reply.simple((bumped ? "BUMPED " : "STILL ") +
                    std::to_string(cluster.topology().node(me).epoch));
}

void cluster_set_config_epoch(Call& call) {
  Cluster& cluster = cluster_of(call);
  const int me = node_of(call);
  const std::int64_t epoch = to_integer(call.arg(2));
  if (epoch < 0) throw Error("ERR Invalid config epoch specified: " + std::to_string(epoch));
  if (cluster.topology().seen_by(me).size() > 1) {
    throw Error(
        "ERR The user can assign a config epoch only when the node does not know any other node.");
  }
  if (cluster.topology().node(me).epoch != 0) {
    throw Error("ERR Node config epoch is already non-zero");
  }
  cluster.edit(
      [&](Topology& topology) { topology.set_epoch(me, static_cast<std::uint64_t>(epoch)); });
  call.reply.ok();
}

// The table is committed with each edit of it.
void cluster_saveconfig(Call& call) {
  cluster_of(call);
  call.reply.ok();
}

}  // namespace bodega::redis
