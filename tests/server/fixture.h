// What the HTTP server's tests share: a service with one path per behaviour, a server of it on a
// free port, and a raw client that sees every byte.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engines/base/clock.h"
#include "protocol/http/message.h"
#include "server/control/metrics.h"
#include "server/http/server.h"
#include "server/tls/tls.h"

namespace bodega::server::test {

// Paths:
//   /head      answers at once with what the head said
//   /port      answers with the port that the request came to
//   /echo      answers with the request's body; trailers come back as "X-Trailer-<name>" fields
//   /count     answers with the number of bytes of the body
//   /early     answers 403 at once, whatever body follows
//   /stop      says kStop at the first bytes, answers 409
//   /wait      says kWait after each write and is resumed from another thread; then as /count
//   /late      the same once the body has ended
//   /stuck     says kWait and is never resumed
//   /kept      says kWait; what would resume it is kept for take_kept()
//   /throw     throws in finish()
//   /break     throws in write()
//   /file      answers with the file that serve_file() was given, in two slices
//   /stream?N  answers with N bytes from a source, of known length
//   /chunked?N answers with N bytes from a source, of unknown length
//   /short?N   promises N bytes and its source throws after half of them
//   /lack?N    promises N bytes and its source ends after half of them
//   /excess?N  promises N bytes and its source has twice as many
//   /nofile    answers with no slice of any file
//   /big?N     answers with a string of N bytes
//   /status?N  answers with that status and the body "body"
//   /secure    answers whether the request came over TLS: "yes" or "no"
class TestService : public http::Service {
 public:
  ~TestService() override;
  std::string_view name() const override { return "test"; }
  bool claims(const http::RequestHead&) const override { return true; }
  http::Begun begin(http::RequestHead head) override;

  void serve_file(int fd, std::uint64_t size_bytes);

  // Sinks that were destroyed before finish().
  std::atomic<int> abandoned{0};
  // Requests begun.
  std::atomic<int> begun{0};
  // Runs `task` on a thread that the service joins at its end.
  void run_elsewhere(std::function<void()> task);
  void keep(std::function<void()> ready);
  std::vector<std::function<void()>> take_kept();

 private:
  int fd_ = -1;
  std::uint64_t file_bytes_ = 0;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::vector<std::function<void()>> kept_;
};

// The byte that the generated bodies have at a position.
char pattern_at(std::uint64_t position);
std::string pattern(std::uint64_t length);

class TestServer {
 public:
  explicit TestServer(HttpLimits limits = {}, unsigned loops = 2, Tls* tls = nullptr);
  ~TestServer() { stop(); }

  void stop() {
    server.stop();
    server.join();
  }
  std::uint16_t port() const { return server.addresses().front().port; }

  base::ManualClock clock;
  Metrics metrics;
  TestService service;
  HttpServer server;

 private:
  static HttpOptions options(const HttpLimits& limits, unsigned loops, Tls* tls);
};

struct ClientReply {
  int status = 0;
  std::string head;  // status line and fields, without the blank line
  std::string body;  // with chunks put together

  // The field's value, or "(none)".
  std::string field(std::string_view name) const;
};

// A TCP connection to 127.0.0.1. Every wait ends after some seconds, with a failure.
class Client {
 public:
  explicit Client(std::uint16_t port);
  // The same over TLS, with a server for `host` whose authority is in `ca_pem`.
  Client(std::uint16_t port, const std::string& ca_pem, const std::string& host = "localhost");
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False: the server has closed its reading side.
  bool send(std::string_view bytes);
  void shutdown_send();
  // Over TLS: the end of what we send is told by TLS alone.
  void close_notify();
  // Over TLS: the connection has ended, and the server had said that it would.
  bool ended_well() const;

  // One reply. `method` HEAD: it has no body. A reply that does not come, or is cut short, has
  // status 0.
  ClientReply reply(std::string_view method = "GET");
  // Whether the server has closed the connection (waits for it).
  bool closed_by_server();
  // Everything up to the end of the connection.
  std::string read_to_end();
  // Exactly so many bytes, or fewer at the end.
  std::string read(std::size_t count);
  // Whether bytes come within so many milliseconds.
  bool readable_within(int milliseconds);
  void set_receive_buffer(int bytes);

 private:
  bool fill();

  int fd_ = -1;
  ContextPointer context_;
  SslPointer ssl_;  // null: plain
  std::string buffer_;
};

}  // namespace bodega::server::test
