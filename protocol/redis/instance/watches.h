// Watches: which sessions WATCH which keys, so that a change of a key breaks their transactions.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bodega::redis {

class Session;

class Watches {
 public:
  // Adds the key to session.transaction.watched unless it is there.
  void watch(Session& session, unsigned db, std::string_view key);
  // Forgets all the session's keys and mends session.transaction.broken.
  void unwatch_all(Session& session);

  bool empty() const { return watchers_.empty(); }
  std::size_t key_count() const { return watchers_.size(); }

  // The key changed: breaks the transactions that watch it.
  void changed(unsigned db, std::string_view key);
  // Breaks every transaction that watches a key of this database for which `affected` says so.
  template <class Affected>
  void changed_all(unsigned db, Affected affected) {
    for (const auto& [key, sessions] : watchers_) {
      if (key.first == db && affected(std::string_view(key.second))) break_all(sessions);
    }
  }

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

  static void break_all(const std::vector<Session*>& sessions);

  std::map<Key, std::vector<Session*>, Less> watchers_;
};

}  // namespace bodega::redis
