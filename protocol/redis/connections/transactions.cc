// MULTI, EXEC, DISCARD, WATCH, UNWATCH.
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"

namespace bodega::redis {
namespace {

void leave_multi(Call& call) {
  Session& session = call.session;
  session.in_multi = session.multi_failed = false;
  session.queue.clear();
  session.queue_bytes = 0;
  call.instance.watches().unwatch_all(session);
}

void multi(Call& call) {
  if (call.session.in_multi) throw Error("ERR MULTI calls can not be nested");
  call.session.in_multi = true;
  call.reply.ok();
}

void discard(Call& call) {
  if (!call.session.in_multi) throw Error("ERR DISCARD without MULTI");
  leave_multi(call);
  call.reply.ok();
}

void exec(Call& call) {
  Session& session = call.session;
  if (!session.in_multi) throw Error("ERR EXEC without MULTI");
  // A look at each watched key lets those go whose time came meanwhile, which breaks the watch.
  for (const WatchedKey& watched : session.watched) {
    if (session.watch_broken) break;
    call.keyspace.exists(watched.db, watched.key);
  }
  const bool failed = session.multi_failed;
  const bool broken = session.watch_broken;
  const std::vector<QueuedCommand> queue = std::exchange(session.queue, {});
  leave_multi(call);
  if (failed) throw Error("EXECABORT Transaction discarded because of previous errors.");
  if (broken) return call.reply.null_array();
  call.reply.array(queue.size());
  session.in_exec = true;
  for (const QueuedCommand& queued : queue) {
    call.instance.execute_queued(session, queued, call.reply);
  }
  session.in_exec = false;
}

void watch(Call& call) {
  if (call.session.in_multi) throw Error("ERR WATCH inside MULTI is not allowed");
  for (const auto key : call.args.subspan(1)) {
    // The look removes a key past its time, so that its removal later is no news.
    call.keyspace.exists(call.db, key);
    if (!call.session.watch_broken) call.instance.watches().watch(call.session, call.db, key);
  }
  call.reply.ok();
}

void unwatch(Call& call) {
  call.instance.watches().unwatch_all(call.session);
  call.reply.ok();
}

constexpr CommandFlags kControl = kNoscript | kLoading | kStale | kFast | kAllowBusy;

// clang-format off
constexpr Command kCommands[] = {
    {.name = "multi", .arity = 1, .flags = kControl, .group = Group::kTransactions,
     .since = "1.2.0", .summary = "Starts a transaction.", .run = multi,
     .traits = kAtOnceInMulti},
    {.name = "exec", .arity = 1, .flags = kNoscript | kLoading | kStale | kSkipSlowlog,
     .group = Group::kTransactions, .since = "1.2.0",
     .summary = "Runs the commands of a transaction.", .run = exec,
     .traits = kRunsQueue | kAtOnceInMulti},
    {.name = "discard", .arity = 1, .flags = kControl, .group = Group::kTransactions,
     .since = "2.0.0", .summary = "Gives a transaction up.", .run = discard,
     .traits = kAtOnceInMulti},
    {.name = "watch", .arity = -2, .flags = kControl, .group = Group::kTransactions,
     .keys = {1, -1, 1, kKeyRO, 0}, .since = "2.2.0",
     .summary = "Makes the next transaction depend on keys staying as they are.", .run = watch,
     .traits = kAtOnceInMulti},
    {.name = "unwatch", .arity = 1, .flags = kControl, .group = Group::kTransactions,
     .since = "2.2.0", .summary = "Forgets all watched keys.", .run = unwatch},
};
// clang-format on

}  // namespace

std::span<const Command> transaction_commands() { return kCommands; }

}  // namespace bodega::redis
