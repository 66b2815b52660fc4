// Times to live: EXPIRE, TTL and the like.
#include "protocol/redis/values/expiry.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {

std::int64_t expiry_instant(const Call& call, std::string_view text, TimeUnit unit, TimeBase base,
                            Past past) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::int64_t when = to_integer(text);
  if (past == Past::kRefuse && when <= 0) throw errors::invalid_expire(call.command.name);
  if (unit == TimeUnit::kSeconds && __builtin_mul_overflow(when, std::int64_t{1000}, &when)) {
    throw errors::invalid_expire(call.command.name);
  }
  if (base == TimeBase::kRelative) {
    if (when > kMost - call.now_ms) throw errors::invalid_expire(call.command.name);
    when += call.now_ms;
  }
  return when;
}

namespace {

struct Conditions {
  bool nx = false;
  bool xx = false;
  bool gt = false;
  bool lt = false;
};

Conditions parse_conditions(ArgumentCursor args) {
  Conditions out;
  while (args.more()) {
    if (args.take("NX")) {
      out.nx = true;
    } else if (args.take("XX")) {
      out.xx = true;
    } else if (args.take("GT")) {
      out.gt = true;
    } else if (args.take("LT")) {
      out.lt = true;
    } else {
      throw Error("ERR Unsupported option " + std::string(args.next()));
    }
  }
  if (out.nx && (out.xx || out.gt || out.lt)) {
    throw Error("ERR NX and XX, GT or LT options at the same time are not compatible");
  }
  if (out.gt && out.lt) {
    throw Error("ERR GT and LT options at the same time are not compatible");
  }
  return out;
}

// A key without expiry counts as living for ever: GT never holds, LT always does.
bool conditions_hold(const Conditions& conditions, std::int64_t current, std::int64_t when) {
  const bool has_expiry = current != keyspace::kNoExpiry;
  if (conditions.nx && has_expiry) return false;
  if (conditions.xx && !has_expiry) return false;
  if (conditions.gt && (!has_expiry || when <= current)) return false;
  if (conditions.lt && has_expiry && when >= current) return false;
  return true;
}

void expire_key(Call& call, TimeUnit unit, TimeBase base) {
  const std::string_view key = call.arg(1);
  const Conditions conditions = parse_conditions({call.args, 3});
  const std::int64_t when = expiry_instant(call, call.arg(2), unit, base, Past::kAllow);
  const keyspace::Entry* entry = find_write(call, key);
  if (entry == nullptr ||
      !conditions_hold(conditions, call.keyspace.expiry_of(call.db, *entry), when)) {
    return call.reply.integer(0);
  }
  if (when <= call.now_ms) {
    call.keyspace.remove(call.db, key);
    call.notify(kNotifyGeneric, "del", key);
  } else {
    call.keyspace.set_expiry(call.db, key, when);
    call.notify(kNotifyGeneric, "expire", key);
  }
  call.reply.integer(1);
}

void expire(Call& call) { expire_key(call, TimeUnit::kSeconds, TimeBase::kRelative); }
void pexpire(Call& call) { expire_key(call, TimeUnit::kMilliseconds, TimeBase::kRelative); }
void expireat(Call& call) { expire_key(call, TimeUnit::kSeconds, TimeBase::kAbsolute); }
void pexpireat(Call& call) { expire_key(call, TimeUnit::kMilliseconds, TimeBase::kAbsolute); }

// An expiry that lies in the past removes the key; an error writes nothing.
bool removes_at(Args args, std::int64_t now) {
  const auto when = base::canonical_integer(args[2]);
  return !when || *when <= now;
}
bool removes_by_duration(Args args, std::int64_t) { return removes_at(args, 0); }
bool removes_by_second(Args args, std::int64_t now_ms) { return removes_at(args, now_ms / 1000); }
bool removes_by_millisecond(Args args, std::int64_t now_ms) { return removes_at(args, now_ms); }

// -2: no such key; -1: no expiry; else the instant.
std::int64_t instant_of(Call& call) {
  const keyspace::Entry* entry = look(call, call.arg(1));
  if (entry == nullptr) return -2;
  const std::int64_t when = call.keyspace.expiry_of(call.db, *entry);
  return when == keyspace::kNoExpiry ? -1 : when;
}

void ttl(Call& call) {
  const std::int64_t when = instant_of(call);
  call.reply.integer(when < 0 ? when : (when - call.now_ms + 500) / 1000);
}

void pttl(Call& call) {
  const std::int64_t when = instant_of(call);
  call.reply.integer(when < 0 ? when : when - call.now_ms);
}

void expiretime(Call& call) {
  const std::int64_t when = instant_of(call);
  call.reply.integer(when < 0 ? when : (when + 500) / 1000);
}

void pexpiretime(Call& call) { call.reply.integer(instant_of(call)); }

void persist(Call& call) {
  const std::string_view key = call.arg(1);
  if (find_write(call, key) == nullptr || !call.keyspace.clear_expiry(call.db, key)) {
    return call.reply.integer(0);
  }
  call.notify(kNotifyGeneric, "persist", key);
  call.reply.integer(1);
}

constexpr KeySpec kUpdated{1, 1, 1, kKeyRW | kKeyUpdate, 0};
constexpr KeySpec kAsked{1, 1, 1, kKeyRO | kKeyAccess, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "expire", .arity = -3, .flags = kWrite | kFast, .group = Group::kGeneric,
     .keys = kUpdated, .since = "1.0.0",
     .summary = "Sets a key's time to live in seconds.", .run = expire,
     .frees_room = removes_by_duration},
    {.name = "pexpire", .arity = -3, .flags = kWrite | kFast, .group = Group::kGeneric,
     .keys = kUpdated, .since = "2.6.0",
     .summary = "Sets a key's time to live in milliseconds.", .run = pexpire,
     .frees_room = removes_by_duration},
    {.name = "expireat", .arity = -3, .flags = kWrite | kFast, .group = Group::kGeneric,
     .keys = kUpdated, .since = "1.2.0",
     .summary = "Sets the Unix time in seconds at which a key expires.", .run = expireat,
     .frees_room = removes_by_second},
    {.name = "pexpireat", .arity = -3, .flags = kWrite | kFast, .group = Group::kGeneric,
     .keys = kUpdated, .since = "2.6.0",
     .summary = "Sets the Unix time in milliseconds at which a key expires.", .run = pexpireat,
     .frees_room = removes_by_millisecond},
    {.name = "ttl", .arity = 2, .flags = kReadonly | kFast, .group = Group::kGeneric,
     .keys = kAsked, .since = "1.0.0",
     .summary = "Returns how many seconds a key has left.", .run = ttl},
    {.name = "pttl", .arity = 2, .flags = kReadonly | kFast, .group = Group::kGeneric,
     .keys = kAsked, .since = "2.6.0",
     .summary = "Returns how many milliseconds a key has left.", .run = pttl},
    {.name = "expiretime", .arity = 2, .flags = kReadonly | kFast, .group = Group::kGeneric,
     .keys = kAsked, .since = "7.0.0",
     .summary = "Returns the Unix time in seconds at which a key expires.", .run = expiretime},
    {.name = "pexpiretime", .arity = 2, .flags = kReadonly | kFast, .group = Group::kGeneric,
     .keys = kAsked, .since = "7.0.0",
     .summary = "Returns the Unix time in milliseconds at which a key expires.",
     .run = pexpiretime},
    {.name = "persist", .arity = 2, .flags = kWrite | kFast, .group = Group::kGeneric,
     .keys = kUpdated, .since = "2.2.0",
     .summary = "Takes a key's time to live away.", .run = persist, .traits = kTakesRoom},
};
// clang-format on

}  // namespace

std::span<const Command> expiry_commands() { return kCommands; }

}  // namespace bodega::redis
