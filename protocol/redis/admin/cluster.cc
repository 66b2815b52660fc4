// CLUSTER and the commands around it: this server is no cluster and says so, to the very
// sub-commands that a cluster has.
#include "protocol/redis/families.h"

namespace bodega::redis {
namespace {

void no_cluster(Call&) { throw Error("ERR This instance has cluster support disabled"); }

constexpr CommandFlags kChange = kAdmin | kStale | kNoAsyncLoading;

// clang-format off
constexpr Command kSubcommands[] = {
    {.name = "cluster|addslots", .arity = -3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Takes slots.", .run = no_cluster},
    {.name = "cluster|addslotsrange", .arity = -4, .flags = kChange, .group = Group::kCluster,
     .since = "7.0.0", .summary = "Takes ranges of slots.", .run = no_cluster},
    {.name = "cluster|bumpepoch", .arity = 2, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Advances the epoch.", .run = no_cluster},
    {.name = "cluster|count-failure-reports", .arity = 3, .flags = kAdmin | kStale,
     .group = Group::kCluster, .since = "3.0.0",
     .summary = "Counts failure reports of a node.", .run = no_cluster},
    {.name = "cluster|countkeysinslot", .arity = 3, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Counts the keys of a slot.", .run = no_cluster},
    {.name = "cluster|delslots", .arity = -3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Gives slots up.", .run = no_cluster},
    {.name = "cluster|delslotsrange", .arity = -4, .flags = kChange, .group = Group::kCluster,
     .since = "7.0.0", .summary = "Gives ranges of slots up.", .run = no_cluster},
    {.name = "cluster|failover", .arity = -2, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Makes a replica the master.", .run = no_cluster},
    {.name = "cluster|flushslots", .arity = 2, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Gives all slots up.", .run = no_cluster},
    {.name = "cluster|forget", .arity = 3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Forgets a node.", .run = no_cluster},
    {.name = "cluster|getkeysinslot", .arity = 4, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Lists keys of a slot.", .run = no_cluster},
    {.name = "cluster|help", .arity = 2, .flags = kLoading | kStale, .group = Group::kCluster,
     .since = "5.0.0", .summary = "Lists the sub-commands.", .run = no_cluster},
    {.name = "cluster|info", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Returns the state of the cluster.", .run = no_cluster},
    {.name = "cluster|keyslot", .arity = 3, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Returns the slot of a key.", .run = no_cluster},
    {.name = "cluster|links", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "7.0.0", .summary = "Lists the links to other nodes.", .run = no_cluster},
    {.name = "cluster|meet", .arity = -4, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Makes a node known.", .run = no_cluster},
    {.name = "cluster|myid", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Returns the id of the node.", .run = no_cluster},
    {.name = "cluster|nodes", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Lists the nodes.", .run = no_cluster},
    {.name = "cluster|replicas", .arity = 3, .flags = kAdmin | kStale, .group = Group::kCluster,
     .since = "5.0.0", .summary = "Lists the replicas of a node.", .run = no_cluster},
    {.name = "cluster|replicate", .arity = 3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Makes the node a replica.", .run = no_cluster},
    {.name = "cluster|reset", .arity = -2, .flags = kAdmin | kNoscript | kStale,
     .group = Group::kCluster, .since = "3.0.0",
     .summary = "Forgets the cluster.", .run = no_cluster},
    {.name = "cluster|saveconfig", .arity = 2, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Saves the configuration.", .run = no_cluster},
    {.name = "cluster|set-config-epoch", .arity = 3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Sets the epoch of a fresh node.", .run = no_cluster},
    {.name = "cluster|setslot", .arity = -4, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Sets the state of a slot.", .run = no_cluster},
    {.name = "cluster|shards", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "7.0.0", .summary = "Lists slots and their nodes.", .run = no_cluster},
    {.name = "cluster|slaves", .arity = 3, .flags = kAdmin | kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Lists the replicas of a node.", .run = no_cluster},
    {.name = "cluster|slots", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Lists slots and their nodes.", .run = no_cluster},
};

constexpr Command kCommands[] = {
    {.name = "cluster", .arity = -2, .group = Group::kCluster, .since = "3.0.0",
     .summary = "Looks at the cluster; here there is none.", .subcommands = kSubcommands},
    {.name = "readonly", .arity = 1, .flags = kLoading | kStale | kFast, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Reads from a replica; here there is none.", .run = no_cluster,
     .categories = kCatConnection},
    {.name = "readwrite", .arity = 1, .flags = kLoading | kStale | kFast,
     .group = Group::kCluster, .since = "3.0.0", .summary = "Ends what READONLY began.",
     .run = no_cluster, .categories = kCatConnection},
    {.name = "asking", .arity = 1, .flags = kFast, .group = Group::kCluster, .since = "3.0.0",
     .summary = "Asks for a slot that is being moved.", .run = no_cluster,
     .categories = kCatConnection},
};
// clang-format on

}  // namespace

std::span<const Command> cluster_commands() { return kCommands; }

}  // namespace bodega::redis
