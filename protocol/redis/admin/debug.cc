// DEBUG: the part of it that test suites use.
#include <array>
#include <cstdint>
#include <string>

#include "engines/base/bytes.h"
#include "engines/base/random.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "engines/keyspace/structures/stream.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/glob.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::Order;
using keyspace::Type;

// ---- Digests ----

// 160 bits that depend on what was mixed in: add() on the order, merge() not. Two values have the
// same digest when they hold the same; the bits themselves are ours, not Redis's.
class Digest {
 public:
  void add(std::string_view bytes) {
    for (std::size_t lane = 0; lane < words_.size(); ++lane) {
      std::uint64_t hash = words_[lane] ^ (0x9E3779B97F4A7C15ull * (lane + 1));
      for (const char c : bytes) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
        hash ^= hash >> 29;
      }
      words_[lane] = scrambled(hash ^ bytes.size());
    }
  }
  void merge(const Digest& other) {
    for (std::size_t lane = 0; lane < words_.size(); ++lane) words_[lane] ^= other.words_[lane];
  }
  std::string hex() const {
    std::string bytes;
    for (const std::uint64_t word : words_) base::put_u64(bytes, word);
    return base::to_hex(bytes.substr(0, 20));
  }

 private:
  static std::uint64_t scrambled(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
  }
  std::array<std::uint64_t, 3> words_{};
};

Digest digest_of(Call& call, const Entry& entry) {
  Digest out;
  out.add(name_of(entry.type()));
  switch (entry.type()) {
    case Type::kString: out.add(entry.str()); break;
    case Type::kList:
      entry.list().for_range(0, entry.list().size(), Order::kForward, [&](std::string_view value) {
        out.add(value);
        return true;
      });
      break;
    case Type::kSet:
      entry.set().for_each([&](std::string_view member) {
        Digest one;
        one.add(member);
        out.merge(one);
        return true;
      });
      break;
    case Type::kHash:
      entry.hash().for_each([&](std::string_view field, std::string_view value) {
        Digest one;
        one.add(field);
        one.add(value);
        out.merge(one);
      });
      break;
    case Type::kSortedSet:
      entry.sorted_set().for_range(0, entry.sorted_set().size(), Order::kForward,
                                   [&](std::string_view member, double score) {
                                     Digest one;
                                     one.add(member);
                                     one.add(format_double(score));
                                     out.merge(one);
                                     return true;
                                   });
      break;
    case Type::kStream:
      entry.stream().for_range(keyspace::kFirstStreamId, keyspace::kLastStreamId, Order::kForward,
                               [&](const keyspace::StreamEntry& one) {
                                 out.add(std::to_string(one.id().ms));
                                 out.add(std::to_string(one.id().seq));
                                 one.for_each([&](std::string_view field, std::string_view value) {
                                   out.add(field);
                                   out.add(value);
                                 });
                                 return true;
                               });
      break;
  }
  if (call.keyspace.expiry_of(call.db, entry) != keyspace::kNoExpiry) out.add("!!expire!!");
  return out;
}

void debug_digest(Call& call) {
  Digest all;
  const unsigned selected = call.db;
  for (unsigned db = 0; db < call.keyspace.database_count(); ++db) {
    call.db = db;
    call.keyspace.for_each(db, [&](const Entry& entry) {
      Digest one;
      one.add(std::to_string(db));
      one.add(entry.key());
      one.add(digest_of(call, entry).hex());
      all.merge(one);
    });
  }
  call.db = selected;
  bool empty = true;
  for (unsigned db = 0; db < call.keyspace.database_count(); ++db) {
    empty = empty && call.keyspace.size(db) == 0;
  }
  call.reply.simple(empty ? std::string(40, '0') : all.hex());
}

void debug_digest_value(Call& call) {
  call.reply.array(call.size() - 2);
  for (const auto key : call.args.subspan(2)) {
    const Entry* entry = call.keyspace.find(call.db, key, keyspace::Touch::kNo);
    call.reply.simple(entry == nullptr ? std::string(40, '0') : digest_of(call, *entry).hex());
  }
}

// ---- Looking inside ----

void debug_object(Call& call) {
  const Entry* entry = call.keyspace.find(call.db, call.arg(2), keyspace::Touch::kNo);
  if (entry == nullptr) throw Error(errors::kNoSuchKey);
  const std::int64_t idle = call.keyspace.access_policy() == keyspace::AccessPolicy::kLru
                                ? call.keyspace.idle_seconds(*entry)
                                : 0;
  call.reply.simple("Value at:0x0 refcount:1 encoding:" + std::string(name_of(entry->encoding())) +
                    " serializedlength:" + std::to_string(call.keyspace.memory_usage(*entry)) +
                    " lru:" + std::to_string((call.now_ms / 1000 - idle) & 0xFFFFFF) +
                    " lru_seconds_idle:" + std::to_string(idle));
}

void debug_htstats_key(Call& call) {
  const Entry* entry = call.keyspace.find(call.db, call.arg(2), keyspace::Touch::kNo);
  if (entry == nullptr) throw Error(errors::kNoSuchKey);
  if (entry->encoding() != keyspace::Encoding::kHashtable &&
      entry->encoding() != keyspace::Encoding::kSkiplist) {
    throw Error("ERR The value stored at the specified key is not represented using an hash table");
  }
  call.reply.verbatim("Hash table 0 stats (main hash table):\n number of elements: " +
                      std::to_string(entry->length()) + "\n");
}

// ---- Acting ----

void debug_sleep(Call& call) {
  const double seconds = parse_double(call.arg(2)).value_or(0);
  const InstanceOptions& options = call.instance.options();
  if (options.sleep && seconds > 0) options.sleep(static_cast<std::int64_t>(seconds * 1e6));
  call.reply.ok();
}

// Everything as it is after it was written to an RDB file and read back.
void debug_reload(Call& call) {
  call.instance.commit_now();
  reload_from_snapshot(call.instance);
  call.reply.ok();
}

// What is in memory is the authority and is on disk with every tick, so there is nothing that
// reading it back could change: what remains is that everything be written.
void debug_loadaof(Call& call) {
  call.instance.commit_now();
  call.reply.ok();
}

void debug_set_active_expire(Call& call) {
  call.instance.active_expiry = to_integer(call.arg(2)) != 0;
  call.reply.ok();
}

void debug_set_disable_deny_scripts(Call& call) {
  call.instance.noscript_commands_allowed = to_integer(call.arg(2)) != 0;
  call.reply.ok();
}

void debug_stringmatch_len(Call& call) {
  const auto length = static_cast<std::size_t>(to_integer_in(call.arg(2), 0, 1 << 24));
  call.reply.integer(glob_match(call.arg(3), std::string(length, 'a')) ? 1 : 0);
}

void debug_populate(Call& call) {
  const std::int64_t count = to_integer(call.arg(2));
  const std::string prefix(call.size() > 3 ? call.arg(3) : "key");
  const auto size = call.size() > 4
                        ? static_cast<std::size_t>(to_integer_in(call.arg(4), 0, 1 << 29))
                        : std::size_t{0};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string key = prefix + ":" + std::to_string(i);
    if (call.keyspace.exists(call.db, key)) continue;
    std::string value = "value:" + std::to_string(i);
    if (size > 0) value.resize(size, '\0');
    call.keyspace.set_string(call.db, key, value);
  }
  call.reply.ok();
}

void debug_change_repl_id(Call& call) { call.reply.ok(); }
void debug_ok(Call& call) { call.reply.ok(); }
void debug_error(Call& call) { throw Error(std::string(call.arg(2))); }

// One reply of each RESP type.
void debug_protocol(Call& call) {
  Reply& reply = call.reply;
  const std::string_view kind = call.arg(2);
  if (is_word(kind, "string")) return reply.bulk("Hello World");
  if (is_word(kind, "integer")) return reply.integer(12345);
  if (is_word(kind, "double")) return reply.number(3.141);
  if (is_word(kind, "null")) return reply.null();
  if (is_word(kind, "array") || is_word(kind, "set")) {
    if (is_word(kind, "array")) {
      reply.array(3);
    } else {
      reply.set(3);
    }
    for (int i = 0; i < 3; ++i) reply.integer(i);
    return;
  }
  if (is_word(kind, "map")) {
    reply.map(3);
    for (int i = 0; i < 3; ++i) {
      reply.integer(i);
      reply.boolean(i == 1);
    }
    return;
  }
  if (is_word(kind, "attrib")) {
    if (reply.resp3()) {
      reply.attribute(1);
      reply.bulk("key-popularity");
      reply.array(2);
      reply.bulk("key:123");
      reply.integer(90);
    }
    return reply.bulk("Some real reply following the attribute");
  }
  if (is_word(kind, "push")) {
    if (!reply.resp3()) throw Error("ERR RESP2 is not supported by this command");
    reply.push(2);
    reply.bulk("server-cpu-usage");
    reply.integer(42);
    return reply.bulk("Some real reply following the push reply");
  }
  if (is_word(kind, "true")) return reply.boolean(true);
  if (is_word(kind, "false")) return reply.boolean(false);
  if (is_word(kind, "bignum")) return reply.big_number("1234567999999999999999999999999999999");
  if (is_word(kind, "verbatim")) return reply.verbatim("This is a verbatim\nstring");
  throw Error(
      "ERR Wrong protocol type name. Please use one of the following: "
      "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
}

void debug_help(Call& call) {
  reply_help(call, {"DIGEST", "    A digest of all data.", "DIGEST-VALUE <key> ...",
                    "    Digests of values.", "OBJECT <key>", "    How a value is kept.",
                    "POPULATE <count> [<prefix>] [<size>]", "    Make so many string keys.",
                    "PROTOCOL <type>", "    A reply of that type.", "RELOAD",
                    "    Write everything to an RDB file and read it back.",
                    "SET-ACTIVE-EXPIRE <0|1>", "    Whether keys expire without being looked at.",
                    "SLEEP <seconds>", "    Stop for a while.", "STRINGMATCH-LEN <len> <pattern>",
                    "    Match a pattern against a long string."});
}

struct Row {
  std::string_view name;
  int least;  // arguments behind the name
  int most;   // -1: any
  Handler run;
};

// clang-format off
constexpr Row kRows[] = {
    {"digest", 0, 0, debug_digest},
    {"digest-value", 0, -1, debug_digest_value},
    {"object", 1, 1, debug_object},
    {"htstats-key", 1, 2, debug_htstats_key},
    {"sleep", 1, 1, debug_sleep},
    {"reload", 0, -1, debug_reload},
    {"loadaof", 0, 0, debug_loadaof},
    {"set-active-expire", 1, 1, debug_set_active_expire},
    {"set-disable-deny-scripts", 1, 1, debug_set_disable_deny_scripts},
    {"stringmatch-len", 2, 2, debug_stringmatch_len},
    {"populate", 1, 3, debug_populate},
    {"change-repl-id", 0, 0, debug_change_repl_id},
    {"error", 1, 1, debug_error},
    {"protocol", 1, 1, debug_protocol},
    {"help", 0, 0, debug_help},
    // Knobs of Redis's own structures and checks, which have no counterpart here.
    {"quicklist-packed-threshold", 1, 1, debug_ok},
    {"replybuffer", 2, 2, debug_ok},
    {"pause-cron", 1, 1, debug_ok},
    {"dict-resizing", 1, 1, debug_ok},
    {"log", 1, 1, debug_ok},
};
// clang-format on

void debug(Call& call) {
  const int given = static_cast<int>(call.size()) - 2;
  for (const Row& row : kRows) {
    if (!is_word(call.arg(1), row.name)) continue;
    if (given < row.least || (row.most >= 0 && given > row.most)) break;
    return row.run(call);
  }
  throw errors::wrong_subcommand("DEBUG", call.arg(1));
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "debug", .arity = -2, .flags = kAdmin | kNoscript | kLoading | kStale,
     .since = "1.0.0", .summary = "Looks and acts inside the server, for test suites.",
     .run = debug, .traits = kFindsKeys},
};
// clang-format on

}  // namespace

std::span<const Command> debug_commands() { return kCommands; }

}  // namespace bodega::redis
