#include "protocol/redis/instance/tracking.h"

#include <algorithm>
#include <utility>

#include "engines/base/random.h"
#include "protocol/redis/instance/instance.h"

namespace bodega::redis {

void Tracking::enable(Session& session, const std::vector<std::string>& prefixes) {
  if (!std::exchange(session.tracking.on, true)) ++sessions_;
  if (!session.tracking.broadcast) return;
  std::vector<std::string> wanted = prefixes;
  if (wanted.empty() && session.tracking.prefixes.empty()) wanted.emplace_back();
  for (auto& prefix : wanted) {
    prefixes_[prefix].sessions.insert(session.id);
    session.tracking.prefixes.push_back(std::move(prefix));
  }
}

void Tracking::disable(Instance&, Session& session) {
  if (!session.tracking.on) return;
  for (const auto& prefix : session.tracking.prefixes) {
    const auto place = prefixes_.find(prefix);
    if (place == prefixes_.end()) continue;
    place->second.sessions.erase(session.id);
    if (place->second.sessions.empty()) prefixes_.erase(place);
  }
  // Keys it has read stay in the table until they change; ids are never used again.
  session.tracking = {};
  --sessions_;
}

void Tracking::remember_keys(Instance& instance, Session& session, const Command& command,
                             Args args) {
  const TrackingState& tracking = session.tracking;
  if (tracking.broadcast) return;
  if (tracking.opt_in && !tracking.caching_given) return;
  if (tracking.opt_out && tracking.caching_given) return;
  for (const KeyReference& reference : keys_of(command, args)) {
    if (reference.use.has(kKeyNotKey)) continue;
    auto place = readers_.find(reference.key);
    if (place == readers_.end()) {
      place = readers_.emplace(std::string(reference.key), std::set<std::uint64_t>{}).first;
    }
    if (place->second.insert(session.id).second) ++items_;
  }
  limit(instance, instance.parameters().live().tracking_table_max_keys);
}

void Tracking::key_changed(Instance& instance, std::string_view key) {
  if (!prefixes_.empty()) {
    const Session* changer = instance.current();
    for (auto& [prefix, state] : prefixes_) {
      if (!key.starts_with(prefix)) continue;
      state.changed[std::string(key)] = changer == nullptr ? 0 : changer->id;
      broadcast_pending_ = true;
    }
  }
  if (readers_.empty()) return;
  const auto place = readers_.find(key);
  if (place == readers_.end()) return;
  const Session* changer = instance.current();
  for (const std::uint64_t id : place->second) {
    const Session* session = instance.session_by_id(id);
    if (session == nullptr || !session->tracking.on || session->tracking.broadcast) continue;
    if (session->tracking.no_loop && session == changer) continue;
    pending_.push_back({id, std::string(key)});
  }
  items_ -= place->second.size();
  readers_.erase(place);
}

void Tracking::flushed(Instance&) {
  // Keys that no client tracks any more go too.
  readers_.clear();
  items_ = 0;
  flush_pending_ = sessions_ > 0;
}

void Tracking::limit(Instance&, std::size_t max_keys) {
  while (max_keys > 0 && readers_.size() > max_keys) {
    // Any key will do; a random byte string picks a place in the order.
    const std::string pivot = base::random_string(4, "0123456789abcdefghijklmnopqrstuvwxyz");
    auto place = readers_.lower_bound(pivot);
    if (place == readers_.end()) place = readers_.begin();
    for (const std::uint64_t id : place->second) pending_.push_back({id, place->first});
    items_ -= place->second.size();
    readers_.erase(place);
  }
}

void Tracking::invalidate(Instance& instance, Session& session,
                          const std::vector<std::string_view>& keys) {
  TrackingState& tracking = session.tracking;
  Session* target = &session;
  if (tracking.redirect != 0) {
    target = instance.session_by_id(tracking.redirect);
    if (target == nullptr || target->closing()) {  // one that is closing is told nothing more
      tracking.broken_redirect = true;
      if (session.protocol < 3) return;
      std::string text;
      Reply reply(text, 3);
      reply.push(2);
      reply.bulk("tracking-redir-broken");
      reply.integer(static_cast<std::int64_t>(tracking.redirect));
      return session.push(text);
    }
  }
  std::string text;
  Reply reply(text, target->protocol);
  if (target->protocol >= 3) {
    reply.push(2);
    reply.bulk("invalidate");
  } else if (tracking.redirect != 0 && target->subscriptions.any()) {
    reply.push(3);
    reply.bulk("message");
    reply.bulk("__redis__:invalidate");
  } else {
    return;  // no client would understand it
  }
  if (keys.empty()) {
    if (target->protocol >= 3) {
      reply.null();
    } else {
      reply.null_array();
    }
  } else {
    reply.array(keys.size());
    for (const auto key : keys) reply.bulk(key);
  }
  target->push(text);
}

void Tracking::send_pending(Instance& instance) {
  for (const Pending& pending : std::exchange(pending_, {})) {
    Session* session = instance.session_by_id(pending.session);
    if (session != nullptr && session->tracking.on) {
      invalidate(instance, *session, {std::string_view(pending.key)});
    }
  }
  if (std::exchange(flush_pending_, false)) {
    for (const auto& [id, session] : instance.sessions()) {
      if (session->tracking.on) invalidate(instance, *session, {});
    }
  }
  if (!std::exchange(broadcast_pending_, false)) return;
  for (auto& [prefix, state] : prefixes_) {
    const auto changed = std::exchange(state.changed, {});
    if (changed.empty()) continue;
    for (const std::uint64_t id : state.sessions) {
      Session* session = instance.session_by_id(id);
      if (session == nullptr) continue;
      std::vector<std::string_view> keys;
      for (const auto& [key, changer] : changed) {
        if (!session->tracking.no_loop || changer != id) keys.push_back(key);
      }
      if (!keys.empty()) invalidate(instance, *session, keys);
    }
  }
}

}  // namespace bodega::redis
