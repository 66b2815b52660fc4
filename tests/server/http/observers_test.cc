// What observers hear of the requests of the HTTP server.
#include <mutex>
#include <vector>

#include "protocol/observe/observer.h"
#include "tests/catch.h"
#include "tests/server/fixture.h"

using namespace bodega;
using namespace bodega::server;
using namespace bodega::server::test;

namespace {

class Recorder : public observe::Observer {
 public:
  void after(const observe::Exchange& exchange) override {
    const std::lock_guard lock(mutex_);
    heard_.push_back(exchange);
  }
  void after(const observe::Batch&) override {}

  std::vector<observe::Exchange> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  std::mutex mutex_;
  std::vector<observe::Exchange> heard_;
};

// A server that runs, and what its observer hears.
class ObservedServer {
 public:
  ObservedServer() { server_.start(); }

  std::uint16_t port() const { return server_.addresses().front().port; }

  // Ends the server. What was heard until then.
  std::vector<observe::Exchange> end() {
    server_.stop();
    server_.join();
    return recorder_.heard();
  }

 private:
  static HttpOptions observed_by(Recorder& recorder) {
    HttpOptions options;
    options.addresses = {{"127.0.0.1", 0}};
    options.observers = {&recorder};
    return options;
  }

  base::ManualClock clock_;
  Metrics metrics_;
  TestService service_;
  Recorder recorder_;
  HttpServer server_{observed_by(recorder_), service_, clock_, metrics_};
};

}  // namespace

TEST_CASE("observers: each request is heard of once, with its status and its bytes") {
  ObservedServer observed;
  {
    Client client(observed.port());
    client.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    CHECK(client.reply().status == 200);
    client.send("GET /status?404 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(client.reply().status == 404);
    client.send("nonsense\r\n\r\n");
    CHECK(client.reply().status == 400);
  }
  const auto heard = observed.end();
  REQUIRE(heard.size() == 3);
  CHECK(heard[0].status == 200);
  CHECK(heard[0].request_bytes == 5);
  CHECK(heard[0].response_bytes > 10);
  CHECK(heard[0].end == observe::Exchange::End::kSent);
  CHECK(heard[1].status == 404);
  CHECK(heard[1].request_bytes == 0);
  CHECK(heard[2].status == 400);
  CHECK(heard[2].service == "http");
}

TEST_CASE("observers: a reply that broke off says so") {
  ObservedServer observed;
  {
    Client client(observed.port());
    client.send("GET /lack?1000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    client.read_to_end();
  }
  const auto heard = observed.end();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].end == observe::Exchange::End::kBrokeOff);
}
