// What the server does while a tick that changed much of long strings is written over several
// turns: whose replies and commands wait for it, and who is served.
//
// A client that the tick answered is held until it is committed, and runs nothing more before. The
// commands of others run unless they may look at what the tick changed: then they wait, as they do
// under CLIENT PAUSE. What runs is committed and answered turn by turn. So no client sees anything
// of the tick before it is in the store, and no reply speaks of it before. Messages of pub/sub and
// notifications are no replies: they go out with their turn, and who then looks at the key waits.
#include "engines/keyspace/staging.h"

#include <algorithm>
#include <utility>

#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kLargeRequestBytes = 1024 * 1024;

}  // namespace

bool Instance::is_staging() const { return engine_.is_staging(); }

bool Instance::must_wait_for_staging(std::size_t request_bytes) const {
  return request_bytes > keyspace::kStagedBytes && is_staging();
}

bool Instance::is_large(const Session& session, const CommandTable::Slot* slot, Args args,
                        std::size_t request_bytes) const {
  if (request_bytes > kLargeRequestBytes) return true;
  if (slot == nullptr || !slot->row->traits.has(kMakesString)) return false;
  return std::any_of(args.begin() + 1, args.end(), [&](std::string_view key) {
    const keyspace::Entry* entry = engine_.find(session.db, key, keyspace::Touch::kNo);
    return entry != nullptr && entry->is(keyspace::Type::kString) &&
           entry->length() > keyspace::kStagedBytes;
  });
}

bool Instance::held_by_staging(Session& session, const Command& command, Args args) {
  if (session.transaction.open && !command.traits.has(kAtOnceInMulti)) return false;
  bool held = false;
  if (command.traits.has(kRunsQueue)) {
    held = must_wait_for_staging(session.transaction.queue_bytes) ||
           std::any_of(session.transaction.queue.begin(), session.transaction.queue.end(),
                       [&](const auto& queued) {
                         const std::vector<std::string_view> views(queued.args.begin(),
                                                                   queued.args.end());
                         return reaches_staged(*queued.command, views);
                       });
  } else {
    held = reaches_staged(command, args);
  }
  if (held) session.waiting.for_staging = true;
  return held;
}

// A parked command that may go on only later, also because its session is held.
bool Instance::waits_for_staging(const Session& parked) const {
  if (!is_staging()) return false;
  const std::vector<std::string_view> views(parked.waiting.call->args.begin(),
                                            parked.waiting.call->args.end());
  return parked.delivery.held || reaches_staged(*parked.waiting.call->command, views);
}

bool Instance::reaches_staged(const Command& command, Args args) const {
  if (command.traits.has(kFindsKeys)) return true;
  // Nothing is evicted meanwhile.
  if (parameters_.live().maxmemory > 0 && command.flags.has(kDenyOom)) return true;
  const auto keys = keys_of(command, args);
  if (keys.empty()) return command.flags.has_any(kWrite | kReadonly);
  return std::any_of(keys.begin(), keys.end(), [this](const KeyReference& reference) {
    return engine_.is_staged(reference.key);
  });
}

void Instance::hold_replies() {
  for (Session* session : answered_) session->delivery.held = true;
  held_ = std::exchange(answered_, {});
}

void Instance::release_replies() {
  for (Session* session : held_) {
    session->delivery.unsettled.clear();
    session->delivery.held = false;
    touch(*session);
    resume(*session);
  }
  held_.clear();
  for (const auto& [id, session] : sessions_) {
    if (std::exchange(session->waiting.for_staging, false)) resume(*session);
  }
  if (blocking_.empty()) return;
  for (unsigned db = 0; db < engine_.database_count(); ++db) {
    blocking_.all_ready(db);
  }
}

}  // namespace bodega::redis
