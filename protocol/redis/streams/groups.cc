// XGROUP: consumer groups and their consumers come and go; and XACK, with which a consumer is done.
#include <cstdint>
#include <optional>
#include <vector>

#include "engines/keyspace/engine.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/streams/stream_wire.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::StreamConsumer;
using keyspace::StreamEdit;
using keyspace::StreamGroup;
using keyspace::StreamId;
using keyspace::Type;

Error wrong_use(const Call& call) { return errors::wrong_subcommand("XGROUP", call.arg(1)); }

// The stream that a sub-command works on.
const Entry& stream_of(Call& call) {
  const Entry* entry = find_write(call, call.arg(2), Type::kStream);
  if (entry == nullptr) {
    throw Error(
        "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to "
        "use the MKSTREAM option to create an empty stream automatically.");
  }
  return *entry;
}

void check_group(const Call& call, const Entry& entry) {
  if (entry.stream().group(call.arg(3)) == nullptr) throw no_such_group(call.arg(2), call.arg(3));
}

std::int64_t to_entries_read(std::string_view text) {
  const std::int64_t read = to_integer(text);
  if (read < 0 && read != keyspace::kUnknownEntriesRead) {
    throw Error("ERR value for ENTRIESREAD must be positive or -1");
  }
  return read;
}

void xgroup_create(Call& call) {
  bool may_create = false;
  std::int64_t entries_read = keyspace::kUnknownEntriesRead;
  ArgumentCursor args(call.args, 5);
  while (args.more()) {
    if (args.take("MKSTREAM")) {
      may_create = true;
    } else if (args.take("ENTRIESREAD", 1)) {
      entries_read = to_entries_read(args.next());
    } else {
      throw wrong_use(call);
    }
  }
  const std::string_view key = call.arg(2);
  const Entry* entry = may_create ? find_write(call, key, Type::kStream) : &stream_of(call);
  constexpr std::size_t kMostArguments = 8;
  if (call.size() > kMostArguments) throw wrong_use(call);
  StreamId id;
  if (call.arg(4) != "$") {
    id = to_stream_id(call.arg(4));
  } else if (entry != nullptr) {
    id = entry->stream().last_id();
  }
  {
    auto edit = call.keyspace.edit_stream(call.db, key, entry);
    if (edit.create_group(call.arg(3), id, entries_read) == nullptr) {
      throw Error("BUSYGROUP Consumer Group name already exists");
    }
    if (edit.created()) edit.touch();
  }
  call.notify(kNotifyStream, "xgroup-create", key);
  call.reply.ok();
}

void xgroup_setid(Call& call) {
  std::int64_t entries_read = keyspace::kUnknownEntriesRead;
  ArgumentCursor args(call.args, 5);
  while (args.more()) {
    if (!args.take("ENTRIESREAD", 1)) throw wrong_use(call);
    entries_read = to_entries_read(args.next());
  }
  const Entry& entry = stream_of(call);
  check_group(call, entry);
  constexpr std::size_t kMostArguments = 7;
  if (call.size() > kMostArguments) throw wrong_use(call);
  const std::string_view text = call.arg(4);
  const bool is_edge = text == "-" || text == "+";
  const StreamId id = text == "$" ? entry.stream().last_id()
                      : is_edge   ? to_interval_start(text)
                                  : to_stream_id(text);
  {
    auto edit = call.keyspace.edit_stream(call.db, call.arg(2), &entry);
    edit.set_group(*edit.group(call.arg(3)), id, entries_read);
  }
  call.notify(kNotifyStream, "xgroup-setid", call.arg(2));
  call.reply.ok();
}

void xgroup_destroy(Call& call) {
  const std::string_view key = call.arg(2);
  const Entry& entry = stream_of(call);
  if (!call.keyspace.edit_stream(call.db, key, &entry).destroy_group(call.arg(3))) {
    return call.reply.integer(0);
  }
  call.notify(kNotifyStream, "xgroup-destroy", key);
  call.reply.integer(1);
  // Who waits for an entry of the group waits in vain.
  call.instance.blocking().key_ready(call.db, key);
}

void xgroup_createconsumer(Call& call) {
  const Entry& entry = stream_of(call);
  check_group(call, entry);
  auto edit = call.keyspace.edit_stream(call.db, call.arg(2), &entry);
  StreamGroup& group = *edit.group(call.arg(3));
  if (edit.consumer(group, call.arg(4)) != nullptr) return call.reply.integer(0);
  use_consumer(call, call.arg(2), edit, group, call.arg(4));
  call.reply.integer(1);
}

void xgroup_delconsumer(Call& call) {
  const Entry& entry = stream_of(call);
  check_group(call, entry);
  auto edit = call.keyspace.edit_stream(call.db, call.arg(2), &entry);
  StreamGroup& group = *edit.group(call.arg(3));
  StreamConsumer* consumer = edit.consumer(group, call.arg(4));
  if (consumer == nullptr) return call.reply.integer(0);
  const std::size_t pending = consumer->pending.size();
  edit.remove_consumer(group, *consumer);
  call.notify(kNotifyStream, "xgroup-delconsumer", call.arg(2));
  call.reply.integer(static_cast<std::int64_t>(pending));
}

void xgroup_help(Call& call) {
  reply_help(call, {
                       "CREATE <key> <groupname> <id|$> [option]",
                       "    Create a new consumer group. Options are:",
                       "    * MKSTREAM",
                       "      Create the empty stream if it does not exist.",
                       "    * ENTRIESREAD entries_read",
                       "      Set the group's entries_read counter (internal use).",
                       "CREATECONSUMER <key> <groupname> <consumer>",
                       "    Create a new consumer in the specified group.",
                       "DELCONSUMER <key> <groupname> <consumer>",
                       "    Remove the specified consumer.",
                       "DESTROY <key> <groupname>",
                       "    Remove the specified group.",
                       "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
                       "    Set the current group ID and entries_read counter.",
                   });
}

void xack(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_stream(call, key);
  if (entry == nullptr || entry->stream().group(call.arg(2)) == nullptr) {
    return call.reply.integer(0);
  }
  std::vector<StreamId> ids;
  ids.reserve(call.size() - 3);
  for (const std::string_view text : call.args.subspan(3)) ids.push_back(to_stream_id(text));
  auto edit = call.keyspace.edit_stream(call.db, key, entry);
  StreamGroup& group = *edit.group(call.arg(2));
  std::int64_t acknowledged = 0;
  for (const StreamId id : ids) acknowledged += edit.remove_pending(group, id) ? 1 : 0;
  call.reply.integer(acknowledged);
}

constexpr KeySpec kInserted{2, 2, 1, kKeyRW | kKeyInsert, 0};
constexpr KeySpec kDeleted{2, 2, 1, kKeyRW | kKeyDelete, 0};
constexpr KeySpec kUpdated{2, 2, 1, kKeyRW | kKeyUpdate, 0};

// clang-format off
constexpr Command kGroupSubcommands[] = {
    {.name = "xgroup|create", .arity = -5, .flags = kWrite | kDenyOom, .group = Group::kStream,
     .keys = kInserted, .since = "5.0.0", .summary = "Creates a consumer group.",
     .run = xgroup_create},
    {.name = "xgroup|setid", .arity = -5, .flags = kWrite, .group = Group::kStream,
     .keys = kUpdated, .since = "5.0.0",
     .summary = "Sets the id of the entry that a group delivered last.", .run = xgroup_setid},
    {.name = "xgroup|destroy", .arity = 4, .flags = kWrite, .group = Group::kStream,
     .keys = kDeleted, .since = "5.0.0", .summary = "Removes a consumer group.",
     .run = xgroup_destroy},
    {.name = "xgroup|createconsumer", .arity = 5, .flags = kWrite | kDenyOom,
     .group = Group::kStream, .keys = kInserted, .since = "6.2.0",
     .summary = "Creates a consumer in a group.", .run = xgroup_createconsumer},
    {.name = "xgroup|delconsumer", .arity = 5, .flags = kWrite, .group = Group::kStream,
     .keys = kDeleted, .since = "5.0.0", .summary = "Removes a consumer from a group.",
     .run = xgroup_delconsumer},
    {.name = "xgroup|help", .arity = 2, .flags = kLoading | kStale, .group = Group::kStream,
     .since = "5.0.0", .summary = "Lists the sub-commands.", .run = xgroup_help},
};

constexpr Command kCommands[] = {
    {.name = "xgroup", .arity = -2, .group = Group::kStream, .since = "5.0.0",
     .summary = "Contains the commands for consumer groups.", .subcommands = kGroupSubcommands},
    {.name = "xack", .arity = -4, .flags = kWrite | kFast, .group = Group::kStream,
     .keys = {1, 1, 1, kKeyRW | kKeyUpdate, 0}, .since = "5.0.0",
     .summary = "Acknowledges entries that were delivered to a consumer of a group.",
     .run = xack},
};
// clang-format on

}  // namespace

std::span<const Command> stream_group_commands() { return kCommands; }

}  // namespace bodega::redis
