// XREAD and XREADGROUP: entries of several streams, behind what the client or its group has seen,
// and waiting for some.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
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
using keyspace::StreamConsumer;
using keyspace::StreamEdit;
using keyspace::StreamEntry;
using keyspace::StreamGroup;
using keyspace::StreamId;
using keyspace::Type;

// What ">" stands for among the ids. An id given in full that is the same means the same.
constexpr StreamId kNew = keyspace::kLastStreamId;

enum class Form : std::uint8_t { kPlain, kGroup };
enum class Acknowledge : std::uint8_t { kLater, kNever };

struct ReadRequest {
  std::optional<std::int64_t> deadline_ms;  // with BLOCK; 0: none
  std::uint64_t count = 0;                  // 0: all
  Acknowledge acknowledge = Acknowledge::kLater;
  std::optional<std::string_view> group;
  std::string_view consumer;
  std::size_t keys_at = 0;
  Args keys;
  Args ids;
};

std::int64_t to_deadline(const Call& call, std::string_view text) {
  const std::int64_t ms = to_integer(text, "ERR timeout is not an integer or out of range");
  if (ms < 0) throw Error("ERR timeout is negative");
  if (ms > kMaxInteger - call.now_ms) throw Error("ERR timeout is out of range");
  return ms == 0 ? 0 : call.now_ms + ms;
}

[[noreturn]] void refuse_option(std::string_view option) {
  throw Error("ERR The " + std::string(option) +
              " option is only supported by XREADGROUP. You called XREAD instead.");
}

void take_keys(const Call& call, Form form, ArgumentCursor& args, ReadRequest& out) {
  out.keys_at = call.size() - args.left();
  if (args.left() % 2 != 0) {
    throw Error("ERR Unbalanced '" + std::string(call.command.name) +
                "' list of streams: for each stream key an ID or '" +
                (form == Form::kGroup ? ">" : "$") + "' must be specified.");
  }
  const std::size_t count = args.left() / 2;
  out.keys = call.args.subspan(out.keys_at, count);
  out.ids = call.args.subspan(out.keys_at + count, count);
  args.skip(args.left());
}

ReadRequest parse_read(const Call& call, Form form) {
  ReadRequest out;
  ArgumentCursor args(call.args, 1);
  while (args.more()) {
    if (args.take("BLOCK", 1)) {
      if (call.execution.origin == Execution::Origin::kScript) {
        throw Error("ERR " + std::string(call.arg(0)) +
                    " command is not allowed with BLOCK option from scripts");
      }
      out.deadline_ms = to_deadline(call, args.next());
    } else if (args.take("COUNT", 1)) {
      out.count = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_integer(args.next())));
    } else if (args.take("STREAMS", 1)) {
      take_keys(call, form, args, out);
    } else if (args.take("GROUP", 2)) {
      if (form == Form::kPlain) refuse_option("GROUP");
      out.group = args.next();
      out.consumer = args.next();
    } else if (args.take("NOACK")) {
      if (form == Form::kPlain) refuse_option("NOACK");
      out.acknowledge = Acknowledge::kNever;
    } else {
      throw Error(errors::kSyntax);
    }
  }
  if (out.keys_at == 0) throw Error(errors::kSyntax);
  if (form == Form::kGroup && !out.group) throw Error("ERR Missing GROUP option for XREADGROUP");
  return out;
}

// ---- What is behind the ids ----

const StreamGroup& group_of(const Entry* entry, std::string_view key, std::string_view name) {
  const StreamGroup* group = entry == nullptr ? nullptr : entry->stream().group(name);
  if (group == nullptr) {
    throw Error("NOGROUP No such key '" + std::string(key) + "' or consumer group '" +
                std::string(name) + "' in XREADGROUP with GROUP option");
  }
  return *group;
}

StreamId resolve_in_group(std::string_view text) {
  if (text == "$") {
    throw Error(
        "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of "
        "this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID "
        "would just return an empty result set.");
  }
  return text == ">" ? kNew : to_stream_id(text);
}

// "$" is behind all that was ever there, "+" before the last entry there is.
StreamId resolve(const Entry* entry, std::string_view text) {
  if (text == ">") {
    throw Error(
        "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> "
        "<consumer> option.");
  }
  const bool is_last = text == "+";
  if (!is_last && text != "$") return to_stream_id(text);
  if (entry == nullptr) return {};
  const Stream& stream = entry->stream();
  return is_last && stream.size() > 0 ? *keyspace::previous_id(stream.newest_id())
                                      : stream.last_id();
}

// Every stream and id is looked at before anything is answered.
std::vector<StreamId> resolve_all(Call& call, const ReadRequest& request) {
  std::vector<StreamId> out;
  out.reserve(request.keys.size());
  for (std::size_t i = 0; i < request.keys.size(); ++i) {
    const Entry* entry = find_stream(call, request.keys[i]);
    if (request.group) {
      group_of(entry, request.keys[i], *request.group);
      out.push_back(resolve_in_group(request.ids[i]));
    } else {
      out.push_back(resolve(entry, request.ids[i]));
    }
  }
  return out;
}

// ---- Answering ----

// What several streams have for the client: in RESP3 a map. Nothing is written before the first.
class StreamsReply {
 public:
  explicit StreamsReply(Reply& reply)
      : reply_(reply),
        streams_(reply.defer(reply.resp3() ? Reply::Shape::kMap : Reply::Shape::kArray)) {}

  void start(std::string_view key) {
    if (!reply_.resp3()) reply_.array(2);
    reply_.bulk(key);
    ++count_;
  }
  // False: there was none.
  bool close() {
    if (count_ > 0) reply_.close(streams_, count_);
    return count_ > 0;
  }

 private:
  Reply& reply_;
  Reply::Deferred streams_;
  std::size_t count_ = 0;
};

// Entries that the group has yet to deliver.
void deliver(Call& call, const ReadRequest& request, StreamEdit& edit, StreamGroup& group,
             StreamConsumer& consumer) {
  const Stream& stream = *edit;
  StreamId last = group.last_id;
  std::int64_t read = group.entries_read;
  std::uint64_t count = 0;
  const bool is_pending = request.acknowledge == Acknowledge::kLater;
  const Reply::Deferred array = call.reply.defer();
  stream.for_range(*keyspace::next_id(last), keyspace::kLastStreamId, Order::kForward,
                   [&](const StreamEntry& entry) {
                     last = entry.id();
                     if (read != keyspace::kUnknownEntriesRead && !stream.has_gaps_from(last)) {
                       ++read;
                     } else if (const auto known = stream.entries_read_at(last)) {
                       read = static_cast<std::int64_t>(*known);
                     } else {
                       read = keyspace::kUnknownEntriesRead;
                     }
                     reply_entry(call.reply, entry);
                     if (is_pending) edit.put_pending(group, last, {&consumer, call.now_ms, 1});
                     return ++count != request.count;
                   });
  call.reply.close(array, count);
  edit.set_group(group, last, read);
  if (is_pending) edit.set_active(group, consumer, call.now_ms);
}

// Entries that the consumer got and has not acknowledged; of those that are gone the id alone.
void repeat(Call& call, const ReadRequest& request, StreamEdit& edit, StreamGroup& group,
            StreamConsumer& consumer, StreamId after) {
  std::uint64_t count = 0;
  const Reply::Deferred array = call.reply.defer();
  for (auto at = consumer.pending.upper_bound(after); at != consumer.pending.end(); ++at) {
    const StreamId id = at->first;
    if (reply_entry(call.reply, *edit, id)) {
      edit.put_pending(group, id, {&consumer, call.now_ms, at->second->deliveries + 1});
    } else {
      call.reply.array(2);
      reply_id(call.reply, id);
      call.reply.null_array();
    }
    if (++count == request.count) break;
  }
  call.reply.close(array, count);
  edit.note();
}

void serve_from_group(Call& call, const ReadRequest& request, std::string_view key,
                      const Entry& entry, StreamId after, StreamsReply& reply) {
  auto edit = call.keyspace.edit_stream(call.db, key, &entry);
  StreamGroup& group = *edit.group(*request.group);
  StreamConsumer& consumer = use_consumer(call, key, edit, group, request.consumer);
  if (after != kNew) {
    reply.start(key);
    repeat(call, request, edit, group, consumer, after);
  } else if (edit->size() > 0 && edit->newest_id() > group.last_id) {
    reply.start(key);
    deliver(call, request, edit, group, consumer);
  }
}

void serve_plainly(Call& call, const ReadRequest& request, std::string_view key, const Entry& entry,
                   StreamId after, StreamsReply& reply) {
  const Stream& stream = entry.stream();
  if (stream.size() == 0 || stream.newest_id() <= after) return;
  reply.start(key);
  reply_entries(call.reply, stream, *keyspace::next_id(after), keyspace::kLastStreamId,
                Order::kForward, request.count);
}

// The command is run again with the same arguments, so that what "$" and "+" were at first is put
// in their place.
void wait(Call& call, const ReadRequest& request, const std::vector<StreamId>& after) {
  std::vector<std::string> texts;
  texts.reserve(after.size());
  std::vector<std::string_view> args(call.args.begin(), call.args.end());
  for (std::size_t i = 0; i < after.size(); ++i) {
    std::string_view& id = args[request.keys_at + after.size() + i];
    if (id == "$" || id == "+") id = texts.emplace_back(text_of(after[i]));
  }
  call.args = args;
  call.block(request.group ? BlockOn::kStreamGroup : BlockOn::kStream, request.keys,
             *request.deadline_ms, Call::OnTimeout::kNullArray);
}

// Redis 7.0 has words of its own for a stream that went while a consumer waited for it.
void check_still_there(Call& call, const ReadRequest& request) {
  const bool waited = request.group && call.execution.origin == Execution::Origin::kUnblocked;
  if (!waited || call.instance.parameters().text("compatibility") != "7.0") return;
  for (const std::string_view key : request.keys) {
    const Entry* entry = call.keyspace.find(call.db, key, keyspace::Touch::kNo);
    if (entry == nullptr || !entry->is(Type::kStream)) {
      throw Error("UNBLOCKED the stream key no longer exists");
    }
  }
}

void read(Call& call, Form form) {
  const ReadRequest request = parse_read(call, form);
  check_still_there(call, request);
  const std::vector<StreamId> after = resolve_all(call, request);
  StreamsReply reply(call.reply);
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::string_view key = request.keys[i];
    const Entry* entry = find_write(call, key, Type::kStream);
    if (entry == nullptr) continue;
    if (request.group) {
      serve_from_group(call, request, key, *entry, after[i], reply);
    } else {
      serve_plainly(call, request, key, *entry, after[i], reply);
    }
  }
  if (reply.close()) return;
  if (!request.deadline_ms || !call.may_block()) return call.reply.null_array();
  wait(call, request, after);
}

void xread(Call& call) { read(call, Form::kPlain); }
void xreadgroup(Call& call) { read(call, Form::kGroup); }

// The first half of what follows STREAMS.
void find_read_keys(Args args, std::vector<KeyReference>& keys) {
  std::size_t at = 1;
  while (at < args.size() && !is_word(args[at], "STREAMS")) {
    if (is_word(args[at], "BLOCK") || is_word(args[at], "COUNT")) {
      at += 2;
    } else if (is_word(args[at], "GROUP")) {
      at += 3;
    } else if (is_word(args[at], "NOACK")) {
      at += 1;
    } else {
      return;
    }
  }
  if (at >= args.size()) return;
  const Args rest = args.subspan(at + 1);
  if (rest.size() % 2 != 0) return;
  for (const std::string_view key : rest.first(rest.size() / 2)) {
    keys.push_back({key, kKeyRO | kKeyAccess});
  }
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "xread", .arity = -4, .flags = kReadonly | kBlocking | kMovableKeys,
     .group = Group::kStream, .since = "5.0.0",
     .summary = "Returns or awaits entries of streams behind the given ids.", .run = xread,
     .find_keys = find_read_keys},
    {.name = "xreadgroup", .arity = -7, .flags = kWrite | kBlocking | kMovableKeys,
     .group = Group::kStream, .since = "5.0.0",
     .summary = "Returns or awaits entries of streams for a consumer of a group.",
     .run = xreadgroup, .find_keys = find_read_keys, .traits = kTakesRoom},
};
// clang-format on

}  // namespace

std::span<const Command> stream_reading_commands() { return kCommands; }

}  // namespace bodega::redis
