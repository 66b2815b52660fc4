// The byte stream under a connection, as plain TCP. Connections use only these functions, so that a
// TLS stream can take its place; what TLS cannot do (sendfile) says so through can_send_file().
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "server/net/asio.h"

namespace bodega::server {

class PlainStream {
 public:
  enum class Status : std::uint8_t { kDone, kBlocked, kFailed, kFileFailed };
  struct Sent {
    Status status;
    std::size_t bytes = 0;  // what went out, also when blocked
    int error = 0;          // kFileFailed: the system's, or 0 when the file ended early
  };

  explicit PlainStream(Socket socket);

  LoopExecutor executor() { return socket_.get_executor(); }
  static constexpr bool can_send_file() { return true; }

  // Waits for bytes and reads some. An error also at the end of the stream.
  auto read_some(std::span<char> room) {
    return socket_.async_read_some(asio::mutable_buffer(room.data(), room.size()), kAwait);
  }

  // Waits until something can be written.
  auto writable() { return socket_.async_wait(tcp::socket::wait_write, kAwait); }

  enum class More : std::uint8_t { kNo, kYes };

  // Writes what the kernel takes now, without waiting. kDone: everything. kYes: more follows at
  // once, so the kernel need not send a small packet yet.
  Sent write_now(std::span<iovec> parts, More more = More::kNo);

  // Sends file bytes from `offset`, without waiting. kDone: all of `length`. kFileFailed: the file
  // ended early or could not be read, so what the peer has is not whole.
  Sent send_file_now(int fd, std::uint64_t offset, std::size_t length);

  // Wakes up pending reads and writes, with an error.
  void cancel();
  // No more bytes to the peer, who sees the end of the stream.
  void shutdown_send();
  void close();

  std::string peer() const;          // "address:port", empty when unknown
  std::uint16_t local_port() const;  // 0 when unknown

 private:
  Socket socket_;
};

}  // namespace bodega::server
