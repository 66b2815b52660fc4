// The HTTP listener: N event loops with a thread each, connections dealt to them in turn.
#pragma once

#include <memory>

#include "engines/base/clock.h"
#include "protocol/http/message.h"
#include "server/control/metrics.h"
#include "server/http/options.h"
#include "server/net/address.h"

namespace bodega::server {

class HttpServer {
 public:
  // Binds and listens, so clients can connect from now on, but answers only after start(). Throws
  // StartError when the address cannot be had. All arguments must outlive the server.
  HttpServer(const HttpOptions& options, http::Service& service, const base::Clock& clock,
             Metrics& metrics);
  // Stops as stop() and join() do.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Where it listens; the port is the real one when 0 was asked for.
  const Address& address() const;

  void start();

  // Accepts nothing more, lets what is in flight finish, within limits.stop. Returns at once;
  // thread-safe, may be called again.
  void stop();

  // Waits until all is finished. REQUIRES: stop() was called.
  void join();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::server
