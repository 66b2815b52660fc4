// Stream's TLS half: the same functions, with a session between the caller and the socket.
#include <unistd.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "server/http/stream.h"

namespace bodega::server {
namespace {

// What TLS puts into one record. Small parts, such as head and body, go out together.
constexpr std::size_t kRecordBytes = 16 * 1024;

}  // namespace

Task<bool> Stream::start_tls(Tls& tls, std::string_view first, std::string_view peer) {
  const int fd = static_cast<int>(socket_.native_handle());
  tls_ = tls.accept(fd, TlsProtocol::kHttp, first, peer);
  if (!tls_) co_return false;
  co_return co_await shake_hands();
}

Task<bool> Stream::shake_hands() {
  while (true) {
    const TlsSession::Status status = tls_->handshake().status;
    if (status == TlsSession::Status::kDone) co_return true;
    const bool waits =
        status == TlsSession::Status::kWantsRead || status == TlsSession::Status::kWantsWrite;
    if (!waits) co_return false;
    const auto what =
        status == TlsSession::Status::kWantsRead ? Socket::wait_read : Socket::wait_write;
    const auto [error] = co_await socket_.async_wait(what, kAwait);
    if (error) co_return false;
  }
}

Task<Stream::Read> Stream::read_tls(std::span<char> room) {
  bool writes = tls_->read_wants_write();
  if (tls_->may_hold_bytes()) {
    // A peer that sends fast never makes us wait, so the loop's other connections get their turn.
    const LoopExecutor loop = executor();
    co_await asio::post(loop, kAwait);
  } else {
    const auto what = writes ? Socket::wait_write : Socket::wait_read;
    const auto [error] = co_await socket_.async_wait(what, kAwait);
    if (error) co_return Read{error, 0};
  }
  while (true) {
    const TlsSession::Result got = tls_->read(room);
    if (got.bytes > 0) co_return Read{boost::system::error_code(), got.bytes};
    writes = got.status == TlsSession::Status::kWantsWrite;
    if (!writes && got.status != TlsSession::Status::kWantsRead) {
      co_return Read{asio::error::make_error_code(asio::error::eof), 0};
    }
    const auto what = writes ? Socket::wait_write : Socket::wait_read;
    const auto [error] = co_await socket_.async_wait(what, kAwait);
    if (error) co_return Read{error, 0};
  }
}

// Both functions below count bytes when their record is out: until then the caller comes again with
// the same ones, as TLS demands, and the record waits as it is.
Stream::Sent Stream::send_record() {
  const TlsSession::Result result = tls_->write(record_);
  if (result.status == TlsSession::Status::kDone) {
    const std::size_t count = record_.size();
    record_.clear();
    return {Status::kDone, count, 0};
  }
  return {result.status == TlsSession::Status::kWantsWrite ? Status::kBlocked : Status::kFailed, 0,
          0};
}

Stream::Sent Stream::write_tls(std::span<iovec> parts) {
  std::size_t total = 0;
  while (true) {
    if (record_.empty()) {
      for (const iovec& part : parts) {
        const std::size_t room = kRecordBytes - record_.size();
        record_.append(static_cast<const char*>(part.iov_base), std::min(part.iov_len, room));
      }
    }
    if (record_.empty()) break;
    const Sent sent = send_record();
    if (sent.status != Status::kDone) return {sent.status, total, 0};
    take_from(parts, sent.bytes);
    total += sent.bytes;
  }
  std::string().swap(record_);  // a connection that waits has none
  return {Status::kDone, total, 0};
}

Stream::Sent Stream::send_file_tls(int fd, std::uint64_t offset, std::size_t length) {
  std::size_t total = 0;
  while (total < length) {
    if (record_.empty()) {
      record_.resize(std::min(kRecordBytes, length - total));
      const auto position = static_cast<off_t>(offset + total);
      ssize_t count = ::pread(fd, record_.data(), record_.size(), position);
      while (count < 0 && errno == EINTR) {
        count = ::pread(fd, record_.data(), record_.size(), position);
      }
      record_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
      if (count <= 0) return {Status::kFileFailed, total, count < 0 ? errno : 0};
    }
    const Sent sent = send_record();
    if (sent.status != Status::kDone) return {sent.status, total, 0};
    total += sent.bytes;
  }
  std::string().swap(record_);
  return {Status::kDone, total, 0};
}

}  // namespace bodega::server
