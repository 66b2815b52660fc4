#include "protocol/redis/replication/rewriting.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "engines/keyspace/engine.h"
#include "engines/keyspace/structures/hash.h"
#include "protocol/redis/replication/answered.h"
#include "protocol/redis/replication/stream_rewriting.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using Commands = std::vector<ReplicatedCommand>;

ReplicatedCommand as_given(Args args) { return {args.begin(), args.end()}; }

// ---- What is there now ----

std::optional<std::int64_t> expiry_now(const Call& call, std::string_view key) {
  const keyspace::Entry* entry = call.keyspace.find(call.db, key, keyspace::Touch::kNo);
  if (entry == nullptr || !entry->has_expiry()) return std::nullopt;
  return call.keyspace.expiry_of(call.db, *entry);
}

bool is_gone(const Call& call, std::string_view key) { return !call.keyspace.exists(call.db, key); }

ReplicatedCommand removal(std::string_view key) { return {"DEL", std::string(key)}; }

// ---- The rules ----

using Rule = Commands (*)(const Call& call, const Answered& answered);

Commands set_until(const Call& call, std::string_view key, std::string_view value) {
  const auto when = expiry_now(call, key);
  if (!when) return {removal(key)};
  return {{"SET", std::string(key), std::string(value), "PXAT", std::to_string(*when)}};
}

Commands set(const Call& call, const Answered&) {
  ReplicatedCommand plain{call.args.begin(), call.args.begin() + 3};
  for (ArgumentCursor args(call.args, 3); args.more();) {
    if (args.take("EX") || args.take("PX") || args.take("EXAT") || args.take("PXAT")) {
      return set_until(call, call.arg(1), call.arg(2));
    }
    if (args.take("GET")) continue;
    plain.emplace_back(args.next());
  }
  return {plain};
}

Commands setex(const Call& call, const Answered&) {
  return set_until(call, call.arg(1), call.arg(3));
}

Commands expire(const Call& call, const Answered&) {
  const auto when = expiry_now(call, call.arg(1));
  if (!when) return {removal(call.arg(1))};
  return {{"PEXPIREAT", std::string(call.arg(1)), std::to_string(*when)}};
}

Commands getex(const Call& call, const Answered& answered) {
  if (is_gone(call, call.arg(1)) || expiry_now(call, call.arg(1))) return expire(call, answered);
  return {{"PERSIST", std::string(call.arg(1))}};
}

Commands getdel(const Call& call, const Answered&) { return {removal(call.arg(1))}; }

Commands incrbyfloat(const Call& call, const Answered& answered) {
  return {{"SET", std::string(call.arg(1)), answered[0], "KEEPTTL"}};
}

// When the field expires; kNoExpiry when it does not, or is not there.
std::int64_t field_expiry_now(const Call& call, std::string_view field) {
  const keyspace::Entry* entry = call.keyspace.find(call.db, call.arg(1), keyspace::Touch::kNo);
  return entry == nullptr ? keyspace::kNoExpiry : entry->hash().expiry_ms(field);
}

// The field keeps its time to live, which HSET would end.
Commands hincrbyfloat(const Call& call, const Answered& answered) {
  const std::string key(call.arg(1));
  const std::string field(call.arg(2));
  Commands out{{"HSET", key, field, answered[0]}};
  const std::int64_t when = field_expiry_now(call, field);
  if (when != keyspace::kNoExpiry) {
    out.push_back({"HPEXPIREAT", key, std::to_string(when), "FIELDS", "1", field});
  }
  return out;
}

// The fields that were given the instant, and those that it removed, as the answer has it.
Commands hexpire(const Call& call, const Answered& answered) {
  const Args fields = call.args.last(answered.size());
  const std::string key(call.arg(1));
  ReplicatedCommand removed{"HDEL", key};
  std::vector<std::string> given;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (answered[i] == "2") removed.emplace_back(fields[i]);
    if (answered[i] == "1") given.emplace_back(fields[i]);
  }
  Commands out;
  if (removed.size() > 2) out.push_back(removed);
  if (!given.empty()) {
    const std::string when = std::to_string(field_expiry_now(call, given[0]));
    ReplicatedCommand expiry{"HPEXPIREAT", key, when, "FIELDS", std::to_string(given.size())};
    expiry.insert(expiry.end(), given.begin(), given.end());
    out.push_back(expiry);
  }
  return out;
}

Commands spop(const Call& call, const Answered& answered) {
  if (call.size() > 2 && is_gone(call, call.arg(1))) return {removal(call.arg(1))};
  ReplicatedCommand removed{"SREM", std::string(call.arg(1))};
  for (std::size_t i = 0; i < answered.size(); ++i) removed.push_back(answered[i]);
  return {removed};
}

// The answer begins with the key.
Commands blpop(const Call&, const Answered& answered) { return {{"LPOP", answered[0]}}; }
Commands brpop(const Call&, const Answered& answered) { return {{"RPOP", answered[0]}}; }
Commands bzpopmin(const Call&, const Answered& answered) { return {{"ZPOPMIN", answered[0]}}; }
Commands bzpopmax(const Call&, const Answered& answered) { return {{"ZPOPMAX", answered[0]}}; }

// The word behind the keys of LMPOP and the like, which stand behind their number.
std::string_view word_behind_keys(const Call& call, std::size_t numkeys_at) {
  const auto count = base::canonical_integer(call.arg(numkeys_at)).value_or(0);
  return call.arg(numkeys_at + 1 + static_cast<std::size_t>(count));
}

Commands pop_many(const Call& call, const Answered& answered, std::size_t numkeys_at) {
  const bool left = is_word(word_behind_keys(call, numkeys_at), "LEFT");
  return {{left ? "LPOP" : "RPOP", answered[0], std::to_string(answered.size() - 1)}};
}
Commands lmpop(const Call& call, const Answered& answered) { return pop_many(call, answered, 1); }
Commands blmpop(const Call& call, const Answered& answered) { return pop_many(call, answered, 2); }

Commands pop_scored(const Call& call, const Answered& answered, std::size_t numkeys_at) {
  const bool least = is_word(word_behind_keys(call, numkeys_at), "MIN");
  return {{least ? "ZPOPMIN" : "ZPOPMAX", answered[0], std::to_string((answered.size() - 1) / 2)}};
}
Commands zmpop(const Call& call, const Answered& answered) { return pop_scored(call, answered, 1); }
Commands bzmpop(const Call& call, const Answered& answered) {
  return pop_scored(call, answered, 2);
}

// Without the timeout at the end.
Commands blmove(const Call& call, const Answered&) {
  ReplicatedCommand moved = as_given(call.args.first(call.size() - 1));
  moved[0] = "LMOVE";
  return {moved};
}
Commands brpoplpush(const Call& call, const Answered&) {
  ReplicatedCommand moved = as_given(call.args.first(call.size() - 1));
  moved[0] = "RPOPLPUSH";
  return {moved};
}

Commands restore(const Call& call, const Answered&) {
  if (is_gone(call, call.arg(1))) return {removal(call.arg(1))};
  ReplicatedCommand given = as_given(call.args);
  const auto when = expiry_now(call, call.arg(1));
  if (!when) return {given};
  given[2] = std::to_string(*when);
  const bool absolute =
      std::any_of(call.args.begin() + 4, call.args.end(),
                  [](std::string_view option) { return is_word(option, "ABSTTL"); });
  if (!absolute) given.emplace_back("ABSTTL");
  return {given};
}

// Those that are gone.
Commands migrate(const Call& call, const Answered&) {
  std::vector<KeyReference> keys;
  call.command.find_keys(call.args, keys);
  ReplicatedCommand removed{"DEL"};
  for (const KeyReference& reference : keys) {
    if (is_gone(call, reference.key)) removed.emplace_back(reference.key);
  }
  if (removed.size() == 1) return {};
  return {removed};
}

struct Row {
  std::string_view name;
  Rule rule;
};

constexpr Row kRules[] = {
    {"set", set},
    {"setex", setex},
    {"psetex", setex},
    {"getex", getex},
    {"getdel", getdel},
    {"expire", expire},
    {"pexpire", expire},
    {"expireat", expire},
    {"pexpireat", expire},
    {"incrbyfloat", incrbyfloat},
    {"hincrbyfloat", hincrbyfloat},
    {"hexpire", hexpire},
    {"hpexpire", hexpire},
    {"hexpireat", hexpire},
    {"hpexpireat", hexpire},
    {"spop", spop},
    {"blpop", blpop},
    {"brpop", brpop},
    {"lmpop", lmpop},
    {"blmpop", blmpop},
    {"blmove", blmove},
    {"brpoplpush", brpoplpush},
    {"bzpopmin", bzpopmin},
    {"bzpopmax", bzpopmax},
    {"zmpop", zmpop},
    {"bzmpop", bzmpop},
    {"restore", restore},
    {"restore-asking", restore},
    {"migrate", migrate},
    {"xadd", replicated_xadd},
    {"xtrim", replicated_xtrim},
    {"xreadgroup", replicated_xreadgroup},
    {"xclaim", replicated_xclaim},
    {"xautoclaim", replicated_xautoclaim},
};

constexpr std::string_view kAlways[] = {"publish", "spublish", "flushall", "flushdb", "swapdb"};

}  // namespace

bool is_always_replicated(const Command& command) {
  return std::find(std::begin(kAlways), std::end(kAlways), command.name) != std::end(kAlways);
}

std::vector<ReplicatedCommand> replicated(const Call& call, std::string_view reply) {
  if (is_always_replicated(call.command)) return {as_given(call.args)};
  if (!call.command.flags.has(kWrite)) return {};
  const auto row = std::find_if(std::begin(kRules), std::end(kRules),
                                [&](const Row& one) { return one.name == call.command.name; });
  if (row == std::end(kRules)) return {as_given(call.args)};
  return row->rule(call, Answered(reply));
}

void put_command(std::string& out, const ReplicatedCommand& command) {
  out += '*' + std::to_string(command.size()) + "\r\n";
  for (const std::string& argument : command) {
    out += '$' + std::to_string(argument.size()) + "\r\n";
    out += argument;
    out += "\r\n";
  }
}

}  // namespace bodega::redis
