// RedisListener: one Redis endpoint on the loop: its socket, or one for each node of a cluster, its
// Instance and its connections. The loop tells it when to do which part of a tick, and leaves it
// alone while nothing happens to it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/redis/instance/instance.h"
#include "server/control/metrics.h"
#include "server/net/asio.h"
#include "server/redis/connection.h"
#include "server/redis/server.h"
#include "server/redis/unix_door.h"

namespace bodega::server {

class RedisLoop;

class RedisListener {
 public:
  // Binds and listens. Throws StartError.
  RedisListener(RedisLoop& loop, asio::io_context& context, RedisEndpoint endpoint,
                Metrics::Shard& metrics);
  // The keyspace is free for another from here on.
  ~RedisListener();
  RedisListener(const RedisListener&) = delete;
  RedisListener& operator=(const RedisListener&) = delete;

  const Address& address() const { return doors_.front().address; }
  // One for each node of a cluster.
  std::vector<Address> addresses() const;

  // ---- For its connections ----

  redis::Instance& instance() { return *instance_; }
  Tls* tls() { return tls_; }
  Metrics::Shard& metrics() { return metrics_; }
  // Something happens to it: it takes part in this tick.
  void activate();
  // The connection has more to run: it gets its turn in the next tick.
  void run_again(RedisConnection& connection);
  // The connection has nothing left to run: it is told to read at the end of the tick.
  void read_after_replies(RedisConnection& connection) { idle_.push_back(&connection); }
  // The connection was closed; it is destroyed when nothing refers to it any more.
  void closed(RedisConnection& connection);

  // ---- For the loop: a tick ----

  // Makes the instance, on the loop's thread as all that touches the keyspace, and accepts.
  void start();
  const keyspace::Engine& keyspace() const { return *keyspace_; }
  // What the last tick left to run; returns whether there was anything.
  bool run_queued();
  // Those whose wait has ended.
  void run_resumed();
  // Commits, then answers. Throws nothing.
  void finish_tick();
  // For the instance, while a script takes long; see RedisLoop.
  bool pump();
  // In the middle of a command: runs what has arrived, which is answered BUSY, and writes what does
  // not rest on this tick's changes. Throws nothing.
  void answer_meanwhile();
  // The timer: parked commands whose time is up; and the regular work.
  void run_deadlines() { instance_->run_deadlines(); }
  void run_cron();
  void report_metrics();

  bool tick_is_full() const { return instance_->tick_is_full(); }
  // Takes part in the next tick as well, even when nothing arrives.
  bool has_work() const { return !again_.empty() || instance_->has_work(); }
  // How long until the next command that is parked runs out of time.
  std::optional<std::int64_t> next_deadline_ms() const;

  // ---- The end ----

  // Once the tick is over, the loop calls close(). What the tick still brings is accepted and run.
  void end() { ending_ = true; }
  bool ending() const { return ending_; }
  bool closed() const { return closed_; }
  // Commits what is left and closes all connections.
  void close();
  // Nothing refers to it any more: it may be destroyed.
  bool finished() const;
  // Destroys the connections that are finished.
  void bury();

  bool active = false;  // the loop's: takes part in this tick …
  bool busy = false;    // … in the middle of a command that takes long

 private:
  // Where clients come in.
  struct Door {
    Acceptor acceptor;
    Address address;
    int node;  // of the cluster
    bool accepting = false;
  };

  void listen(asio::io_context& context, const Address& first);
  void accept(Door& door);
  void accept_in_files();
  void adopt(const Door& door, StreamSocket socket);
  void report_keys();
  void write_replies();
  void read_again();

  RedisLoop& loop_;
  const std::shared_ptr<keyspace::Engine> keyspace_;  // holds the world
  const base::Clock& clock_;
  Tls* const tls_;
  Metrics::Shard& metrics_;
  const std::string label_;
  KeyCounts* const key_counts_;
  std::deque<Door> doors_;             // each stays where it is
  std::optional<UnixDoor> unix_door_;  // its clients are those of the first door
  redis::InstanceOptions options_;
  const std::function<void()> ended_;
  std::optional<redis::Instance> instance_;
  bool ending_ = false;
  bool closed_ = false;

  std::unordered_map<RedisConnection*, std::unique_ptr<RedisConnection>> connections_;
  std::vector<RedisConnection*> again_;
  std::vector<RedisConnection*> idle_;  // none of them is destroyed before the tick's end
  std::vector<RedisConnection*> dead_;
  std::vector<redis::Session*> later_;  // whose output waits for the end of the tick

  struct Reported {
    std::uint64_t calls = 0;
    std::uint64_t failed = 0;
    std::uint64_t duration_us = 0;
  };
  static bool is_reset(const Reported& before, const redis::CommandStatistics& now);

  std::vector<Reported> reported_;  // what metrics_ knows of each command
  std::uint64_t reported_in_ = 0;
  std::uint64_t reported_out_ = 0;
};

}  // namespace bodega::server
