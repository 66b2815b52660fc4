// What consumers got and have not acknowledged: looking at it, and giving it to other consumers.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "engines/keyspace/engine.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/streams/stream_wire.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::StreamConsumer;
using keyspace::StreamEdit;
using keyspace::StreamGroup;
using keyspace::StreamId;
using keyspace::StreamPending;

const StreamGroup& group_of(const Call& call, const Entry* entry) {
  const StreamGroup* group = entry == nullptr ? nullptr : entry->stream().group(call.arg(2));
  if (group == nullptr) throw no_such_key_or_group(call.arg(1), call.arg(2));
  return *group;
}

// ---- XPENDING ----

struct PendingRange {
  std::int64_t min_idle_ms = 0;
  StreamId start, end;
  std::uint64_t count = 0;
  std::optional<std::string_view> consumer;
};

PendingRange parse_pending_range(const Call& call) {
  constexpr std::size_t kLeast = 6;
  constexpr std::size_t kMost = 9;
  constexpr std::size_t kLeastWithIdle = 8;
  if (call.size() < kLeast || call.size() > kMost) throw Error(errors::kSyntax);
  PendingRange out;
  std::size_t at = 3;
  if (is_word(call.arg(at), "IDLE")) {
    out.min_idle_ms = to_integer(call.arg(at + 1));
    if (call.size() < kLeastWithIdle) throw Error(errors::kSyntax);
    at += 2;
  }
  const std::int64_t count = to_integer(call.arg(at + 2));
  out.count = static_cast<std::uint64_t>(std::max<std::int64_t>(0, count));
  out.start = to_interval_start(call.arg(at));
  out.end = to_interval_end(call.arg(at + 1));
  if (at + 3 < call.size()) out.consumer = call.arg(at + 3);
  return out;
}

void reply_summary(Call& call, const StreamGroup& group) {
  call.reply.array(4);
  call.reply.integer(static_cast<std::int64_t>(group.pending.size()));
  if (group.pending.empty()) {
    call.reply.null();
    call.reply.null();
    return call.reply.null_array();
  }
  reply_id(call.reply, group.pending.begin()->first);
  reply_id(call.reply, group.pending.rbegin()->first);
  const Reply::Deferred consumers = call.reply.defer();
  std::size_t count = 0;
  for (const auto& [name, consumer] : group.consumers) {
    if (consumer.pending.empty()) continue;
    call.reply.array(2);
    call.reply.bulk(name);
    call.reply.bulk_integer(static_cast<std::int64_t>(consumer.pending.size()));
    ++count;
  }
  call.reply.close(consumers, count);
}

// Those in the range that have been idle for long enough. `pending` is a group's or a consumer's.
template <class Pending, class Look>
void reply_pending(Call& call, const Pending& pending, const PendingRange& range, Look look) {
  const Reply::Deferred array = call.reply.defer();
  std::uint64_t count = 0;
  for (auto at = pending.lower_bound(range.start);
       count < range.count && at != pending.end() && at->first <= range.end; ++at) {
    const StreamPending& one = look(at->second);
    const std::int64_t idle_ms = call.now_ms - one.delivered_ms;
    if (range.min_idle_ms != 0 && idle_ms < range.min_idle_ms) continue;
    call.reply.array(4);
    reply_id(call.reply, at->first);
    call.reply.bulk(one.consumer->name);
    call.reply.integer(std::max<std::int64_t>(0, idle_ms));
    call.reply.integer(static_cast<std::int64_t>(one.deliveries));
    ++count;
  }
  call.reply.close(array, count);
}

void xpending(Call& call) {
  std::optional<PendingRange> range;
  if (call.size() != 3) range = parse_pending_range(call);
  const StreamGroup& group = group_of(call, find_stream(call, call.arg(1)));
  if (!range) return reply_summary(call, group);
  if (!range->consumer) {
    return reply_pending(call, group.pending, *range,
                         [](const StreamPending& one) -> const StreamPending& { return one; });
  }
  const StreamConsumer* consumer = group.consumer(*range->consumer);
  if (consumer == nullptr) return call.reply.array(0);
  reply_pending(call, consumer->pending, *range,
                [](const StreamPending* one) -> const StreamPending& { return *one; });
}

// ---- Claiming ----

enum class Show : std::uint8_t { kEntries, kIds };

void reply_claimed(Call& call, const StreamEdit& edit, Show show, StreamId id) {
  if (show == Show::kIds) {
    reply_id(call.reply, id);
  } else {
    reply_entry(call.reply, *edit, id);
  }
}

struct Claim {
  std::int64_t min_idle_ms = 0;
  std::vector<StreamId> ids;
  std::int64_t delivered_ms = 0;
  std::optional<std::uint64_t> deliveries;  // absent: one more, unless only ids are shown
  StreamId last_id;
  bool force = false;
  Show show = Show::kEntries;
};

std::int64_t to_min_idle(std::string_view text, std::string_view error) {
  return std::max<std::int64_t>(0, to_integer(text, error));
}

Claim parse_claim(const Call& call) {
  Claim out;
  out.min_idle_ms = to_min_idle(call.arg(4), "ERR Invalid min-idle-time argument for XCLAIM");
  ArgumentCursor args(call.args, 5);
  while (args.more()) {
    const auto id = parse_stream_id(call.arg(call.size() - args.left()));
    if (!id) break;
    out.ids.push_back(*id);
    args.next();
  }
  constexpr std::int64_t kNotGiven = -1;
  std::int64_t delivered_ms = kNotGiven;
  std::int64_t deliveries = kNotGiven;
  while (args.more()) {
    if (args.take("FORCE")) {
      out.force = true;
    } else if (args.take("JUSTID")) {
      out.show = Show::kIds;
    } else if (args.take("IDLE", 1)) {
      const std::int64_t idle_ms =
          to_integer(args.next(), "ERR Invalid IDLE option argument for XCLAIM");
      // Wraps around, as it does in Redis; what comes of it is looked at below.
      delivered_ms = static_cast<std::int64_t>(static_cast<std::uint64_t>(call.now_ms) -
                                               static_cast<std::uint64_t>(idle_ms));
    } else if (args.take("TIME", 1)) {
      delivered_ms = to_integer(args.next(), "ERR Invalid TIME option argument for XCLAIM");
    } else if (args.take("RETRYCOUNT", 1)) {
      deliveries = to_integer(args.next(), "ERR Invalid RETRYCOUNT option argument for XCLAIM");
    } else if (args.take("LASTID", 1)) {
      out.last_id = to_stream_id(args.next());
    } else {
      throw Error("ERR Unrecognized XCLAIM option '" + std::string(args.next()) + "'");
    }
  }
  // A time that cannot be is that of a client whose clock is wrong.
  const bool is_bogus = delivered_ms < 0 || delivered_ms > call.now_ms;
  out.delivered_ms = is_bogus ? call.now_ms : delivered_ms;
  if (deliveries >= 0) out.deliveries = static_cast<std::uint64_t>(deliveries);
  return out;
}

// Whether the consumer may have the entry; it then has it.
bool claim_one(Call& call, const Claim& claim, StreamEdit& edit, StreamGroup& group,
               StreamConsumer& consumer, StreamId id) {
  const auto place = group.pending.find(id);
  const bool is_pending = place != group.pending.end();
  if (!edit->contains(id)) {
    edit.remove_pending(group, id);  // it can never be acknowledged otherwise
    return false;
  }
  if (!is_pending && !claim.force) return false;
  std::uint64_t deliveries = 1;
  if (is_pending) {
    const std::int64_t idle_ms = call.now_ms - place->second.delivered_ms;
    if (claim.min_idle_ms > 0 && idle_ms < claim.min_idle_ms) return false;
    deliveries = place->second.deliveries;
  }
  if (claim.deliveries) {
    deliveries = *claim.deliveries;
  } else if (claim.show == Show::kEntries) {
    ++deliveries;
  }
  edit.put_pending(group, id, {&consumer, claim.delivered_ms, deliveries});
  return true;
}

void xclaim(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_stream(call, key);
  group_of(call, entry);
  const Claim claim = parse_claim(call);
  auto edit = call.keyspace.edit_stream(call.db, key, entry);
  StreamGroup& group = *edit.group(call.arg(2));
  if (claim.last_id > group.last_id) edit.set_group(group, claim.last_id, group.entries_read);
  StreamConsumer& consumer = use_consumer(call, key, edit, group, call.arg(3));
  const Reply::Deferred array = call.reply.defer();
  std::size_t count = 0;
  for (const StreamId id : claim.ids) {
    if (!claim_one(call, claim, edit, group, consumer, id)) continue;
    reply_claimed(call, edit, claim.show, id);
    ++count;
  }
  call.reply.close(array, count);
  if (count > 0) edit.set_active(group, consumer, call.now_ms);
}

struct AutoClaim {
  std::int64_t min_idle_ms = 0;
  StreamId start;
  std::int64_t count = 100;
  Show show = Show::kEntries;
};

AutoClaim parse_auto_claim(const Call& call) {
  constexpr std::int64_t kMaxCount = kMaxInteger / 16;
  AutoClaim out;
  out.min_idle_ms = to_min_idle(call.arg(4), "ERR Invalid min-idle-time argument for XAUTOCLAIM");
  out.start = to_interval_start(call.arg(5));
  ArgumentCursor args(call.args, 6);
  while (args.more()) {
    if (args.take("COUNT", 1)) {
      out.count = to_integer_in(args.next(), 1, kMaxCount, "ERR COUNT must be > 0");
    } else if (args.take("JUSTID")) {
      out.show = Show::kIds;
    } else {
      throw Error(errors::kSyntax);
    }
  }
  return out;
}

struct AutoClaimed {
  std::vector<StreamId> ids;
  std::vector<StreamId> gone;  // pending, though their entries were removed
  StreamId next;               // where to go on; 0-0: all was looked at
};

// Looks at ten times as many pending entries as are wanted at most.
AutoClaimed claim_idle(Call& call, const AutoClaim& claim, StreamEdit& edit, StreamGroup& group,
                       StreamConsumer& consumer) {
  constexpr std::int64_t kLooksPerEntry = 10;
  AutoClaimed out;
  std::int64_t left = claim.count;
  std::int64_t looks = claim.count * kLooksPerEntry;
  auto at = group.pending.lower_bound(claim.start);
  for (; looks > 0 && left > 0 && at != group.pending.end(); --looks) {
    const StreamId id = at->first;
    const StreamPending pending = at->second;
    ++at;
    if (!edit->contains(id)) {
      edit.remove_pending(group, id);
      out.gone.push_back(id);
      --left;
      continue;
    }
    if (claim.min_idle_ms > 0 && call.now_ms - pending.delivered_ms < claim.min_idle_ms) continue;
    const std::uint64_t more = claim.show == Show::kEntries ? 1 : 0;
    edit.put_pending(group, id, {&consumer, call.now_ms, pending.deliveries + more});
    out.ids.push_back(id);
    --left;
  }
  if (at != group.pending.end()) out.next = at->first;
  return out;
}

void xautoclaim(Call& call) {
  const AutoClaim claim = parse_auto_claim(call);
  const std::string_view key = call.arg(1);
  const Entry* entry = find_stream(call, key);
  group_of(call, entry);
  auto edit = call.keyspace.edit_stream(call.db, key, entry);
  StreamGroup& group = *edit.group(call.arg(2));
  StreamConsumer& consumer = use_consumer(call, key, edit, group, call.arg(3));
  const AutoClaimed claimed = claim_idle(call, claim, edit, group, consumer);
  if (!claimed.ids.empty()) edit.set_active(group, consumer, call.now_ms);
  call.reply.array(3);
  reply_id(call.reply, claimed.next);
  call.reply.array(claimed.ids.size());
  for (const StreamId id : claimed.ids) reply_claimed(call, edit, claim.show, id);
  call.reply.array(claimed.gone.size());
  for (const StreamId id : claimed.gone) reply_id(call.reply, id);
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "xpending", .arity = -3, .flags = kReadonly, .group = Group::kStream,
     .keys = {1, 1, 1, kKeyRO | kKeyAccess, 0}, .since = "5.0.0",
     .summary = "Shows what was delivered to a group and not acknowledged.", .run = xpending},
    {.name = "xclaim", .arity = -6, .flags = kWrite | kFast, .group = Group::kStream,
     .keys = {1, 1, 1, kKeyRW | kKeyUpdate, 0}, .since = "5.0.0",
     .summary = "Gives pending entries to a consumer.", .run = xclaim, .traits = kTakesRoom},
    {.name = "xautoclaim", .arity = -6, .flags = kWrite | kFast, .group = Group::kStream,
     .keys = {1, 1, 1, kKeyRW | kKeyDelete, 0}, .since = "6.2.0",
     .summary = "Gives entries that have been pending for long to a consumer.",
     .run = xautoclaim, .traits = kTakesRoom},
};
// clang-format on

}  // namespace

std::span<const Command> stream_pending_commands() { return kCommands; }

}  // namespace bodega::redis
