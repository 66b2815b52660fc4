// The path of every command: find the row, refuse or queue or hold it, run it, count it, and serve
// clients that waited for what it changed.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <new>
#include <utility>

#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/access.h"
#include "protocol/redis/instance/eviction.h"
#include "protocol/redis/instance/exchanges.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/redaction.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/quoting.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kEchoedBytes = 128;  // of names and arguments in error texts

// An error text ends at a zero byte.
std::string_view echoed(std::string_view text, std::size_t most) {
  return text.substr(0, std::min(most, text.find('\0')));
}

std::string unknown_command(Args args) {
  std::string rest;
  for (std::size_t i = 1; i < args.size() && rest.size() < kEchoedBytes; ++i) {
    rest += '\'';
    rest += echoed(args[i], kEchoedBytes - rest.size() + 1);
    rest += "' ";
  }
  return "ERR unknown command '" + std::string(echoed(args[0], kEchoedBytes)) +
         "', with args beginning with: " + rest;
}

std::string unknown_subcommand(const Command& container, Args args) {
  std::string upper(container.name);
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return "ERR unknown subcommand '" + std::string(echoed(args[1], kEchoedBytes)) + "'. Try " +
         upper + " HELP.";
}

// While it lives, what is pushed to the session is kept in the execution.
class Running {
 public:
  Running(Session& session, Execution& execution) : session_(session) {
    session_.execution = &execution;
  }
  ~Running() { session_.execution = nullptr; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Session& session_;
};

// Whether what is under its key now, null if nothing is, can end the wait of a command.
bool may_end_wait(BlockOn kind, const keyspace::Entry* entry) {
  if (kind == BlockOn::kStreamGroup) return true;
  if (entry == nullptr) return false;
  switch (kind) {
    case BlockOn::kList: return entry->is(keyspace::Type::kList);
    case BlockOn::kSortedSet: return entry->is(keyspace::Type::kSortedSet);
    case BlockOn::kStream:
    case BlockOn::kStreamGroup: return entry->is(keyspace::Type::kStream);
    case BlockOn::kReplicas: break;
  }
  return false;
}

}  // namespace

CommandFlags effective_flags(Session& session, const Command& command, Args args) {
  if (command.find_flags != nullptr) {
    return command.find_flags(session.instance(), command, args);
  }
  CommandFlags flags = command.flags;
  if (session.transaction.open && command.traits.has(kRunsQueue)) {
    for (const QueuedCommand& queued : session.transaction.queue) {
      const std::vector<std::string_view> views(queued.args.begin(), queued.args.end());
      flags |= effective_flags(session, *queued.command, views);
    }
  }
  return flags;
}

Instance::Executed Instance::execute(Session& session, Args args, std::size_t request_bytes) {
  CommandTable::Slot* slot = commands_.find(args);
  if (is_large(session, slot, args, request_bytes) && engine_.has_changes()) {
    return Executed::kNextTick;
  }
  if (must_wait_for_staging(request_bytes)) {
    session.waiting.for_staging = true;
    return Executed::kParked;
  }
  if (slot == nullptr) {
    // A browser made to talk to this port: the request is cut off before it can do harm.
    if (is_word(args[0], "post") || is_word(args[0], "host:")) {
      session.drop();
      return Executed::kYes;
    }
    refuse(session, nullptr, args, unknown_command(args));
    tell(exchange_of_unknown(session, args.first(1), clock_.now_us()));
    return Executed::kYes;
  }
  const Command& command = *slot->row;
  if (!command.subcommands.empty() && args.size() >= 2) {
    refuse(session, nullptr, args, unknown_subcommand(command, args));
    tell(exchange_of_unknown(session, args.first(2), clock_.now_us()));
    return Executed::kYes;
  }
  if (!arity_fits(command, args.size())) {
    refuse(session, slot, args, errors::wrong_arity(command.name).text());
    return Executed::kYes;
  }
  if (std::string text = refusal(session, command, args); !text.empty()) {
    refuse(session, slot, args, text);
    return Executed::kYes;
  }
  if (pause_kind_ != PauseKind::kNone && held_by_pause(session, command, args))
    return Executed::kParked;
  if (is_staging() && held_by_staging(session, command, args)) return Executed::kParked;
  if (cluster_ != nullptr) {
    if (std::string text = cluster_->refusal(session, command, args); !text.empty()) {
      // Unlike other refusals, a redirection is what EXEC itself answers.
      if (command.traits.has(kRunsQueue)) leave_transaction(session);
      refuse(session, slot, args, text, Refusal::kRedirects);
      return Executed::kYes;
    }
  }
  // Last, so that a command that was held is asked about once.
  if (std::string text = refusal_of_gate(session, command, args); !text.empty()) {
    refuse(session, slot, args, text);
    return Executed::kYes;
  }
  if (session.transaction.open && !command.traits.has(kAtOnceInMulti)) {
    queue_command(session, command, args);
    return Executed::kYes;
  }
  run_outermost(session, *slot, args);
  return Executed::kYes;
}

void Instance::tell(const observe::Exchange& exchange) const {
  for (observe::Observer* observer : options_.observers) observer->after(exchange);
}

// Of a command that was refused the arguments are not shown, as they may be of the wrong number.
void Instance::tell_of_refusal(const Session& session, const Command& command, Args args,
                               std::string_view text) const {
  if (options_.observers.empty() || !log::enabled(log::Level::kDebug)) return;
  observe::Exchange exchange = exchange_of(session, command, args, clock_.now_us());
  exchange.request_line = loggable_command(command, args.first(1));
  add_answer(exchange, text, 0);
  tell(exchange);
}

void Instance::tell_of_run(const Session& session, const Command& command, Args args,
                           std::string_view failure, std::int64_t started_us) const {
  if (options_.observers.empty() || !log::enabled(log::Level::kDebug)) return;
  observe::Exchange exchange = exchange_of(session, command, args, started_us);
  exchange.request_line = loggable_command(command, args);
  add_answer(exchange, failure, clock_.now_us() - started_us);
  tell(exchange);
}

void Instance::refuse(Session& session, CommandTable::Slot* slot, Args args,
                      const std::string& text, Refusal kind) {
  if (slot != nullptr) ++slot->statistics.rejected;
  ++statistics_.commands_processed;
  if (slot != nullptr) tell_of_refusal(session, *slot->row, args, text);
  std::string answer = text;
  if (kind == Refusal::kIsFinal && slot != nullptr && slot->row->traits.has(kRunsQueue)) {
    // A refused EXEC ends the transaction.
    const std::string_view why = text;
    answer = "EXECABORT Transaction discarded because of: ";
    answer += why.substr(why.starts_with("ERR ") ? 4 : 0);
    leave_transaction(session);
  } else if (session.transaction.open) {
    session.transaction.failed = true;
  }
  count_error(answer);
  if (session.delivery.mode == ReplyMode::kOff) return;
  if (std::exchange(session.delivery.mode, ReplyMode::kOn) == ReplyMode::kOn) {
    Reply(session.output(), session.protocol).error(answer);
  }
  touch(session);
}

std::string Instance::refusal(Session& session, const Command& command, Args args) {
  const CommandFlags flags = effective_flags(session, command, args);
  if (!command.flags.has(kNoAuth) && must_log_in(session)) {
    return "NOAUTH Authentication required.";
  }
  if (!busy_.empty() && !command.flags.has(kAllowBusy)) return std::string(busy_);
  if (session.transaction.open && command.flags.has(kNoMulti)) {
    return "ERR Command not allowed inside a transaction";
  }
  if (!may_everything(session)) {
    const auto context =
        session.transaction.open ? AclLog::Context::kTransaction : AclLog::Context::kTopLevel;
    std::string text = refusal_for_user(session, command, args, context);
    if (!text.empty()) return text;
  }
  if (std::string text = refusal_for_fault(session, command, args); !text.empty()) return text;
  over_memory_ = false;
  if (parameters_.live().maxmemory > 0 && paused_now() == PauseKind::kNone) {
    over_memory_ = !evict_if_needed(*this);
    replicas_.send(*this);
    tracking_.send_pending(*this);
    if (over_memory_ && flags.has(kDenyOom)) return std::string(errors::kOverMaxmemory);
  }
  if (flags.has(kWrite) && replicas_.are_too_few(*this)) {
    return std::string(errors::kNoReplicas);
  }
  if (session.protocol == 2 && session.subscriptions.any() &&
      !command.traits.has(kWhileSubscribed)) {
    return "ERR Can't execute '" + std::string(command.name) +
           "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this "
           "context";
  }
  return {};
}

std::string Instance::refusal_of_gate(const Session& session, const Command& command, Args args) {
  if (options_.gate == nullptr) return {};
  const auto answer = options_.gate->before(exchange_of(session, command, args, clock_.now_us()));
  return answer ? answer->error : std::string();
}

bool Instance::held_by_pause(Session& session, const Command& command, Args args) {
  const PauseKind kind = paused_now();
  if (kind == PauseKind::kNone) return false;
  const bool held = kind == PauseKind::kAll ||
                    effective_flags(session, command, args).has_any(kWrite | kMayReplicate);
  if (held) session.waiting.for_pause = true;
  return held;
}

void Instance::queue_command(Session& session, const Command& command, Args args) {
  ++statistics_.commands_processed;
  QueuedCommand queued{&command, {}};
  queued.args.reserve(args.size());
  for (const auto arg : args) {
    queued.args.emplace_back(arg);
    session.transaction.queue_bytes += arg.size();
  }
  session.transaction.queue.push_back(std::move(queued));
  touch(session);
  if (session.delivery.mode == ReplyMode::kOff) return;
  Reply(session.output(), session.protocol).simple("QUEUED");
}

void Instance::leave_transaction(Session& session) {
  watches_.unwatch_all(session);
  session.transaction = {};
}

void Instance::run_outermost(Session& session, CommandTable::Slot& slot, Args args) {
  const std::size_t before = session.output().size();
  const bool armed = session.tracking.caching_given;
  Reply reply(session.output(), session.protocol, parameters_.live().double_form);
  Execution execution{.origin = Execution::Origin::kClient, .reply = reply};
  if (session.delivery.mode != ReplyMode::kOn) {
    execution.silent = true;
    if (session.delivery.mode == ReplyMode::kSkipNext) session.delivery.mode = ReplyMode::kOn;
  }
  {
    const Running running(session, execution);
    run(session, slot, args, execution);
  }
  if (armed && !session.transaction.open && !slot.row->traits.has(kArmsNext)) {
    session.tracking.caching_given = false;
  }
  if (execution.silent && !slot.row->traits.has(kAnswersByPush)) session.output().resize(before);
  note_reply(session, *slot.row, before);
  replicas_.send_for(*this, session);
  if (!execution.pushes.empty()) session.output().append(execution.pushes);
  touch(session);
  settle();
  if (session.output().size() > kOutputCheckBytes) enforce_output_limit(session);
}

void Instance::run(Session& session, CommandTable::Slot& slot, Args args, Execution& execution) {
  const Command& command = *slot.row;
  Reply& reply = execution.reply;
  const std::int64_t started_us = clock_.now_us();
  if (execution.outer == nullptr) {
    execution.now_ms = started_us / 1000;
    if (busy_.empty()) engine_.set_now(execution.now_ms);  // time stands still for a script
    session.last_command = &command;  // CLIENT LIST shows EXEC, not what it runs
  }
  Session* const outer = std::exchange(current_, &session);
  const std::size_t before = reply.size();
  const std::uint64_t changes = replicas_.changes(engine_);
  Call call{*this, session, engine_, command, args, execution, reply, execution.now_ms, session.db};
  std::string failure;
  try {
    if (engine_.in_doubt() && command.flags.has_any(kWrite | kReadonly | kAdmin)) {
      throw Error(doubt_);
    }
    command.run(call);
    replicas_.ran(call, changes, before);
  } catch (const Error& error) {
    failure = error.text();
  } catch (const base::StorageFault& fault) {
    // What the storage library says of it is for the log.
    log::error("redis " + std::string(command.name) + ": " + fault.what());
    failure = errors::kInternal;
    ++statistics_.unexpected_errors;
  } catch (const std::bad_alloc&) {
    failure = errors::kOutOfMemory;
    ++statistics_.unexpected_errors;
    if (command.flags.has_any(kWrite | kAdmin)) give_up_tick(call);
  }
  current_ = outer;
  if (!failure.empty()) {
    reply.truncate(before);
    reply.error(failure);
    count_error(failure);
    ++slot.statistics.failed;
  } else if (reply.text(before).starts_with('-')) {
    ++slot.statistics.failed;  // the error is counted by what wrote it
  } else if (session.tracking.on) {
    remember_keys(session, command, args, execution);
  }
  const std::int64_t ended_us = clock_.now_us();
  std::int64_t elapsed_us = ended_us - started_us;
  record_latency(command, elapsed_us, ended_us);
  // A command that has to wait is shown when it comes and counted when it is answered, each once,
  // however often it is run.
  const bool again = execution.origin == Execution::Origin::kUnblocked;
  if (monitors_ > 0 && !again && !command.flags.has_any(kSkipMonitor | kAdmin)) {
    feed_monitors(session, redacted(command, args), ended_us, execution.origin);
  }
  if (again) elapsed_us += session.waiting.call->spent_us;
  if (execution.parked) {
    session.waiting.call->spent_us = elapsed_us;
    return;
  }
  record(session, slot, args, elapsed_us, ended_us);
  tell_of_run(session, command, args, failure, started_us);
}

// A script has read what its commands read. Before 7.2 it had read all its keys as soon as one of
// its commands read anything.
void Instance::remember_keys(Session& session, const Command& command, Args args,
                             Execution& execution) {
  const bool by_command = parameters_.text("compatibility") != "7.0";
  if (command.traits.has(kRunsScript)) {
    if (by_command || !execution.has_read) return;
  } else if (!command.flags.has(kReadonly)) {
    return;
  } else if (!by_command && execution.origin == Execution::Origin::kScript) {
    execution.outer->has_read = true;
    return;
  }
  tracking_.remember_keys(*this, session, command, args);
}

void Instance::record_latency(const Command& command, std::int64_t elapsed_us,
                              std::int64_t ended_us) {
  const std::int64_t threshold_ms = parameters_.live().latency_monitor_threshold_ms;
  if (threshold_ms <= 0 || elapsed_us / 1000 < threshold_ms) return;
  latency_.add(command.flags.has(kFast) ? "fast-command" : "command", ended_us / 1'000'000,
               elapsed_us / 1000);
}

void Instance::record(Session& session, CommandTable::Slot& slot, Args args,
                      std::int64_t elapsed_us, std::int64_t ended_us) {
  ++statistics_.commands_processed;
  slot.statistics.record(elapsed_us);
  const Command& command = *slot.row;
  const LiveParameters& live = parameters_.live();
  if (live.slowlog_log_slower_than_us >= 0 && elapsed_us >= live.slowlog_log_slower_than_us &&
      !command.flags.has(kSkipSlowlog) && live.slowlog_max_len > 0) {
    slow_commands_.add(redacted(command, args), ended_us / 1'000'000, elapsed_us,
                       session.peer().address(), session.name, live.slowlog_max_len);
  }
}

void Instance::feed_monitors(Session& session, Args args, std::int64_t now_us,
                             Execution::Origin origin) {
  if (monitors_ == 0) return;
  std::array<char, 64> time;
  const int length = std::snprintf(time.data(), time.size(), "+%lld.%06lld [%u ",
                                   static_cast<long long>(now_us / 1'000'000),
                                   static_cast<long long>(now_us % 1'000'000), session.db);
  std::string line(time.data(), static_cast<std::size_t>(length));
  line += origin == Execution::Origin::kScript ? "lua" : session.peer().address();
  line += ']';
  for (const auto arg : args) line += ' ' + quoted(arg);
  line += "\r\n";
  for (const auto& [id, listener] : sessions_) {
    if (listener->monitor) listener->push(line);
  }
}

void Instance::execute_inside(Session& session, Execution& outer, Execution::Origin origin,
                              CommandTable::Slot& slot, Args args, Reply& reply) {
  std::string text;
  if (origin == Execution::Origin::kScript) {
    text = refusal_in_script(session, *outer.script, *slot.row, args);
  } else if (!may_everything(session)) {
    text = refusal_for_user(session, *slot.row, args, AclLog::Context::kTransaction);
  }
  if (text.empty() && origin == Execution::Origin::kScript && cluster_ != nullptr) {
    text = cluster_->refusal_in_script(session, *outer.script, *slot.row, args);
  }
  if (!text.empty()) {
    ++slot.statistics.rejected;
    count_error(text);
    return reply.error(text);
  }
  outer.ran_others = true;
  Execution inner{.origin = origin, .reply = reply, .outer = &outer, .now_ms = outer.now_ms};
  run(session, slot, args, inner);
}

// In Redis's order. What a script has begun to write it may write to its end.
std::string Instance::refusal_in_script(Session& session, ScriptState& script,
                                        const Command& command, Args args) {
  // Before 7.2 scripts could not call what may block.
  const bool blocks = command.flags.has(kBlocking) && command.group != Group::kStream &&
                      parameters_.text("compatibility") == "7.0";
  if ((command.flags.has(kNoscript) || blocks) && !noscript_commands_allowed) {
    return "ERR This Redis command is not allowed from script";
  }
  if (!may_everything(session)) {
    std::string text = refusal_for_user(session, command, args, AclLog::Context::kScript);
    if (!text.empty()) return text;
  }
  if (script.read_only && command.flags.has_any(kWrite | kMayReplicate)) {
    return "ERR Write commands are not allowed from read-only scripts.";
  }
  if (!script.changed && command.flags.has(kWrite)) {
    if (std::string text = refusal_for_fault(session, command, args); !text.empty()) return text;
    if (replicas_.are_too_few(*this)) return std::string(errors::kNoReplicas);
  }
  if (script.over_memory && !script.allow_oom && !script.changed && command.flags.has(kDenyOom)) {
    return std::string(errors::kOverMaxmemory);
  }
  script.changed |= command.flags.has(kWrite);
  return {};
}

// ---- Parked commands ----

void Instance::settle() {
  // While writes are refused, clients that wait for a key go on waiting.
  const bool writable = fault_.empty() && !engine_.in_doubt();
  if (blocking_.any_ready() && !serving_ && writable && busy_.empty()) serve_blocked();
  replicas_.send(*this);
  tracking_.send_pending(*this);
}

// Serving one key may make another ready (BLMOVE), hence the outer loop.
void Instance::serve_blocked() {
  serving_ = true;
  while (blocking_.any_ready() && !engine_.in_doubt()) {
    for (const auto& [db, key] : blocking_.take_ready()) {
      for (Session* session : blocking_.waiting(db, key)) {
        const keyspace::Entry* entry = engine_.find(db, key, keyspace::Touch::kNo);
        // Who may not be served yet is not overtaken by others.
        if (waits_for_staging(*session)) break;
        if (may_end_wait(session->waiting.call->kind, entry)) rerun_blocked(*session);
      }
    }
  }
  serving_ = false;
}

void Instance::rerun_blocked(Session& session) {
  const BlockedCall& parked = *session.waiting.call;
  const std::vector<std::string_view> args(parked.args.begin(), parked.args.end());
  CommandTable::Slot& slot = commands_.slot_of(*parked.command);
  const std::size_t before = session.output().size();
  Reply reply(session.output(), session.protocol, parameters_.live().double_form);
  Execution execution{.origin = Execution::Origin::kUnblocked, .reply = reply};
  // The user may have been changed while it waited.
  const std::string refused =
      refusal_for_user(session, *parked.command, args, AclLog::Context::kTopLevel);
  if (!refused.empty()) {
    ++slot.statistics.rejected;
    count_error(refused);
    reply.error(refused);
    return finish_blocked(session, before);
  }
  {
    const Running running(session, execution);
    run(session, slot, args, execution);
  }
  replicas_.send_for(*this, session);
  if (!execution.parked) finish_blocked(session, before);
  if (execution.pushes.empty()) return;
  session.output().append(execution.pushes);
  touch(session);
}

// Counts a parked command that is answered without being run again: its time is up, or CLIENT
// UNBLOCK ends its wait. What it answers with is at `output_before`.
void Instance::record_unblocked(Session& session, std::size_t output_before) {
  const BlockedCall& parked = *session.waiting.call;
  const std::vector<std::string_view> args(parked.args.begin(), parked.args.end());
  CommandTable::Slot& slot = commands_.slot_of(*parked.command);
  const std::int64_t ended_us = clock_.now_us();
  std::string_view failure = std::string_view(session.output()).substr(output_before);
  failure = failure.starts_with('-') ? failure.substr(1, failure.find('\r') - 1) : "";
  if (!failure.empty()) ++slot.statistics.failed;
  record(session, slot, args, parked.spent_us, ended_us);
  tell_of_run(session, *parked.command, args, failure, ended_us - parked.spent_us);
}

void Instance::finish_blocked(Session& session, std::size_t output_before) {
  if (session.waiting.call->silent) session.output().resize(output_before);
  note_reply(session, *session.waiting.call->command, output_before);
  blocking_.unpark(session);
  resume(session);
  touch(session);
}

// ---- Call ----

void Call::notify(NotifyClass event_class, std::string_view event, std::string_view key) {
  instance.notify(db, event_class, event, key);
}

void Call::notify_in(unsigned database, NotifyClass event_class, std::string_view event,
                     std::string_view key) {
  instance.notify(database, event_class, event, key);
}

bool Call::may_block() const { return execution.may_block(); }

void Call::block(BlockOn kind, std::span<const std::string_view> keys, std::int64_t deadline_ms,
                 OnTimeout on_timeout) {
  execution.parked = true;
  if (execution.origin == Execution::Origin::kUnblocked) return;  // it is parked already
  auto parked = std::make_unique<BlockedCall>();
  parked->kind = kind;
  parked->on_timeout = on_timeout;
  parked->db = db;
  parked->deadline_ms = deadline_ms;
  parked->command = &command;
  parked->silent = execution.outermost().silent;
  parked->keys.assign(keys.begin(), keys.end());
  parked->args.assign(args.begin(), args.end());
  session.waiting.call = std::move(parked);
  instance.blocking().park(session);
}

std::int64_t parse_timeout(const Call& call, std::string_view text) {
  const auto seconds = parse_long_double(text);
  if (!seconds) throw Error("ERR timeout is not a float or out of range");
  if (*seconds < 0) throw Error("ERR timeout is negative");
  const long double milliseconds = *seconds * 1000.0L;
  constexpr auto kMost = static_cast<long double>(std::numeric_limits<std::int64_t>::max());
  if (milliseconds > kMost - static_cast<long double>(call.now_ms)) {
    throw Error("ERR timeout is out of range");
  }
  if (milliseconds == 0) return 0;
  // Rounded up, so that the shortest wait is not for ever.
  return call.now_ms + static_cast<std::int64_t>(std::ceil(milliseconds));
}

}  // namespace bodega::redis
