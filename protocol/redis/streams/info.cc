// XINFO: what a stream, its groups and their consumers are like.
#include <algorithm>
#include <cstdint>

#include "engines/keyspace/engine.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/streams/stream_wire.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

using keyspace::Order;
using keyspace::Stream;
using keyspace::StreamConsumer;
using keyspace::StreamGroup;

const Stream& stream_of(Call& call) {
  const keyspace::Entry* entry = find_stream(call, call.arg(2));
  if (entry == nullptr) throw Error(errors::kNoSuchKey);
  return entry->stream();
}

void reply_pair(Reply& reply, std::string_view name, std::int64_t value) {
  reply.bulk(name);
  reply.integer(value);
}

void reply_size(Reply& reply, std::string_view name, std::size_t value) {
  reply_pair(reply, name, static_cast<std::int64_t>(value));
}

void reply_pair(Reply& reply, std::string_view name, keyspace::StreamId id) {
  reply.bulk(name);
  reply_id(reply, id);
}

void reply_progress(Reply& reply, const Stream& stream, const StreamGroup& group) {
  reply_pair(reply, "last-delivered-id", group.last_id);
  reply.bulk("entries-read");
  if (group.entries_read == keyspace::kUnknownEntriesRead) {
    reply.null();
  } else {
    reply.integer(group.entries_read);
  }
  reply.bulk("lag");
  const auto lag = stream.lag(group);
  lag ? reply.integer(*lag) : reply.null();
}

// ---- XINFO STREAM ----

void reply_stream(Reply& reply, const Stream& stream) {
  const keyspace::StreamCounters& counters = stream.counters();
  reply_size(reply, "length", stream.size());
  reply_size(reply, "radix-tree-keys", stream.node_count());
  reply_size(reply, "radix-tree-nodes", stream.radix_node_count());
  reply_pair(reply, "last-generated-id", counters.last_id);
  reply_pair(reply, "max-deleted-entry-id", counters.max_deleted_id);
  reply_size(reply, "entries-added", counters.entries_added);
  reply_pair(reply, "recorded-first-entry-id", stream.first_id());
}

void reply_summary(Reply& reply, const Stream& stream) {
  reply.map(10);
  reply_stream(reply, stream);
  reply_size(reply, "groups", stream.groups().size());
  reply.bulk("first-entry");
  if (stream.size() == 0 || !reply_entry(reply, stream, stream.first_id())) reply.null();
  reply.bulk("last-entry");
  if (stream.size() == 0 || !reply_entry(reply, stream, stream.newest_id())) reply.null();
}

std::size_t at_most(std::size_t size, std::uint64_t most) {
  return most == 0 ? size : std::min<std::size_t>(size, most);
}

void reply_consumer(Reply& reply, const StreamConsumer& consumer, std::uint64_t most) {
  reply.map(5);
  reply.bulk("name");
  reply.bulk(consumer.name);
  reply_pair(reply, "seen-time", consumer.seen_ms);
  reply_pair(reply, "active-time", consumer.active_ms);
  reply_size(reply, "pel-count", consumer.pending.size());
  reply.bulk("pending");
  std::size_t left = at_most(consumer.pending.size(), most);
  reply.array(left);
  for (auto at = consumer.pending.begin(); left > 0; ++at, --left) {
    reply.array(3);
    reply_id(reply, at->first);
    reply.integer(at->second->delivered_ms);
    reply.integer(static_cast<std::int64_t>(at->second->deliveries));
  }
}

void reply_group(Reply& reply, const Stream& stream, const StreamGroup& group, std::uint64_t most) {
  reply.map(7);
  reply.bulk("name");
  reply.bulk(group.name);
  reply_progress(reply, stream, group);
  reply_size(reply, "pel-count", group.pending.size());
  reply.bulk("pending");
  std::size_t left = at_most(group.pending.size(), most);
  reply.array(left);
  for (auto at = group.pending.begin(); left > 0; ++at, --left) {
    reply.array(4);
    reply_id(reply, at->first);
    reply.bulk(at->second.consumer->name);
    reply.integer(at->second.delivered_ms);
    reply.integer(static_cast<std::int64_t>(at->second.deliveries));
  }
  reply.bulk("consumers");
  reply.array(group.consumers.size());
  for (const auto& [name, consumer] : group.consumers) reply_consumer(reply, consumer, most);
}

void reply_in_full(Reply& reply, const Stream& stream, std::uint64_t most) {
  reply.map(9);
  reply_stream(reply, stream);
  reply.bulk("entries");
  reply_entries(reply, stream, keyspace::kFirstStreamId, keyspace::kLastStreamId, Order::kForward,
                most);
  reply.bulk("groups");
  reply.array(stream.groups().size());
  for (const auto& [name, group] : stream.groups()) reply_group(reply, stream, group, most);
}

void xinfo_stream(Call& call) {
  constexpr std::int64_t kUsualCount = 10;
  const Stream& stream = stream_of(call);
  if (call.size() == 3) return reply_summary(call.reply, stream);
  const bool with_count = call.size() == 6;
  const bool fits = (call.size() == 4 || with_count) && is_word(call.arg(3), "FULL") &&
                    (!with_count || is_word(call.arg(4), "COUNT"));
  if (!fits) throw errors::wrong_subcommand("XINFO", call.arg(1));
  const std::int64_t count = with_count ? to_integer(call.arg(5)) : kUsualCount;
  reply_in_full(call.reply, stream, static_cast<std::uint64_t>(count < 0 ? kUsualCount : count));
}

// ---- XINFO GROUPS and CONSUMERS ----

void xinfo_groups(Call& call) {
  const Stream& stream = stream_of(call);
  call.reply.array(stream.groups().size());
  for (const auto& [name, group] : stream.groups()) {
    call.reply.map(6);
    call.reply.bulk("name");
    call.reply.bulk(name);
    reply_size(call.reply, "consumers", group.consumers.size());
    reply_size(call.reply, "pending", group.pending.size());
    reply_progress(call.reply, stream, group);
  }
}

void xinfo_consumers(Call& call) {
  const StreamGroup* group = stream_of(call).group(call.arg(3));
  if (group == nullptr) throw no_such_group(call.arg(2), call.arg(3));
  call.reply.array(group->consumers.size());
  for (const auto& [name, consumer] : group->consumers) {
    call.reply.map(4);
    call.reply.bulk("name");
    call.reply.bulk(name);
    reply_size(call.reply, "pending", consumer.pending.size());
    reply_pair(call.reply, "idle", std::max<std::int64_t>(0, call.now_ms - consumer.seen_ms));
    reply_pair(call.reply, "inactive",
               consumer.active_ms < 0 ? consumer.active_ms : call.now_ms - consumer.active_ms);
  }
}

void xinfo_help(Call& call) {
  reply_help(call, {
                       "CONSUMERS <key> <groupname>",
                       "    Show consumers of <groupname>.",
                       "GROUPS <key>",
                       "    Show the stream consumer groups.",
                       "STREAM <key> [FULL [COUNT <count>]",
                       "    Show information about the stream.",
                   });
}

constexpr KeySpec kRead{2, 2, 1, kKeyRO | kKeyAccess, 0};

// clang-format off
constexpr Command kInfoSubcommands[] = {
    {.name = "xinfo|consumers", .arity = 4, .flags = kReadonly, .group = Group::kStream,
     .keys = kRead, .since = "5.0.0", .summary = "Lists the consumers of a group.",
     .run = xinfo_consumers},
    {.name = "xinfo|groups", .arity = 3, .flags = kReadonly, .group = Group::kStream,
     .keys = kRead, .since = "5.0.0", .summary = "Lists the consumer groups of a stream.",
     .run = xinfo_groups},
    {.name = "xinfo|stream", .arity = -3, .flags = kReadonly, .group = Group::kStream,
     .keys = kRead, .since = "5.0.0", .summary = "Describes a stream.", .run = xinfo_stream},
    {.name = "xinfo|help", .arity = 2, .flags = kLoading | kStale, .group = Group::kStream,
     .since = "5.0.0", .summary = "Lists the sub-commands.", .run = xinfo_help},
};

constexpr Command kCommands[] = {
    {.name = "xinfo", .arity = -2, .group = Group::kStream, .since = "5.0.0",
     .summary = "Contains the commands that look inside streams.",
     .subcommands = kInfoSubcommands},
};
// clang-format on

}  // namespace

std::span<const Command> stream_info_commands() { return kCommands; }

}  // namespace bodega::redis
