// Keys, whatever they hold: DEL, RENAME, COPY, KEYS, OBJECT and the like.
#include <cstdint>
#include <string>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/glob.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::Touch;
using keyspace::Type;

void del(Call& call) {
  std::int64_t removed = 0;
  for (const auto key : call.args.subspan(1)) {
    if (!call.keyspace.remove(call.db, key)) continue;
    call.notify(kNotifyGeneric, "del", key);
    ++removed;
  }
  call.reply.integer(removed);
}

void exists(Call& call) {
  std::int64_t found = 0;
  for (const auto key : call.args.subspan(1)) found += look(call, key) != nullptr ? 1 : 0;
  call.reply.integer(found);
}

void type(Call& call) {
  const Entry* entry = look(call, call.arg(1));
  call.reply.simple(entry == nullptr ? "none" : name_of(entry->type()));
}

void keys(Call& call) {
  const std::string_view pattern = call.arg(1);
  const bool all = pattern == "*";
  const auto header = call.reply.defer();
  std::size_t count = 0;
  call.keyspace.for_each(call.db, [&](const Entry& entry) {
    if (!all && !glob_match(pattern, entry.key())) return;
    if (!is_shown(call, entry.key())) return;
    call.reply.bulk(entry.key());
    ++count;
  });
  call.reply.close(header, count);
}

void randomkey(Call& call) {
  if (const Cluster* const cluster = call.instance.cluster()) {
    const auto key = cluster->random_key(call.session.cluster.node);
    if (!key) return call.reply.null();
    return call.reply.bulk(*key);
  }
  const Entry* entry = call.keyspace.random(call.db);
  if (entry == nullptr) return call.reply.null();
  call.reply.bulk(entry->key());
}

enum class IfTaken : std::uint8_t { kReplace, kRefuse };

void rename_key(Call& call, IfTaken if_taken) {
  const bool replace = if_taken == IfTaken::kReplace;
  const std::string_view from = call.arg(1);
  const std::string_view to = call.arg(2);
  if (find_write(call, from) == nullptr) throw Error(errors::kNoSuchKey);
  const bool same = from == to;
  if (!replace && (same || find_write(call, to) != nullptr)) return call.reply.integer(0);
  if (!same) {
    call.keyspace.rename(call.db, from, to);
    call.notify(kNotifyGeneric, "rename_from", from);
    call.notify(kNotifyGeneric, "rename_to", to);
  }
  if (replace) return call.reply.ok();
  call.reply.integer(1);
}

void rename(Call& call) { rename_key(call, IfTaken::kReplace); }
void renamenx(Call& call) { rename_key(call, IfTaken::kRefuse); }

unsigned to_database(const Call& call, std::string_view text) {
  const std::int64_t db = to_int(text);
  if (db < 0 || db >= static_cast<std::int64_t>(call.keyspace.database_count())) {
    throw Error(errors::kDbIndexOutOfRange);
  }
  return static_cast<unsigned>(db);
}

void move(Call& call) {
  if (call.instance.cluster() != nullptr) throw Error("ERR MOVE is not allowed in cluster mode");
  const std::string_view key = call.arg(1);
  const unsigned target = to_database(call, call.arg(2));
  if (target == call.db) throw Error(errors::kSameObject);
  if (!call.keyspace.move(call.db, key, static_cast<unsigned>(target))) {
    return call.reply.integer(0);
  }
  call.notify(kNotifyGeneric, "move_from", key);
  call.notify_in(target, kNotifyGeneric, "move_to", key);
  call.reply.integer(1);
}

void copy(Call& call) {
  const std::string_view from = call.arg(1);
  const std::string_view to = call.arg(2);
  unsigned target = call.db;
  bool replace = false;
  ArgumentCursor args(call.args, 3);
  while (args.more()) {
    if (args.take("REPLACE")) {
      replace = true;
    } else if (args.take("DB")) {
      target = to_database(call, args.next());
    } else {
      throw Error(errors::kSyntax);
    }
  }
  if (target != 0 && call.instance.cluster() != nullptr) {
    throw Error("ERR Copying to another database is not allowed in cluster mode");
  }
  if (target == call.db && from == to) throw Error(errors::kSameObject);
  if (find_read(call, from) == nullptr || (!replace && call.keyspace.exists(target, to))) {
    return call.reply.integer(0);
  }
  call.keyspace.copy(call.db, from, target, to);
  call.notify_in(target, kNotifyGeneric, "copy_to", to);
  call.reply.integer(1);
}

void touch(Call& call) {
  std::int64_t found = 0;
  for (const auto key : call.args.subspan(1)) {
    found += find_read(call, key) != nullptr ? 1 : 0;
  }
  call.reply.integer(found);
}

// ---- OBJECT ----

const Entry* find_object(Call& call) {
  return call.keyspace.find(call.db, call.arg(2), Touch::kNo);
}

void object_encoding(Call& call) {
  const Entry* entry = find_object(call);
  if (entry == nullptr) return call.reply.null();
  call.reply.bulk(name_of(entry->encoding()));
}

void object_refcount(Call& call) {
  constexpr std::int64_t kSharedIntegers = 10000;
  constexpr std::int64_t kShared = 2147483647;
  const Entry* entry = find_object(call);
  if (entry == nullptr) return call.reply.null();
  const bool shared = entry->is(Type::kString) && entry->is_integer() && entry->integer() >= 0 &&
                      entry->integer() < kSharedIntegers;
  call.reply.integer(shared ? kShared : 1);
}

void object_idletime(Call& call) {
  const Entry* entry = find_object(call);
  if (entry == nullptr) return call.reply.null();
  if (call.keyspace.access_policy() == keyspace::AccessPolicy::kLfu) {
    throw Error(
        "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "
        "switching between policies at runtime LRU and LFU data will take some time to adjust.");
  }
  call.reply.integer(call.keyspace.idle_seconds(*entry));
}

void object_freq(Call& call) {
  const Entry* entry = find_object(call);
  if (entry == nullptr) return call.reply.null();
  if (call.keyspace.access_policy() != keyspace::AccessPolicy::kLfu) {
    throw Error(
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note "
        "that when switching between policies at runtime LRU and LFU data will take some time to "
        "adjust.");
  }
  call.reply.integer(call.keyspace.frequency(*entry));
}

void object_help(Call& call) {
  reply_help(call, {"ENCODING <key>", "    How the value is represented.", "FREQ <key>",
                    "    How often the key was used lately (LFU policies).", "IDLETIME <key>",
                    "    Seconds since the key was last used (LRU policies).", "REFCOUNT <key>",
                    "    How many references the value has."});
}

constexpr KeySpec kObjectKey{2, 2, 1, kKeyRO, 0};

// clang-format off
constexpr Command kObjectCommands[] = {
    {.name = "object|encoding", .arity = 3, .flags = kReadonly, .group = Group::kGeneric,
     .keys = kObjectKey, .since = "2.2.3", .summary = "Tells how a value is represented.",
     .run = object_encoding},
    {.name = "object|freq", .arity = 3, .flags = kReadonly, .group = Group::kGeneric,
     .keys = kObjectKey, .since = "4.0.0", .summary = "Tells how often a key was used lately.",
     .run = object_freq},
    {.name = "object|help", .arity = 2, .flags = kLoading | kStale, .group = Group::kGeneric,
     .since = "6.2.0", .summary = "Lists the sub-commands.", .run = object_help},
    {.name = "object|idletime", .arity = 3, .flags = kReadonly, .group = Group::kGeneric,
     .keys = kObjectKey, .since = "2.2.3", .summary = "Tells since when a key has not been used.",
     .run = object_idletime},
    {.name = "object|refcount", .arity = 3, .flags = kReadonly, .group = Group::kGeneric,
     .keys = kObjectKey, .since = "2.2.3", .summary = "Counts the references of a value.",
     .run = object_refcount},
};
// clang-format on

constexpr KeySpec kAllRemoved{1, -1, 1, kKeyRM | kKeyDelete, 0};
constexpr KeySpec kAllRead{1, -1, 1, kKeyRO, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "del", .arity = -2, .flags = kWrite, .group = Group::kGeneric, .keys = kAllRemoved,
     .since = "1.0.0", .summary = "Removes keys.", .run = del},
    {.name = "unlink", .arity = -2, .flags = kWrite | kFast, .group = Group::kGeneric,
     .keys = kAllRemoved, .since = "4.0.0",
     .summary = "Removes keys and frees their values later.", .run = del},
    {.name = "exists", .arity = -2, .flags = kReadonly | kFast, .group = Group::kGeneric,
     .keys = kAllRead, .since = "1.0.0", .summary = "Counts which of the keys exist.",
     .run = exists},
    {.name = "type", .arity = 2, .flags = kReadonly | kFast, .group = Group::kGeneric,
     .keys = {1, 1, 1, kKeyRO, 0}, .since = "1.0.0", .summary = "Tells the type of a value.",
     .run = type},
    {.name = "keys", .arity = 2, .flags = kReadonly, .group = Group::kGeneric, .since = "1.0.0",
     .summary = "Returns all keys that match a pattern.", .run = keys,
     .categories = kCatDangerous},
    {.name = "randomkey", .arity = 1, .flags = kReadonly, .group = Group::kGeneric,
     .since = "1.0.0", .summary = "Returns a key chosen at random.", .run = randomkey},
    {.name = "rename", .arity = 3, .flags = kWrite, .group = Group::kGeneric,
     .keys = {1, 1, 1, kKeyRW | kKeyAccess | kKeyDelete, 0}, .since = "1.0.0",
     .summary = "Renames a key, replacing what the new name held.", .run = rename,
     .more_keys = {2, 2, 1, kKeyOW | kKeyUpdate, 0}, .traits = kTakesRoom},
    {.name = "renamenx", .arity = 3, .flags = kWrite | kFast, .group = Group::kGeneric,
     .keys = {1, 1, 1, kKeyRW | kKeyAccess | kKeyDelete, 0}, .since = "1.0.0",
     .summary = "Renames a key unless the new name exists.", .run = renamenx,
     .more_keys = {2, 2, 1, kKeyOW | kKeyInsert, 0}, .traits = kTakesRoom},
    {.name = "move", .arity = 3, .flags = kWrite | kFast, .group = Group::kGeneric,
     .keys = {1, 1, 1, kKeyRW | kKeyAccess | kKeyUpdate, 0}, .since = "1.0.0",
     .summary = "Moves a key to another database.", .run = move, .traits = kTakesRoom},
    {.name = "copy", .arity = -3, .flags = kWrite | kDenyOom, .group = Group::kGeneric,
     .keys = {1, 1, 1, kKeyRO | kKeyAccess, 0}, .since = "6.2.0",
     .summary = "Copies a value to another key.", .run = copy,
     .more_keys = {2, 2, 1, kKeyOW | kKeyUpdate, 0}, .traits = kMakesString},
    {.name = "touch", .arity = -2, .flags = kReadonly | kFast, .group = Group::kGeneric,
     .keys = kAllRead, .since = "3.2.1",
     .summary = "Counts which of the keys exist, as a use of them.", .run = touch},
    {.name = "object", .arity = -2, .group = Group::kGeneric, .since = "2.2.3",
     .summary = "Looks inside the values of keys.", .subcommands = kObjectCommands},
};
// clang-format on

}  // namespace

std::span<const Command> key_commands() { return kCommands; }

}  // namespace bodega::redis
