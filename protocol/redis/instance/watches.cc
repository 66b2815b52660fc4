#include "protocol/redis/instance/watches.h"

#include "protocol/redis/instance/session.h"

namespace bodega::redis {

void Watches::watch(Session& session, unsigned db, std::string_view key) {
  for (const WatchedKey& known : session.transaction.watched) {
    if (known.db == db && known.key == key) return;
  }
  session.transaction.watched.push_back({db, std::string(key)});
  watchers_[{db, std::string(key)}].push_back(&session);
}

void Watches::unwatch_all(Session& session) {
  for (const WatchedKey& known : session.transaction.watched) {
    const auto place = watchers_.find(std::pair<unsigned, std::string_view>(known.db, known.key));
    if (place == watchers_.end()) continue;
    std::erase(place->second, &session);
    if (place->second.empty()) watchers_.erase(place);
  }
  session.transaction.watched.clear();
  session.transaction.broken = false;
}

void Watches::changed(unsigned db, std::string_view key) {
  if (watchers_.empty()) return;
  const auto place = watchers_.find(std::pair<unsigned, std::string_view>(db, key));
  if (place != watchers_.end()) break_all(place->second);
}

void Watches::break_all(const std::vector<Session*>& sessions) {
  for (Session* session : sessions) session->transaction.broken = true;
}

}  // namespace bodega::redis
