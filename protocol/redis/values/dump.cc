// DUMP and RESTORE: a value as the bytes in which Redis serialises it, both ways.
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/instance/rdb_form.h"
#include "protocol/redis/rdb/footer.h"
#include "protocol/redis/rdb/input.h"
#include "protocol/redis/rdb/value_reader.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

void dump(Call& call) {
  const keyspace::Entry* entry = find_read(call, call.arg(1));
  if (entry == nullptr) return call.reply.null();
  const RdbForm form = rdb_form_of(call.instance);
  std::string payload(1, static_cast<char>(object_type_of(*entry, form)));
  put_value(payload, *entry, form);
  put_footer(payload, form.version);
  call.reply.bulk(payload);
}

constexpr std::int64_t kMaxFrequency = 255;

struct RestoreOptions {
  bool replace = false;
  bool absolute = false;
  std::optional<std::int64_t> idle_seconds;
  std::optional<std::int64_t> frequency;
};

RestoreOptions parse_options(ArgumentCursor args) {
  RestoreOptions out;
  while (args.more()) {
    if (args.take("REPLACE")) {
      out.replace = true;
    } else if (args.take("ABSTTL")) {
      out.absolute = true;
    } else if (!out.frequency && args.take("IDLETIME", 1)) {
      out.idle_seconds = to_integer(args.next());
      if (*out.idle_seconds < 0) throw Error("ERR Invalid IDLETIME value, must be >= 0");
    } else if (!out.idle_seconds && args.take("FREQ", 1)) {
      out.frequency = to_integer(args.next());
      if (*out.frequency < 0 || *out.frequency > kMaxFrequency) {
        throw Error("ERR Invalid FREQ value, must be >= 0 and <= 255");
      }
    } else {
      throw Error(errors::kSyntax);
    }
  }
  return out;
}

// The instant at which the key expires, or kNoExpiry.
std::int64_t restored_expiry(const Call& call, std::string_view text,
                             const RestoreOptions& options) {
  const std::int64_t ttl = to_integer(text);
  if (ttl < 0) throw Error("ERR Invalid TTL value, must be >= 0");
  if (ttl == 0) return keyspace::kNoExpiry;
  if (options.absolute) return ttl;
  std::int64_t when = 0;
  if (__builtin_add_overflow(ttl, call.now_ms, &when))
    throw Error("ERR Invalid TTL value, must be >= 0");
  return when;
}

RdbValue read_payload(std::string_view payload) {
  const std::optional<std::string_view> body = checked_body(payload);
  if (!body) throw Error("ERR DUMP payload version or checksum are wrong");
  RdbInput input(*body);
  RdbValue value = read_value(input, input.u8());
  if (!input.ok() || value.is_empty()) throw Error("ERR Bad data format");
  return value;
}

void restore(Call& call) {
  const std::string_view key = call.arg(1);
  const RestoreOptions options = parse_options({call.args, 4});
  const bool was_there = find_write(call, key) != nullptr;
  if (was_there && !options.replace) throw Error("BUSYKEY Target key name already exists.");
  const std::int64_t expiry_ms = restored_expiry(call, call.arg(2), options);
  const RdbValue value = read_payload(call.arg(3));
  if (was_there) call.keyspace.remove(call.db, key);
  if (expiry_ms != keyspace::kNoExpiry && expiry_ms <= call.now_ms) {
    if (was_there) call.notify(kNotifyGeneric, "del", key);
    return call.reply.ok();
  }
  store_value(call.keyspace, call.db, key, value);
  if (expiry_ms != keyspace::kNoExpiry) call.keyspace.set_expiry(call.db, key, expiry_ms);
  const bool lfu = call.keyspace.access_policy() == keyspace::AccessPolicy::kLfu;
  if (options.idle_seconds && !lfu) {
    call.keyspace.set_idle_seconds(call.db, key, *options.idle_seconds);
  }
  if (options.frequency && lfu) {
    call.keyspace.set_frequency(call.db, key, static_cast<unsigned>(*options.frequency));
  }
  call.notify(kNotifyGeneric, "restore", key);
  call.reply.ok();
}

constexpr KeySpec kRestored{1, 1, 1, kKeyOW | kKeyUpdate, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "dump", .arity = 2, .flags = kReadonly, .group = Group::kGeneric,
     .keys = {1, 1, 1, kKeyRO | kKeyAccess, 0}, .since = "2.6.0",
     .summary = "Returns a value as bytes that RESTORE takes.", .run = dump},
    {.name = "restore", .arity = -4, .flags = kWrite | kDenyOom, .group = Group::kGeneric,
     .keys = kRestored, .since = "2.6.0",
     .summary = "Makes a key of the bytes that DUMP has given.", .run = restore,
     .categories = kCatDangerous},
    {.name = "restore-asking", .arity = -4, .flags = kWrite | kDenyOom | kAsking,
     .keys = kRestored, .since = "3.0.0",
     .summary = "RESTORE for a slot that is being moved here.", .run = restore,
     .categories = kCatKeyspace | kCatDangerous},
};
// clang-format on

}  // namespace

std::span<const Command> dump_commands() { return kCommands; }

}  // namespace bodega::redis
