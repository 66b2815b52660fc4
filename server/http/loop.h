// One event loop of the HTTP server: a thread, its connections, and one coarse ticker that looks at
// their deadlines. (A timer armed and cancelled at each read would cost more than the read.)
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "protocol/http/message.h"
#include "server/control/metrics.h"
#include "server/http/options.h"
#include "server/http/reply.h"
#include "server/net/asio.h"

namespace bodega::server {

class HttpConnection;

// What all loops share.
struct HttpShared {
  HttpOptions options;
  http::Service& service;
  const base::Clock& clock;
  std::atomic<std::uint64_t> open_connections{0};
};

class HttpLoop {
 public:
  using Time = std::chrono::steady_clock::time_point;

  HttpLoop(HttpShared& shared, Metrics::Shard& metrics);
  ~HttpLoop() { torn_down_ = true; }
  HttpLoop(const HttpLoop&) = delete;
  HttpLoop& operator=(const HttpLoop&) = delete;

  // Runs until stop() was called and the last connection is gone.
  void run();

  asio::io_context& context() { return context_; }
  LoopExecutor executor() { return context_.get_executor(); }

  // Starts to serve the connection, or to refuse it (503) when there are too many. REQUIRES: the
  // socket belongs to this loop's context. Thread-safe.
  enum class Admission : std::uint8_t { kServe, kRefuse };
  void adopt(Socket socket, Admission admission);

  // Connections that wait for a request are closed, the others after their reply, and all when the
  // `stop` limit has passed. Thread-safe.
  void stop();

  // ---- For its connections, on its thread ----

  void add(HttpConnection& connection);
  void remove(HttpConnection& connection);

  bool stopping() const { return stopping_; }
  HttpShared& shared() { return shared_; }
  const HttpLimits& limits() const { return shared_.options.limits; }
  Metrics::Shard& metrics() { return metrics_; }
  std::string_view date() { return date_.now(); }

  // The time of the last tick or of the last touch(): good enough for deadlines.
  Time coarse_now() const { return now_; }
  // The time now, which is remembered as coarse_now().
  Time touch() { return now_ = std::chrono::steady_clock::now(); }

 private:
  void arm_ticker();
  void tick();
  void finish_if_done();

  HttpShared& shared_;
  Metrics::Shard& metrics_;
  DateCache date_;
  const std::chrono::milliseconds tick_interval_;
  std::vector<HttpConnection*> connections_;
  Time now_{};
  Time stop_deadline_{};
  bool stopping_ = false;
  bool ticking_ = false;
  bool torn_down_ = false;
  // Last, so that they go first: the context takes suspended coroutines with it, and these hold
  // connections, which take themselves off the list above.
  asio::io_context context_{1};
  std::optional<asio::executor_work_guard<LoopExecutor>> work_;
  Timer ticker_;
};

}  // namespace bodega::server
