// Hashes: fields and values under one key.
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engines/keyspace/structures/hash.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/values/random_members.h"
#include "protocol/redis/values/scan.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Closed;
using keyspace::Entry;
using keyspace::Hash;
using keyspace::Type;

// The hash, or null when the key is absent.
const Hash* find_hash(Call& call) {
  const Entry* entry = find_read(call, call.arg(1), Type::kHash);
  return entry == nullptr ? nullptr : &entry->hash();
}

// ---- Writing ----

std::int64_t set_fields(Call& call) {
  if (call.size() % 2 != 0) throw errors::wrong_arity(call.command.name);
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kHash);
  std::int64_t added = 0;
  {
    auto edit = call.keyspace.edit_hash(call.db, key, entry);
    for (std::size_t i = 2; i < call.size(); i += 2)
      added += edit.set(call.arg(i), call.arg(i + 1));
  }
  call.notify(kNotifyHash, "hset", key);
  return added;
}

void hset(Call& call) { call.reply.integer(set_fields(call)); }

void hmset(Call& call) {
  set_fields(call);
  call.reply.ok();
}

void hsetnx(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kHash);
  if (entry != nullptr && entry->hash().get(call.arg(2))) return call.reply.integer(0);
  call.keyspace.edit_hash(call.db, key, entry).set(call.arg(2), call.arg(3));
  call.notify(kNotifyHash, "hset", key);
  call.reply.integer(1);
}

void hdel(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kHash);
  if (entry == nullptr) return call.reply.integer(0);
  std::int64_t removed = 0;
  auto edit = call.keyspace.edit_hash(call.db, key, entry);
  for (std::size_t i = 2; i < call.size() && edit->size() > 0; ++i) {
    removed += edit.remove(call.arg(i));
  }
  const Closed closed = edit.close();
  if (removed > 0) call.notify(kNotifyHash, "hdel", key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
  call.reply.integer(removed);
}

void hincrby(Call& call) {
  const std::int64_t increment = to_integer(call.arg(3));
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kHash);
  std::int64_t value = 0;
  std::int64_t expiry_ms = keyspace::kNoExpiry;
  if (entry != nullptr) {
    if (const auto stored = entry->hash().get(call.arg(2))) {
      expiry_ms = entry->hash().expiry_ms(call.arg(2));
      value = to_integer(*stored, "ERR hash value is not an integer");
    }
  }
  if (__builtin_add_overflow(value, increment, &value)) throw Error(errors::kOverflow);
  call.keyspace.edit_hash(call.db, key, entry).set(call.arg(2), std::to_string(value), expiry_ms);
  call.notify(kNotifyHash, "hincrby", key);
  call.reply.integer(value);
}

void hincrbyfloat(Call& call) {
  const long double increment = to_long_double(call.arg(3));
  if (std::isinf(increment)) throw Error("ERR value is NaN or Infinity");
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kHash);
  long double value = 0;
  std::int64_t expiry_ms = keyspace::kNoExpiry;
  if (entry != nullptr) {
    if (const auto stored = entry->hash().get(call.arg(2))) {
      expiry_ms = entry->hash().expiry_ms(call.arg(2));
      value = to_long_double(*stored, "ERR hash value is not a float");
    }
  }
  value += increment;
  if (std::isnan(value) || std::isinf(value)) throw Error(errors::kNaNOrInfinity);
  const std::string text = format_long_double(value);
  call.keyspace.edit_hash(call.db, key, entry).set(call.arg(2), text, expiry_ms);
  call.notify(kNotifyHash, "hincrbyfloat", key);
  call.reply.bulk(text);
}

// ---- Reading ----

void reply_field(Call& call, const Hash* hash, std::string_view field) {
  const auto value = hash == nullptr ? std::nullopt : hash->get(field);
  if (value) {
    call.reply.bulk(*value);
  } else {
    call.reply.null();
  }
}

void hget(Call& call) { reply_field(call, find_hash(call), call.arg(2)); }

void hmget(Call& call) {
  const Hash* hash = find_hash(call);
  call.reply.array(call.size() - 2);
  for (std::size_t i = 2; i < call.size(); ++i) reply_field(call, hash, call.arg(i));
}

void hlen(Call& call) {
  const Hash* hash = find_hash(call);
  call.reply.integer(hash == nullptr ? 0 : static_cast<std::int64_t>(hash->size()));
}

void hstrlen(Call& call) {
  const Hash* hash = find_hash(call);
  const auto value = hash == nullptr ? std::nullopt : hash->get(call.arg(2));
  call.reply.integer(value ? static_cast<std::int64_t>(value->size()) : 0);
}

void hexists(Call& call) {
  const Hash* hash = find_hash(call);
  call.reply.integer(hash != nullptr && hash->get(call.arg(2)) ? 1 : 0);
}

void hkeys(Call& call) {
  const Hash* hash = find_hash(call);
  call.reply.array(hash == nullptr ? 0 : hash->size());
  if (hash == nullptr) return;
  hash->for_each([&](std::string_view field, std::string_view) { call.reply.bulk(field); });
}

void hvals(Call& call) {
  const Hash* hash = find_hash(call);
  call.reply.array(hash == nullptr ? 0 : hash->size());
  if (hash == nullptr) return;
  hash->for_each([&](std::string_view, std::string_view value) { call.reply.bulk(value); });
}

void hgetall(Call& call) {
  const Hash* hash = find_hash(call);
  call.reply.map(hash == nullptr ? 0 : hash->size());
  if (hash == nullptr) return;
  hash->for_each([&](std::string_view field, std::string_view value) {
    call.reply.bulk(field);
    call.reply.bulk(value);
  });
}

void hscan(Call& call) {
  const std::uint64_t cursor = to_cursor(call.arg(2));
  const Hash* hash = find_hash(call);
  if (hash == nullptr) {
    call.reply.array(2);
    call.reply.bulk("0");
    return call.reply.array(0);
  }
  const ScanOptions options = parse_scan(call.args, 2, ScanKind::kHash);
  std::vector<std::pair<std::string_view, std::string_view>> found;
  const std::uint64_t next = hash->scan(cursor, static_cast<std::size_t>(options.count),
                                        [&](std::string_view field, std::string_view value) {
                                          if (options.matches(field))
                                            found.emplace_back(field, value);
                                        });
  call.reply.array(2);
  call.reply.bulk(std::to_string(next));
  call.reply.array(options.no_values ? found.size() : 2 * found.size());
  for (const auto& [field, value] : found) {
    call.reply.bulk(field);
    if (!options.no_values) call.reply.bulk(value);
  }
}

using Pair = std::pair<std::string, std::string>;

enum class Show : std::uint8_t { kFields, kPairs };

void reply_field(Call& call, std::string_view field, std::string_view value, Show show) {
  if (show == Show::kFields) return call.reply.bulk(field);
  if (call.reply.resp3()) call.reply.array(2);
  call.reply.bulk(field);
  call.reply.bulk(value);
}

void random_fields(Call& call, std::int64_t count, Show show) {
  const Hash* hash = find_hash(call);
  if (hash == nullptr || count == 0) return call.reply.array(0);
  const std::size_t size = hash->size();
  const bool repeat = count < 0;
  auto wanted = static_cast<std::size_t>(repeat ? -count : count);
  if (!repeat && wanted > size) wanted = size;
  const std::size_t begin = call.reply.size();
  call.reply.array(show == Show::kPairs && !call.reply.resp3() ? wanted * 2 : wanted);
  if (repeat) {
    for (std::size_t i = 0; i < wanted; ++i) {
      check_drawn(call.reply, begin);
      const auto [field, value] = hash->random();
      reply_field(call, field, value, show);
    }
  } else if (wanted == size) {
    hash->for_each([&](std::string_view field, std::string_view value) {
      reply_field(call, field, value, show);
    });
  } else {
    const auto all = [&] {
      std::vector<Pair> items;
      hash->for_each([&](std::string_view f, std::string_view v) { items.emplace_back(f, v); });
      return items;
    };
    const auto draw = [&] {
      const auto [field, value] = hash->random();
      return Pair(field, value);
    };
    for (const auto& [field, value] : sample_unique(wanted, size, all, draw)) {
      reply_field(call, field, value, show);
    }
  }
}

void hrandfield(Call& call) {
  if (call.size() == 2) {
    const Hash* hash = find_hash(call);
    if (hash == nullptr) return call.reply.null();
    return call.reply.bulk(hash->random().first);
  }
  const std::int64_t count = to_sample_count(call.arg(2));
  ArgumentCursor args(call.args, 3);
  const bool with_values = args.take("WITHVALUES");
  args.finish();
  constexpr std::int64_t kHalf = std::numeric_limits<std::int64_t>::max() / 2;
  if (with_values && (count < -kHalf || count > kHalf)) throw Error(errors::kOutOfRange);
  random_fields(call, count, with_values ? Show::kPairs : Show::kFields);
}

constexpr KeySpec kLooked{1, 1, 1, kKeyRO, 0};
constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kUpdated{1, 1, 1, kKeyRW | kKeyUpdate, 0};
constexpr KeySpec kInserted{1, 1, 1, kKeyRW | kKeyInsert, 0};
constexpr KeySpec kReadUpdated{1, 1, 1, kKeyRW | kKeyAccess | kKeyUpdate, 0};
constexpr KeySpec kDeleted{1, 1, 1, kKeyRW | kKeyDelete, 0};
constexpr CommandFlags kWriting = kWrite | kDenyOom | kFast;

// clang-format off
constexpr Command kCommands[] = {
    {.name = "hset", .arity = -4, .flags = kWriting, .group = Group::kHash, .keys = kUpdated,
     .since = "2.0.0", .summary = "Sets fields of a hash.", .run = hset},
    {.name = "hmset", .arity = -4, .flags = kWriting, .group = Group::kHash, .keys = kUpdated,
     .since = "2.0.0", .summary = "Sets fields of a hash (older form of HSET).", .run = hmset},
    {.name = "hsetnx", .arity = 4, .flags = kWriting, .group = Group::kHash, .keys = kInserted,
     .since = "2.0.0", .summary = "Sets a field of a hash unless it exists.", .run = hsetnx},
    {.name = "hdel", .arity = -3, .flags = kWrite | kFast, .group = Group::kHash,
     .keys = kDeleted, .since = "2.0.0", .summary = "Removes fields of a hash.", .run = hdel},
    {.name = "hincrby", .arity = 4, .flags = kWriting, .group = Group::kHash,
     .keys = kReadUpdated, .since = "2.0.0", .summary = "Adds to an integer field of a hash.",
     .run = hincrby},
    {.name = "hincrbyfloat", .arity = 4, .flags = kWriting, .group = Group::kHash,
     .keys = kReadUpdated, .since = "2.6.0",
     .summary = "Adds to a floating point field of a hash.", .run = hincrbyfloat},
    {.name = "hget", .arity = 3, .flags = kReadonly | kFast, .group = Group::kHash,
     .keys = kRead, .since = "2.0.0", .summary = "Returns a field of a hash.", .run = hget},
    {.name = "hmget", .arity = -3, .flags = kReadonly | kFast, .group = Group::kHash,
     .keys = kRead, .since = "2.0.0", .summary = "Returns several fields of a hash.",
     .run = hmget},
    {.name = "hlen", .arity = 2, .flags = kReadonly | kFast, .group = Group::kHash,
     .keys = kLooked, .since = "2.0.0", .summary = "Returns the number of fields.", .run = hlen},
    {.name = "hstrlen", .arity = 3, .flags = kReadonly | kFast, .group = Group::kHash,
     .keys = kLooked, .since = "3.2.0", .summary = "Returns the length of a field's value.",
     .run = hstrlen},
    {.name = "hexists", .arity = 3, .flags = kReadonly | kFast, .group = Group::kHash,
     .keys = kLooked, .since = "2.0.0", .summary = "Tells whether a field exists.",
     .run = hexists},
    {.name = "hkeys", .arity = 2, .flags = kReadonly, .group = Group::kHash, .keys = kRead,
     .since = "2.0.0", .summary = "Returns all fields of a hash.", .run = hkeys},
    {.name = "hvals", .arity = 2, .flags = kReadonly, .group = Group::kHash, .keys = kRead,
     .since = "2.0.0", .summary = "Returns all values of a hash.", .run = hvals},
    {.name = "hgetall", .arity = 2, .flags = kReadonly, .group = Group::kHash, .keys = kRead,
     .since = "2.0.0", .summary = "Returns all fields and values of a hash.", .run = hgetall},
    {.name = "hrandfield", .arity = -2, .flags = kReadonly, .group = Group::kHash, .keys = kRead,
     .since = "6.2.0", .summary = "Returns fields of a hash chosen at random.",
     .run = hrandfield},
    {.name = "hscan", .arity = -3, .flags = kReadonly, .group = Group::kHash, .keys = kRead,
     .since = "2.8.0", .summary = "Goes through the fields of a hash in steps.", .run = hscan},
};
// clang-format on

}  // namespace

std::span<const Command> hash_commands() { return kCommands; }

}  // namespace bodega::redis
