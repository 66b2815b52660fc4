#include "server/redis/outbound.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "engines/base/descriptor.h"

namespace bodega::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

// What is ready at the deadline at the latest.
bool await(int fd, short events, SteadyClock::time_point deadline) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    pollfd waited{fd, events, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

class SocketOutbound : public redis::Outbound {
 public:
  SocketOutbound(base::Descriptor socket, std::int64_t timeout_ms)
      : socket_(std::move(socket)), timeout_(timeout_ms) {}

  bool send(std::string_view bytes) override {
    const auto deadline = SteadyClock::now() + timeout_;
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (!may_go_on(POLLOUT, deadline)) {
        return false;
      }
    }
    return true;
  }

  bool receive_line(std::string& line) override {
    const auto deadline = SteadyClock::now() + timeout_;
    while (true) {
      const std::size_t end = arrived_.find("\r\n");
      if (end != std::string::npos) {
        line = arrived_.substr(0, end);
        arrived_.erase(0, end + 2);
        return true;
      }
      if (arrived_.size() > kMaxLineBytes) return false;
      std::array<char, 4096> room;
      const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), 0);
      if (got == 0) return false;
      if (got > 0) {
        arrived_.append(room.data(), static_cast<std::size_t>(got));
      } else if (!may_go_on(POLLIN, deadline)) {
        return false;
      }
    }
  }

 private:
  // After a call that did nothing.
  bool may_go_on(short events, SteadyClock::time_point deadline) const {
    if (errno == EINTR) return true;
    return (errno == EAGAIN || errno == EWOULDBLOCK) && await(socket_.get(), events, deadline);
  }

  base::Descriptor socket_;
  std::chrono::milliseconds timeout_;
  std::string arrived_;
};

base::Descriptor connect_to(const addrinfo& place, SteadyClock::time_point deadline) {
  base::Descriptor socket(::socket(
      place.ai_family, place.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, place.ai_protocol));
  if (!socket.is_open()) return socket;
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.get(), place.ai_addr, place.ai_addrlen) == 0) return socket;
  int error = errno;
  socklen_t size = sizeof error;
  if (error == EINPROGRESS && await(socket.get(), POLLOUT, deadline) &&
      ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) {
    return socket;
  }
  return base::Descriptor();
}

}  // namespace

std::unique_ptr<redis::Outbound> connect_outbound(const std::string& host, std::uint16_t port,
                                                  std::int64_t timeout_ms) {
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(timeout_ms);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) {
    return nullptr;
  }
  std::unique_ptr<redis::Outbound> outbound;
  for (const addrinfo* place = found; place != nullptr && outbound == nullptr;
       place = place->ai_next) {
    base::Descriptor socket = connect_to(*place, deadline);
    if (socket.is_open()) {
      outbound = std::make_unique<SocketOutbound>(std::move(socket), timeout_ms);
    }
  }
  ::freeaddrinfo(found);
  return outbound;
}

}  // namespace bodega::server
