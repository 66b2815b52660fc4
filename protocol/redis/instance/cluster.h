// Cluster: what makes one Instance look like the nodes of a Redis Cluster. All nodes share the
// keyspace, the thread and everything else of the instance; a session belongs to the node at whose
// port it was accepted (Session::cluster), and this says which keys that node has, where requests
// for the others go, and which address a node has for a client. The table itself is the Topology.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/function_ref.h"
#include "protocol/redis/instance/topology.h"
#include "protocol/redis/wire/command.h"
#include "protocol/redis/wire/execution.h"

namespace bodega::keyspace {
class Entry;
}

namespace bodega::redis {

class Instance;
class Session;

class Cluster {
 public:
  // `ports`: of the nodes, in the order of Topology. The instance must outlive it, and has its
  // parameters already. The topology is what the keyspace remembers, if it is of this shape.
  Cluster(Instance& instance, ClusterShape shape, std::vector<std::uint16_t> ports);

  const Topology& topology() const { return topology_; }
  // Changes the table, remembers it with this tick, and tells clients that wait or listen at a node
  // which is no longer the right one.
  void edit(base::FunctionRef<void(Topology&)> change);

  // MIGRATE between nodes, as redis-cli --cluster reshard sends it: the keyspace of both has the
  // keys, so all that changes is which node they are at. False: the address is no node's. Throws
  // Error as the node would answer that is not importing.
  bool migrate(const Session& session, std::string_view host, std::uint16_t port,
               const std::vector<std::string>& keys);

  // ---- The way of a command ----

  // Why the session's node does not run it: MOVED, ASK, CROSSSLOT and the like. Empty: it does. An
  // ASKING that was for this command is used up. REQUIRES: the command would run or be queued now.
  std::string refusal(Session& session, const Command& command, Args args);
  // The same for what a script calls, in a script's words.
  std::string refusal_in_script(Session& session, const ScriptState& script, const Command& command,
                                Args args);

  // ---- What a node has ----

  bool is_replica(int node) const { return !topology_.is_master(node); }
  // All slots that the node knows of are served, or the parameters want no more than some.
  bool is_up(int node) const;
  bool has_slot(int node, unsigned slot) const;
  // Whether the keyspace has the key and it is this node's, or its master's.
  bool has_key(int node, std::string_view key) const;
  // Like has_key(), for a key that the keyspace is known to have.
  bool has_existing_key(int node, std::string_view key) const;
  bool has_everything(int node) const;
  std::size_t key_count(int node) const;
  std::size_t count_in_slot(int node, unsigned slot) const;
  std::vector<std::string> keys_in_slot(int node, unsigned slot, std::size_t most) const;
  std::optional<std::string> random_key(int node) const;  // nothing: it has none
  // Removes all keys of the node.
  void flush(int node);

  // ---- Addresses, as this session may use them ----

  // The announced one, or the one at which the client reached its own node.
  std::string ip(const Session& session) const;
  const std::string& hostname() const;  // the announced one; empty: none
  std::uint16_t port(int node) const;   // likewise
  std::uint16_t own_port(int node) const { return ports_[static_cast<std::size_t>(node)]; }
  enum class Endpoint : std::uint8_t { kIp, kHostname, kUnknown };
  Endpoint preferred() const;
  // Host and port as MOVED has them: "127.0.0.1:7000", ":7000" where the client is to stay with the
  // host that it knows.
  std::string endpoint(const Session& session, int node) const;
  std::string preferred_host(const Session& session) const;

 private:
  struct Route;

  int node_at(const Session& session, std::string_view host, std::uint16_t port) const;
  void follow(Route& route, const Session& session, const Command& command, Args args) const;
  void follow_key(Route& route, int node, std::string_view key) const;
  std::string outcome(const Route& route, const Session& session) const;
  std::string outcome_of_move(const Route& route, const Session& session) const;
  void note_keys_of_importer(const Route& route);
  bool is_handed_over(unsigned slot, std::string_view key) const;
  void take_note();
  void redirect_parked();
  void end_shard_subscriptions();

  Instance& instance_;
  Topology topology_;
  const std::vector<std::uint16_t> ports_;
  std::vector<bool> sees_all_slots_;  // by node
};

}  // namespace bodega::redis
