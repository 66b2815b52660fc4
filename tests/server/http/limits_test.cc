// Time and number limits, the stop, and many clients at once. The limits are short, and no test
// sleeps longer than they are.
#include <chrono>
#include <thread>
#include <vector>

#include "tests/catch.h"
#include "tests/server/fixture.h"

using namespace bodega::server;
using namespace bodega::server::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kGet = "GET /head HTTP/1.1\r\nHost: x\r\n\r\n";

// Until the other threads have got there; fails after a while.
template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(2ms);
  }
  return false;
}

}  // namespace

TEST_CASE("HTTP limits: an idle connection is closed") {
  HttpLimits limits;
  limits.idle = 60ms;
  TestServer server(limits);
  Client fresh(server.port());
  Client used(server.port());
  used.send(kGet);
  CHECK(used.reply().status == 200);
  CHECK(used.closed_by_server());
  CHECK(fresh.closed_by_server());
}

TEST_CASE("HTTP limits: a head that comes too slowly gets a 400 RequestTimeout") {
  HttpLimits limits;
  limits.head = 60ms;
  TestServer server(limits);
  Client client(server.port());
  client.send("GET /head HTTP/1.1\r\nHo");
  const ClientReply reply = client.reply();
  CHECK(reply.status == 400);
  CHECK(reply.body.find("<Code>RequestTimeout</Code>") != std::string::npos);
}

TEST_CASE("HTTP limits: a body that stalls or drips gets a 400 RequestTimeout") {
  HttpLimits limits;
  limits.stall = 120ms;
  TestServer server(limits);
  Client client(server.port());
  client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc");
  SECTION("silence") {}
  SECTION("a drip") {
    for (int i = 0; i < 40 && !client.readable_within(10); ++i) client.send("x");
  }
  const ClientReply reply = client.reply();
  CHECK(reply.status == 400);
  CHECK(reply.body.find("<Code>RequestTimeout</Code>") != std::string::npos);
  CHECK(server.service.abandoned == 1);
}

TEST_CASE("HTTP limits: a body that keeps coming may take longer than the stall limit") {
  HttpLimits limits;
  limits.stall = 150ms;
  TestServer server(limits);
  Client client(server.port());
  client.send("PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    client.send(pattern(2000));
    std::this_thread::sleep_for(15ms);
  }
  CHECK(client.reply().body == "40000");
}

TEST_CASE("HTTP limits: a client that does not read its reply is cut off") {
  HttpLimits limits;
  limits.stall = 80ms;
  TestServer server(limits);
  Client client(server.port());
  client.set_receive_buffer(4000);
  client.send("GET /stream?100000000 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(eventually([&] {
    return server.metrics.render().find("bodega_open_connections{listener=\"http\"} 0") !=
           std::string::npos;
  }));
}

TEST_CASE("HTTP limits: a sink that is never resumed ends with a 500") {
  HttpLimits limits;
  limits.sink = 80ms;
  TestServer server(limits);
  Client client(server.port());
  client.send("PUT /stuck HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(client.reply().status == 500);
  CHECK(server.service.abandoned == 1);
}

TEST_CASE("HTTP limits: a client that leaves in mid-body leaves nothing") {
  TestServer server;
  {
    Client client(server.port());
    client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    CHECK(eventually([&] { return server.service.begun == 1; }));
  }
  CHECK(eventually([&] { return server.service.abandoned == 1; }));
}

TEST_CASE("HTTP limits: connections beyond the limit get a 503") {
  HttpLimits limits;
  limits.connections = 3;
  limits.linger = 50ms;
  TestServer server(limits);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
    clients.back()->send(kGet);
    CHECK(clients.back()->reply().status == 200);
  }
  {
    Client refused(server.port());
    refused.send(kGet);
    CHECK(refused.reply().status == 503);
    CHECK(refused.closed_by_server());
  }
  clients.pop_back();
  CHECK(eventually([&] {
    Client again(server.port());
    again.send(kGet);
    return again.reply().status == 200;
  }));
}

TEST_CASE("HTTP stop: what is in flight finishes, what is idle is closed, nothing new gets in") {
  TestServer server;
  Client idle(server.port());
  idle.send(kGet);
  CHECK(idle.reply().status == 200);
  Client busy(server.port());
  busy.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
  CHECK(eventually([&] { return server.service.begun == 2; }));
  const std::uint16_t port = server.port();
  server.server.stop();
  CHECK(idle.closed_by_server());
  busy.send("cd");
  const ClientReply reply = busy.reply();
  CHECK(reply.body == "abcd");
  CHECK(reply.field("Connection") == "close");
  CHECK(busy.closed_by_server());
  server.server.join();
  CHECK_THROWS(Client(port));
}

TEST_CASE("HTTP stop: does not wait for ever") {
  HttpLimits limits;
  limits.stop = 60ms;
  TestServer server(limits);
  Client busy(server.port());
  busy.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
  Client stuck(server.port());
  stuck.send("PUT /stuck HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd");
  CHECK(eventually([&] { return server.service.begun == 2; }));
  server.stop();
  CHECK(busy.closed_by_server());
  CHECK(stuck.closed_by_server());
  CHECK(server.service.abandoned == 2);
}

TEST_CASE("HTTP: a taken port is told in one line") {
  TestServer server;
  HttpOptions options;
  options.addresses = {Address::of("127.0.0.1", server.port())};
  try {
    const HttpServer second(options, server.service, server.clock, server.metrics);
    FAIL("the port was given twice");
  } catch (const std::exception& error) {
    CHECK(std::string(error.what()).find("is taken by another process") != std::string::npos);
  }
}

TEST_CASE("HTTP: many clients at once, each with its own answers") {
  TestServer server({}, 3);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Client client(server.port());
      for (int i = 0; i < 60; ++i) {
        const std::string body = std::to_string(t * 1000 + i);
        const std::string path = i % 3 == 0 ? "/wait" : "/echo";
        client.send("PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
        const ClientReply reply = client.reply();
        if (reply.body == (i % 3 == 0 ? std::to_string(body.size()) : body)) ++right;
        if (i % 20 == 19) server.metrics.render();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 8 * 60);
  // A request is counted once its reply is out, so the last ones may still be on their way.
  constexpr std::string_view kAll =
      "bodega_requests_total{service=\"test\",operation=\"Test\"} 480";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (server.metrics.render().find(kAll) == std::string::npos &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  CHECK(server.metrics.render().find(kAll) != std::string::npos);
}
