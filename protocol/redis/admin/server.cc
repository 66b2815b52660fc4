// The server as a whole: databases, INFO, persistence, memory.
#include <limits>
#include <string>

#include "engines/base/process/allocator.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/admin/info.h"
#include "protocol/redis/admin/memory_figures.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

// In a cluster these three are about the node's keys.
void dbsize(Call& call) {
  const Cluster* const cluster = call.instance.cluster();
  const std::size_t keys = cluster == nullptr ? call.keyspace.size(call.db)
                                              : cluster->key_count(call.session.cluster.node);
  call.reply.integer(static_cast<std::int64_t>(keys));
}

void check_flush_options(const Call& call) {
  ArgumentCursor args(call.args, 1);
  if (!args.take("ASYNC")) args.take("SYNC");
  args.finish();
}

void flushdb(Call& call) {
  check_flush_options(call);
  if (Cluster* const cluster = call.instance.cluster()) {
    cluster->flush(call.session.cluster.node);
  } else {
    call.instance.flush(call.db);
  }
  call.reply.ok();
}

void flushall(Call& call) {
  check_flush_options(call);
  if (Cluster* const cluster = call.instance.cluster()) {
    cluster->flush(call.session.cluster.node);
  } else {
    call.instance.flush_all();
  }
  call.reply.ok();
}

void swapdb(Call& call) {
  if (call.instance.cluster() != nullptr) throw Error("ERR SWAPDB is not allowed in cluster mode");
  constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const auto first = to_integer_in(call.arg(1), kLeast, kMost, "ERR invalid first DB index");
  const auto second = to_integer_in(call.arg(2), kLeast, kMost, "ERR invalid second DB index");
  const auto count = static_cast<std::int64_t>(call.keyspace.database_count());
  if (first < 0 || first >= count || second < 0 || second >= count) {
    throw Error(errors::kDbIndexOutOfRange);
  }
  if (first != second) {
    call.instance.swap_databases(static_cast<unsigned>(first), static_cast<unsigned>(second));
  }
  call.reply.ok();
}

void info(Call& call) { call.reply.verbatim(info_text(call.instance, call.args.subspan(1))); }

void time(Call& call) {
  const std::int64_t now_us = call.instance.clock().now_us();
  call.reply.array(2);
  call.reply.bulk_integer(now_us / 1'000'000);
  call.reply.bulk_integer(now_us % 1'000'000);
}

void monitor(Call& call) {
  call.instance.start_monitor(call.session);
  call.reply.ok();
}

void lolwut(Call& call) {
  ArgumentCursor args(call.args, 1);
  if (args.take("VERSION", 1)) to_integer(args.next());
  call.reply.verbatim("Redis ver. " + std::string(Instance::kVersion) + "\n");
}

// ---- Persistence ----

// Every change is written with its tick; what saving adds is safety against a power cut, and a
// copy of the keys for others.
void save(Call& call) {
  save_snapshot(call.instance);
  call.reply.ok();
}

void bgsave(Call& call) {
  ArgumentCursor args(call.args, 1);
  args.take("SCHEDULE");
  args.finish();
  save_snapshot(call.instance);
  call.reply.simple("Background saving started");
}

void bgrewriteaof(Call& call) {
  call.instance.commit_now();
  if (call.instance.options().save) call.instance.options().save();
  call.reply.simple("Background append only file rewriting started");
}

void lastsave(Call& call) { call.reply.integer(call.instance.snapshots.last_save_s); }

void shutdown(Call& call) {
  bool abort = false;
  bool save = true;
  ArgumentCursor args(call.args, 1);
  while (args.more()) {
    if (args.take("ABORT")) {
      abort = true;
    } else if (args.take("NOSAVE")) {
      save = false;
    } else if (!args.take("SAVE") && !args.take("NOW") && !args.take("FORCE")) {
      throw Error(errors::kSyntax);
    }
  }
  if (abort) {
    if (call.size() > 2) throw Error(errors::kSyntax);
    throw Error("ERR No shutdown in progress.");
  }
  if (save && !call.instance.busy().empty()) throw Error(call.instance.busy());
  if (!call.instance.options().shutdown) {
    throw Error("ERR Errors trying to SHUTDOWN. Check logs.");
  }
  call.instance.options().shutdown();
  call.session.close_after_output();
}

// ---- Memory ----

void memory_usage(Call& call) {
  ArgumentCursor args(call.args, 3);
  while (args.more()) {
    if (!args.take("SAMPLES")) throw Error(errors::kSyntax);
    if (to_integer(args.next()) < 0) throw Error(errors::kSyntax);
  }
  const keyspace::Entry* entry = call.keyspace.find(call.db, call.arg(2), keyspace::Touch::kNo);
  if (entry == nullptr) return call.reply.null();
  call.reply.integer(static_cast<std::int64_t>(call.keyspace.memory_usage(*entry)));
}

void memory_stats_of_databases(Call& call) {
  for (unsigned db = 0; db < call.keyspace.database_count(); ++db) {
    if (call.keyspace.size(db) == 0) continue;
    call.reply.bulk("db." + std::to_string(db));
    call.reply.map(3);
    call.reply.bulk("overhead.hashtable.main");
    call.reply.integer(static_cast<std::int64_t>(call.keyspace.overhead_memory(db)));
    for (const std::string_view none :
         {"overhead.hashtable.expires", "overhead.hashtable.slot-to-keys"}) {
      call.reply.bulk(none);
      call.reply.integer(0);
    }
  }
}

// Writes one pair of a map after another.
class Figures {
 public:
  explicit Figures(Reply& reply) : reply_(reply) {}
  void bytes(std::string_view name, std::uint64_t value) {
    reply_.bulk(name);
    reply_.integer(static_cast<std::int64_t>(value));
  }
  void ratio(std::string_view name, double value) {
    reply_.bulk(name);
    reply_.number(value);
  }

 private:
  Reply& reply_;
};

void memory_stats(Call& call) {
  const MemoryFigures memory = memory_figures(call.instance);
  std::size_t databases = 0;
  for (unsigned db = 0; db < call.keyspace.database_count(); ++db) {
    databases += call.keyspace.size(db) > 0 ? 1 : 0;
  }
  call.reply.map(27 + databases);
  Figures figures(call.reply);
  figures.bytes("peak.allocated", memory.peak);
  figures.bytes("total.allocated", memory.used);
  figures.bytes("startup.allocated", Instance::kStartupBytes);
  figures.bytes("replication.backlog", 0);
  figures.bytes("clients.slaves", 0);
  figures.bytes("clients.normal", memory.clients);
  figures.bytes("cluster.links", 0);
  figures.bytes("aof.buffer", 0);
  figures.bytes("lua.caches", 0);
  figures.bytes("functions.caches", 0);
  memory_stats_of_databases(call);
  figures.bytes("overhead.total", memory.overhead);
  figures.bytes("keys.count", memory.keys);
  figures.bytes("keys.bytes-per-key", memory.keys == 0 ? 0 : memory.net_dataset() / memory.keys);
  figures.bytes("dataset.bytes", memory.dataset);
  figures.ratio("dataset.percentage", 100 * ratio_of(memory.dataset, memory.net_dataset()));
  figures.ratio("peak.percentage", 100 * ratio_of(memory.used, memory.peak));
  figures.bytes("allocator.allocated", memory.allocated);
  figures.bytes("allocator.active", memory.active);
  figures.bytes("allocator.resident", memory.resident);
  figures.ratio("allocator-fragmentation.ratio", ratio_of(memory.active, memory.allocated));
  figures.bytes("allocator-fragmentation.bytes", memory.active - memory.allocated);
  figures.ratio("allocator-rss.ratio", ratio_of(memory.resident, memory.active));
  figures.bytes("allocator-rss.bytes", memory.resident - memory.active);
  figures.ratio("rss-overhead.ratio", ratio_of(memory.rss, memory.resident));
  figures.bytes("rss-overhead.bytes", memory.rss - memory.resident);
  figures.ratio("fragmentation", ratio_of(memory.rss, memory.used));
  figures.bytes("fragmentation.bytes", memory.rss - memory.used);
}

// Below this there is nothing to say.
constexpr std::uint64_t kSmallBytes = 5 * 1024 * 1024;

void memory_doctor(Call& call) {
  const MemoryFigures memory = memory_figures(call.instance);
  if (memory.used < kSmallBytes) {
    return call.reply.verbatim(
        "Hi Sam, this instance is empty or is using very little memory, my issues detector can't "
        "be used in these conditions. Please, leave for your mission on Earth and fill it with "
        "some data. The new Sam and I will be back to our programming as soon as I finished "
        "rebooting.\n");
  }
  if (ratio_of(memory.peak, memory.used) > 1.5) {
    return call.reply.verbatim(
        "Sam, I detected a few issues in this Redis instance memory implants:\n\n"
        " * Peak memory: in the past this instance used more than 150% of the memory that it uses "
        "now. What is unused is given back to the system within seconds; MEMORY PURGE does it at "
        "once.\n\nI'm here to keep you safe, Sam. I want to help you.\n");
  }
  call.reply.verbatim(
      "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs "
      "on this base.\n");
}

void memory_purge(Call& call) {
  base::release_unused_memory();
  call.reply.ok();
}

void memory_malloc_stats(Call& call) { call.reply.verbatim(base::allocator_report()); }

void memory_help(Call& call) {
  reply_help(call,
             {"DOCTOR", "    A report in words.", "MALLOC-STATS", "    The allocator's figures.",
              "PURGE", "    Give memory back.", "STATS", "    Where memory goes.",
              "USAGE <key> [SAMPLES <count>]", "    Estimated bytes of a key with its value."});
}

// ---- Modules and users ----

void module_list(Call& call) { call.reply.array(0); }

void module_help(Call& call) {
  reply_help(call, {"LIST", "    The modules that are loaded; here there are none."});
}

constexpr CommandFlags kRule = kAdmin | kNoscript | kLoading | kStale;

// clang-format off
constexpr Command kMemoryCommands[] = {
    {.name = "memory|doctor", .arity = 2, .since = "4.0.0",
     .summary = "Reports on memory in words.", .run = memory_doctor},
    {.name = "memory|help", .arity = 2, .flags = kLoading | kStale, .since = "4.0.0",
     .summary = "Lists the sub-commands.", .run = memory_help},
    {.name = "memory|malloc-stats", .arity = 2, .since = "4.0.0",
     .summary = "Returns the allocator's figures.", .run = memory_malloc_stats},
    {.name = "memory|purge", .arity = 2, .since = "4.0.0", .summary = "Gives memory back.",
     .run = memory_purge},
    {.name = "memory|stats", .arity = 2, .since = "4.0.0", .summary = "Tells where memory goes.",
     .run = memory_stats},
    {.name = "memory|usage", .arity = -3, .flags = kReadonly,
     .keys = {2, 2, 1, kKeyRO, 0}, .since = "4.0.0",
     .summary = "Estimates the memory of a key.", .run = memory_usage},
};

constexpr Command kModuleCommands[] = {
    {.name = "module|help", .arity = 2, .flags = kLoading | kStale, .since = "5.0.0",
     .summary = "Lists the sub-commands.", .run = module_help},
    {.name = "module|list", .arity = 2, .flags = kAdmin | kNoscript, .since = "4.0.0",
     .summary = "Lists the modules.", .run = module_list},
};

constexpr Command kCommands[] = {
    {.name = "dbsize", .arity = 1, .flags = kReadonly | kFast, .since = "1.0.0",
     .summary = "Counts the keys of the database.", .run = dbsize, .categories = kCatKeyspace},
    {.name = "flushdb", .arity = -1, .flags = kWrite, .since = "1.0.0",
     .summary = "Removes all keys of the database.", .run = flushdb,
     .categories = kCatKeyspace | kCatDangerous},
    {.name = "flushall", .arity = -1, .flags = kWrite, .since = "1.0.0",
     .summary = "Removes all keys of all databases.", .run = flushall,
     .categories = kCatKeyspace | kCatDangerous},
    {.name = "swapdb", .arity = 3, .flags = kWrite | kFast, .since = "4.0.0",
     .summary = "Exchanges two databases.", .run = swapdb,
     .categories = kCatKeyspace | kCatDangerous, .traits = kTakesRoom},
    {.name = "info", .arity = -1, .flags = kLoading | kStale, .since = "1.0.0",
     .summary = "Returns what is known of the server.", .run = info,
     .categories = kCatDangerous},
    {.name = "time", .arity = 1, .flags = kLoading | kStale | kFast, .since = "2.6.0",
     .summary = "Returns the server's time.", .run = time},
    {.name = "monitor", .arity = 1, .flags = kRule, .since = "1.0.0",
     .summary = "Shows every command as it runs.", .run = monitor},
    {.name = "lolwut", .arity = -1, .flags = kReadonly | kFast, .since = "5.0.0",
     .summary = "Shows the version.", .run = lolwut},
    {.name = "save", .arity = 1, .flags = kAdmin | kNoscript | kNoAsyncLoading | kNoMulti,
     .since = "1.0.0", .summary = "Makes everything durable and writes an RDB file.",
     .run = save},
    {.name = "bgsave", .arity = -1, .flags = kAdmin | kNoscript | kNoAsyncLoading,
     .since = "1.0.0", .summary = "Makes everything durable and writes an RDB file.",
     .run = bgsave},
    {.name = "bgrewriteaof", .arity = 1, .flags = kAdmin | kNoscript | kNoAsyncLoading,
     .since = "1.0.0", .summary = "Makes everything durable.", .run = bgrewriteaof},
    {.name = "lastsave", .arity = 1, .flags = kLoading | kStale | kFast, .since = "1.0.0",
     .summary = "Returns when everything was last made durable.", .run = lastsave,
     .categories = kCatAdmin | kCatDangerous},
    {.name = "shutdown", .arity = -1, .flags = kRule | kNoMulti | kAllowBusy, .since = "1.0.0",
     .summary = "Ends the server.", .run = shutdown},
    {.name = "memory", .arity = -2, .since = "4.0.0", .summary = "Looks at memory.",
     .subcommands = kMemoryCommands},
    {.name = "module", .arity = -2, .since = "4.0.0", .summary = "Looks at modules.",
     .subcommands = kModuleCommands},
};
// clang-format on

}  // namespace

std::span<const Command> server_commands() { return kCommands; }

}  // namespace bodega::redis
