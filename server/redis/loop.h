// RedisLoop: the loop behind RedisListener. It owns the connections and makes the ticks.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engines/base/clock.h"
#include "protocol/redis/instance/instance.h"
#include "server/control/metrics.h"
#include "server/net/asio.h"
#include "server/net/listen.h"
#include "server/redis/connection.h"

namespace bodega::server {

class RedisLoop {
 public:
  RedisLoop(const Address& address, keyspace::Engine& engine, const base::Clock& clock,
            Metrics::Shard& metrics, redis::InstanceOptions options);
  ~RedisLoop();
  RedisLoop(const RedisLoop&) = delete;
  RedisLoop& operator=(const RedisLoop&) = delete;

  const Address& address() const { return address_; }
  void start();
  void stop();
  void join();
  void post(std::function<void()> task);

  // ---- On the loop ----

  redis::Instance& instance() { return instance_; }
  // The connection has more to run: it gets its turn in the next tick.
  void run_again(RedisConnection& connection);
  // The connection has nothing left to run: it is told to read at the end of the tick.
  void read_after_replies(RedisConnection& connection) { idle_.push_back(&connection); }
  // The connection was closed; it is destroyed when nothing refers to it any more.
  void closed(RedisConnection& connection);

 private:
  void run();
  void run_handlers();
  void accept();
  void adopt(Socket socket);
  void run_queued();
  void run_resumed();
  void finish_tick();
  void write_replies();
  void read_again();
  void bury();
  void arm_timer();
  void on_timer();
  void report_metrics();

  keyspace::Engine& engine_;
  const base::Clock& clock_;
  Metrics::Shard& metrics_;
  asio::io_context context_{1};
  Acceptor acceptor_;
  Address address_;
  redis::Instance instance_;
  Timer timer_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  bool accepting_ = false;

  std::unordered_map<RedisConnection*, std::unique_ptr<RedisConnection>> connections_;
  std::vector<RedisConnection*> again_;
  std::vector<RedisConnection*> idle_;  // none of them is destroyed before the tick's end
  std::vector<RedisConnection*> dead_;
  std::chrono::steady_clock::time_point cron_due_{};
  std::chrono::steady_clock::time_point armed_for_{};

  struct Reported {
    std::uint64_t calls = 0;
    std::uint64_t failed = 0;
    std::uint64_t duration_us = 0;
  };
  std::vector<Reported> reported_;  // what metrics_ knows of each command
  std::uint64_t reported_in_ = 0;
  std::uint64_t reported_out_ = 0;
  int cron_count_ = 0;
};

}  // namespace bodega::server
