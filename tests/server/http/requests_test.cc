// Requests over real sockets: what comes in and what goes out, byte by byte.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "tests/catch.h"
#include "tests/server/fixture.h"

using namespace bodega::server;
using namespace bodega::server::test;

TEST_CASE("HTTP: a connection serves one request after the other") {
  TestServer server;
  Client client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /head?a=" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const ClientReply reply = client.reply();
    CHECK(reply.status == 200);
    CHECK(reply.head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(reply.body == "GET|/head|a=" + std::to_string(i) + "|?|1.1|Host=x;");
    CHECK(reply.field("Connection") == "(none)");
    // The manual clock's moment.
    CHECK(reply.field("Date") == "Fri, 02 Jan 2026 03:04:05 GMT");
  }
}

TEST_CASE("HTTP: several addresses are served, and a request tells which port it came to") {
  bodega::base::ManualClock clock;
  Metrics metrics;
  TestService service;
  HttpOptions options;
  options.addresses = {Address::of("127.0.0.1", 0), Address::of("::1", 0),
                       Address::of("127.0.0.1", 0)};
  options.loops = 2;
  HttpServer server(options, service, clock, metrics);
  server.start();
  REQUIRE(server.addresses().size() == 3);
  CHECK(server.addresses()[1].host == "::1");
  for (const std::size_t i : {0, 2, 0}) {
    const std::uint16_t port = server.addresses()[i].port;
    Client client(port);
    client.send("GET /port HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.reply().body == std::to_string(port));
  }
  server.stop();
  server.join();
}

TEST_CASE("HTTP: pipelined requests are answered in order") {
  TestServer server;
  Client client(server.port());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i);
    all += "GET /head/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 20; ++i) {
    CHECK(client.reply().body == std::to_string(10 + i));
    CHECK(client.reply().body == "GET|/head/" + std::to_string(i) + "||-|1.1|Host=x;");
  }
}

TEST_CASE("HTTP: the target comes through as it was sent") {
  TestServer server;
  Client client(server.port());
  client.send("GET /head/a//b/../%2e%2F/\xC3\xA4+b?x=%20&&y? HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.reply().body == "GET|/head/a//b/../%2e%2F/\xC3\xA4+b|x=%20&&y?|?|1.1|Host=x;");
  client.send("GET /head? HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.reply().body == "GET|/head||?|1.1|Host=x;");
}

TEST_CASE("HTTP: an absolute target gives path and host") {
  TestServer server;
  Client client(server.port());
  client.send("GET http://b.localhost:4566/head/k?q HTTP/1.1\r\nHost: other\r\n\r\n");
  CHECK(client.reply().body == "GET|/head/k|q|?|1.1|Host=b.localhost:4566;");
}

TEST_CASE("HTTP: a body with Content-Length arrives, however it is cut") {
  TestServer server;
  Client client(server.port());
  const std::string body = pattern(5000);
  const std::string request =
      "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + body;
  SECTION("in one piece") { client.send(request); }
  SECTION("byte by byte") {
    for (const char byte : request) client.send(std::string_view(&byte, 1));
  }
  CHECK(client.reply().body == body);
}

TEST_CASE("HTTP: a chunked body arrives, with extensions and trailers") {
  TestServer server;
  Client client(server.port());
  const std::string request =
      "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n1\r\n \r\n00005\r\nworld\r\n"
      "0\r\nx-amz-checksum-crc32: AAAA\r\nOther: b\r\n\r\n";
  SECTION("in one piece") { client.send(request + request); }
  SECTION("byte by byte") {
    for (const char byte : request + request) client.send(std::string_view(&byte, 1));
  }
  for (int i = 0; i < 2; ++i) {
    const ClientReply reply = client.reply();
    CHECK(reply.body == "hello world");
    CHECK(reply.field("X-Trailer-x-amz-checksum-crc32") == "AAAA");
    CHECK(reply.field("X-Trailer-Other") == "b");
  }
}

TEST_CASE("HTTP: a large body streams in, by length and in chunks") {
  TestServer server;
  Client client(server.port());
  const std::string megabyte = pattern(1 << 20);
  client.send("PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 20971520\r\n\r\n");
  for (int i = 0; i < 20; ++i) client.send(megabyte);
  CHECK(client.reply().body == "20971520");
  client.send("PUT /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) client.send("100000\r\n" + megabyte + "\r\n");
  client.send("0\r\n\r\n");
  CHECK(client.reply().body == "20971520");
}

TEST_CASE("HTTP: a sink that asks to wait is resumed from another thread") {
  TestServer server;
  Client client(server.port());
  client.send("PUT /wait HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 50; ++i) client.send("3\r\nabc\r\n");
  client.send("0\r\n\r\n");
  CHECK(client.reply().body == "150");
  client.send("PUT /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" +
              pattern(1'000'000));
  CHECK(client.reply().body == "1000000");
}

TEST_CASE("HTTP: a sink that asks to wait when all is in is finished from there") {
  TestServer server;
  Client client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("PUT /late HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    CHECK(client.reply().body == "5");
    client.send("PUT /late HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.reply().body == "0");
  }
}

TEST_CASE("HTTP: what resumes a sink may be called when connection and server are gone") {
  std::vector<std::function<void()>> kept;
  {
    HttpLimits limits;
    limits.stop = std::chrono::milliseconds(50);
    TestServer server(limits);
    Client client(server.port());
    client.send("PUT /kept HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    while (kept.empty()) kept = server.service.take_kept();  // until the sink has asked
    server.stop();
    CHECK(client.closed_by_server());
    kept.push_back(kept.front());
    kept.front()();
  }
  kept.back()();
}

TEST_CASE("HTTP: Expect: 100-continue is answered at once after the head") {
  TestServer server;
  Client client(server.port());
  client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n");
  CHECK(client.read(25) == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  CHECK(client.reply().body == "abc");
  // Without a body there is nothing to continue with.
  client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.reply().status == 200);
  // An answer that is known already takes the 100's place, and the body must not be waited for.
  client.send(
      "PUT /early HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
      "Expect: 100-continue\r\n\r\n");
  const ClientReply refused = client.reply();
  CHECK(refused.status == 403);
  CHECK(refused.field("Connection") == "close");
}

TEST_CASE("HTTP: HEAD has the head of GET and no body") {
  TestServer server;
  Client client(server.port());
  for (const std::string path : {"/big?1234", "/stream?1234"}) {
    client.send("HEAD " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const ClientReply reply = client.reply("HEAD");
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Length") == "1234");
  }
  client.send("GET /big?5 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.reply().body == pattern(5));
}

TEST_CASE("HTTP: 204 and 304 have neither body nor Content-Length") {
  TestServer server;
  Client client(server.port());
  for (const int status : {204, 304}) {
    client.send("GET /status?" + std::to_string(status) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const ClientReply reply = client.reply();
    CHECK(reply.status == status);
    CHECK(reply.field("Content-Length") == "(none)");
  }
  client.send("GET /status?404 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.reply().body == "body");
}

TEST_CASE("HTTP: bodies out of strings, sources and files arrive whole") {
  TestServer server;
  const std::string bytes = pattern(3'000'017);
  FILE* file = std::tmpfile();
  REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  std::fflush(file);
  server.service.serve_file(fileno(file), bytes.size());
  Client client(server.port());
  client.set_receive_buffer(20'000);  // so that the server has to wait for us
  for (const std::string path : {"/big?3000017", "/stream?3000017", "/file", "/chunked?3000017"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const ClientReply reply = client.reply();
    CHECK(reply.status == 200);
    CHECK((reply.body == bytes));
    CHECK(reply.field("Transfer-Encoding") == (path[1] == 'c' ? "chunked" : "(none)"));
  }
  for (const std::string path : {"/stream?0", "/chunked?0", "/chunked?1", "/stream?262144"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK((client.reply().body == pattern(std::stoul(path.substr(path.find('?') + 1)))));
  }
  std::fclose(file);
}

TEST_CASE("HTTP: a source or file that ends early closes the connection in mid-body") {
  TestServer server;
  SECTION("source") {
    Client client(server.port());
    client.send("GET /short?1000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read_to_end().size() < 1'000'000);
  }
  SECTION("source without an exception") {
    Client client(server.port());
    client.send("GET /lack?1000 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read_to_end().size() < 1000);
  }
  SECTION("file") {
    FILE* file = std::tmpfile();
    std::fputs("short", file);
    std::fflush(file);
    server.service.serve_file(fileno(file), 1000);
    Client client(server.port());
    client.send("GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string all = client.read_to_end();
    CHECK(all.find("Content-Length: 1000\r\n") != std::string::npos);
    CHECK(all.ends_with("\r\n\r\nshort"));
    std::fclose(file);
  }
  // The head said 200; the figures say how it ended.
  CHECK(server.metrics.render().find(
            "bodega_errors_total{service=\"test\",operation=\"Test\",side=\"server\"} 1") !=
        std::string::npos);
}

TEST_CASE("HTTP: a source with more bytes than it promised is cut off there") {
  TestServer server;
  Client client(server.port());
  for (const std::string size : {"1000", "262144", "300000"}) {
    client.send("GET /excess?" + size + " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK((client.reply().body == pattern(std::stoul(size))));
  }
}

TEST_CASE("HTTP: a reply with a file body of no bytes goes out at once") {
  TestServer server;
  Client client(server.port());
  client.send("GET /nofile HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto begun = std::chrono::steady_clock::now();
  CHECK(client.reply().field("Content-Length") == "0");
  // MSG_MORE would have held it back for 200 ms.
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(190));
}

TEST_CASE("HTTP/1.0: closes unless asked to keep alive, and gets no chunks") {
  TestServer server;
  {
    Client client(server.port());
    client.send("GET /head HTTP/1.0\r\n\r\n");
    CHECK(client.reply().body == "GET|/head||-|1.0|");
    CHECK(client.closed_by_server());
  }
  Client client(server.port());
  client.send("GET /head HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(client.reply().field("Connection") == "keep-alive");
  client.send("GET /chunked?300000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const ClientReply reply = client.reply();
  CHECK(reply.field("Transfer-Encoding") == "(none)");
  CHECK(reply.field("Connection") == "close");
  CHECK((reply.body == pattern(300'000)));
}

TEST_CASE("HTTP: Connection: close is honoured") {
  TestServer server;
  Client client(server.port());
  client.send("GET /head HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(client.reply().field("Connection") == "close");
  CHECK(client.closed_by_server());
}

TEST_CASE("HTTP: a client that has shut down its sending side still gets its answer") {
  TestServer server;
  Client client(server.port());
  client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
  client.shutdown_send();
  CHECK(client.reply().body == "ok");
  CHECK(client.closed_by_server());
}

TEST_CASE("HTTP: an answer before the body: a small rest is read away, a large one closes") {
  HttpLimits limits;
  limits.linger = std::chrono::minutes(1);  // sanitizers on a busy machine take their time
  TestServer server(limits);
  Client client(server.port());
  for (const std::string path : {"/early", "/stop"}) {
    client.send("PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n");
    if (path == "/early") {
      CHECK(client.reply().status == 403);  // before a byte of the body was sent
      client.send(pattern(60'000));
    } else {
      client.send(pattern(60'000));
      CHECK(client.reply().status == 409);
    }
    client.send("PUT " + path + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("3\r\nabc\r\n0\r\n\r\n");
    CHECK(client.reply().status != 0);
  }
  client.send("GET /head HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.reply().status == 200);

  client.send("PUT /early HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n");
  // All of it is taken in, so that the answer is not lost in a reset.
  const std::string megabyte = pattern(1'000'000);
  for (int i = 0; i < 50; ++i) CHECK(client.send(megabyte));
  const ClientReply reply = client.reply();
  CHECK(reply.status == 403);
  CHECK(reply.field("Connection") == "close");
  CHECK(client.closed_by_server());
}

TEST_CASE("HTTP: a service that throws gives a 500, and the process lives on") {
  TestServer server;
  for (const std::string path : {"/throw", "/break"}) {
    Client client(server.port());
    client.send("PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
    const ClientReply reply = client.reply();
    CHECK(reply.status == 500);
    CHECK(reply.body.find("<Code>InternalError</Code>") != std::string::npos);
    CHECK(client.closed_by_server());
  }
}
