// HTTPS on the port of HTTP: requests and bodies as over plain connections, limits, and ends.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/catch.h"
#include "tests/scratch_folder.h"
#include "tests/server/fixture.h"

using namespace bodega;
using namespace bodega::server;
using namespace bodega::server::test;
using namespace std::chrono_literals;

namespace {

class SecureServer {
 public:
  explicit SecureServer(HttpLimits limits = {}) : server(limits, 2, &tls) {
    tls.keep_authority_in(folder / "ca.key");
    ca = *tls.authority_pem();
  }

  std::uint16_t port() const { return server.port(); }

  std::uint64_t figure(const std::string& name) const {
    const std::string text = server.metrics.render();
    const std::string line = "\n" + name + "{listener=\"http\"} ";
    return std::stoull(text.substr(text.find(line) + line.size()));
  }

  bool reaches(const std::string& name, std::uint64_t value) const {
    for (int i = 0; i < 2000; ++i) {
      if (figure(name) == value) return true;
      std::this_thread::sleep_for(2ms);
    }
    return false;
  }

  tests::ScratchFolder folder;
  Tls tls{Tls::Settings{}};
  std::string ca;
  TestServer server;
};

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

}  // namespace

TEST_CASE("HTTPS: plain and secure requests on one port, and the service can tell") {
  SecureServer server;
  Client secure(server.port(), server.ca);
  Client plain(server.port());
  for (int i = 0; i < 3; ++i) {
    secure.send(get("/secure"));
    plain.send(get("/secure"));
    CHECK(secure.reply().body == "yes");
    CHECK(plain.reply().body == "no");
  }
  CHECK(server.figure("bodega_tls_connections_total") == 1);
  CHECK(server.figure("bodega_tls_failures_total") == 0);
}

TEST_CASE("HTTPS: pipelined requests are answered in order") {
  SecureServer server;
  Client client(server.port(), server.ca);
  std::string all;
  for (int i = 0; i < 500; ++i) all += get("/head/" + std::to_string(i));
  client.send(all);
  for (int i = 0; i < 500; ++i) {
    CHECK(client.reply().body == "GET|/head/" + std::to_string(i) + "||-|1.1|Host=x;");
  }
}

TEST_CASE("HTTPS: bodies out of strings, sources and files arrive whole") {
  SecureServer server;
  const std::string content = pattern(5'000'001);
  const std::string path = (server.folder / "file").string();
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  REQUIRE(::write(fd, content.data(), content.size()) == 5'000'001);
  server.server.service.serve_file(fd, content.size());
  Client client(server.port(), server.ca);
  for (const std::string target :
       {"/big?5000001", "/stream?5000001", "/chunked?5000001", "/file", "/big?16384", "/big?16400",
        "/chunked?0", "/nofile", "/stream?1"}) {
    const std::size_t mark = target.find('?');
    const std::size_t length = mark != std::string::npos ? std::stoul(target.substr(mark + 1))
                               : target == "/file"       ? content.size()
                                                         : 0;
    client.send(get(target));
    const ClientReply reply = client.reply();
    CHECK(reply.status == 200);
    CHECK(reply.body == content.substr(0, length));
  }
  ::close(fd);
}

TEST_CASE("HTTPS: a large body streams in, by length and in chunks, and is echoed") {
  SecureServer server;
  Client client(server.port(), server.ca);
  const std::string body = pattern(3'000'000);
  client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + body);
  CHECK(client.reply().body == body);
  client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2DC6C0\r\n" +
              body + "\r\n0\r\n\r\n");
  CHECK(client.reply().body == body);
  client.send("PUT /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + pattern(100'000));
  CHECK(client.reply().body == "100000");
}

TEST_CASE("HTTPS: Expect: 100-continue is answered at once after the head") {
  SecureServer server;
  Client client(server.port(), server.ca);
  client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.reply().status == 100);
  client.send("ab");
  CHECK(client.reply().body == "ab");
}

TEST_CASE("HTTPS: the end is told after a whole reply, and not after one that broke off") {
  SecureServer server;
  Client client(server.port(), server.ca);
  SECTION("whole") {
    client.send("GET /head HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(client.reply().status == 200);
    CHECK(client.closed_by_server());
    CHECK(client.ended_well());
  }
  SECTION("whole, up to the end of the connection") {
    client.send("GET /chunked?100000 HTTP/1.0\r\n\r\n");
    CHECK(client.reply().body == pattern(100'000));
    CHECK(client.ended_well());
  }
  SECTION("with a rest of the request that nobody reads") {
    client.send("PUT /early HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" +
                pattern(100'000));
    CHECK(client.reply().status == 403);
    CHECK(client.closed_by_server());
    CHECK(client.ended_well());
  }
  SECTION("broken off") {
    client.send(get("/short?1000000"));
    CHECK(client.reply().status == 0);
    CHECK_FALSE(client.ended_well());
  }
}

TEST_CASE("HTTPS: a client that has ended its direction still gets its answer") {
  SecureServer server;
  Client client(server.port(), server.ca);
  client.send(get("/big?1000000"));
  SECTION("by TLS") { client.close_notify(); }
  SECTION("by the socket alone") { client.shutdown_send(); }
  CHECK(client.reply().body == pattern(1'000'000));
  CHECK(client.closed_by_server());
}

TEST_CASE("HTTPS: a handshake that does not come to its end is cut off") {
  HttpLimits limits;
  limits.handshake = 60ms;
  SecureServer server(limits);
  Client client(server.port());
  client.send("\x16\x03\x01");
  CHECK(client.closed_by_server());
  CHECK(server.figure("bodega_tls_connections_total") == 0);
}

TEST_CASE("HTTPS: what is no TLS behind its first byte is counted and closed") {
  SecureServer server;
  Client client(server.port());
  client.send("\x16GET / HTTP/1.1\r\n\r\n");
  client.read_to_end();
  CHECK(server.reaches("bodega_tls_failures_total", 1));
}

TEST_CASE("HTTPS: limits of idleness, head and body hold") {
  HttpLimits limits;
  limits.idle = limits.head = limits.stall = 100ms;
  SecureServer server(limits);
  Client client(server.port(), server.ca);
  SECTION("idle") {
    CHECK(client.closed_by_server());
    CHECK(client.ended_well());
  }
  SECTION("head") {
    client.send("GET /head HTTP/1.1\r\nHo");
    CHECK(client.reply().status == 400);
  }
  SECTION("body") {
    client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc");
    CHECK(client.reply().status == 400);
  }
  SECTION("a reply that nobody reads") {
    client.send(get("/big?50000000"));
    CHECK(server.reaches("bodega_open_connections", 0));
    client.read_to_end();
    CHECK_FALSE(client.ended_well());
  }
}

TEST_CASE("HTTPS: the stop waits neither for the idle nor for those that shake hands") {
  SecureServer server;
  Client idle(server.port(), server.ca);
  Client half(server.port());
  idle.send(get("/secure"));
  CHECK(idle.reply().body == "yes");
  half.send("\x16\x03\x01");
  CHECK(server.reaches("bodega_open_connections", 2));
  server.server.stop();
  CHECK(idle.closed_by_server());
  CHECK(half.closed_by_server());
}

TEST_CASE("HTTPS: where TLS is off, and where there is none") {
  Tls::Settings settings;
  settings.mode = Tls::Mode::kOff;
  Tls off(settings);
  TestServer refusing({}, 1, &off);
  Client refused(refusing.port());
  refused.send("\x16\x03\x01");
  CHECK(refused.read_to_end().empty());
  TestServer ignorant;
  Client answered(ignorant.port());
  answered.send("\x16\x03\x01\r\n\r\n");
  CHECK(answered.reply().status == 400);
}

TEST_CASE("HTTPS: many clients at once, each with its own answers") {
  SecureServer server;
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 40; ++i) {
    threads.emplace_back([&server, &right, i] {
      Client client(server.port(), server.ca, "bucket-" + std::to_string(i) + ".localhost");
      for (int round = 0; round < 5; ++round) {
        const std::string body = pattern(static_cast<std::uint64_t>(50'000 + i));
        client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
        if (client.reply().body == body) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 200);
}
