// Strings: SET and everything else that treats a value as bytes or as a number.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/values/expiry.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::TextBuffer;
using keyspace::Type;

void reply_string(Call& call, const Entry* entry) {
  if (entry == nullptr) return call.reply.null();
  TextBuffer buffer;
  call.reply.bulk(entry->text(buffer));
}

void check_length(const Call& call, std::uint64_t length) {
  if (length > static_cast<std::uint64_t>(call.instance.parameters().live().proto_max_bulk_len)) {
    throw Error(errors::kStringTooLong);
  }
}

// ---- SET and GET ----

// What the options make of the key's time to live.
enum class Lifetime : std::uint8_t { kUnsaid, kEx, kPx, kExAt, kPxAt, kKeepTtl, kPersist };

constexpr Choice<Lifetime> kTimes[] = {{"EX", Lifetime::kEx},
                                       {"PX", Lifetime::kPx},
                                       {"EXAT", Lifetime::kExAt},
                                       {"PXAT", Lifetime::kPxAt}};

struct SetOptions {
  bool nx = false;
  bool xx = false;
  bool get = false;
  Lifetime lifetime = Lifetime::kUnsaid;
  std::string_view time = {};             // the argument of EX, PX, EXAT or PXAT …
  std::optional<std::int64_t> expiry_ms;  // … and what it means, once it was looked at

  // One at most, though it may be repeated: the last counts.
  void choose(Lifetime wanted) {
    if (lifetime != Lifetime::kUnsaid && lifetime != wanted) throw Error(errors::kSyntax);
    lifetime = wanted;
  }
};

enum class SetForm : std::uint8_t { kSet, kGetEx };

SetOptions parse_set_options(ArgumentCursor args, SetForm form) {
  const bool is_set = form == SetForm::kSet;
  SetOptions out;
  while (args.more()) {
    if (const auto lifetime = args.take(kTimes)) {
      out.choose(*lifetime);
      out.time = args.next();
    } else if (!is_set && args.take("PERSIST")) {
      out.choose(Lifetime::kPersist);
    } else if (is_set && args.take("KEEPTTL")) {
      out.choose(Lifetime::kKeepTtl);
    } else if (is_set && !out.xx && args.take("NX")) {
      out.nx = true;
    } else if (is_set && !out.nx && args.take("XX")) {
      out.xx = true;
    } else if (is_set && args.take("GET")) {
      out.get = true;
    } else {
      throw Error(errors::kSyntax);
    }
  }
  return out;
}

void read_expiry(const Call& call, SetOptions& options) {
  const auto read = [&](TimeUnit unit, TimeBase base) {
    options.expiry_ms = expiry_instant(call, options.time, unit, base, Past::kRefuse);
  };
  switch (options.lifetime) {
    case Lifetime::kEx: return read(TimeUnit::kSeconds, TimeBase::kRelative);
    case Lifetime::kPx: return read(TimeUnit::kMilliseconds, TimeBase::kRelative);
    case Lifetime::kExAt: return read(TimeUnit::kSeconds, TimeBase::kAbsolute);
    case Lifetime::kPxAt: return read(TimeUnit::kMilliseconds, TimeBase::kAbsolute);
    case Lifetime::kUnsaid:
    case Lifetime::kKeepTtl:
    case Lifetime::kPersist: return;
  }
}

void store_string(Call& call, std::string_view key, std::string_view value,
                  const SetOptions& options) {
  const unsigned db = call.db;
  if (options.expiry_ms) {
    call.keyspace.set_string(db, key, value, *options.expiry_ms);
  } else {
    const bool keeps = options.lifetime == Lifetime::kKeepTtl;
    call.keyspace.set_string(db, key, value,
                             keeps ? keyspace::Expiry::kKeep : keyspace::Expiry::kClear);
  }
  call.notify(kNotifyString, "set", key);
  if (options.expiry_ms) call.notify(kNotifyGeneric, "expire", key);
}

void set(Call& call) {
  const std::string_view key = call.arg(1);
  if (call.size() == 3) {
    call.keyspace.set_string(call.db, key, call.arg(2));
    call.notify(kNotifyString, "set", key);
    return call.reply.ok();
  }
  SetOptions options = parse_set_options({call.args, 3}, SetForm::kSet);
  read_expiry(call, options);
  const Entry* entry = options.get ? find_read(call, key, Type::kString)
                                   : (options.nx || options.xx ? find_write(call, key) : nullptr);
  if (options.get) reply_string(call, entry);
  if ((options.nx && entry != nullptr) || (options.xx && entry == nullptr)) {
    if (!options.get) call.reply.null();
    return;
  }
  store_string(call, key, call.arg(2), options);
  if (!options.get) call.reply.ok();
}

// With GET the key is read as well.
void find_set_keys(Args args, std::vector<KeyReference>& keys) {
  bool get = false;
  for (const auto option : args.subspan(3)) get |= is_word(option, "GET");
  keys.push_back({args[1], get ? kKeyRW | kKeyAccess | kKeyUpdate : kKeyOW | kKeyUpdate});
}

void setnx(Call& call) {
  if (find_write(call, call.arg(1)) != nullptr) return call.reply.integer(0);
  store_string(call, call.arg(1), call.arg(2), {});
  call.reply.integer(1);
}

void set_with_expiry(Call& call, TimeUnit unit) {
  SetOptions options;
  options.expiry_ms = expiry_instant(call, call.arg(2), unit, TimeBase::kRelative, Past::kRefuse);
  store_string(call, call.arg(1), call.arg(3), options);
  call.reply.ok();
}

void setex(Call& call) { set_with_expiry(call, TimeUnit::kSeconds); }
void psetex(Call& call) { set_with_expiry(call, TimeUnit::kMilliseconds); }

void get(Call& call) { reply_string(call, find_read(call, call.arg(1), Type::kString)); }

void getset(Call& call) {
  reply_string(call, find_read(call, call.arg(1), Type::kString));
  store_string(call, call.arg(1), call.arg(2), {});
}

void getdel(Call& call) {
  const Entry* entry = find_read(call, call.arg(1), Type::kString);
  reply_string(call, entry);
  if (entry == nullptr) return;
  call.keyspace.remove(call.db, call.arg(1));
  call.notify(kNotifyGeneric, "del", call.arg(1));
}

void getex(Call& call) {
  const std::string_view key = call.arg(1);
  SetOptions options = parse_set_options({call.args, 2}, SetForm::kGetEx);
  const Entry* entry = find_read(call, key, Type::kString);
  if (entry == nullptr) return call.reply.null();
  read_expiry(call, options);
  reply_string(call, entry);
  if (options.expiry_ms) {
    if (*options.expiry_ms <= call.now_ms) {
      call.keyspace.remove(call.db, key);
      call.notify(kNotifyGeneric, "del", key);
    } else {
      call.keyspace.set_expiry(call.db, key, *options.expiry_ms);
      call.notify(kNotifyGeneric, "expire", key);
    }
  } else if (options.lifetime == Lifetime::kPersist && call.keyspace.clear_expiry(call.db, key)) {
    call.notify(kNotifyGeneric, "persist", key);
  }
}

void mget(Call& call) {
  call.reply.array(call.size() - 1);
  for (const auto key : call.args.subspan(1)) {
    const Entry* entry = find_read(call, key);
    reply_string(call, entry != nullptr && entry->is(Type::kString) ? entry : nullptr);
  }
}

void set_pairs(Call& call) {
  for (std::size_t i = 1; i + 1 < call.size(); i += 2) {
    store_string(call, call.arg(i), call.arg(i + 1), {});
  }
}

void mset(Call& call) {
  if (call.size() % 2 == 0) throw errors::wrong_arity("mset");
  set_pairs(call);
  call.reply.ok();
}

void msetnx(Call& call) {
  if (call.size() % 2 == 0) throw errors::wrong_arity("msetnx");
  for (std::size_t i = 1; i < call.size(); i += 2) {
    if (find_write(call, call.arg(i)) != nullptr) return call.reply.integer(0);
  }
  set_pairs(call);
  call.reply.integer(1);
}

// ---- Parts ----

void append(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kString);
  check_length(call, (entry != nullptr ? entry->length() : 0) + call.arg(2).size());
  const std::size_t length = call.keyspace.append(call.db, key, call.arg(2));
  call.notify(kNotifyString, "append", key);
  call.reply.integer(static_cast<std::int64_t>(length));
}

void string_length(Call& call) {
  const Entry* entry = find_read(call, call.arg(1), Type::kString);
  call.reply.integer(entry == nullptr ? 0 : static_cast<std::int64_t>(entry->length()));
}

void setrange(Call& call) {
  const std::string_view key = call.arg(1);
  const std::string_view value = call.arg(3);
  const std::int64_t offset = to_integer(call.arg(2));
  if (offset < 0) throw Error("ERR offset is out of range");
  const Entry* entry = find_write(call, key, Type::kString);
  if (value.empty()) {
    return call.reply.integer(entry == nullptr ? 0 : static_cast<std::int64_t>(entry->length()));
  }
  const auto start = static_cast<std::uint64_t>(offset);
  check_length(call, start + value.size());
  const std::size_t length =
      std::max<std::size_t>(entry == nullptr ? 0 : entry->length(), start + value.size());
  const std::span<char> room =
      call.keyspace.edit_string(call.db, key, start, value.size(), keyspace::Engine::Fill::kWhole);
  value.copy(room.data(), room.size());
  call.notify(kNotifyString, "setrange", key);
  call.reply.integer(static_cast<std::int64_t>(length));
}

void getrange(Call& call) {
  std::int64_t start = to_integer(call.arg(2));
  std::int64_t end = to_integer(call.arg(3));
  const Entry* entry = find_read(call, call.arg(1), Type::kString);
  if (entry == nullptr) return call.reply.bulk("");
  TextBuffer buffer;
  const std::string_view text = entry->text(buffer);
  const auto length = static_cast<std::int64_t>(text.size());
  if (start < 0 && end < 0 && start > end) return call.reply.bulk("");
  if (start < 0) start = std::max<std::int64_t>(start + length, 0);
  if (end < 0) end = std::max<std::int64_t>(end + length, 0);
  end = std::min(end, length - 1);
  if (start > end || length == 0) return call.reply.bulk("");
  call.reply.bulk(
      text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start + 1)));
}

// ---- Numbers ----

void add_integer(Call& call, std::int64_t increment) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kString);
  std::int64_t value = 0;
  if (entry != nullptr) {
    if (entry->is_integer()) {
      value = entry->integer();
    } else {
      TextBuffer buffer;
      value = to_integer(entry->text(buffer));
    }
  }
  if (__builtin_add_overflow(value, increment, &value)) throw Error(errors::kOverflow);
  call.keyspace.set_integer(call.db, key, value);
  call.notify(kNotifyString, "incrby", key);
  call.reply.integer(value);
}

void incr(Call& call) { add_integer(call, 1); }
void decr(Call& call) { add_integer(call, -1); }
void incrby(Call& call) { add_integer(call, to_integer(call.arg(2))); }

void decrby(Call& call) {
  const std::int64_t decrement = to_integer(call.arg(2));
  if (decrement == std::numeric_limits<std::int64_t>::min()) {
    throw Error("ERR decrement would overflow");
  }
  add_integer(call, -decrement);
}

void incrbyfloat(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kString);
  long double value = 0;
  if (entry != nullptr) {
    TextBuffer buffer;
    value = to_long_double(entry->text(buffer));
  }
  value += to_long_double(call.arg(2));
  if (std::isnan(value) || std::isinf(value)) throw Error(errors::kNaNOrInfinity);
  const std::string text = format_long_double(value);
  call.keyspace.set_text(call.db, key, text);
  call.notify(kNotifyString, "incrbyfloat", key);
  call.reply.bulk(text);
}

constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kUpdated{1, 1, 1, kKeyRW | kKeyUpdate, 0};
constexpr KeySpec kReadUpdated{1, 1, 1, kKeyRW | kKeyAccess | kKeyUpdate, 0};
constexpr KeySpec kOverwritten{1, 1, 1, kKeyOW | kKeyUpdate, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "get", .arity = 2, .flags = kReadonly | kFast, .group = Group::kString,
     .keys = kRead, .since = "1.0.0", .summary = "Returns the string value of a key.",
     .run = get},
    {.name = "set", .arity = -3, .flags = kWrite | kDenyOom, .group = Group::kString,
     .keys = {1, 1, 1, kKeyRW | kKeyAccess | kKeyUpdate | kKeyVariable, 0}, .since = "1.0.0",
     .summary = "Sets a key to a string, whatever it held.", .run = set,
     .find_keys = find_set_keys},
    {.name = "setnx", .arity = 3, .flags = kWrite | kDenyOom | kFast, .group = Group::kString,
     .keys = {1, 1, 1, kKeyOW | kKeyInsert, 0}, .since = "1.0.0",
     .summary = "Sets a key to a string unless it exists.", .run = setnx},
    {.name = "setex", .arity = 4, .flags = kWrite | kDenyOom, .group = Group::kString,
     .keys = kOverwritten, .since = "2.0.0",
     .summary = "Sets a key to a string with a time to live in seconds.", .run = setex},
    {.name = "psetex", .arity = 4, .flags = kWrite | kDenyOom, .group = Group::kString,
     .keys = kOverwritten, .since = "2.6.0",
     .summary = "Sets a key to a string with a time to live in milliseconds.", .run = psetex},
    {.name = "getset", .arity = 3, .flags = kWrite | kDenyOom | kFast, .group = Group::kString,
     .keys = kReadUpdated, .since = "1.0.0",
     .summary = "Sets a key to a string and returns the one before.", .run = getset},
    {.name = "getdel", .arity = 2, .flags = kWrite | kFast, .group = Group::kString,
     .keys = {1, 1, 1, kKeyRW | kKeyAccess | kKeyDelete, 0}, .since = "6.2.0",
     .summary = "Returns a string and removes its key.", .run = getdel},
    {.name = "getex", .arity = -2, .flags = kWrite | kFast, .group = Group::kString,
     .keys = kReadUpdated, .since = "6.2.0",
     .summary = "Returns a string and changes its time to live.", .run = getex,
     .traits = kTakesRoom},
    {.name = "mget", .arity = -2, .flags = kReadonly | kFast, .group = Group::kString,
     .keys = {1, -1, 1, kKeyRO | kKeyAccess, 0}, .since = "1.0.0",
     .summary = "Returns the strings of several keys.", .run = mget},
    {.name = "mset", .arity = -3, .flags = kWrite | kDenyOom, .group = Group::kString,
     .keys = {1, -1, 2, kKeyOW | kKeyUpdate, 0}, .since = "1.0.1",
     .summary = "Sets several keys to strings in one step.", .run = mset},
    {.name = "msetnx", .arity = -3, .flags = kWrite | kDenyOom, .group = Group::kString,
     .keys = {1, -1, 2, kKeyOW | kKeyInsert, 0}, .since = "1.0.1",
     .summary = "Sets several keys to strings unless one of them exists.", .run = msetnx},
    {.name = "append", .arity = 3, .flags = kWrite | kDenyOom | kFast, .group = Group::kString,
     .keys = {1, 1, 1, kKeyRW | kKeyInsert, 0}, .since = "2.0.0",
     .summary = "Appends to a string, which is created when absent.", .run = append},
    {.name = "strlen", .arity = 2, .flags = kReadonly | kFast, .group = Group::kString,
     .keys = {1, 1, 1, kKeyRO, 0}, .since = "2.2.0",
     .summary = "Returns the length of a string.", .run = string_length},
    {.name = "setrange", .arity = 4, .flags = kWrite | kDenyOom, .group = Group::kString,
     .keys = kUpdated, .since = "2.2.0",
     .summary = "Overwrites part of a string from an offset on.", .run = setrange},
    {.name = "getrange", .arity = 4, .flags = kReadonly, .group = Group::kString, .keys = kRead,
     .since = "2.4.0", .summary = "Returns part of a string.", .run = getrange},
    {.name = "substr", .arity = 4, .flags = kReadonly, .group = Group::kString, .keys = kRead,
     .since = "1.0.0", .summary = "Returns part of a string (older name of GETRANGE).",
     .run = getrange},
    {.name = "incr", .arity = 2, .flags = kWrite | kDenyOom | kFast, .group = Group::kString,
     .keys = kReadUpdated, .since = "1.0.0", .summary = "Adds one to an integer.", .run = incr},
    {.name = "decr", .arity = 2, .flags = kWrite | kDenyOom | kFast, .group = Group::kString,
     .keys = kReadUpdated, .since = "1.0.0", .summary = "Takes one from an integer.",
     .run = decr},
    {.name = "incrby", .arity = 3, .flags = kWrite | kDenyOom | kFast, .group = Group::kString,
     .keys = kReadUpdated, .since = "1.0.0", .summary = "Adds to an integer.", .run = incrby},
    {.name = "decrby", .arity = 3, .flags = kWrite | kDenyOom | kFast, .group = Group::kString,
     .keys = kReadUpdated, .since = "1.0.0", .summary = "Takes from an integer.", .run = decrby},
    {.name = "incrbyfloat", .arity = 3, .flags = kWrite | kDenyOom | kFast,
     .group = Group::kString, .keys = kReadUpdated, .since = "2.6.0",
     .summary = "Adds to a floating point number.", .run = incrbyfloat},
};
// clang-format on

}  // namespace

std::span<const Command> string_commands() { return kCommands; }

}  // namespace bodega::redis
