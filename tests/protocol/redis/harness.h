// Requests without sockets: sessions over a keyspace in memory with a manual clock. run() gives
// back raw RESP. Several clients of one World see each other, so blocking, pub/sub and WATCH can be
// shown.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "engines/keyspace/engine.h"
#include "engines/kv/store.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/session.h"

namespace bodega::redis::test {

class World {
 public:
  explicit World(InstanceOptions options = {})
      : World(kv::make_memory_store(kv::Database::kKeyspace), std::move(options)) {}
  explicit World(std::unique_ptr<kv::Store> made, InstanceOptions options = {})
      : store(std::move(made)),
        engine(*store, clock),
        instance(engine, clock, std::move(options)) {}

  // What the listener does at the end of each tick.
  void finish_tick() {
    instance.finish_tick();
    for (auto resumed = instance.take_resumed(); !resumed.empty();
         resumed = instance.take_resumed()) {
      for (Session* session : resumed) session->process(1000);
    }
    instance.finish_tick();
    instance.take_touched();
    instance.stage_some();
  }

  // Moves the clock and does what timers would.
  void advance_ms(std::int64_t milliseconds) {
    clock.advance_ms(milliseconds);
    instance.run_deadlines();
    instance.run_cron();
    finish_tick();
  }

  base::ManualClock clock;
  std::unique_ptr<kv::Store> store;
  keyspace::Engine engine;
  Instance instance;
};

class Client : private Peer {
 public:
  explicit Client(World& world, int protocol = 2) : world_(world), session_(world.instance, *this) {
    session_.protocol = protocol;
  }

  // The reply to one command, and whatever else was written to this client since the last call.
  std::string run(std::initializer_list<std::string_view> args) {
    return run(std::vector<std::string_view>(args));
  }
  std::string run(const std::vector<std::string_view>& args) {
    std::string request = "*" + std::to_string(args.size()) + "\r\n";
    for (const auto arg : args) {
      request += "$" + std::to_string(arg.size()) + "\r\n" + std::string(arg) + "\r\n";
    }
    return send(request);
  }

  // Raw bytes in, raw bytes out.
  std::string send(std::string_view bytes) {
    session_.feed(bytes);
    do {
      progress_ = session_.process(1000);
      world_.finish_tick();
    } while (progress_ == Session::Progress::kMore || session_.delivery.held);
    return take();
  }

  // What was written since the last call, as far as it may go out.
  std::string take() { return session_.delivery.held ? "" : std::exchange(session_.output(), {}); }

  bool closed() const { return session_.closing(); }
  Session::Progress progress() const { return progress_; }
  Session& session() { return session_; }

 private:
  std::string address() const override { return "127.0.0.1:50000"; }
  std::string local_address() const override { return "127.0.0.1:6379"; }

  World& world_;
  Session session_;
  Session::Progress progress_ = Session::Progress::kIdle;
};

}  // namespace bodega::redis::test
