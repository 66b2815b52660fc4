// Tracking: CLIENT TRACKING's table of which session has read which key, and the invalidation
// messages that follow a change. Keys are remembered without their database, as Redis does.
// Messages leave after the command that changed the key, so that they never stand inside its reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

class Tracking {
 public:
  bool active() const { return sessions_ > 0; }
  std::size_t key_count() const { return readers_.size(); }
  std::size_t prefix_count() const { return prefixes_.size(); }
  std::size_t session_count() const { return sessions_; }
  std::size_t item_count() const { return items_; }

  // session.tracking holds the wish; `prefixes` are its BCAST prefixes.
  void enable(Session& session, const std::vector<std::string>& prefixes);
  void disable(Instance& instance, Session& session);

  // The keys that a tracked session's command read.
  void remember_keys(Instance& instance, Session& session, const Command& command, Args args);
  void key_changed(Instance& instance, std::string_view key);
  void flushed(Instance& instance);
  // Forgets keys, with a message to their readers, until `max_keys` are left (0: no limit).
  void limit(Instance& instance, std::size_t max_keys);
  // Sends what has gathered since the last call.
  void send_pending(Instance& instance);

 private:
  struct Prefix {
    std::set<std::uint64_t> sessions;
    std::map<std::string, std::uint64_t> changed;  // key -> the session that changed it, or 0
  };
  struct Pending {
    std::uint64_t session;
    std::string key;
  };

  void invalidate(Instance& instance, Session& session, const std::vector<std::string_view>& keys);

  std::map<std::string, std::set<std::uint64_t>, std::less<>> readers_;
  std::map<std::string, Prefix, std::less<>> prefixes_;
  std::vector<Pending> pending_;
  bool flush_pending_ = false;
  bool broadcast_pending_ = false;
  std::size_t sessions_ = 0;
  std::size_t items_ = 0;
};

}  // namespace bodega::redis
