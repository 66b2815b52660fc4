// The entries of a stream: adding, reading ranges, removing, trimming.
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
using keyspace::Order;
using keyspace::Stream;
using keyspace::StreamId;
using keyspace::StreamTrim;
using keyspace::Type;

constexpr std::uint64_t kMaxEntryBytes = std::uint64_t{1} << 30;

// ---- Trimming ----

// MAXLEN, MINID and LIMIT, as XADD and XTRIM take them.
class TrimOptions {
 public:
  // Takes the option that is next, if it is one of these.
  bool take(ArgumentCursor& args) {
    if (args.take("MAXLEN", 1)) {
      start(args, StreamTrim::By::kLength);
      const std::int64_t length = to_integer(args.next());
      if (length < 0) throw Error("ERR The MAXLEN argument must be >= 0.");
      trim_->max_length = static_cast<std::uint64_t>(length);
      return true;
    }
    if (args.take("MINID", 1)) {
      start(args, StreamTrim::By::kId);
      trim_->min_id = to_stream_id(args.next());
      return true;
    }
    if (args.take("LIMIT", 1)) {
      limit_ = to_integer(args.next());
      if (*limit_ < 0) throw Error("ERR The LIMIT argument must be >= 0.");
      return true;
    }
    return false;
  }

  enum class Need : std::uint8_t { kMay, kMust };
  // What is to be trimmed; absent only when nothing need be. REQUIRES: all options were taken.
  std::optional<StreamTrim> finish(const Call& call, Need need) {
    if (limit_.value_or(0) != 0 && !trim_) {
      throw Error("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
    }
    if (need == Need::kMust && !trim_) {
      throw Error("ERR syntax error, XTRIM must be called with a trimming strategy");
    }
    const bool by_nodes = trim_ && trim_->exactness == StreamTrim::Exactness::kWholeNodes;
    if (limit_ && !by_nodes) {
      throw Error("ERR syntax error, LIMIT cannot be used without the special ~ option");
    }
    if (by_nodes) trim_->limit = limit_ ? static_cast<std::uint64_t>(*limit_) : usual_limit(call);
    return trim_;
  }

 private:
  void start(ArgumentCursor& args, StreamTrim::By by) {
    if (trim_) {
      throw Error("ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
    }
    trim_.emplace();
    trim_->by = by;
    if (args.take("~", 1)) {
      trim_->exactness = StreamTrim::Exactness::kWholeNodes;
    } else {
      args.take("=", 1);
    }
  }

  // A hundred nodes, so that one command does not keep the others waiting.
  static std::uint64_t usual_limit(const Call& call) {
    constexpr std::uint64_t kNodes = 100;
    constexpr std::uint64_t kWithoutNodeSize = 10'000;
    constexpr std::uint64_t kMost = 1'000'000;
    const std::uint64_t per_node = call.keyspace.limits().stream_node_max_entries;
    if (per_node == 0) return kWithoutNodeSize;
    return per_node > kMost / kNodes ? kMost : per_node * kNodes;
  }

  std::optional<StreamTrim> trim_;
  std::optional<std::int64_t> limit_;
};

void xtrim(Call& call) {
  ArgumentCursor args(call.args, 2);
  TrimOptions options;
  while (args.more()) {
    if (!options.take(args)) throw Error(errors::kSyntax);
  }
  const StreamTrim trim = *options.finish(call, TrimOptions::Need::kMust);
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kStream);
  if (entry == nullptr) return call.reply.integer(0);
  const std::size_t removed = call.keyspace.edit_stream(call.db, key, entry).trim(trim);
  if (removed > 0) call.notify(kNotifyStream, "xtrim", key);
  call.reply.integer(static_cast<std::int64_t>(removed));
}

// ---- Adding ----

struct Addition {
  bool may_create = true;
  std::optional<WantedId> id;  // absent: "*"
  std::optional<StreamTrim> trim;
  Args fields;
};

Addition parse_addition(const Call& call) {
  Addition out;
  ArgumentCursor args(call.args, 2);
  TrimOptions options;
  while (args.more() && !args.take("*")) {
    if (options.take(args)) continue;
    if (args.take("NOMKSTREAM")) {
      out.may_create = false;
      continue;
    }
    out.id = to_wanted_id(args.next());
    break;
  }
  out.trim = options.finish(call, TrimOptions::Need::kMay);
  out.fields = call.args.last(args.left());
  if (out.fields.size() < 2 || out.fields.size() % 2 != 0) {
    throw errors::wrong_arity(call.command.name);
  }
  if (out.id && out.id->has_seq && out.id->id.is_zero()) {
    throw Error("ERR The ID specified in XADD must be greater than 0-0");
  }
  return out;
}

// The id that the entry gets. REQUIRES: there is one behind `last`.
StreamId id_of(const Addition& addition, StreamId last, std::int64_t now_ms) {
  constexpr std::string_view kTooSmall =
      "ERR The ID specified in XADD is equal or smaller than the target stream top item";
  if (!addition.id) {
    const auto ms = static_cast<std::uint64_t>(now_ms);
    return ms > last.ms ? StreamId{ms, 0} : *keyspace::next_id(last);
  }
  StreamId id = addition.id->id;
  if (!addition.id->has_seq && id.ms == last.ms) {
    if (last.seq == keyspace::kLastStreamId.seq) throw Error(kTooSmall);
    id.seq = last.seq + 1;
  }
  if (id <= last) throw Error(kTooSmall);
  return id;
}

void xadd(Call& call) {
  const Addition addition = parse_addition(call);
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kStream);
  if (entry == nullptr && !addition.may_create) return call.reply.null();
  const StreamId last = entry == nullptr ? StreamId() : entry->stream().last_id();
  if (last == keyspace::kLastStreamId) {
    throw Error("ERR The stream has exhausted the last possible ID, unable to add more items");
  }
  const StreamId id = id_of(addition, last, call.now_ms);
  std::uint64_t bytes = 0;
  for (const std::string_view text : addition.fields) bytes += text.size();
  if (bytes > kMaxEntryBytes) throw Error("ERR Elements are too large to be stored");
  std::size_t trimmed = 0;
  {
    auto edit = call.keyspace.edit_stream(call.db, key, entry);
    edit.append(id, addition.fields);
    if (addition.trim) trimmed = edit.trim(*addition.trim);
  }
  reply_id(call.reply, id);
  call.notify(kNotifyStream, "xadd", key);
  if (trimmed > 0) call.notify(kNotifyStream, "xtrim", key);
  call.instance.blocking().key_ready(call.db, key);
}

// ---- Reading and removing ----

void xlen(Call& call) {
  const Entry* entry = find_stream(call, call.arg(1));
  call.reply.integer(entry == nullptr ? 0 : static_cast<std::int64_t>(entry->length()));
}

void range(Call& call, std::size_t start_at, std::size_t end_at, Order order) {
  const StreamId start = to_interval_start(call.arg(start_at));
  const StreamId end = to_interval_end(call.arg(end_at));
  std::optional<std::int64_t> count;
  ArgumentCursor args(call.args, 4);
  while (args.more()) {
    if (!args.take("COUNT", 1)) throw Error(errors::kSyntax);
    count = std::max<std::int64_t>(0, to_integer(args.next()));
  }
  const Entry* entry = find_stream(call, call.arg(1));
  if (entry == nullptr) return call.reply.array(0);
  if (count == 0) return call.reply.null_array();
  reply_entries(call.reply, entry->stream(), start, end, order,
                static_cast<std::uint64_t>(count.value_or(0)));
}

void xrange(Call& call) { range(call, 2, 3, Order::kForward); }
void xrevrange(Call& call) { range(call, 3, 2, Order::kBackward); }

void xdel(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kStream);
  if (entry == nullptr) return call.reply.integer(0);
  std::vector<StreamId> ids;
  for (const std::string_view text : call.args.subspan(2)) ids.push_back(to_stream_id(text));
  const std::size_t removed = call.keyspace.edit_stream(call.db, key, entry).remove(ids);
  if (removed > 0) call.notify(kNotifyStream, "xdel", key);
  call.reply.integer(static_cast<std::int64_t>(removed));
}

void check_last_id(const Stream& stream, StreamId id, std::optional<std::int64_t> added) {
  if (id < stream.counters().max_deleted_id) {
    throw Error("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
  }
  if (stream.size() == 0) return;
  if (id < stream.newest_id()) {
    throw Error("ERR The ID specified in XSETID is smaller than the target stream top item");
  }
  if (added && static_cast<std::uint64_t>(*added) < stream.size()) {
    throw Error(
        "ERR The entries_added specified in XSETID is smaller than the target stream length");
  }
}

void xsetid(Call& call) {
  const StreamId id = to_stream_id(call.arg(2));
  std::optional<std::int64_t> added;
  StreamId max_deleted;
  ArgumentCursor args(call.args, 3);
  while (args.more()) {
    if (args.take("ENTRIESADDED", 1)) {
      added = to_integer(args.next());
      if (*added < 0) throw Error("ERR entries_added must be positive");
    } else if (args.take("MAXDELETEDID", 1)) {
      max_deleted = to_stream_id(args.next());
      if (id < max_deleted) {
        throw Error(
            "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
      }
    } else {
      throw Error(errors::kSyntax);
    }
  }
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kStream);
  if (entry == nullptr) throw Error(errors::kNoSuchKey);
  check_last_id(entry->stream(), id, added);
  keyspace::StreamCounters counters = entry->stream().counters();
  counters.last_id = id;
  if (added) counters.entries_added = static_cast<std::uint64_t>(*added);
  if (!max_deleted.is_zero()) counters.max_deleted_id = max_deleted;
  call.keyspace.edit_stream(call.db, key, entry).set_counters(counters);
  call.notify(kNotifyStream, "xsetid", key);
  call.reply.ok();
}

constexpr KeySpec kLooked{1, 1, 1, kKeyRO, 0};
constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kUpdated{1, 1, 1, kKeyRW | kKeyUpdate, 0};
constexpr KeySpec kDeleted{1, 1, 1, kKeyRW | kKeyDelete, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "xadd", .arity = -5, .flags = kWrite | kDenyOom | kFast, .group = Group::kStream,
     .keys = kUpdated, .since = "5.0.0",
     .summary = "Appends an entry to a stream, which is created when it is not there.",
     .run = xadd},
    {.name = "xlen", .arity = 2, .flags = kReadonly | kFast, .group = Group::kStream,
     .keys = kLooked, .since = "5.0.0", .summary = "Returns the number of entries of a stream.",
     .run = xlen},
    {.name = "xrange", .arity = -4, .flags = kReadonly, .group = Group::kStream, .keys = kRead,
     .since = "5.0.0", .summary = "Returns the entries within a range of ids.", .run = xrange},
    {.name = "xrevrange", .arity = -4, .flags = kReadonly, .group = Group::kStream,
     .keys = kRead, .since = "5.0.0",
     .summary = "Returns the entries within a range of ids, the last one first.",
     .run = xrevrange},
    {.name = "xdel", .arity = -3, .flags = kWrite | kFast, .group = Group::kStream,
     .keys = kDeleted, .since = "5.0.0", .summary = "Removes entries from a stream.",
     .run = xdel},
    {.name = "xtrim", .arity = -4, .flags = kWrite, .group = Group::kStream, .keys = kDeleted,
     .since = "5.0.0", .summary = "Removes entries from the beginning of a stream.",
     .run = xtrim},
    {.name = "xsetid", .arity = -3, .flags = kWrite | kDenyOom | kFast, .group = Group::kStream,
     .keys = kUpdated, .since = "5.0.0", .summary = "Sets the last id of a stream.",
     .run = xsetid},
};
// clang-format on

}  // namespace

std::span<const Command> stream_commands() { return kCommands; }

}  // namespace bodega::redis
