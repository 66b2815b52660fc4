#include "protocol/redis/instance/blocking.h"

#include <algorithm>

#include "engines/base/check.h"
#include "protocol/redis/instance/session.h"

namespace bodega::redis {

void Blocking::park(Session& session) {
  BODEGA_CHECK(session.waiting.call != nullptr);
  const BlockedCall& call = *session.waiting.call;
  for (const std::string& key : call.keys) {
    auto& queue = queues_[{call.db, key}];
    if (std::find(queue.begin(), queue.end(), &session) == queue.end()) queue.push_back(&session);
  }
  if (call.deadline_ms > 0) deadlines_.emplace(call.deadline_ms, &session);
  if (call.kind == BlockOn::kStreamGroup) ++group_waiters_;
  ++parked_;
}

void Blocking::unpark(Session& session) {
  BODEGA_CHECK(session.waiting.call != nullptr);
  const BlockedCall& call = *session.waiting.call;
  for (const std::string& key : call.keys) {
    const auto place = queues_.find(std::pair<unsigned, std::string_view>(call.db, key));
    if (place == queues_.end()) continue;
    std::erase(place->second, &session);
    if (place->second.empty()) queues_.erase(place);
  }
  if (call.deadline_ms > 0) deadlines_.erase({call.deadline_ms, &session});
  if (call.kind == BlockOn::kStreamGroup) --group_waiters_;
  --parked_;
  session.waiting.call.reset();
}

std::size_t Blocking::group_key_count() const {
  if (group_waiters_ == 0) return 0;
  const auto waits_for_group = [](const Session* session) {
    return session->waiting.call->kind == BlockOn::kStreamGroup;
  };
  return static_cast<std::size_t>(
      std::count_if(queues_.begin(), queues_.end(), [&](const auto& queue) {
        return std::any_of(queue.second.begin(), queue.second.end(), waits_for_group);
      }));
}

void Blocking::key_ready(unsigned db, std::string_view key) {
  const std::pair<unsigned, std::string_view> wanted(db, key);
  if (queues_.empty() || queues_.find(wanted) == queues_.end()) return;
  if (ready_set_.find(wanted) != ready_set_.end()) return;
  ready_.emplace_back(db, key);
  ready_set_.emplace(db, key);
}

void Blocking::all_ready(unsigned db) {
  for (const auto& [key, queue] : queues_) {
    if (key.first == db && ready_set_.insert(key).second) ready_.push_back(key);
  }
}

std::vector<std::pair<unsigned, std::string>> Blocking::take_ready() {
  ready_set_.clear();
  return std::exchange(ready_, {});
}

std::vector<Session*> Blocking::waiting(unsigned db, std::string_view key) const {
  const auto place = queues_.find(std::pair<unsigned, std::string_view>(db, key));
  return place == queues_.end() ? std::vector<Session*>{} : place->second;
}

std::optional<std::int64_t> Blocking::next_deadline_ms() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

std::vector<Session*> Blocking::due(std::int64_t now_ms) const {
  std::vector<Session*> out;
  for (const auto& [deadline, session] : deadlines_) {
    if (deadline > now_ms) break;
    out.push_back(session);
  }
  return out;
}

}  // namespace bodega::redis
