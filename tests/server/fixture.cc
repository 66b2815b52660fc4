#include "tests/server/fixture.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <stdexcept>
#include <utility>

#include "engines/base/text.h"

namespace bodega::server::test {
namespace {

constexpr int kPatienceMs = 10'000;

std::uint64_t number_in(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

http::Reply text_reply(int status, std::string body) {
  http::Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.service = "test";
  reply.operation = "Test";
  return reply;
}

class PatternSource : public http::BodySource {
 public:
  PatternSource(std::uint64_t length, std::uint64_t fail_at) : length_(length), fail_at_(fail_at) {}
  std::size_t read(std::span<char> buffer) override {
    std::size_t filled = 0;
    // In odd pieces, as sources may.
    const std::size_t most = std::min<std::size_t>(buffer.size(), 10'007);
    while (filled < most && position_ < length_) {
      if (position_ == fail_at_) throw std::runtime_error("a broken source, as the test wants");
      buffer[filled++] = pattern_at(position_++);
    }
    return filled;
  }

 private:
  std::uint64_t length_;
  std::uint64_t fail_at_;
  std::uint64_t position_ = 0;
};

class TestSink : public http::BodySink {
 public:
  TestSink(TestService& service, std::string path) : service_(service), path_(std::move(path)) {}
  ~TestSink() override {
    if (!finished_) ++service_.abandoned;
  }

  Flow write(std::string_view bytes) override {
    if (path_ == "/break") throw std::runtime_error("the sink is broken, as the test wants");
    count_ += bytes.size();
    if (path_ == "/echo") body_.append(bytes);
    if (path_ == "/stop") return Flow::kStop;
    if (path_ == "/wait" || path_ == "/stuck" || path_ == "/kept") return Flow::kWait;
    return Flow::kMore;
  }

  Flow end() override {
    ended_ = true;
    return path_ == "/late" ? Flow::kWait : Flow::kMore;
  }

  void resume(std::function<void()> ready) override {
    if (path_ == "/stuck") return;
    if (path_ == "/kept") {
      service_.keep(std::move(ready));
      return;
    }
    service_.run_elsewhere(std::move(ready));
  }

  http::Reply finish(const http::Headers& trailers) override {
    finished_ = true;
    if (path_ != "/stop" && !ended_) return text_reply(500, "finish() came before end()");
    if (path_ == "/throw") throw std::runtime_error("finish is broken, as the test wants");
    if (path_ == "/stop") return text_reply(409, "stopped");
    http::Reply reply = text_reply(200, path_ == "/echo" ? body_ : std::to_string(count_));
    for (const auto& field : trailers) reply.headers.add("X-Trailer-" + field.name, field.value);
    return reply;
  }

 private:
  TestService& service_;
  std::string path_;
  std::string body_;
  std::uint64_t count_ = 0;
  bool ended_ = false;
  bool finished_ = false;
};

std::string describe(const http::RequestHead& head) {
  std::string text = head.method + "|" + head.path + "|" + std::string(head.query.raw()) + "|" +
                     (head.has_query_mark ? "?" : "-") + "|1." +
                     std::to_string(head.version_minor) + "|";
  for (const auto& field : head.headers) text += field.name + "=" + field.value + ";";
  return text;
}

}  // namespace

char pattern_at(std::uint64_t position) {
  return static_cast<char>('a' + (position * 31 + position / 1021) % 26);
}

std::string pattern(std::uint64_t length) {
  std::string text(length, ' ');
  for (std::uint64_t i = 0; i < length; ++i) text[i] = pattern_at(i);
  return text;
}

TestService::~TestService() {
  for (std::thread& thread : threads_) thread.join();
}

void TestService::run_elsewhere(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  threads_.emplace_back(std::move(task));
}

void TestService::keep(std::function<void()> ready) {
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::move(ready));
}

std::vector<std::function<void()>> TestService::take_kept() {
  const std::lock_guard lock(mutex_);
  return std::exchange(kept_, {});
}

void TestService::serve_file(int fd, std::uint64_t size_bytes) {
  fd_ = fd;
  file_bytes_ = size_bytes;
}

http::Begun TestService::begin(http::RequestHead head) {
  ++begun;
  const std::uint64_t number = number_in(head.query.raw());
  if (head.path == "/early") return text_reply(403, "no");
  if (head.path == "/secure") return text_reply(200, head.secure ? "yes" : "no");
  if (head.path == "/big") return text_reply(200, pattern(number));
  if (head.path == "/status") return text_reply(static_cast<int>(number), "body");
  if (head.path == "/file") {
    http::Reply reply = text_reply(200, "");
    const std::uint64_t half = file_bytes_ / 2;
    std::vector<http::FileSlice> slices(2);
    slices[0].fd = slices[1].fd = fd_;
    slices[0].length_bytes = slices[1].offset = half;
    slices[1].length_bytes = file_bytes_ - half;
    reply.body = std::move(slices);
    return reply;
  }
  if (head.path == "/nofile") {
    http::Reply reply = text_reply(200, "");
    reply.body = std::vector<http::FileSlice>();
    return reply;
  }
  if (head.path == "/stream" || head.path == "/chunked" || head.path == "/short" ||
      head.path == "/lack" || head.path == "/excess") {
    http::Reply reply = text_reply(200, "");
    http::StreamBody body;
    body.length_bytes = head.path == "/chunked" ? http::StreamBody::kUnknownLength : number;
    const std::uint64_t has = head.path == "/lack"     ? number / 2
                              : head.path == "/excess" ? number * 2
                                                       : number;
    body.source =
        std::make_unique<PatternSource>(has, head.path == "/short" ? number / 2 : UINT64_MAX);
    reply.body = std::move(body);
    return reply;
  }
  if (head.path == "/port") return text_reply(200, std::to_string(head.local_port));
  if (head.path.starts_with("/head")) return text_reply(200, describe(head));
  return std::make_unique<TestSink>(*this, head.path);
}

HttpOptions TestServer::options(const HttpLimits& limits, unsigned loops, Tls* tls) {
  HttpOptions options;
  options.addresses = {Address::of("127.0.0.1", 0)};
  options.loops = loops;
  options.limits = limits;
  options.tls = tls;
  return options;
}

TestServer::TestServer(HttpLimits limits, unsigned loops, Tls* tls)
    : server(options(limits, loops, tls), service, clock, metrics) {
  server.start();
}

std::string ClientReply::field(std::string_view name) const {
  std::size_t at = 0;
  while ((at = head.find("\r\n", at)) != std::string::npos) {
    at += 2;
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string_view line = std::string_view(head).substr(at, end - at);
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    if (base::equals_ignoring_case(line.substr(0, colon), name)) {
      return std::string(line.substr(colon + 2));
    }
  }
  return "(none)";
}

Client::Client(std::uint16_t port) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("the test's client cannot connect");
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Client::Client(std::uint16_t port, const std::string& ca_pem, const std::string& host)
    : Client(port) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write() where the others use MSG_NOSIGNAL
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  const BioPointer pem(BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())));
  const CertificatePointer ca(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), ca.get());
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), fd_);
  SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
  SSL_set1_host(ssl_.get(), host.c_str());
  if (SSL_connect(ssl_.get()) != 1) {
    throw std::runtime_error("the test's client cannot begin TLS: " + take_openssl_error());
  }
}

Client::~Client() { ::close(fd_); }

void Client::close_notify() { SSL_shutdown(ssl_.get()); }

bool Client::ended_well() const {
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool Client::send(std::string_view bytes) {
  if (ssl_) {
    const int length = static_cast<int>(bytes.size());
    return length == 0 || SSL_write(ssl_.get(), bytes.data(), length) == length;
  }
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Client::shutdown_send() { ::shutdown(fd_, SHUT_WR); }

void Client::set_receive_buffer(int bytes) {
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool Client::readable_within(int milliseconds) {
  if (!buffer_.empty() || (ssl_ && SSL_pending(ssl_.get()) > 0)) return true;
  pollfd wanted{fd_, POLLIN, 0};
  return ::poll(&wanted, 1, milliseconds) == 1;
}

bool Client::fill() {
  pollfd wanted{fd_, POLLIN, 0};
  const bool at_hand = ssl_ && SSL_pending(ssl_.get()) > 0;
  if (!at_hand && ::poll(&wanted, 1, kPatienceMs) != 1) {
    throw std::runtime_error("the server says nothing");
  }
  char bytes[64 * 1024];
  const ssize_t count =
      ssl_ ? SSL_read(ssl_.get(), bytes, sizeof bytes) : ::recv(fd_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string Client::read(std::size_t count) {
  while (buffer_.size() < count && fill()) {
  }
  const std::string taken = buffer_.substr(0, count);
  buffer_.erase(0, taken.size());
  return taken;
}

std::string Client::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

bool Client::closed_by_server() { return buffer_.empty() && !fill(); }

ClientReply Client::reply(std::string_view method) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  ClientReply reply;
  reply.head = read(end);
  read(4);
  reply.status = static_cast<int>(number_in(std::string_view(reply.head).substr(9, 3)));
  if (method == "HEAD" || reply.status == 204 || reply.status == 304 || reply.status < 200) {
    return reply;
  }
  if (reply.field("Transfer-Encoding") == "chunked") {
    while (true) {
      while ((end = buffer_.find("\r\n")) == std::string::npos) {
        if (!fill()) return {};
      }
      const std::string line = read(end + 2);
      const std::size_t size = std::stoul(line, nullptr, 16);
      const std::string piece = read(size + 2);
      if (piece.size() != size + 2 || !piece.ends_with("\r\n")) return {};
      if (size == 0) return reply;
      reply.body.append(piece, 0, size);
    }
  }
  if (reply.field("Content-Length") == "(none)") {
    reply.body = read_to_end();
    return reply;
  }
  const std::size_t length = number_in(reply.field("Content-Length"));
  reply.body = read(length);
  if (reply.body.size() != length) return {};
  return reply;
}

}  // namespace bodega::server::test
