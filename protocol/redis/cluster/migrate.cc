// MIGRATE between the nodes of the cluster, as redis-cli --cluster reshard sends it: the keys are
// in the keyspace of both, so all that changes is which node has them.
#include <string>

#include "engines/keyspace/engine.h"
#include "protocol/redis/cluster/views.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kFirstOption = 6;

// Where the keys stand: one as the third argument, or several behind KEYS.
Args keys_in(Args args) {
  for (std::size_t i = kFirstOption; i < args.size(); ++i) {
    if (is_word(args[i], "KEYS")) return args.subspan(i + 1);
    if (is_word(args[i], "AUTH")) i += 1;
    if (is_word(args[i], "AUTH2")) i += 2;
  }
  return args.size() > 3 ? args.subspan(3, 1) : Args{};
}

void find_migrate_keys(Args args, std::vector<KeyReference>& keys) {
  for (const auto key : keys_in(args)) {
    keys.push_back({key, kKeyRW | kKeyAccess | kKeyDelete | kKeyIncomplete});
  }
}

void hide_migrate_auth(Args args, std::vector<std::string_view>& shown) {
  for (std::size_t i = kFirstOption; i + 1 < args.size(); ++i) {
    const std::size_t secrets = is_word(args[i], "AUTH") ? 1 : is_word(args[i], "AUTH2") ? 2 : 0;
    for (std::size_t j = 0; j < secrets && ++i < args.size(); ++j) shown[i] = kRedacted;
  }
}

// Redis refuses what it does not know before it looks at keys or connects.
void check_options(const Call& call) {
  ArgumentCursor args(call.args, kFirstOption);
  while (args.more()) {
    if (args.take("AUTH", 1)) {
      args.next();
    } else if (args.take("AUTH2", 2)) {
      args.skip(2);
    } else if (args.take("KEYS")) {
      if (call.arg(3).empty()) break;
      throw Error(
          "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string");
    } else if (!args.take("COPY") && !args.take("REPLACE")) {
      throw Error(errors::kSyntax);
    }
  }
  to_integer(call.arg(5));
  to_integer(call.arg(4));
}

// The node of the cluster at this address; kNone: there is none.
int node_at(const Call& call, const Cluster& cluster, std::string_view host,
            std::string_view port) {
  if (host != cluster.ip(call.session) && host != cluster.hostname()) return Topology::kNone;
  for (int node = 0; node < cluster.topology().size(); ++node) {
    if (port == std::to_string(cluster.port(node))) return node;
  }
  return Topology::kNone;
}

void migrate(Call& call) {
  check_options(call);
  Cluster* const cluster = call.instance.cluster();
  std::vector<std::string_view> keys;
  for (const auto key : keys_in(call.args)) {
    const bool is_there = cluster == nullptr ? call.keyspace.exists(call.db, key)
                                             : cluster->has_key(node_of(call), key);
    if (is_there) keys.push_back(key);
  }
  if (keys.empty()) return call.reply.simple("NOKEY");
  const int target =
      cluster == nullptr ? Topology::kNone : node_at(call, *cluster, call.arg(1), call.arg(2));
  if (target == Topology::kNone) {
    throw Error("IOERR error or timeout connecting to the client");
  }
  for (const auto key : keys) {
    const unsigned slot = keyspace::slot_of(key);
    const Topology::Move* const move = cluster->topology().move_of(slot);
    if (move == nullptr || move->importer != target) {
      throw Error("ERR Target instance replied with error: MOVED " + std::to_string(slot) + " " +
                  cluster->endpoint(call.session, cluster->topology().owner(slot)));
    }
    cluster->hand_over(slot, key);
  }
  call.reply.ok();
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "migrate", .arity = -6, .flags = kWrite | kMovableKeys, .group = Group::kGeneric,
     .keys = {3, 3, 1, kKeyRW | kKeyAccess | kKeyDelete | kKeyIncomplete, 0}, .since = "2.6.0",
     .summary = "Moves keys to another node of the cluster.", .run = migrate,
     .categories = kCatKeyspace | kCatDangerous, .find_keys = find_migrate_keys,
     .redact = hide_migrate_auth},
};
// clang-format on

}  // namespace

std::span<const Command> migrate_commands() { return kCommands; }

}  // namespace bodega::redis
