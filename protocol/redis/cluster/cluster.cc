// CLUSTER and the commands around it: the rows, and what sets a session's mode. What CLUSTER shows
// is in views.cc, what it changes in edits.cc.
#include "protocol/redis/cluster/edits.h"
#include "protocol/redis/cluster/views.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/session.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

void cluster_help(Call& call) {
  reply_help(call,
             {"ADDSLOTS <slot> [<slot> ...]",
              "    Give slots to this node.",
              "ADDSLOTSRANGE <first> <last> [<first> <last> ...]",
              "    Give ranges of slots to this node.",
              "BUMPEPOCH",
              "    Advance the epoch.",
              "COUNT-FAILURE-REPORTS <node-id>",
              "    How many reports of failure there are of a node.",
              "COUNTKEYSINSLOT <slot>",
              "    How many keys of a slot this node has.",
              "DELSLOTS <slot> [<slot> ...]",
              "    Take slots from their nodes.",
              "DELSLOTSRANGE <first> <last> [<first> <last> ...]",
              "    Take ranges of slots from their nodes.",
              "FAILOVER [FORCE|TAKEOVER]",
              "    Make this replica the master.",
              "FLUSHSLOTS",
              "    Take all slots from this node.",
              "FORGET <node-id>",
              "    Remove a node from the cluster.",
              "GETKEYSINSLOT <slot> <count>",
              "    Keys of a slot that this node has.",
              "INFO",
              "    The state of the cluster.",
              "KEYSLOT <key>",
              "    The slot of a key.",
              "LINKS",
              "    The links of the cluster bus.",
              "MEET <ip> <port> [<bus-port>]",
              "    Join another node.",
              "MYID",
              "    The id of this node.",
              "MYSHARDID",
              "    The id of this node's shard.",
              "NODES",
              "    A line for each node.",
              "REPLICAS <node-id>",
              "    The replicas of a node.",
              "REPLICATE <node-id>",
              "    Make this node a replica.",
              "RESET [HARD|SOFT]",
              "    Make this node leave the cluster.",
              "SAVECONFIG",
              "    Write the table of the cluster.",
              "SET-CONFIG-EPOCH <epoch>",
              "    Set the epoch of a node that stands alone.",
              "SETSLOT <slot> (IMPORTING <node-id>|MIGRATING <node-id>|STABLE|NODE <node-id>)",
              "    Set the state of a slot.",
              "SHARDS",
              "    Slots and nodes, by shard.",
              "SLOTS",
              "    Slots and nodes, by range of slots."});
}

void readonly(Call& call) {
  cluster_of(call);
  call.session.cluster.read_only = true;
  call.reply.ok();
}

void readwrite(Call& call) {
  cluster_of(call);
  call.session.cluster.read_only = false;
  call.reply.ok();
}

void asking(Call& call) {
  cluster_of(call);
  call.session.cluster.asked = true;
  call.reply.ok();
}

constexpr CommandFlags kChange = kAdmin | kStale | kNoAsyncLoading;

// clang-format off
constexpr Command kSubcommands[] = {
    {.name = "cluster|addslots", .arity = -3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Takes slots.", .run = cluster_addslots},
    {.name = "cluster|addslotsrange", .arity = -4, .flags = kChange, .group = Group::kCluster,
     .since = "7.0.0", .summary = "Takes ranges of slots.", .run = cluster_addslotsrange},
    {.name = "cluster|bumpepoch", .arity = 2, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Advances the epoch.", .run = cluster_bumpepoch},
    {.name = "cluster|count-failure-reports", .arity = 3, .flags = kAdmin | kStale,
     .group = Group::kCluster, .since = "3.0.0",
     .summary = "Counts failure reports of a node.", .run = cluster_count_failure_reports},
    {.name = "cluster|countkeysinslot", .arity = 3, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Counts the keys of a slot.", .run = cluster_countkeysinslot},
    {.name = "cluster|delslots", .arity = -3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Gives slots up.", .run = cluster_delslots},
    {.name = "cluster|delslotsrange", .arity = -4, .flags = kChange, .group = Group::kCluster,
     .since = "7.0.0", .summary = "Gives ranges of slots up.", .run = cluster_delslotsrange},
    {.name = "cluster|failover", .arity = -2, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Makes a replica the master.", .run = cluster_failover},
    {.name = "cluster|flushslots", .arity = 2, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Gives all slots up.", .run = cluster_flushslots},
    {.name = "cluster|forget", .arity = 3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Forgets a node.", .run = cluster_forget},
    {.name = "cluster|getkeysinslot", .arity = 4, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Lists keys of a slot.", .run = cluster_getkeysinslot},
    {.name = "cluster|help", .arity = 2, .flags = kLoading | kStale, .group = Group::kCluster,
     .since = "5.0.0", .summary = "Lists the sub-commands.", .run = cluster_help},
    {.name = "cluster|info", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Returns the state of the cluster.", .run = cluster_info},
    {.name = "cluster|keyslot", .arity = 3, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Returns the slot of a key.", .run = cluster_keyslot},
    {.name = "cluster|links", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "7.0.0", .summary = "Lists the links to other nodes.", .run = cluster_links},
    {.name = "cluster|meet", .arity = -4, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Makes a node known.", .run = cluster_meet},
    {.name = "cluster|myid", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Returns the id of the node.", .run = cluster_myid},
    {.name = "cluster|myshardid", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "7.2.0", .summary = "Returns the id of the shard.", .run = cluster_myshardid},
    {.name = "cluster|nodes", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Lists the nodes.", .run = cluster_nodes},
    {.name = "cluster|replicas", .arity = 3, .flags = kAdmin | kStale, .group = Group::kCluster,
     .since = "5.0.0", .summary = "Lists the replicas of a node.", .run = cluster_replicas},
    {.name = "cluster|replicate", .arity = 3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Makes the node a replica.", .run = cluster_replicate},
    {.name = "cluster|reset", .arity = -2, .flags = kAdmin | kNoscript | kStale,
     .group = Group::kCluster, .since = "3.0.0",
     .summary = "Forgets the cluster.", .run = cluster_reset},
    {.name = "cluster|saveconfig", .arity = 2, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Saves the configuration.", .run = cluster_saveconfig},
    {.name = "cluster|set-config-epoch", .arity = 3, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Sets the epoch of a fresh node.", .run = cluster_set_config_epoch},
    {.name = "cluster|setslot", .arity = -4, .flags = kChange, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Sets the state of a slot.", .run = cluster_setslot},
    {.name = "cluster|shards", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "7.0.0", .summary = "Lists slots and their nodes.", .run = cluster_shards},
    {.name = "cluster|slaves", .arity = 3, .flags = kAdmin | kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Lists the replicas of a node.", .run = cluster_replicas},
    {.name = "cluster|slots", .arity = 2, .flags = kStale, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Lists slots and their nodes.", .run = cluster_slots},
};

constexpr Command kCommands[] = {
    {.name = "cluster", .arity = -2, .group = Group::kCluster, .since = "3.0.0",
     .summary = "Looks at the cluster and changes it.", .subcommands = kSubcommands},
    {.name = "readonly", .arity = 1, .flags = kLoading | kStale | kFast, .group = Group::kCluster,
     .since = "3.0.0", .summary = "Lets a replica answer reads.", .run = readonly,
     .categories = kCatConnection},
    {.name = "readwrite", .arity = 1, .flags = kLoading | kStale | kFast,
     .group = Group::kCluster, .since = "3.0.0", .summary = "Ends what READONLY began.",
     .run = readwrite, .categories = kCatConnection},
    {.name = "asking", .arity = 1, .flags = kFast, .group = Group::kCluster, .since = "3.0.0",
     .summary = "Asks for a slot that is being moved.", .run = asking,
     .categories = kCatConnection},
};
// clang-format on

}  // namespace

std::span<const Command> cluster_commands() { return kCommands; }

}  // namespace bodega::redis
