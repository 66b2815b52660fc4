// MIGRATE: keys go to another server and are then removed here, or to another node of the cluster,
// which has the same keyspace.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engines/keyspace/engine.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/rdb/value_writer.h"
#include "protocol/redis/replication/outbound.h"
#include "protocol/redis/replication/rewriting.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

constexpr std::int64_t kStandardTimeoutMs = 1000;
constexpr std::size_t kKeyAt = 3;
// What any server from 7.0 on restores.
constexpr RdbForm kForm{.version = kRdbVersion70};

struct Migration {
  std::string host;
  std::uint16_t port = 0;
  std::int64_t db = 0;
  std::int64_t timeout_ms = 0;
  bool copy = false;
  bool replace = false;
  ReplicatedCommand authentication;  // empty: none
  std::vector<std::string> keys;
};

void parse_options(Migration& out, ArgumentCursor args) {
  while (args.more()) {
    if (args.take("COPY")) {
      out.copy = true;
    } else if (args.take("REPLACE")) {
      out.replace = true;
    } else if (args.take("AUTH", 1)) {
      out.authentication = {"AUTH", std::string(args.next())};
    } else if (args.take("AUTH2", 2)) {
      out.authentication = {"AUTH"};
      out.authentication.emplace_back(args.next());
      out.authentication.emplace_back(args.next());
    } else if (args.take("KEYS")) {
      if (!out.keys[0].empty()) {
        throw Error(
            "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string");
      }
      out.keys.clear();
      while (args.more()) out.keys.emplace_back(args.next());
      if (out.keys.empty()) throw Error(errors::kSyntax);
    } else {
      throw Error(errors::kSyntax);
    }
  }
}

Migration parse(const Call& call) {
  Migration out;
  out.host = call.arg(1);
  out.keys = {std::string(call.arg(kKeyAt))};
  parse_options(out, {call.args, 6});
  out.timeout_ms = to_integer(call.arg(5));
  out.db = to_integer(call.arg(4));
  if (out.timeout_ms <= 0) out.timeout_ms = kStandardTimeoutMs;
  out.port = static_cast<std::uint16_t>(to_integer_in(call.arg(2), 1, 65535));
  return out;
}

bool is_here(Call& call, std::string_view key) {
  const Cluster* const cluster = call.instance.cluster();
  return cluster == nullptr ? call.keyspace.exists(call.db, key)
                            : cluster->has_key(call.session.cluster.node, key);
}

// The keys, each as the command that makes it elsewhere.
struct Parcel {
  std::vector<std::string> keys;
  std::vector<ReplicatedCommand> commands;
};

Parcel pack(Call& call, const Migration& migration) {
  Parcel out;
  for (const std::string& key : migration.keys) {
    const keyspace::Entry* entry = call.keyspace.find(call.db, key);
    if (entry == nullptr) continue;
    const std::int64_t when = call.keyspace.expiry_of(call.db, *entry);
    const std::int64_t ttl =
        when == keyspace::kNoExpiry ? 0 : std::max<std::int64_t>(when - call.now_ms, 1);
    std::string payload(1, static_cast<char>(object_type_of(*entry, kForm)));
    put_value(payload, *entry, kForm);
    put_footer(payload, kForm.version);
    ReplicatedCommand command{"RESTORE", key, std::to_string(ttl), std::move(payload)};
    if (migration.replace) command.emplace_back("REPLACE");
    out.keys.push_back(key);
    out.commands.push_back(std::move(command));
  }
  return out;
}

void send(Outbound& other, const ReplicatedCommand& command) {
  std::string bytes;
  put_command(bytes, command);
  if (!other.send(bytes)) throw Error("IOERR error or timeout writing to target instance");
}

// Empty, or the error that came back.
std::string receive(Outbound& other) {
  std::string line;
  if (!other.receive_line(line)) throw Error("IOERR error or timeout reading to target instance");
  return line.starts_with('-') ? line.substr(1) : std::string();
}

void expect_ok(Outbound& other) {
  if (const std::string why = receive(other); !why.empty()) {
    throw Error("ERR Target instance replied with error: " + why);
  }
}

// What was taken over there goes here, also when something after it was refused. Returns why that
// was; empty: nothing was.
std::string hand_over(Call& call, const Migration& migration, const Parcel& parcel,
                      Outbound& other) {
  if (!migration.authentication.empty()) send(other, migration.authentication);
  send(other, {"SELECT", std::to_string(migration.db)});
  for (const ReplicatedCommand& command : parcel.commands) send(other, command);
  if (!migration.authentication.empty()) expect_ok(other);
  expect_ok(other);
  std::string refused;
  for (const std::string& key : parcel.keys) {
    const std::string why = receive(other);
    if (!why.empty()) {
      refused = why;
    } else if (!migration.copy) {
      call.keyspace.remove(call.db, key);
      call.notify(kNotifyGeneric, "del", key);
    }
  }
  return refused;
}

void migrate(Call& call) {
  Migration migration = parse(call);
  std::erase_if(migration.keys, [&](const std::string& key) { return !is_here(call, key); });
  if (migration.keys.empty()) return call.reply.simple("NOKEY");
  Cluster* const cluster = call.instance.cluster();
  if (cluster != nullptr &&
      cluster->migrate(call.session, migration.host, migration.port, migration.keys)) {
    return call.reply.ok();
  }
  const Parcel parcel = pack(call, migration);
  const Connect& connect = call.instance.options().connect;
  const std::unique_ptr<Outbound> other =
      connect ? connect(migration.host, migration.port, migration.timeout_ms) : nullptr;
  // As Redis says it of one that refuses: it finds out when it writes.
  if (other == nullptr) throw Error("IOERR error or timeout writing to target instance");
  const std::string refused = hand_over(call, migration, parcel, *other);
  if (refused.empty()) return call.reply.ok();
  // Not thrown, since keys may be gone: replicas must hear of them.
  const std::string text = "ERR Target instance replied with error: " + refused;
  call.instance.count_error(text);
  call.reply.error(text);
}

void find_migrated(Args args, std::vector<KeyReference>& keys) {
  const KeyUses use = kKeyRW | kKeyAccess | kKeyDelete;
  if (!args[kKeyAt].empty()) return keys.push_back({args[kKeyAt], use});
  for (std::size_t i = 6; i < args.size(); ++i) {
    if (!is_word(args[i], "KEYS")) continue;
    for (const std::string_view key : args.subspan(i + 1)) keys.push_back({key, use});
    return;
  }
}

void hide_password(Args, std::vector<std::string_view>& shown) {
  for (std::size_t i = 6; i + 1 < shown.size(); ++i) {
    if (is_word(shown[i], "KEYS")) return;
    if (is_word(shown[i], "AUTH")) shown[++i] = kRedacted;
    if (is_word(shown[i], "AUTH2") && i + 2 < shown.size()) {
      shown[i + 1] = shown[i + 2] = kRedacted;
      i += 2;
    }
  }
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "migrate", .arity = -6, .flags = kWrite | kMovableKeys, .group = Group::kGeneric,
     .keys = {3, 3, 1, kKeyRW | kKeyAccess | kKeyDelete, 0}, .since = "2.6.0",
     .summary = "Moves keys to another server.", .run = migrate, .categories = kCatDangerous,
     .find_keys = find_migrated, .redact = hide_password},
};
// clang-format on

}  // namespace

std::span<const Command> migrate_commands() { return kCommands; }

}  // namespace bodega::redis
