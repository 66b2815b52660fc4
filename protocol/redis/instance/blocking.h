// Blocking: which sessions are parked, on which keys, in the order in which they came, and until
// when. It serves no client itself: the server takes the keys that became ready after each whole
// command and runs the waiting commands again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bodega::redis {

class Session;

class Blocking {
 public:
  // session.waiting.call says for what. Each key is waited for once, however often it is named.
  void park(Session& session);
  // Takes the session out of every queue and ends session.waiting.call. REQUIRES: it is parked.
  void unpark(Session& session);

  bool empty() const { return deadlines_.empty() && queues_.empty(); }
  std::size_t session_count() const { return parked_; }
  std::size_t key_count() const { return queues_.size(); }
  std::size_t group_key_count() const;  // on which someone waits for a group's stream

  // Notes that something may be there for the clients that wait for this key.
  void key_ready(unsigned db, std::string_view key);
  // The same for every key that is waited for in this database (SWAPDB).
  void all_ready(unsigned db);
  // The key, or every key of the database, was changed or removed, which ends the wait of those
  // who wait for a group's stream.
  void key_changed(unsigned db, std::string_view key) {
    if (group_waiters_ > 0) key_ready(db, key);
  }
  void all_changed(unsigned db) {
    if (group_waiters_ > 0) all_ready(db);
  }
  bool any_ready() const { return !ready_.empty(); }
  std::vector<std::pair<unsigned, std::string>> take_ready();

  // Who waits for the key, first come first; copied, since serving changes the queue.
  std::vector<Session*> waiting(unsigned db, std::string_view key) const;

  std::optional<std::int64_t> next_deadline_ms() const;
  // Parked sessions whose deadline is at or before `now_ms`.
  std::vector<Session*> due(std::int64_t now_ms) const;

 private:
  using Key = std::pair<unsigned, std::string>;
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      if (a.first != b.first) return a.first < b.first;
      return std::string_view(a.second) < std::string_view(b.second);
    }
  };

  std::map<Key, std::vector<Session*>, Less> queues_;
  std::set<std::pair<std::int64_t, Session*>> deadlines_;
  std::vector<Key> ready_;
  std::set<Key, Less> ready_set_;
  std::size_t parked_ = 0;
  std::size_t group_waiters_ = 0;  // of them, those who wait for a group's stream
};

}  // namespace bodega::redis
