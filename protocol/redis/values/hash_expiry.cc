// Times to live of the fields of hashes, as Redis 7.4 has them.
#include <cstdint>
#include <optional>

#include "engines/keyspace/engine.h"
#include "engines/keyspace/structures/hash.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/values/expiry.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Closed;
using keyspace::Entry;
using keyspace::Hash;
using keyspace::HashEdit;
using keyspace::kNoExpiry;
using keyspace::Type;

// The latest instant that a field can expire at.
constexpr std::int64_t kMaxExpiryMs = (std::int64_t{1} << 46) - 1;

// What is answered for a field, besides an instant or a time.
constexpr std::int64_t kNoField = -2;
constexpr std::int64_t kNoTimeToLive = -1;
constexpr std::int64_t kConditionNotMet = 0;
constexpr std::int64_t kDone = 1;
constexpr std::int64_t kDeleted = 2;

// FIELDS count field [field ...], to the end of the request.
Args read_fields(Args args, std::size_t at, std::string_view bad_count) {
  if (at >= args.size() || !is_word(args[at], "FIELDS")) {
    throw Error("ERR Mandatory argument FIELDS is missing or not at the right position");
  }
  if (at + 1 >= args.size()) throw Error(errors::kSyntax);
  const std::int64_t count = to_integer_in(args[at + 1], 1, kMaxInteger, bad_count);
  const Args fields = args.subspan(at + 2);
  if (count != static_cast<std::int64_t>(fields.size())) {
    throw Error("ERR The `numfields` parameter must match the number of arguments");
  }
  return fields;
}

constexpr std::string_view kNoCount = "ERR Number of fields must be a positive integer";

void reply_no_fields(Call& call, std::size_t count) {
  call.reply.array(count);
  for (std::size_t i = 0; i < count; ++i) call.reply.integer(kNoField);
}

// ---- Setting ----

enum class Condition : std::uint8_t { kNone, kNx, kXx, kGt, kLt };

constexpr Choice<Condition> kConditions[] = {
    {"NX", Condition::kNx}, {"XX", Condition::kXx}, {"GT", Condition::kGt}, {"LT", Condition::kLt}};

// A field without a time to live counts as one that expires last.
bool is_met(Condition condition, std::int64_t present_ms, std::int64_t wanted_ms) {
  const bool never = present_ms == kNoExpiry;
  switch (condition) {
    case Condition::kNone: return true;
    case Condition::kNx: return never;
    case Condition::kXx: return !never;
    case Condition::kGt: return !never && present_ms < wanted_ms;
    case Condition::kLt: return never || present_ms > wanted_ms;
  }
  return false;
}

std::int64_t read_instant(const Call& call, TimeUnit unit, TimeBase base) {
  std::int64_t time = to_integer(call.arg(2));
  if (time < 0) throw Error("ERR invalid expire time, must be >= 0");
  const std::int64_t base_ms = base == TimeBase::kRelative ? call.now_ms : 0;
  const std::int64_t scale = unit == TimeUnit::kSeconds ? 1000 : 1;
  if (time > kMaxExpiryMs / scale || time * scale > kMaxExpiryMs - base_ms) {
    throw errors::invalid_expire(call.command.name);
  }
  return time * scale + base_ms;
}

void expire_fields(Call& call, TimeUnit unit, TimeBase base) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kHash);
  const std::int64_t instant_ms = read_instant(call, unit, base);
  const auto condition = find_choice(call.arg(3), kConditions);
  const Args fields = read_fields(call.args, condition ? 4 : 3,
                                  "ERR Parameter `numFields` should be greater than 0");
  if (entry == nullptr) return reply_no_fields(call, fields.size());

  std::uint64_t deleted = 0;
  std::uint64_t updated = 0;
  HashEdit edit = call.keyspace.edit_hash(call.db, key, entry);
  const auto expire = [&](std::string_view field) {
    if (!edit->get(field)) return kNoField;
    if (!is_met(condition.value_or(Condition::kNone), edit->expiry_ms(field), instant_ms)) {
      return kConditionNotMet;
    }
    if (instant_ms <= call.now_ms) {
      edit.remove(field);
      ++deleted;
      return kDeleted;
    }
    edit.set_expiry(field, instant_ms);
    ++updated;
    return kDone;
  };
  call.reply.array(fields.size());
  for (const std::string_view field : fields) call.reply.integer(expire(field));
  const Closed closed = edit.close();
  call.instance.statistics().expired_fields += deleted;
  if (deleted + updated > 0) call.notify(kNotifyHash, deleted > 0 ? "hdel" : "hexpire", key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
}

void hexpire(Call& call) { expire_fields(call, TimeUnit::kSeconds, TimeBase::kRelative); }
void hpexpire(Call& call) { expire_fields(call, TimeUnit::kMilliseconds, TimeBase::kRelative); }
void hexpireat(Call& call) { expire_fields(call, TimeUnit::kSeconds, TimeBase::kAbsolute); }
void hpexpireat(Call& call) { expire_fields(call, TimeUnit::kMilliseconds, TimeBase::kAbsolute); }

void hpersist(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kHash);
  const Args fields = read_fields(call.args, 2, kNoCount);
  if (entry == nullptr) return reply_no_fields(call, fields.size());

  bool changed = false;
  HashEdit edit = call.keyspace.edit_hash(call.db, key, entry);
  const auto persist = [&](std::string_view field) {
    if (!edit->get(field)) return kNoField;
    if (edit->expiry_ms(field) == kNoExpiry) return kNoTimeToLive;
    edit.set_expiry(field, kNoExpiry);
    changed = true;
    return kDone;
  };
  call.reply.array(fields.size());
  for (const std::string_view field : fields) call.reply.integer(persist(field));
  edit.close();
  if (changed) call.notify(kNotifyHash, "hpersist", key);
}

// ---- Asking ----

void reply_times(Call& call, TimeUnit unit, TimeBase base) {
  const Entry* entry = find_read(call, call.arg(1), Type::kHash);
  const Args fields = read_fields(call.args, 2, kNoCount);
  if (entry == nullptr) return reply_no_fields(call, fields.size());

  const Hash& hash = entry->hash();
  const std::int64_t base_ms = base == TimeBase::kRelative ? call.now_ms : 0;
  const auto time_of = [&](std::string_view field) {
    if (!hash.get(field)) return kNoField;
    const std::int64_t instant_ms = hash.expiry_ms(field);
    if (instant_ms == kNoExpiry) return kNoTimeToLive;
    const std::int64_t time_ms = instant_ms - base_ms;
    return unit == TimeUnit::kSeconds ? (time_ms + 999) / 1000 : time_ms;
  };
  call.reply.array(fields.size());
  for (const std::string_view field : fields) call.reply.integer(time_of(field));
}

void httl(Call& call) { reply_times(call, TimeUnit::kSeconds, TimeBase::kRelative); }
void hpttl(Call& call) { reply_times(call, TimeUnit::kMilliseconds, TimeBase::kRelative); }
void hexpiretime(Call& call) { reply_times(call, TimeUnit::kSeconds, TimeBase::kAbsolute); }
void hpexpiretime(Call& call) { reply_times(call, TimeUnit::kMilliseconds, TimeBase::kAbsolute); }

constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kUpdated{1, 1, 1, kKeyRW | kKeyUpdate, 0};
constexpr CommandFlags kSetting = kWrite | kDenyOom | kFast;
constexpr CommandFlags kLooking = kReadonly | kFast;

// clang-format off
constexpr Command kCommands[] = {
    {.name = "hexpire", .arity = -6, .flags = kSetting, .group = Group::kHash, .keys = kUpdated,
     .since = "7.4.0",
     .summary = "Set expiry for hash field using relative time to expire (seconds)",
     .run = hexpire},
    {.name = "hpexpire", .arity = -6, .flags = kSetting, .group = Group::kHash, .keys = kUpdated,
     .since = "7.4.0",
     .summary = "Set expiry for hash field using relative time to expire (milliseconds)",
     .run = hpexpire},
    {.name = "hexpireat", .arity = -6, .flags = kSetting, .group = Group::kHash, .keys = kUpdated,
     .since = "7.4.0",
     .summary = "Set expiry for hash field using an absolute Unix timestamp (seconds)",
     .run = hexpireat},
    {.name = "hpexpireat", .arity = -6, .flags = kSetting, .group = Group::kHash, .keys = kUpdated,
     .since = "7.4.0",
     .summary = "Set expiry for hash field using an absolute Unix timestamp (milliseconds)",
     .run = hpexpireat},
    {.name = "hpersist", .arity = -5, .flags = kWrite | kFast, .group = Group::kHash,
     .keys = kUpdated, .since = "7.4.0",
     .summary = "Removes the expiration time for each specified field", .run = hpersist,
     .traits = kTakesRoom},
    {.name = "httl", .arity = -5, .flags = kLooking, .group = Group::kHash, .keys = kRead,
     .since = "7.4.0", .summary = "Returns the TTL in seconds of a hash field.", .run = httl},
    {.name = "hpttl", .arity = -5, .flags = kLooking, .group = Group::kHash, .keys = kRead,
     .since = "7.4.0", .summary = "Returns the TTL in milliseconds of a hash field.", .run = hpttl},
    {.name = "hexpiretime", .arity = -5, .flags = kLooking, .group = Group::kHash, .keys = kRead,
     .since = "7.4.0",
     .summary = "Returns the expiration time of a hash field as a Unix timestamp, in seconds.",
     .run = hexpiretime},
    {.name = "hpexpiretime", .arity = -5, .flags = kLooking, .group = Group::kHash, .keys = kRead,
     .since = "7.4.0",
     .summary = "Returns the expiration time of a hash field as a Unix timestamp, in msec.",
     .run = hpexpiretime},
};
// clang-format on

}  // namespace

std::span<const Command> hash_expiry_commands() { return kCommands; }

}  // namespace bodega::redis
