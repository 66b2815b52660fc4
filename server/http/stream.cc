#include "server/http/stream.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>

#include "server/net/address.h"

namespace bodega::server {
namespace {

// What sendfile says when the file is at fault, and not the connection.
bool is_fault_of_file(int error) {
  switch (error) {
    case EIO:
    case EUCLEAN:
    case EBADMSG:
    case ENODATA:
    case ENXIO:
    case ENODEV:
    case ESTALE:
    case EINVAL: return true;
    default: return false;
  }
}

Stream::Sent failure(std::size_t bytes) {
  const bool blocked = errno == EAGAIN || errno == EWOULDBLOCK;
  return {blocked ? Stream::Status::kBlocked : Stream::Status::kFailed, bytes, 0};
}

}  // namespace

Stream::Stream(Socket socket) : socket_(std::move(socket)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
}

Stream::Sent Stream::write_now(std::span<iovec> parts, More more) {
  if (tls_) return write_tls(parts);
  std::size_t total = 0;
  while (true) {
    while (!parts.empty() && parts.front().iov_len == 0) parts = parts.subspan(1);
    if (parts.empty()) return {Status::kDone, total, 0};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more == More::kYes ? MSG_MORE : 0);
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, flags);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return failure(total);
    }
    const auto count = static_cast<std::size_t>(sent);
    total += count;
    take_from(parts, count);
  }
}

Stream::Sent Stream::send_file_now(int fd, std::uint64_t offset, std::size_t length) {
  if (tls_) return send_file_tls(fd, offset, length);
  std::size_t total = 0;
  while (total < length) {
    auto position = static_cast<off_t>(offset + total);
    const ssize_t sent = ::sendfile(socket_.native_handle(), fd, &position, length - total);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (is_fault_of_file(errno)) return {Status::kFileFailed, total, errno};
      return failure(total);
    }
    if (sent == 0) return {Status::kFileFailed, total, 0};
    total += static_cast<std::size_t>(sent);
  }
  return {Status::kDone, total, 0};
}

void Stream::take_from(std::span<iovec> parts, std::size_t count) {
  for (iovec& part : parts) {
    const std::size_t taken = count < part.iov_len ? count : part.iov_len;
    part.iov_base = static_cast<char*>(part.iov_base) + taken;
    part.iov_len -= taken;
    count -= taken;
  }
}

void Stream::finish() {
  if (tls_) tls_->close_notify();
}

void Stream::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Stream::shutdown_send() {
  finish();
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Stream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::string Stream::peer() const {
  boost::system::error_code error;
  const tcp::endpoint endpoint = socket_.remote_endpoint(error);
  if (error) return "";
  return Address::of(endpoint.address().to_string(), endpoint.port()).text();
}

std::uint16_t Stream::local_port() const {
  boost::system::error_code error;
  const tcp::endpoint endpoint = socket_.local_endpoint(error);
  return error ? std::uint16_t{0} : endpoint.port();
}

}  // namespace bodega::server
