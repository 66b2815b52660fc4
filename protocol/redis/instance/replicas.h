// Replicas: the sessions that follow this server (SYNC, PSYNC), and what each has.
//
// Each is sent a snapshot and then the stream (replication/stream.h), as output of its session, so
// that a tick's commands leave when the tick is committed, and not at all when it is lost.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/replication/stream.h"

namespace bodega::keyspace {
class Engine;
}

namespace bodega::redis {

class Instance;
class Session;

// What is known of the other end of a session that said REPLCONF.
struct ReplicaState {
  std::string port;                // where it listens, as it says
  std::string address;             // likewise; empty: where it comes from
  bool following = false;          // it is sent the stream
  bool confirms = false;           // it says how far it is (REPLCONF ACK)
  bool snapshot_only = false;      // it wants nothing behind the snapshot
  std::uint64_t confirmed = 0;     // the offset up to which it has the stream …
  std::int64_t confirmed_ms = 0;   // … and when it said so
  std::size_t snapshot_bytes = 0;  // of output that its limits do not count
};

// As INFO and ROLE show it.
std::string address_of_replica(const Session& session);
std::string port_of_replica(const Session& session);

class Replicas {
 public:
  ReplicationStream& stream() { return stream_; }
  const ReplicationStream& stream() const { return stream_; }
  const std::vector<Session*>& sessions() const { return sessions_; }
  // How often a replica was sent a snapshot, went on where it was, and asked for that in vain.
  std::uint64_t full_count() const { return full_; }
  std::uint64_t resumed_count() const { return resumed_; }
  std::uint64_t refused_count() const { return refused_; }

  // Appends to `out` what the session is sent first: from SYNC, and from PSYNC with what it asks
  // for. Throws Error.
  void begin(Instance& instance, Session& session, std::string& out);
  // When the stream is kept from there: goes on at this offset. False: a snapshot is needed.
  bool resume(Instance& instance, Session& session, std::string_view id, std::int64_t offset,
              std::string& out);
  void forget(Session& session);

  // ---- What happens; nothing is noted while nobody listens ----

  // Whether a command has changed something is told by this figure, before and after.
  std::uint64_t changes(const keyspace::Engine& keyspace) const;
  // `call` has run; its answer stands in its reply from `answer_at` on.
  void ran(const Call& call, std::uint64_t changes_before, std::size_t answer_at);
  // The key's time came, or it was evicted.
  void removed(unsigned db, std::string_view key);
  // The time of these fields of a hash came.
  void fields_removed(unsigned db, std::string_view key, std::span<const std::string> fields);
  // Sends what happened since the last call, as one unit.
  void send(Instance& instance);
  // The same, and notes how far the stream is by then for the session's WAIT.
  void send_for(Instance& instance, Session& session);

  void confirmed(Instance& instance, Session& session, std::uint64_t offset);
  // How many have the stream up to there.
  std::int64_t count_at(std::uint64_t offset) const;
  // Fewer than min-replicas-to-write were heard of lately.
  bool are_too_few(Instance& instance) const;
  // Has all say how far they are.
  void ask(Instance& instance);

  // Once a tenth of a second: pings, drops those that are silent, stops when there was none for
  // long.
  void run_cron(Instance& instance, std::int64_t now_ms);
  // None of what they were sent since the last commit is true: they have to begin again.
  void drop_all();

 private:
  void follow(Instance& instance, Session& session);

  ReplicationStream stream_;
  std::uint64_t full_ = 0;
  std::uint64_t resumed_ = 0;
  std::uint64_t refused_ = 0;
  // Keys and fields of a hash, or evicted; each time counts as a change of the keyspace.
  std::uint64_t expired_ = 0;
  std::vector<Session*> sessions_;
  std::int64_t pinged_ms_ = 0;
  std::int64_t last_seen_ms_ = 0;  // when there was a replica
};

}  // namespace bodega::redis
