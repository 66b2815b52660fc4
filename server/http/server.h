// The HTTP listeners: N event loops with a thread each; the connections of all addresses are dealt
// to them in turn.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engines/base/clock.h"
#include "protocol/http/message.h"
#include "server/control/metrics.h"
#include "server/http/options.h"
#include "server/net/address.h"

namespace bodega::server {

class HttpServer {
 public:
  // Binds and listens, so clients can connect from now on, but answers only after start(). Throws
  // StartError when an address cannot be had. All arguments must outlive the server.
  HttpServer(const HttpOptions& options, http::Service& service, const base::Clock& clock,
             Metrics& metrics);
  // Stops as stop() and join() do.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Where it listens, in the order of the options; a port is the real one when 0 was asked for.
  const std::vector<Address>& addresses() const;

  void start();

  // Accepts nothing more, lets what is in flight finish, within limits.stop. Returns at once;
  // thread-safe, may be called again.
  void stop();

  // How many connections there are; after stop() soon only those with a request in flight.
  std::uint64_t open_connections() const;

  // Waits until all is finished. REQUIRES: stop() was called.
  void join();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::server
