// MULTI, EXEC, DISCARD, WATCH, UNWATCH.
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"

namespace bodega::redis {
namespace {

void multi(Call& call) {
  if (call.session.transaction.open) throw Error("ERR MULTI calls can not be nested");
  call.session.transaction.open = true;
  call.reply.ok();
}

void discard(Call& call) {
  if (!call.session.transaction.open) throw Error("ERR DISCARD without MULTI");
  call.instance.leave_transaction(call.session);
  call.reply.ok();
}

void exec(Call& call) {
  Session& session = call.session;
  if (!session.transaction.open) throw Error("ERR EXEC without MULTI");
  // A look at each watched key lets those go whose time came meanwhile, which breaks the watch.
  for (const WatchedKey& watched : session.transaction.watched) {
    if (session.transaction.broken) break;
    call.keyspace.exists(watched.db, watched.key);
  }
  const bool failed = session.transaction.failed;
  const bool broken = session.transaction.broken;
  const std::vector<QueuedCommand> queue = std::exchange(session.transaction.queue, {});
  call.instance.leave_transaction(session);
  if (failed) throw Error("EXECABORT Transaction discarded because of previous errors.");
  if (broken) return call.reply.null_array();
  call.reply.array(queue.size());
  for (const QueuedCommand& queued : queue) {
    const std::vector<std::string_view> args(queued.args.begin(), queued.args.end());
    call.instance.execute_inside(session, call.execution, Execution::Origin::kTransaction,
                                 call.instance.commands().slot_of(*queued.command), args,
                                 call.reply);
  }
}

void watch(Call& call) {
  if (call.session.transaction.open) throw Error("ERR WATCH inside MULTI is not allowed");
  for (const auto key : call.args.subspan(1)) {
    // The look removes a key past its time, so that its removal later is no news.
    call.keyspace.exists(call.db, key);
    if (!call.session.transaction.broken) call.instance.watches().watch(call.session, call.db, key);
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
