// ReplicationStream: what a server's replicas are sent: every change as a command, in order, one
// run of bytes whose offset all agree on. The newest bytes are kept (the backlog), so that a
// replica that was away for a moment goes on where it was.
//
// While nobody listens it takes no notes. Whoever comes then starts with a snapshot, and with a
// new id, so that no old offset means anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/replication/rewriting.h"

namespace bodega::redis {

class ReplicationStream {
 public:
  ReplicationStream();

  bool listened() const { return listened_; }
  // From now on what happens is noted; a new id, unless it was noted already.
  void listen();
  void stop();

  // 40 hexadecimal digits.
  const std::string& id() const { return id_; }
  std::uint64_t offset() const { return offset_; }

  // ---- What happens. REQUIRES: listened(). ----

  // `call` has changed something and answered by `reply`.
  void ran(const Call& call, std::string_view reply);
  // The key went by itself: its time came, or it was evicted.
  void removed(unsigned db, std::string_view key);
  // The same for fields of a hash.
  void fields_removed(unsigned db, std::string_view key, std::span<const std::string> fields);
  // Something to be sent to replicas that changes no key: PING, REPLCONF GETACK.
  void say(const ReplicatedCommand& command);
  // The next command is told with its database, for a replica that comes now.
  void name_database() { db_.reset(); }

  // What happened since the last call is one unit, MULTI and EXEC around it if it is several
  // commands. Returns its bytes.
  std::string take();

  // ---- The backlog ----

  void limit_backlog(std::size_t bytes);
  // The bytes from this offset on; absent when they are not kept any more, or are yet to come.
  std::optional<std::string_view> since(std::uint64_t offset) const;
  std::uint64_t backlog_offset() const { return offset_ - backlog_.size(); }
  std::size_t backlog_bytes() const { return backlog_.size(); }

 private:
  struct Noted {
    unsigned db;
    ReplicatedCommand command;
    bool by_itself;
  };

  void select(std::string& out, unsigned db);

  bool listened_ = false;
  std::string id_;
  std::uint64_t offset_ = 0;
  std::optional<unsigned> db_;  // that the stream has selected
  std::vector<Noted> noted_;
  std::string said_;
  std::string backlog_;
  std::size_t backlog_limit_ = 1024 * 1024;
};

}  // namespace bodega::redis
