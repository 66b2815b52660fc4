#include "protocol/redis/admin/command_facts.h"

#include <algorithm>

namespace bodega::redis {
namespace {

// Words, separated by blanks, on both sides.
struct TipsOf {
  std::string_view tips;
  std::string_view commands;
};

constexpr TipsOf kTips[] = {
    {"nondeterministic_output",
     "client|info client|list cluster|bumpepoch cluster|count-failure-reports "
     "cluster|getkeysinslot cluster|info cluster|links cluster|myshardid cluster|nodes "
     "cluster|replicas cluster|shards cluster|slaves cluster|slots dump hrandfield hscan lastsave "
     "migrate object|encoding object|freq object|idletime object|refcount pttl spop srandmember "
     "sscan time ttl xadd xautoclaim xclaim xinfo|consumers xpending xtrim zrandmember zscan"},
    {"nondeterministic_output_order",
     "command command|docs command|info command|list function|list hgetall hkeys hvals "
     "module|list sdiff sinter smembers sunion"},
    {"request_policy:all_nodes response_policy:all_succeeded",
     "acl|deluser acl|save acl|setuser client|setinfo client|setname config|resetstat "
     "config|rewrite config|set script|flush script|load slowlog|reset"},
    {"request_policy:all_shards response_policy:all_succeeded",
     "flushall flushdb function|delete function|flush function|load function|restore "
     "memory|purge ping"},
    {"nondeterministic_output request_policy:all_shards response_policy:special",
     "function|stats info memory|doctor memory|malloc-stats memory|stats"},
    {"nondeterministic_output request_policy:all_nodes response_policy:special",
     "latency|doctor latency|graph latency|histogram latency|history latency|latest"},
    {"request_policy:multi_shard response_policy:agg_sum", "del exists touch unlink"},
    {"request_policy:all_shards response_policy:one_succeeded", "function|kill script|kill"},
    {"request_policy:all_shards response_policy:agg_min", "wait waitaof"},
    {"request_policy:all_shards response_policy:agg_sum", "dbsize"},
    {"request_policy:all_shards nondeterministic_output_order", "keys"},
    {"request_policy:all_nodes response_policy:agg_sum", "latency|reset"},
    {"request_policy:multi_shard", "mget"},
    {"request_policy:multi_shard response_policy:all_succeeded", "mset"},
    {"request_policy:all_shards response_policy:special nondeterministic_output", "randomkey"},
    {"nondeterministic_output request_policy:special response_policy:special", "scan"},
    {"request_policy:all_shards response_policy:agg_logical_and", "script|exists"},
    {"request_policy:all_nodes nondeterministic_output", "slowlog|get"},
    {"request_policy:all_nodes response_policy:agg_sum nondeterministic_output", "slowlog|len"},
};

struct NoteOn {
  std::string_view command;
  std::string_view note;
};

constexpr std::string_view kAssumesWriting =
    "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE";
constexpr std::string_view kAssumesReading =
    "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS";

constexpr NoteOn kNotes[] = {
    {"bitfield", "This command allows both access and modification of the key"},
    {"eval", kAssumesWriting},
    {"eval_ro", kAssumesReading},
    {"fcall", kAssumesWriting},
    {"fcall_ro", kAssumesReading},
    {"getex", "RW and UPDATE because it changes the TTL"},
    {"pfcount",
     "RW because it may change the internal representation of the key, and propagate to replicas"},
    {"set", "RW and ACCESS due to the optional `GET` argument"},
    {"xadd", "UPDATE instead of INSERT because of the optional trimming feature"},
};

constexpr std::string_view kDerived =
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the "
    "content of the key we sort";

// Those of one command stand together.
constexpr LooseKeys kLooseKeys[] = {
    {"georadius", kKeyOW | kKeyUpdate, {}, "STORE", 6},
    {"georadius", kKeyOW | kKeyUpdate, {}, "STOREDIST", 6},
    {"georadiusbymember", kKeyOW | kKeyUpdate, {}, "STORE", 5},
    {"georadiusbymember", kKeyOW | kKeyUpdate, {}, "STOREDIST", 5},
    {"migrate", kKeyRW | kKeyAccess | kKeyDelete | kKeyIncomplete, {}, "KEYS", -2, -1},
    {"sort", kKeyRO | kKeyAccess, kDerived},
    {"sort", kKeyOW | kKeyUpdate,
     "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear "
     "anywhere in the argument array"},
    {"sort_ro", kKeyRO | kKeyAccess, kDerived},
    {"xread", kKeyRO | kKeyAccess, {}, "STREAMS", 1, -1, 2},
    {"xreadgroup", kKeyRO | kKeyAccess, {}, "STREAMS", 4, -1, 2},
};

constexpr Deprecation kDeprecations[] = {
    {"brpoplpush", "6.2.0", "`BLMOVE` with `RIGHT` and `LEFT`"},
    {"cluster|slaves", "5.0.0", "`CLUSTER REPLICAS`"},
    {"cluster|slots", "7.0.0", "`CLUSTER SHARDS`"},
    {"georadius", "6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with `BYRADIUS`"},
    {"georadius_ro", "6.2.0", "`GEOSEARCH` with `BYRADIUS`"},
    {"georadiusbymember", "6.2.0",
     "`GEOSEARCH` and `GEOSEARCHSTORE` with `BYRADIUS` and `FROMMEMBER`"},
    {"georadiusbymember_ro", "6.2.0", "`GEOSEARCH` with `BYRADIUS` and `FROMMEMBER`"},
    {"getset", "6.2.0", "`SET` with `GET`"},
    {"hmset", "4.0.0", "`HSET` with several fields"},
    {"psetex", "2.6.12", "`SET` with `PX`"},
    {"quit", "7.2.0", "closing the connection"},
    {"rpoplpush", "6.2.0", "`LMOVE` with `RIGHT` and `LEFT`"},
    {"setex", "2.6.12", "`SET` with `EX`"},
    {"setnx", "2.6.12", "`SET` with `NX`"},
    {"slaveof", "5.0.0", "`REPLICAOF`"},
    {"substr", "2.0.0", "`GETRANGE`"},
    {"zrangebylex", "6.2.0", "`ZRANGE` with `BYLEX`"},
    {"zrangebyscore", "6.2.0", "`ZRANGE` with `BYSCORE`"},
    {"zrevrange", "6.2.0", "`ZRANGE` with `REV`"},
    {"zrevrangebylex", "6.2.0", "`ZRANGE` with `REV` and `BYLEX`"},
    {"zrevrangebyscore", "6.2.0", "`ZRANGE` with `REV` and `BYSCORE`"},
};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace

std::vector<std::string_view> tips_of(std::string_view command) {
  for (const TipsOf& row : kTips) {
    const auto commands = words_of(row.commands);
    if (std::find(commands.begin(), commands.end(), command) != commands.end()) {
      return words_of(row.tips);
    }
  }
  return {};
}

std::string_view note_on_keys(std::string_view command) {
  for (const NoteOn& row : kNotes) {
    if (row.command == command) return row.note;
  }
  return {};
}

const Deprecation* deprecation_of(std::string_view command) {
  const auto* const row =
      std::find_if(std::begin(kDeprecations), std::end(kDeprecations),
                   [command](const Deprecation& one) { return one.command == command; });
  return row == std::end(kDeprecations) ? nullptr : row;
}

std::span<const LooseKeys> loose_keys_of(std::string_view command) {
  const auto is_of = [command](const LooseKeys& row) { return row.command == command; };
  const auto* const end = std::end(kLooseKeys);
  const auto* const first = std::find_if(std::begin(kLooseKeys), end, is_of);
  const auto* const last = std::find_if_not(first, end, is_of);
  return {first, last};
}

}  // namespace bodega::redis
