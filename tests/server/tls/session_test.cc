// One session over a pair of sockets, with OpenSSL's client at the other end.
#include "server/tls/session.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>

#include "server/tls/tls.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using namespace bodega::server;

namespace {

using Status = TlsSession::Status;

// A server that accepts on one socket, and a client that has the other. Neither blocks.
class Pair {
 public:
  Pair() {
    tls.keep_authority_in(authority_folder / "ca.key");
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets);
    context.reset(SSL_CTX_new(TLS_client_method()));
    client.reset(SSL_new(context.get()));
    SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(client.get());
  }
  ~Pair() {
    session.reset();
    ::close(sockets[0]);
    ::close(sockets[1]);
  }

  // What the client wants to send now.
  std::string outgoing() {
    std::string bytes(100'000, '\0');
    const int count = BIO_read(SSL_get_wbio(client.get()), bytes.data(), 100'000);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }

  // Hands to the client what the server has sent.
  void deliver() {
    char bytes[65536];
    for (ssize_t count = 0; (count = ::read(sockets[1], bytes, sizeof bytes)) > 0;) {
      BIO_write(SSL_get_rbio(client.get()), bytes, static_cast<int>(count));
    }
  }

  void send(std::string_view bytes) const {
    REQUIRE(::write(sockets[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }

  void shake_hands() {
    SSL_do_handshake(client.get());
    session = tls.accept(sockets[0], TlsProtocol::kHttp, outgoing(), "a test");
    REQUIRE(session);
    session->handshake();
    deliver();
    REQUIRE(SSL_do_handshake(client.get()) == 1);
    send(outgoing());
    REQUIRE(session->handshake().status == Status::kDone);
  }

  void client_says(const std::string& text) {
    SSL_write(client.get(), text.data(), static_cast<int>(text.size()));
    send(outgoing());
  }

  tests::ScratchFolder authority_folder;
  Tls tls{Tls::Settings{}};
  int sockets[2];
  ContextPointer context;
  SslPointer client;
  std::unique_ptr<TlsSession> session;
};

}  // namespace

TEST_CASE("TLS session: a handshake that comes byte by byte waits for each") {
  Pair pair;
  SSL_do_handshake(pair.client.get());
  const std::string hello = pair.outgoing();
  pair.session = pair.tls.accept(pair.sockets[0], TlsProtocol::kHttp, hello.substr(0, 1), "a test");
  for (const char c : hello.substr(1)) {
    REQUIRE(pair.session->handshake().status == Status::kWantsRead);
    pair.send({&c, 1});
  }
  CHECK(pair.session->handshake().status == Status::kWantsRead);
  pair.deliver();
  REQUIRE(SSL_do_handshake(pair.client.get()) == 1);
  for (const char c : pair.outgoing()) {
    REQUIRE(pair.session->handshake().status == Status::kWantsRead);
    pair.send({&c, 1});
  }
  CHECK(pair.session->handshake().status == Status::kDone);
}

TEST_CASE("TLS session: reading says whether there may be more") {
  Pair pair;
  pair.shake_hands();
  pair.client_says("hello");
  char room[100];
  auto got = pair.session->read(room);
  CHECK(got.status == Status::kDone);
  CHECK(std::string_view(room, got.bytes) == "hello");
  CHECK_FALSE(pair.session->may_hold_bytes());
  CHECK(pair.session->read(room).status == Status::kWantsRead);
  CHECK_FALSE(pair.session->may_hold_bytes());
  pair.client_says(std::string(150, 'x'));
  CHECK(pair.session->read(room).bytes == 100);
  CHECK(pair.session->may_hold_bytes());
  CHECK(pair.session->read(room).bytes == 50);
  CHECK_FALSE(pair.session->may_hold_bytes());
}

TEST_CASE("TLS session: a write that blocks goes on where it was, and nothing is lost") {
  Pair pair;
  pair.shake_hands();
  std::string sent(3'000'000, ' ');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 7 + i / 251);
  std::string got;
  std::size_t done = 0;
  int blocked = 0;
  while (done < sent.size()) {
    const std::string moved = sent.substr(done);  // the bytes may lie elsewhere the next time
    const TlsSession::Result result = pair.session->write(moved);
    done += result.bytes;
    if (result.status == Status::kWantsWrite) ++blocked;
    pair.deliver();
    char bytes[65536];
    for (int count = 0; (count = SSL_read(pair.client.get(), bytes, sizeof bytes)) > 0;) {
      got.append(bytes, static_cast<std::size_t>(count));
    }
  }
  CHECK(blocked > 2);
  CHECK(got == sent);
}

TEST_CASE("TLS session: a client that has ended its direction still gets what is written") {
  Pair pair;
  pair.shake_hands();
  pair.client_says("last words");
  bool expects_an_answer = true;
  SECTION("by TLS") {
    SSL_shutdown(pair.client.get());
    pair.send(pair.outgoing());
  }
  SECTION("by the socket alone") { ::shutdown(pair.sockets[1], SHUT_WR); }
  SECTION("and its socket is gone") {
    ::close(pair.sockets[1]);
    pair.sockets[1] = ::open("/dev/null", O_RDONLY);
    expects_an_answer = false;
  }
  char room[100];
  CHECK(pair.session->read(room).bytes == 10);
  CHECK(pair.session->may_hold_bytes());  // the end
  CHECK(pair.session->read(room).status == Status::kClosed);
  CHECK((pair.session->write("answer").status == Status::kDone) == expects_an_answer);
  CHECK(pair.session->failure() == TlsSession::Failure::kNone);
  if (!expects_an_answer) return;
  pair.session->close_notify();
  pair.deliver();
  CHECK(SSL_read(pair.client.get(), room, sizeof room) == 6);
  CHECK(SSL_read(pair.client.get(), room, sizeof room) == 0);
  CHECK(SSL_get_error(pair.client.get(), 0) == SSL_ERROR_ZERO_RETURN);
}

TEST_CASE("TLS session: what is no TLS fails, with a reason, and stays failed") {
  Pair pair;
  const std::string first = GENERATE(std::string("\x16GET / HTTP/1.1\r\n\r\n"),
                                     std::string("\x16\x03\x01\x00\x05hello", 10));
  pair.session = pair.tls.accept(pair.sockets[0], TlsProtocol::kRedis, first, "a test");
  CHECK(pair.session->handshake().status == Status::kFailed);
  CHECK(pair.session->failure() == TlsSession::Failure::kOther);
  CHECK_FALSE(pair.session->failure_text().empty());
  CHECK(pair.session->handshake().status == Status::kClosed);
  pair.session->close_notify();
}

TEST_CASE("TLS session: a record that was changed on the way fails the session") {
  Pair pair;
  pair.shake_hands();
  SSL_write(pair.client.get(), "hello", 5);
  std::string record = pair.outgoing();
  record.back() = static_cast<char>(record.back() ^ 1);
  pair.send(record);
  char room[100];
  CHECK(pair.session->read(room).status == Status::kFailed);
  CHECK(pair.session->failure() == TlsSession::Failure::kOther);
  CHECK(pair.session->write("x").status == Status::kClosed);
}

TEST_CASE("TLS session: a client that does not trust the certificate is told apart") {
  Pair pair;
  SSL_set_verify(pair.client.get(), SSL_VERIFY_PEER, nullptr);
  SSL_do_handshake(pair.client.get());
  pair.session = pair.tls.accept(pair.sockets[0], TlsProtocol::kHttp, pair.outgoing(), "a test");
  pair.session->handshake();
  pair.deliver();
  CHECK(SSL_do_handshake(pair.client.get()) != 1);
  pair.send(pair.outgoing());
  CHECK(pair.session->handshake().status == Status::kFailed);
  CHECK(pair.session->failure() == TlsSession::Failure::kDistrust);
}

TEST_CASE("TLS: when it is off nothing is accepted, and there is no authority") {
  const tests::ScratchFolder folder;
  Tls::Settings settings;
  settings.mode = Tls::Mode::kOff;
  Tls tls(settings);
  tls.keep_authority_in(folder / "ca.key");
  CHECK(tls.accept(0, TlsProtocol::kHttp, "\x16", "a test") == nullptr);
  CHECK_FALSE(tls.authority_pem());
  CHECK_FALSE(std::filesystem::exists(folder / "ca.key"));
}
