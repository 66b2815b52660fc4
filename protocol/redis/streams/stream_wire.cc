#include "protocol/redis/streams/stream_wire.h"

#include <array>
#include <charconv>
#include <limits>

#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Order;
using keyspace::Stream;
using keyspace::StreamEntry;
using keyspace::StreamId;

constexpr std::string_view kInvalidId =
    "ERR Invalid stream ID specified as stream command argument";
constexpr std::size_t kMaxIdLength = 127;
constexpr std::uint64_t kMaxPart = std::numeric_limits<std::uint64_t>::max();

// As strtoull reads it, which Redis falls back on: space and a sign may come first.
std::optional<std::uint64_t> parse_part(std::string_view text) {
  if (const auto integer = base::canonical_integer(text)) {
    if (*integer < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*integer);
  }
  while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r'))) {
    text.remove_prefix(1);
  }
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto value = base::parse_integer<std::uint64_t>(text);
  if (!value) return std::nullopt;
  return negative ? 0 - *value : *value;
}

struct ParsedId {
  StreamId id;
  bool is_open = false;  // "5-*"
};

std::optional<ParsedId> parse(std::string_view text, std::uint64_t missing_seq) {
  if (text.size() > kMaxIdLength) return std::nullopt;
  text = text.substr(0, text.find('\0'));
  const std::size_t dash = text.find('-');
  const auto ms = parse_part(text.substr(0, dash));
  if (!ms) return std::nullopt;
  ParsedId out{{*ms, missing_seq}};
  if (dash == std::string_view::npos) return out;
  const std::string_view rest = text.substr(dash + 1);
  if (rest == "*") {
    out.id.seq = 0;
    out.is_open = true;
    return out;
  }
  const auto seq = parse_part(rest);
  if (!seq) return std::nullopt;
  out.id.seq = *seq;
  return out;
}

StreamId to_id(std::string_view text, std::uint64_t missing_seq) {
  const auto parsed = parse(text, missing_seq);
  if (!parsed || parsed->is_open) throw Error(kInvalidId);
  return parsed->id;
}

bool is_exclusive(std::string_view text) { return text.size() > 1 && text.front() == '('; }

// An end that belongs to the interval.
StreamId to_inclusive(std::string_view text, std::uint64_t missing_seq) {
  if (text == "-") return keyspace::kFirstStreamId;
  if (text == "+") return keyspace::kLastStreamId;
  return to_id(text, missing_seq);
}

}  // namespace

StreamId to_stream_id(std::string_view text) { return to_id(text, 0); }

std::optional<StreamId> parse_stream_id(std::string_view text) {
  const auto parsed = parse(text, 0);
  if (!parsed || parsed->is_open) return std::nullopt;
  return parsed->id;
}

WantedId to_wanted_id(std::string_view text) {
  const auto parsed = parse(text, 0);
  if (!parsed) throw Error(kInvalidId);
  return {parsed->id, !parsed->is_open};
}

StreamId to_interval_start(std::string_view text) {
  if (!is_exclusive(text)) return to_inclusive(text, 0);
  const auto id = keyspace::next_id(to_id(text.substr(1), 0));
  if (!id) throw Error("ERR invalid start ID for the interval");
  return *id;
}

StreamId to_interval_end(std::string_view text) {
  if (!is_exclusive(text)) return to_inclusive(text, kMaxPart);
  const auto id = keyspace::previous_id(to_id(text.substr(1), kMaxPart));
  if (!id) throw Error("ERR invalid end ID for the interval");
  return *id;
}

// ---- Answers ----

namespace {

constexpr std::size_t kIdTextLength = 41;  // two of 20 digits, and the dash
using IdText = std::array<char, kIdTextLength>;

std::string_view write_id(StreamId id, IdText& text) {
  char* at = std::to_chars(text.data(), text.data() + text.size(), id.ms).ptr;
  *at++ = '-';
  at = std::to_chars(at, text.data() + text.size(), id.seq).ptr;
  return {text.data(), static_cast<std::size_t>(at - text.data())};
}

}  // namespace

std::string text_of(StreamId id) {
  IdText text;
  return std::string(write_id(id, text));
}

void reply_id(Reply& reply, StreamId id) {
  IdText text;
  reply.bulk(write_id(id, text));
}

void reply_entry(Reply& reply, const StreamEntry& entry) {
  reply.array(2);
  reply_id(reply, entry.id());
  reply.array(entry.field_count() * 2);
  entry.for_each([&](std::string_view field, std::string_view value) {
    reply.bulk(field);
    reply.bulk(value);
  });
}

void reply_entries(Reply& reply, const Stream& stream, StreamId first, StreamId last, Order order,
                   std::uint64_t most) {
  const Reply::Deferred array = reply.defer();
  std::uint64_t count = 0;
  stream.for_range(first, last, order, [&](const StreamEntry& entry) {
    reply_entry(reply, entry);
    return ++count != most;
  });
  reply.close(array, count);
}

bool reply_entry(Reply& reply, const Stream& stream, StreamId id) {
  bool found = false;
  stream.for_range(id, id, Order::kForward, [&](const StreamEntry& entry) {
    reply_entry(reply, entry);
    found = true;
    return false;
  });
  return found;
}

// ---- Groups ----

Error no_such_group(std::string_view key, std::string_view group) {
  return Error("NOGROUP No such consumer group '" + std::string(group) + "' for key name '" +
               std::string(key) + "'");
}

Error no_such_key_or_group(std::string_view key, std::string_view group) {
  return Error("NOGROUP No such key '" + std::string(key) + "' or consumer group '" +
               std::string(group) + "'");
}

const keyspace::Entry* find_stream(Call& call, std::string_view key) {
  return find_read(call, key, keyspace::Type::kStream);
}

keyspace::StreamConsumer& use_consumer(Call& call, std::string_view key, keyspace::StreamEdit& edit,
                                       keyspace::StreamGroup& group, std::string_view name) {
  if (keyspace::StreamConsumer* consumer = edit.consumer(group, name)) {
    edit.set_seen(group, *consumer, call.now_ms);
    return *consumer;
  }
  keyspace::StreamConsumer& consumer = edit.create_consumer(group, name, call.now_ms);
  call.notify(kNotifyStream, "xgroup-createconsumer", key);
  return consumer;
}

}  // namespace bodega::redis
