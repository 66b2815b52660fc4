#include "protocol/redis/instance/cluster.h"

#include <algorithm>
#include <utility>

#include "engines/base/log.h"
#include "engines/base/random.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"

namespace bodega::redis {
namespace {

constexpr std::string_view kNote = "cluster";

constexpr std::string_view kDown = "CLUSTERDOWN The cluster is down";
constexpr std::string_view kDownForWrites =
    "CLUSTERDOWN The cluster is down and only accepts read commands";
constexpr std::string_view kNotServed = "CLUSTERDOWN Hash slot not served";

Topology remembered(keyspace::Engine& engine, ClusterShape shape) {
  const std::string& text = engine.notes().text(kNote);
  if (auto known = Topology::read(text, shape)) return std::move(*known);
  if (!text.empty()) {
    log::info("redis: the cluster begins anew, because it was of another shape before");
  }
  return Topology(shape);
}

bool is_of_shard_channels(const Command& command) {
  return command.name == "ssubscribe" || command.name == "sunsubscribe" ||
         command.name == "spublish";
}

}  // namespace

// What is known of a request once all its keys were looked at.
struct Cluster::Route {
  const std::string_view name;  // of the command; for what EXEC runs, EXEC
  const bool asking;
  const bool writes;
  const bool shard_channels;
  bool any_key = false;
  bool several = false;
  bool crossed = false;
  std::string_view first_key = {};
  unsigned slot = 0;
  int owner = Topology::kNone;
  bool migrating = false;
  bool importing = false;
  std::size_t missing = 0;
  std::size_t existing = 0;
  std::vector<std::string> keys = {};  // while the slot is on its way
};

Cluster::Cluster(Instance& instance, ClusterShape shape, std::vector<std::uint16_t> ports)
    : instance_(instance),
      topology_(remembered(instance.keyspace(), shape)),
      ports_(std::move(ports)) {
  instance_.keyspace().index_slots();
  take_note();
}

void Cluster::take_note() {
  sees_all_slots_.clear();
  for (int node = 0; node < topology_.size(); ++node) {
    sees_all_slots_.push_back(topology_.slots_seen_by(node) == kSlots);
  }
  instance_.keyspace().notes().set(kNote, topology_.text());
}

void Cluster::edit(base::FunctionRef<void(Topology&)> change) {
  change(topology_);
  take_note();
  redirect_parked();
  end_shard_subscriptions();
}

// ---- The way of a command ----

bool Cluster::is_handed_over(unsigned slot, std::string_view key) const {
  const Topology::Move* const move = topology_.move_of(slot);
  return move != nullptr && move->handed_over.contains(key);
}

void Cluster::follow_key(Route& route, int node, std::string_view key) const {
  const unsigned slot = keyspace::slot_of(key);
  if (!route.any_key) {
    route.any_key = true;
    route.first_key = key;
    route.slot = slot;
    route.owner = topology_.owner_seen_by(node, slot);
    if (const Topology::Move* const move = topology_.move_of(slot)) {
      route.migrating = route.owner == node && move->to != Topology::kNone;
      route.importing = move->importer == node;
    }
  } else if (key != route.first_key) {
    if (slot != route.slot) route.crossed = true;
    route.several = true;
  }
  if (!route.migrating && !route.importing) return;
  route.keys.emplace_back(key);
  if (route.shard_channels) return;
  const bool is_there =
      instance_.keyspace().exists(0, key) && is_handed_over(route.slot, key) == route.importing;
  ++(is_there ? route.existing : route.missing);
}

void Cluster::follow(Route& route, const Session& session, const Command& command,
                     Args args) const {
  for (const KeyReference& reference : keys_of(command, args)) {
    follow_key(route, session.cluster.node, reference.key);
    // As Redis does, the first fault decides: what is behind it is not looked at.
    if (route.crossed || route.owner == Topology::kNone) return;
  }
}

std::string Cluster::outcome(const Route& route, const Session& session) const {
  if (!route.any_key) return {};
  if (route.owner == Topology::kNone) return std::string(kNotServed);
  if (route.crossed) return "CROSSSLOT Keys in request don't hash to the same slot";
  const Parameters& parameters = instance_.parameters();
  if (!is_up(session.cluster.node)) {
    if (route.shard_channels) {
      if (parameters.text("cluster-allow-pubsubshard-when-down") != "yes")
        return std::string(kDown);
    } else if (parameters.text("cluster-allow-reads-when-down") != "yes") {
      return std::string(kDown);
    } else if (route.writes) {
      return std::string(kDownForWrites);
    }
  }
  return outcome_of_move(route, session);
}

std::string Cluster::outcome_of_move(const Route& route, const Session& session) const {
  const int node = session.cluster.node;
  constexpr std::string_view kTryAgain = "TRYAGAIN Multiple keys request during rehashing of slot";
  if ((route.migrating || route.importing) && route.name == "migrate") return {};
  if (route.migrating && route.missing > 0) {
    if (route.existing > 0) return std::string(kTryAgain);
    return "ASK " + std::to_string(route.slot) + " " +
           endpoint(session, topology_.move_of(route.slot)->to);
  }
  if (route.importing && route.asking) {
    return route.several && route.missing > 0 ? std::string(kTryAgain) : std::string();
  }
  const bool may_read = (session.cluster.read_only || route.shard_channels) && !route.writes;
  if (may_read && is_replica(node) && topology_.node(node).master == route.owner) return {};
  if (route.owner == node) return {};
  return "MOVED " + std::to_string(route.slot) + " " + endpoint(session, route.owner);
}

// What is written at the importer while the slot is on its way is there and not at the owner.
void Cluster::note_keys_of_importer(const Route& route) {
  if (!route.importing || !route.asking || !route.writes) return;
  for (const std::string& key : route.keys) {
    if (!instance_.keyspace().exists(0, key)) topology_.hand_over(route.slot, key);
  }
}

std::string Cluster::refusal(Session& session, const Command& command, Args args) {
  SessionCluster& mine = session.cluster;
  const bool asked = std::exchange(mine.asked, false);
  if (!session.transaction.open) mine.asking = false;
  if (asked) mine.asking = true;
  const bool writes = effective_flags(session, command, args).has(kWrite);
  Route route{command.name, mine.asking || command.flags.has(kAsking), writes,
              is_of_shard_channels(command)};
  if (command.traits.has(kRunsQueue) && session.transaction.open) {
    for (const QueuedCommand& queued : session.transaction.queue) {
      const std::vector<std::string_view> views(queued.args.begin(), queued.args.end());
      follow(route, session, *queued.command, views);
    }
  } else {
    follow(route, session, command, args);
  }
  mine.slot = route.any_key ? static_cast<int>(route.slot) : -1;
  std::string text = outcome(route, session);
  if (text.empty()) note_keys_of_importer(route);
  if (text.empty() && writes && is_replica(mine.node)) {
    return "READONLY You can't write against a read only replica.";
  }
  return text;
}

std::string Cluster::refusal_in_script(Session& session, const ScriptState& script,
                                       const Command& command, Args args) {
  Route route{command.name, session.cluster.asking, command.flags.has(kWrite), false};
  follow(route, session, command, args);
  const std::string text = outcome(route, session);
  if (text == kDown) return "ERR Script attempted to execute a command while the cluster is down";
  if (text == kDownForWrites) {
    return "ERR Script attempted to execute a write command while the cluster is down and readonly";
  }
  if (!text.empty()) {
    return "ERR Script attempted to access a non local key in a cluster node";
  }
  if (!route.any_key) return {};
  const int slot = static_cast<int>(route.slot);
  if (session.cluster.slot == -1) session.cluster.slot = slot;
  if (session.cluster.slot == slot || script.may_cross_slots) return {};
  return "ERR Script attempted to access keys that do not hash to the same slot";
}

// ---- MIGRATE ----

int Cluster::node_at(const Session& session, std::string_view host, std::uint16_t at) const {
  if (host != ip(session) && host != hostname()) return Topology::kNone;
  for (int node = 0; node < topology_.size(); ++node) {
    if (port(node) == at) return node;
  }
  return Topology::kNone;
}

bool Cluster::migrate(const Session& session, std::string_view host, std::uint16_t at,
                      const std::vector<std::string>& keys) {
  const int target = node_at(session, host, at);
  if (target == Topology::kNone) return false;
  for (const std::string& key : keys) {
    const unsigned slot = keyspace::slot_of(key);
    const Topology::Move* const move = topology_.move_of(slot);
    if (move == nullptr || move->importer != target) {
      throw Error("ERR Target instance replied with error: MOVED " + std::to_string(slot) + " " +
                  endpoint(session, topology_.owner(slot)));
    }
    topology_.hand_over(slot, key);
  }
  return true;
}

// ---- What a node has ----

bool Cluster::is_up(int node) const {
  return sees_all_slots_[static_cast<std::size_t>(node)] ||
         instance_.parameters().text("cluster-require-full-coverage") != "yes";
}

bool Cluster::has_slot(int node, unsigned slot) const {
  return topology_.owner(slot) != Topology::kNone &&
         topology_.owner(slot) == topology_.master_of(node);
}

bool Cluster::has_existing_key(int node, std::string_view key) const {
  const unsigned slot = keyspace::slot_of(key);
  const Topology::Move* const move = topology_.move_of(slot);
  if (move != nullptr && move->handed_over.contains(key)) {
    return move->importer == topology_.master_of(node);
  }
  return has_slot(node, slot);
}

bool Cluster::has_key(int node, std::string_view key) const {
  return instance_.keyspace().exists(0, key) && has_existing_key(node, key);
}

bool Cluster::has_everything(int node) const {
  return topology_.slot_count(topology_.master_of(node)) == kSlots && topology_.moves().empty();
}

std::size_t Cluster::count_in_slot(int node, unsigned slot) const {
  if (topology_.move_of(slot) != nullptr) {
    return keys_in_slot(node, slot, std::string::npos).size();
  }
  return has_slot(node, slot) ? instance_.keyspace().count_in_slot(slot) : 0;
}

std::size_t Cluster::key_count(int node) const {
  if (has_everything(node)) return instance_.keyspace().size(0);
  std::size_t count = 0;
  for (unsigned slot = 0; slot < kSlots; ++slot) count += count_in_slot(node, slot);
  return count;
}

std::vector<std::string> Cluster::keys_in_slot(int node, unsigned slot, std::size_t most) const {
  std::vector<std::string> keys;
  instance_.keyspace().for_each_in_slot(slot, [&](const keyspace::Entry& entry) {
    if (keys.size() == most) return false;
    if (has_existing_key(node, entry.key())) keys.emplace_back(entry.key());
    return true;
  });
  return keys;
}

std::optional<std::string> Cluster::random_key(int node) const {
  const auto first = static_cast<unsigned>(base::random_below(kSlots));
  for (unsigned i = 0; i < kSlots; ++i) {
    const unsigned slot = (first + i) % kSlots;
    const std::size_t count = count_in_slot(node, slot);
    if (count == 0) continue;
    std::vector<std::string> keys = keys_in_slot(node, slot, count);
    if (!keys.empty()) return keys[base::random_below(keys.size())];
  }
  return std::nullopt;
}

void Cluster::flush(int node) {
  if (has_everything(node)) return instance_.flush_all();
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    if (instance_.keyspace().count_in_slot(slot) == 0) continue;
    for (const std::string& key : keys_in_slot(node, slot, std::string::npos)) {
      instance_.keyspace().remove(0, key);
    }
  }
  instance_.tracking().flushed(instance_);
}

// ---- Addresses ----

std::string Cluster::ip(const Session& session) const {
  const std::string& announced = instance_.parameters().text("cluster-announce-ip");
  if (!announced.empty()) return announced;
  std::string reached = session.peer().local_address();
  const std::size_t colon = reached.rfind(':');
  // A Unix socket has a path, and no address.
  if (colon == std::string::npos || reached.front() == '/') return instance_.options().bind;
  reached.resize(colon);
  if (reached.starts_with('[')) return reached.substr(1, reached.size() - 2);
  return reached;
}

const std::string& Cluster::hostname() const {
  return instance_.parameters().text("cluster-announce-hostname");
}

std::uint16_t Cluster::port(int node) const {
  const std::int64_t announced = instance_.parameters().number("cluster-announce-port");
  if (announced > 0) return static_cast<std::uint16_t>(announced + node);
  return ports_[static_cast<std::size_t>(node)];
}

Cluster::Endpoint Cluster::preferred() const {
  const std::string& type = instance_.parameters().text("cluster-preferred-endpoint-type");
  if (type == "hostname") return Endpoint::kHostname;
  return type == "unknown-endpoint" ? Endpoint::kUnknown : Endpoint::kIp;
}

std::string Cluster::preferred_host(const Session& session) const {
  switch (preferred()) {
    case Endpoint::kHostname: return hostname().empty() ? "?" : hostname();
    case Endpoint::kUnknown: return "";
    case Endpoint::kIp: break;
  }
  return ip(session);
}

std::string Cluster::endpoint(const Session& session, int node) const {
  return preferred_host(session) + ":" + std::to_string(port(node));
}

// ---- After an edit ----

void Cluster::redirect_parked() {
  for (const auto& [id, session] : instance_.sessions()) {
    if (session->waiting.call == nullptr) continue;
    const BlockedCall& parked = *session->waiting.call;
    const std::vector<std::string_view> args(parked.args.begin(), parked.args.end());
    Route route{parked.command->name, false, parked.command->flags.has(kWrite), false};
    follow(route, *session, *parked.command, args);
    if (route.importing || route.migrating) continue;
    const std::string text = outcome(route, *session);
    if (text.empty()) continue;
    instance_.count_error(text);
    instance_.unblock(*session, [&text](Reply& reply) { reply.error(text); });
  }
}

void Cluster::end_shard_subscriptions() {
  for (const auto& [id, session] : instance_.sessions()) {
    const auto channels = session->subscriptions.shard_channels;
    for (const std::string& channel : channels) {
      if (has_slot(session->cluster.node, keyspace::slot_of(channel))) continue;
      instance_.channels().unsubscribe(*session, ChannelKind::kShard, channel);
      std::string encoded;
      Reply reply(encoded, session->protocol);
      reply.push(3);
      reply.bulk("sunsubscribe");
      reply.bulk(channel);
      reply.integer(static_cast<std::int64_t>(session->subscriptions.shard_channels.size()));
      session->push(encoded);
    }
  }
}

}  // namespace bodega::redis
