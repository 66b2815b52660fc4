#include "protocol/redis/replication/stream_rewriting.h"

#include <algorithm>
#include <optional>
#include <string>

#include "engines/keyspace/engine.h"
#include "engines/keyspace/structures/stream.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using Commands = std::vector<ReplicatedCommand>;
using keyspace::StreamId;

std::string text_of(StreamId id) { return std::to_string(id.ms) + "-" + std::to_string(id.seq); }

// Absent when it is none: an option.
std::optional<StreamId> id_of(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto ms = base::parse_integer<std::uint64_t>(text.substr(0, dash));
  if (!ms) return std::nullopt;
  if (dash == std::string_view::npos) return StreamId{*ms, 0};
  const auto seq = base::parse_integer<std::uint64_t>(text.substr(dash + 1));
  if (!seq) return std::nullopt;
  return StreamId{*ms, *seq};
}

const keyspace::Stream* stream_at(const Call& call, std::string_view key) {
  const keyspace::Entry* entry = call.keyspace.find(call.db, key, keyspace::Touch::kNo);
  return entry != nullptr && entry->is(keyspace::Type::kStream) ? &entry->stream() : nullptr;
}

// Goes past the options of XADD and XTRIM. What there is now is what trimming
// has left, whatever
// `~` and LIMIT allowed.
void put_options(const keyspace::Stream& stream, ArgumentCursor& args, ReplicatedCommand& out) {
  while (args.more()) {
    if (args.take("NOMKSTREAM")) continue;
    const bool by_length = args.take("MAXLEN");
    if (!by_length && !args.take("MINID")) return;
    if (!args.take("~")) args.take("=");
    args.next();
    if (args.take("LIMIT", 1)) args.next();
    out.insert(out.end(), {by_length ? "MAXLEN" : "MINID", "=",
                           by_length ? std::to_string(stream.size()) : text_of(stream.first_id())});
  }
}

// What a consumer of a group has come to have, as commands.
class Claims {
 public:
  Claims(const Call& call, std::string_view key, std::string_view group, std::string_view consumer)
      : call_(call), key_(key), consumer_(consumer) {
    const keyspace::Stream* stream = stream_at(call, key);
    group_ = stream == nullptr ? nullptr : stream->group(group);
  }

  bool exist() const { return group_ != nullptr && group_->consumer(consumer_) != nullptr; }

  // Those that were delivered just now.
  void put_new(Commands& out) const {
    const std::size_t before = out.size();
    for (const auto& [id, pending] : group_->consumer(consumer_)->pending) {
      if (pending->delivered_ms == call_.now_ms) put(out, id, *pending);
    }
    if (out.size() > before) return;
    out.push_back({"XGROUP", "CREATECONSUMER", std::string(key_), std::string(group_->name),
                   std::string(consumer_)});
  }

  // This one, or that nobody has it.
  void put_one(Commands& out, StreamId id) const {
    const auto place = group_->pending.find(id);
    if (place == group_->pending.end()) return put_gone(out, text_of(id));
    if (place->second.consumer->name == consumer_) put(out, id, place->second);
  }

  void put_gone(Commands& out, const std::string& id) const {
    out.push_back({"XACK", std::string(key_), std::string(group_->name), id});
  }

  void put_position(Commands& out) const {
    out.push_back({"XGROUP", "SETID", std::string(key_), std::string(group_->name),
                   text_of(group_->last_id), "ENTRIESREAD", std::to_string(group_->entries_read)});
  }

 private:
  void put(Commands& out, StreamId id, const keyspace::StreamPending& pending) const {
    out.push_back({"XCLAIM", std::string(key_), std::string(group_->name), std::string(consumer_),
                   "0", text_of(id), "TIME", std::to_string(pending.delivered_ms), "RETRYCOUNT",
                   std::to_string(pending.deliveries), "FORCE", "JUSTID", "LASTID",
                   text_of(group_->last_id)});
  }

  const Call& call_;
  std::string_view key_;
  std::string_view consumer_;
  const keyspace::StreamGroup* group_;
};

}  // namespace

Commands replicated_xadd(const Call& call, const Answered& answered) {
  const keyspace::Stream* stream = stream_at(call, call.arg(1));
  if (stream == nullptr || answered.size() == 0) return {};
  ReplicatedCommand out{"XADD", std::string(call.arg(1))};
  ArgumentCursor args(call.args, 2);
  put_options(*stream, args, out);
  args.next();
  out.push_back(answered[0]);
  while (args.more()) out.emplace_back(args.next());
  return {out};
}

Commands replicated_xtrim(const Call& call, const Answered&) {
  const keyspace::Stream* stream = stream_at(call, call.arg(1));
  if (stream == nullptr) return {};
  ReplicatedCommand out{"XTRIM", std::string(call.arg(1))};
  ArgumentCursor args(call.args, 2);
  put_options(*stream, args, out);
  return {out};
}

// XREADGROUP GROUP group consumer [options] STREAMS key … id …
Commands replicated_xreadgroup(const Call& call, const Answered&) {
  constexpr std::size_t kOptionsAt = 4;
  std::size_t at = kOptionsAt;
  bool kept = true;
  for (; !is_word(call.arg(at), "STREAMS"); ++at) kept = kept && !is_word(call.arg(at), "NOACK");
  Commands out;
  const Args keys = call.args.subspan(at + 1, (call.size() - at - 1) / 2);
  for (const std::string_view key : keys) {
    const Claims claims(call, key, call.arg(2), call.arg(3));
    if (!claims.exist()) continue;
    claims.put_new(out);
    if (!kept) claims.put_position(out);
  }
  return out;
}

// XCLAIM key group consumer min-idle-time id …
Commands replicated_xclaim(const Call& call, const Answered&) {
  constexpr std::size_t kIdsAt = 5;
  Commands out;
  const Claims claims(call, call.arg(1), call.arg(2), call.arg(3));
  if (!claims.exist()) return out;
  for (const std::string_view text : call.args.subspan(kIdsAt)) {
    const auto id = id_of(text);
    if (!id) break;
    claims.put_one(out, *id);
  }
  return out;
}

// The third element of the answer has the ids of entries that are gone.
Commands replicated_xautoclaim(const Call& call, const Answered& answered) {
  constexpr std::size_t kGoneElement = 2;
  Commands out;
  const Claims claims(call, call.arg(1), call.arg(2), call.arg(3));
  if (!claims.exist()) return out;
  claims.put_new(out);
  for (std::size_t i = 0; i < answered.size(); ++i) {
    if (answered.element_of(i) == kGoneElement) claims.put_gone(out, answered[i]);
  }
  return out;
}

}  // namespace bodega::redis
