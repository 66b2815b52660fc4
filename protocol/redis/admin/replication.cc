// Replication as a source: replicas are sent a snapshot and then what happens. Following another
// server is not here.
#include <cstdint>
#include <string>

#include "engines/keyspace/engine.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

ReplicaState& state_of(Session& session) {
  if (session.replica == nullptr) session.replica = std::make_unique<ReplicaState>();
  return *session.replica;
}

void replconf(Call& call) {
  if (call.size() % 2 == 0) throw Error(errors::kSyntax);
  ReplicaState& state = state_of(call.session);
  for (ArgumentCursor args(call.args, 1); args.more();) {
    if (args.take("ACK")) {
      const std::int64_t offset = to_integer(args.next());
      if (!state.following) return;
      call.instance.replicas().confirmed(call.instance, call.session,
                                         static_cast<std::uint64_t>(offset < 0 ? 0 : offset));
      return;  // is not answered
    }
    if (args.take("LISTENING-PORT")) {
      state.port = std::to_string(to_int(args.next()));
    } else if (args.take("IP-ADDRESS")) {
      state.address = args.next();
    } else if (args.take("RDB-ONLY")) {
      state.snapshot_only = to_int(args.next()) == 1;
    } else if (args.take("CAPA") || args.take("GETACK") || args.take("VERSION")) {
      args.next();
    } else {
      throw Error("ERR Unrecognized REPLCONF option: " + std::string(args.next()));
    }
  }
  call.reply.ok();
}

void check_may_follow(const Call& call) {
  if (call.session.transaction.open) {
    throw Error("ERR Command not allowed inside a transaction");
  }
}

void sync(Call& call) {
  check_may_follow(call);
  state_of(call.session);
  std::string out;
  call.instance.replicas().begin(call.instance, call.session, out);
  call.reply.raw(out);
}

void psync(Call& call) {
  check_may_follow(call);
  const std::int64_t offset = to_integer(call.arg(2));
  state_of(call.session);
  Replicas& replicas = call.instance.replicas();
  std::string out;
  if (!replicas.resume(call.instance, call.session, call.arg(1), offset, out)) {
    std::string snapshot;
    replicas.begin(call.instance, call.session, snapshot);
    out = "+FULLRESYNC " + replicas.stream().id() + " " +
          std::to_string(replicas.stream().offset()) + "\r\n" + snapshot;
  }
  call.reply.raw(out);
}

void role_in_cluster(Call& call, const Cluster& cluster) {
  const Topology& topology = cluster.topology();
  const int node = call.session.cluster.node;
  const auto offset = static_cast<std::int64_t>(call.keyspace.change_count());
  if (cluster.is_replica(node)) {
    call.reply.array(5);
    call.reply.bulk("slave");
    call.reply.bulk(cluster.ip(call.session));
    call.reply.integer(cluster.port(topology.master_of(node)));
    call.reply.bulk("connected");
    return call.reply.integer(offset);
  }
  const std::vector<int> replicas = topology.replicas_of(node);
  call.reply.array(3);
  call.reply.bulk("master");
  call.reply.integer(offset);
  call.reply.array(replicas.size());
  for (const int replica : replicas) {
    call.reply.array(3);
    call.reply.bulk(cluster.ip(call.session));
    call.reply.bulk_integer(cluster.port(replica));
    call.reply.bulk_integer(offset);
  }
}

void role(Call& call) {
  if (call.instance.cluster() != nullptr) return role_in_cluster(call, *call.instance.cluster());
  const Replicas& replicas = call.instance.replicas();
  call.reply.array(3);
  call.reply.bulk("master");
  call.reply.integer(static_cast<std::int64_t>(replicas.stream().offset()));
  call.reply.array(replicas.sessions().size());
  for (const Session* session : replicas.sessions()) {
    call.reply.array(3);
    call.reply.bulk(address_of_replica(*session));
    call.reply.bulk(port_of_replica(*session));
    call.reply.bulk(std::to_string(session->replica->confirmed));
  }
}

void replicaof(Call& call) {
  if (call.instance.cluster() != nullptr) throw Error("ERR REPLICAOF not allowed in cluster mode.");
  if (!is_word(call.arg(1), "no") || !is_word(call.arg(2), "one")) {
    throw Error("ERR Replication is not supported by this server");
  }
  call.reply.ok();
}

// The replicas of a cluster's node have the very keyspace of their master.
std::int64_t wait_in_cluster(const Call& call, const Cluster& cluster) {
  const int node = call.session.cluster.node;
  if (cluster.is_replica(node)) {
    throw Error(
        "ERR WAIT cannot be used with replica instances. Please also note that since Redis "
        "4.0 if a replica is configured to be writable (which is not the default) writes "
        "to replicas are just local and are not propagated.");
  }
  return static_cast<std::int64_t>(cluster.topology().replicas_of(node).size());
}

// Waits for what this client has written, not for everyone's.
void wait(Call& call) {
  const std::int64_t wanted = to_integer(call.arg(1));
  const std::int64_t timeout_ms =
      to_integer(call.arg(2), "ERR timeout is not an integer or out of range");
  if (timeout_ms < 0) throw Error("ERR timeout is negative");
  if (const Cluster* cluster = call.instance.cluster()) {
    return call.reply.integer(wait_in_cluster(call, *cluster));
  }
  Replicas& replicas = call.instance.replicas();
  replicas.send(call.instance);
  const std::int64_t there = replicas.count_at(call.session.written_offset);
  if (there >= wanted || !call.may_block()) return call.reply.integer(there);
  replicas.ask(call.instance);
  call.block(BlockOn::kReplicas, {}, timeout_ms == 0 ? 0 : call.now_ms + timeout_ms,
             Call::OnTimeout::kReplicaCount);
}

void failover(Call& call) {
  if (call.instance.cluster() != nullptr) {
    throw Error("ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.");
  }
  throw Error("ERR FAILOVER requires connected replicas.");
}

constexpr CommandFlags kFollowing = kAdmin | kNoscript | kNoMulti | kNoAsyncLoading;

// clang-format off
constexpr Command kCommands[] = {
    {.name = "role", .arity = 1, .flags = kNoscript | kLoading | kStale | kFast,
     .since = "2.8.12", .summary = "Returns the role in replication.", .run = role,
     .categories = kCatAdmin | kCatDangerous},
    {.name = "replicaof", .arity = 3, .flags = kAdmin | kNoscript | kStale | kNoAsyncLoading,
     .since = "5.0.0", .summary = "Stays a master.", .run = replicaof},
    {.name = "slaveof", .arity = 3, .flags = kAdmin | kNoscript | kStale | kNoAsyncLoading,
     .since = "1.0.0", .summary = "Stays a master.", .run = replicaof},
    {.name = "replconf", .arity = -1,
     .flags = kAdmin | kNoscript | kLoading | kStale | kAllowBusy, .since = "3.0.0",
     .summary = "Tells what a replica is and how far it has come.", .run = replconf},
    {.name = "sync", .arity = 1, .flags = kFollowing, .since = "1.0.0",
     .summary = "Returns a snapshot and then what happens.", .run = sync},
    {.name = "psync", .arity = -3, .flags = kFollowing, .since = "2.8.0",
     .summary = "Returns what a replica has missed, and then what happens.", .run = psync},
    {.name = "wait", .arity = 3, .flags = kBlocking, .group = Group::kGeneric, .since = "3.0.0",
     .summary = "Counts the replicas that have all writes.", .run = wait,
     .categories = kCatConnection},
    {.name = "failover", .arity = -1, .flags = kAdmin | kNoscript | kStale, .since = "6.2.0",
     .summary = "Refuses: no replica can take over.", .run = failover},
};
// clang-format on

}  // namespace

std::span<const Command> replication_commands() { return kCommands; }

}  // namespace bodega::redis
