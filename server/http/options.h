// The numbers of the HTTP side. The defaults are for people; tests make them small.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "protocol/observe/observer.h"
#include "server/http/parser.h"
#include "server/net/address.h"

namespace bodega::server {

class Tls;

struct HttpLimits {
  using Duration = std::chrono::milliseconds;

  HttpParserLimits parser;
  std::uint64_t connections = 10'000;

  Duration idle{75'000};       // between two requests of a connection
  Duration handshake{10'000};  // of TLS, from its first bytes to its end
  Duration head{30'000};       // from a request's first byte to the end of its head
  Duration stall{60'000};      // without progress in a body, in either direction
  Duration sink{300'000};      // for a service that asked to wait (BodySink::Flow::kWait)
  Duration stop{8'000};        // for what is in flight at the stop; Docker kills after 10 s

  // Fewer body bytes than this in a `stall` count as no progress: a client that drips is slow too.
  std::uint64_t progress_bytes = 1024;

  // When the answer came before the body was read: a body of up to `drain_bytes` is read and thrown
  // away, for more the connection is closed. A close with bytes still coming in would reset the
  // connection and could destroy the answer, so first they are read away for `linger` at most.
  std::uint64_t drain_bytes = 256 * 1024;
  Duration linger{5'000};
};

struct HttpOptions {
  std::vector<Address> addresses{{"127.0.0.1", 4566}};
  unsigned loops = 1;
  HttpLimits limits;
  // Besides the metrics. They must outlive the server and are called from every loop.
  std::vector<observe::Observer*> observers = {};
  // What speaks TLS to clients that begin with it; outlives the server. Null: nothing does.
  Tls* tls = nullptr;
};

}  // namespace bodega::server
