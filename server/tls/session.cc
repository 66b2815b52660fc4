#include "server/tls/session.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace bodega::server {
namespace {

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

// Alerts by which clients say that they do not take our certificate. Some say the general one.
bool is_distrust(int reason) {
  switch (reason) {
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED: return true;
    default: return false;
  }
}

TlsSession& session_of(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

}  // namespace

// OpenSSL's own socket BIO raises SIGPIPE, and knows nothing of bytes that were read before.
const BIO_METHOD* TlsSession::socket_method() {
  struct Free {
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  };
  static const std::unique_ptr<BIO_METHOD, Free> method = [] {
    std::unique_ptr<BIO_METHOD, Free> made(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bodega socket"));
    if (!made) fail_in_openssl("describe a socket");
    BIO_meth_set_write(made.get(), write_socket);
    BIO_meth_set_read(made.get(), read_socket);
    BIO_meth_set_ctrl(made.get(), control_socket);
    return made;
  }();
  return method.get();
}

int TlsSession::write_socket(BIO* bio, const char* data, int length) {
  BIO_clear_retry_flags(bio);
  while (true) {
    const ssize_t sent = ::send(session_of(bio).fd_, data, static_cast<std::size_t>(length),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<int>(sent);
    if (errno == EINTR) continue;
    if (would_block()) BIO_set_retry_write(bio);
    return -1;
  }
}

int TlsSession::read_socket(BIO* bio, char* room, int length) {
  BIO_clear_retry_flags(bio);
  TlsSession& session = session_of(bio);
  const auto wanted = static_cast<std::size_t>(length);
  if (!session.first_.empty()) {
    const std::size_t taken = std::min(wanted, session.first_.size());
    std::memcpy(room, session.first_.data(), taken);
    session.first_.erase(0, taken);
    return static_cast<int>(taken);
  }
  while (true) {
    const ssize_t count = ::recv(session.fd_, room, wanted, MSG_DONTWAIT);
    if (count > 0) return static_cast<int>(count);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && would_block()) {
      BIO_set_retry_read(bio);
    } else {
      session.end_of_socket_ = true;
    }
    return static_cast<int>(count);
  }
}

long TlsSession::control_socket(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return session_of(bio).end_of_socket_ ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;  // nothing is held back
}

TlsSession::TlsSession(SSL_CTX& context, int fd, TlsProtocol protocol, std::string_view first)
    : fd_(fd), protocol_(protocol), first_(first), ssl_(SSL_new(&context)) {
  BIO* socket = ssl_ ? BIO_new(socket_method()) : nullptr;
  if (socket == nullptr) fail_in_openssl("begin a TLS session");
  BIO_set_data(socket, this);
  BIO_set_init(socket, 1);
  SSL_set_bio(ssl_.get(), socket, socket);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::Result TlsSession::result_of(int returned) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ: return {Status::kWantsRead};
    case SSL_ERROR_WANT_WRITE: return {Status::kWantsWrite};
    case SSL_ERROR_ZERO_RETURN: no_more_input_ = true; return {Status::kClosed};
    case SSL_ERROR_SYSCALL: broken_ = true; return {Status::kClosed};
    default: break;
  }
  broken_ = true;
  failure_ =
      is_distrust(ERR_GET_REASON(ERR_peek_last_error())) ? Failure::kDistrust : Failure::kOther;
  failure_text_ = take_openssl_error();
  return {Status::kFailed};
}

TlsSession::Result TlsSession::handshake() {
  if (broken_) return {Status::kClosed};
  ERR_clear_error();
  const int returned = SSL_do_handshake(ssl_.get());
  return returned == 1 ? Result{Status::kDone} : result_of(returned);
}

TlsSession::Result TlsSession::read(std::span<char> room) {
  may_hold_bytes_ = read_wants_write_ = false;
  if (broken_ || no_more_input_) return {Status::kClosed};
  std::size_t filled = 0;
  ERR_clear_error();
  while (filled < room.size()) {
    std::size_t count = 0;
    const int returned =
        SSL_read_ex(ssl_.get(), room.data() + filled, room.size() - filled, &count);
    if (returned != 1) {
      Result result = result_of(returned);
      read_wants_write_ = result.status == Status::kWantsWrite;
      if (filled == 0) return result;
      // What was read is handed over first, and the end is for the next call.
      may_hold_bytes_ = broken_ || no_more_input_;
      return {Status::kDone, filled};
    }
    filled += count;
  }
  may_hold_bytes_ = true;
  return {Status::kDone, filled};
}

TlsSession::Result TlsSession::write(std::string_view bytes) {
  if (broken_) return {Status::kClosed};
  std::size_t written = 0;
  ERR_clear_error();
  while (written < bytes.size()) {
    std::size_t count = 0;
    const int returned =
        SSL_write_ex(ssl_.get(), bytes.data() + written, bytes.size() - written, &count);
    if (returned != 1) return {result_of(returned).status, written};
    written += count;
  }
  return {Status::kDone, written};
}

void TlsSession::close_notify() {
  if (broken_ || SSL_in_init(ssl_.get()) == 1) return;
  if ((SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace bodega::server
