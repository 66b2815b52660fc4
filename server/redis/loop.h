// RedisLoop: the loop behind RedisServer. It owns the listeners and makes the ticks; those to which
// nothing happens have no part in one.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "server/control/metrics.h"
#include "server/net/asio.h"
#include "server/redis/listener.h"
#include "server/redis/server.h"

namespace bodega::server {

class RedisLoop {
 public:
  RedisLoop();
  ~RedisLoop();
  RedisLoop(const RedisLoop&) = delete;
  RedisLoop& operator=(const RedisLoop&) = delete;

  // See RedisServer.
  std::vector<Address> add(RedisEndpoint endpoint, Metrics::Shard& metrics);
  void end(std::shared_ptr<keyspace::Engine> keyspace);
  void clear(RedisServer::Keyspaces keyspaces, std::function<void(RedisServer::Cleared)> done);
  void with_instance(const keyspace::Engine& keyspace, std::function<void(redis::Instance*)> work);
  void start();
  void stop();
  void join();

  // ---- On the loop ----

  // Within a tick, while a script of `busy` takes long: runs what has arrived, ends the tick of all
  // other listeners, and lets `busy` send what it may. False: the process ends.
  bool pump(RedisListener& busy);

  // The listener takes part in this tick.
  void activate(RedisListener& listener) {
    if (listener.active) return;
    listener.active = true;
    active_.push_back(&listener);
  }

 private:
  void adopt(std::unique_ptr<RedisListener> made);
  RedisListener* listener_of(const keyspace::Engine& keyspace) const;
  std::uint64_t clear_one(const std::shared_ptr<keyspace::Engine>& keyspace);
  void tidy_unserved(std::shared_ptr<keyspace::Engine> keyspace);
  // Runs the task on the loop, between ticks.
  void post(std::function<void()> task);
  void run_postponed();
  void run();
  void run_handlers();
  bool run_queued();
  bool tick_is_full() const;
  void finish_tick();
  void end_tick();
  void close_ended();
  void destroy_finished();
  void arm_timer();
  void on_timer();

  asio::io_context context_{1};
  Timer timer_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<RedisListener>> listeners_;
  std::vector<RedisListener*> active_;
  int pumps_ = 0;                                 // calls of pump() that are on the stack …
  std::vector<std::function<void()>> postponed_;  // … and what waits for their end
  std::size_t ended_ = 0;                         // listeners that are closed and not destroyed yet
  std::chrono::steady_clock::time_point cron_due_{};
  std::chrono::steady_clock::time_point armed_for_{};
  int cron_count_ = 0;
};

}  // namespace bodega::server
