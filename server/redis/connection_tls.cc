// RedisConnection's TLS half: the handshake, and reading and writing through the session.
#include <boost/asio/error.hpp>
#include <chrono>
#include <utility>

#include "server/redis/connection.h"
#include "server/redis/listener.h"
#include "server/tls/tls.h"

namespace bodega::server {
namespace {

constexpr std::chrono::seconds kHandshakeLimit{10};

boost::system::error_code error_of(TlsSession::Status status) {
  switch (status) {
    case TlsSession::Status::kDone: return {};
    case TlsSession::Status::kWantsRead:
    case TlsSession::Status::kWantsWrite:
      return asio::error::make_error_code(asio::error::would_block);
    case TlsSession::Status::kClosed:
    case TlsSession::Status::kFailed: break;
  }
  return asio::error::make_error_code(asio::error::connection_reset);
}

}  // namespace

void RedisConnection::begin_tls(std::string_view first) {
  tls_ = listener_.tls()->accept(descriptor_, TlsProtocol::kRedis, first, address_);
  if (!tls_) return close();
  limit_handshake();
  shake_hands();
}

void RedisConnection::limit_handshake() {
  handshake_limit_ = std::make_unique<Timer>(socket_.get_executor());
  handshake_limit_->expires_after(kHandshakeLimit);
  handshake_limit_->async_wait([this](const boost::system::error_code& error) {
    --operations_;
    listener_.activate();
    if (!error && handshake_limit_) close();
  });
  ++operations_;
}

void RedisConnection::shake_hands() {
  const TlsSession::Status status = tls_->handshake().status;
  if (status == TlsSession::Status::kDone) {
    handshake_limit_.reset();
    listener_.metrics().tls_begun();
    return read();
  }
  if (error_of(status) != asio::error::would_block) return close();
  const auto what =
      status == TlsSession::Status::kWantsRead ? Socket::wait_read : Socket::wait_write;
  socket_.async_wait(what, [this](const boost::system::error_code& error) {
    --operations_;
    watching_ = false;
    listener_.activate();
    if (error) return close();
    if (!closed_) guarded([this] { shake_hands(); });
  });
  watching_ = true;
  ++operations_;
}

std::size_t RedisConnection::read_tls(std::span<char> room, boost::system::error_code& error) {
  const TlsSession::Result result = tls_->read(room);
  error = error_of(result.status);
  return result.bytes;
}

// What TLS took before it had to wait counts as written; the rest is for the next time.
std::size_t RedisConnection::write_tls(std::string_view bytes, boost::system::error_code& error) {
  const TlsSession::Result result = tls_->write(bytes);
  error = result.bytes > 0 ? boost::system::error_code() : error_of(result.status);
  return result.bytes;
}

void RedisConnection::end_tls() {
  handshake_limit_.reset();
  tls_->close_notify();
  if (tls_->failure() == TlsSession::Failure::kNone) return;
  listener_.metrics().tls_failed();
  listener_.tls()->note_failure(*tls_, address_);
}

}  // namespace bodega::server
