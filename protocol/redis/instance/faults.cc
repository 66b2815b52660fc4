// What the server does when the store fails: the replies that rest on a lost commit become errors,
// the keyspace goes back to what is stored, reads go on, and writes are refused with MISCONF until
// the store takes them again.
#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"

namespace bodega::redis {
namespace {

// A tick ends when it has so much to write.
constexpr std::size_t kTickBytes = 1024 * 1024;

// Whether the command gives room back to a full disk, and takes next to none.
bool frees_room(const Command& command, Args args, std::int64_t now_ms) {
  if (command.flags.has(kDenyOom) || command.traits.has(kTakesRoom)) return false;
  return command.frees_room == nullptr || command.frees_room(args, now_ms);
}

// EXEC frees room when each write in its queue does.
bool frees_room(const Session& session, const Command& command, Args args, std::int64_t now_ms) {
  if (!command.traits.has(kRunsQueue)) return frees_room(command, args, now_ms);
  return std::all_of(session.transaction.queue.begin(), session.transaction.queue.end(),
                     [&](const QueuedCommand& queued) {
                       if (!queued.command->flags.has(kWrite)) return true;
                       const std::vector<std::string_view> views(queued.args.begin(),
                                                                 queued.args.end());
                       return frees_room(*queued.command, views, now_ms);
                     });
}

}  // namespace

bool Instance::tick_is_full() const { return engine_.pending_bytes() >= kTickBytes; }

void Instance::finish_tick() {
  if (engine_.in_doubt()) {
    if (!stuck_) lose_tick(doubt_);
  } else if (engine_.has_changes() || backlog_is_due()) {
    commit();
  }
  for (Session* session : answered_) session->delivery.unsettled.clear();
  answered_.clear();
  tick_changes_ = engine_.change_count();
}

// On a full disk what was flushed must go as well, but a store that refuses is not asked each tick.
bool Instance::backlog_is_due() {
  if (!engine_.has_backlog()) return false;
  if (fault_.empty()) return true;
  return std::exchange(ask_again_, false) && engine_.store_out_of_room() && !engine_.unsettled();
}

void Instance::commit() {
  committed_by([this] {
    if (fault_.empty() && engine_.start_staging()) return hold_replies();
    engine_.commit_tick();
  });
}

void Instance::stage_some() {
  if (!is_staging()) return;
  bool done = false;
  if (committed_by([&] { done = engine_.stage_some(); }) && done) release_replies();
}

template <class Work>
bool Instance::committed_by(Work work) {
  try {
    work();
  } catch (const base::StorageFault& fault) {
    refuse_writes(fault.what());
    lose_tick(fault_);
    return false;
  } catch (const std::bad_alloc&) {
    log::error("redis: not enough memory to write what a tick changed; it is taken back");
    lose_tick(std::string(errors::kOutOfMemory));
    return false;
  }
  if (engine_.unsettled()) refuse_writes("a change that counts is not carried out yet");
  return true;
}

void Instance::commit_now() {
  if (!fault_.empty()) throw Error(fault_);
  try {
    if (is_staging()) {
      while (!engine_.stage_some()) {
      }
      release_replies();
    }
    engine_.commit_tick();
  } catch (const base::StorageFault& fault) {
    refuse_writes(fault.what());
    doubt_ = fault_;
    throw Error(fault_);
  }
}

// What the tick has changed so far is committed first: it may have to be on its own.
std::uint64_t Instance::clear() {
  commit_now();
  const std::uint64_t keys = engine_.key_count();
  flush_all();
  commit_now();
  return keys;
}

void Instance::note_reply(Session& session, const Command& command, std::size_t before) {
  if (engine_.change_count() == tick_changes_ && !engine_.in_doubt()) return;
  if (!command.flags.has_any(kWrite | kReadonly) &&
      !command.traits.has_any(kRunsQueue | kRunsScript)) {
    return;
  }
  const std::size_t after = session.output().size();
  if (after <= before) return;
  if (session.delivery.unsettled.empty()) answered_.push_back(&session);
  session.delivery.unsettled.push_back({before, after});
}

void Instance::lose_tick(const std::string& text) {
  doubt_ = text;  // until it is taken back
  void_replies(answered_, text);
  void_replies(held_, text);
  replicas_.drop_all();
  roll_back();
  release_replies();
}

void Instance::void_replies(const std::vector<Session*>& sessions, const std::string& text) {
  for (Session* session : sessions) {
    try {
      std::string& output = session->output();
      std::string mended;
      std::size_t at = 0;
      for (const Delivery::Span& span : session->delivery.unsettled) {
        mended.append(output, at, span.from - at);
        Reply(mended, session->protocol).error(text);
        count_error(text);
        at = span.to;
      }
      mended.append(output, at);
      output = std::move(mended);
      touch(*session);
    } catch (const std::bad_alloc&) {
      session->drop();  // rather than a reply that does not hold
    }
  }
}

void Instance::roll_back() {
  try {
    engine_.roll_back();
    stuck_ = false;
    doubt_.clear();
  } catch (const std::exception& error) {
    if (!stuck_) {
      log::error(std::string("redis: the store cannot be read, so nothing is served: ") +
                 error.what());
    }
    stuck_ = true;
  }
  hold_expiry();
}

void Instance::refuse_writes(const std::string& why) {
  const bool is_new = fault_.empty();
  // In Redis's words, with the system's for what is wrong.
  fault_ = "MISCONF Errors writing to the AOF file: ";
  fault_ += engine_.store_out_of_room() ? "No space left on device" : "Input/output error";
  hold_expiry();
  if (is_new) log::error("redis: writes are refused until the store takes them again: " + why);
}

void Instance::try_to_recover() {
  ask_again_ = true;
  if (engine_.in_doubt()) roll_back();
  if (engine_.in_doubt() || fault_.empty()) return;
  if (const auto fault = engine_.store_fault()) return refuse_writes(*fault);
  try {
    engine_.settle();
  } catch (const std::exception&) {
    return;
  }
  fault_.clear();
  hold_expiry();
  log::warn("redis: the store takes writes again");
}

std::string Instance::refusal_for_fault(Session& session, const Command& command, Args args) {
  if (fault_.empty() && !engine_.in_doubt()) return {};
  const CommandFlags flags = effective_flags(session, command, args);
  if (engine_.in_doubt()) return flags.has_any(kWrite | kReadonly) ? doubt_ : std::string();
  if (!flags.has(kWrite)) return command.traits.has(kShowsFault) ? fault_ : std::string();
  const bool allowed = engine_.store_out_of_room() && !engine_.unsettled() &&
                       frees_room(session, command, args, engine_.now_ms());
  return allowed ? std::string() : fault_;
}

void Instance::give_up_tick(const Call& call) {
  if (doubt_.empty()) doubt_ = errors::kOutOfMemory;
  try {
    // Also in other databases, for MOVE and COPY.
    engine_.give_up_tick({});
    for (const KeyReference& reference : keys_of(call.command, call.args)) {
      for (unsigned db = 0; db < engine_.database_count(); ++db) {
        const keyspace::Engine::KeyName name{db, reference.key};
        engine_.give_up_tick({&name, 1});
      }
    }
  } catch (const std::bad_alloc&) {
    engine_.give_up_everything();
  }
  if (!engine_.in_doubt()) doubt_.clear();  // nothing is logged, so there is nothing to go back to
  hold_expiry();
}

void Instance::abandon_tick() {
  if (doubt_.empty()) doubt_ = errors::kInternal;
  engine_.give_up_everything();
  if (!engine_.in_doubt()) doubt_.clear();
  hold_expiry();
}

void Instance::hold_expiry() {
  engine_.hold_expiry(pause_kind_ != PauseKind::kNone || !fault_.empty() || engine_.in_doubt());
}

}  // namespace bodega::redis
