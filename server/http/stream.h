// The byte stream under a connection: plain TCP, until start_tls() puts TLS in between. Connections
// use only these functions, and all that plain connections pay for TLS is one look at a pointer in
// each. The bodies of TLS are in stream_tls.cc.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "server/net/asio.h"
#include "server/tls/session.h"
#include "server/tls/tls.h"

namespace bodega::server {

class Stream {
 public:
  enum class Status : std::uint8_t { kDone, kBlocked, kFailed, kFileFailed };
  struct Sent {
    Status status;
    std::size_t bytes = 0;  // what went out, also when blocked
    int error = 0;          // kFileFailed: the system's, or 0 when the file ended early
  };

  explicit Stream(Socket socket);

  LoopExecutor executor() { return socket_.get_executor(); }

  // From here on everything goes through TLS. `first`: what was read already. Returns false when it
  // did not come about, or when TLS is off.
  Task<bool> start_tls(Tls& tls, std::string_view first, std::string_view peer);
  // Null: plain.
  const TlsSession* tls() const { return tls_.get(); }

  // Waits for bytes and reads some. An error also at the end of the stream.
  using Read = std::tuple<boost::system::error_code, std::size_t>;
  Task<Read> read_some(std::span<char> room) {
    if (tls_) return read_tls(room);
    return socket_.async_read_some(asio::mutable_buffer(room.data(), room.size()), kAwait);
  }

  // Waits until something can be written.
  auto writable() { return socket_.async_wait(tcp::socket::wait_write, kAwait); }

  enum class More : std::uint8_t { kNo, kYes };

  // Writes what the kernel takes now, without waiting. kDone: everything. kYes: more follows at
  // once, so the kernel need not send a small packet yet. After kBlocked: again with what is left.
  Sent write_now(std::span<iovec> parts, More more = More::kNo);

  // Sends file bytes from `offset`, without waiting. kDone: all of `length`. kFileFailed: the file
  // ended early or could not be read, so what the peer has is not whole.
  Sent send_file_now(int fd, std::uint64_t offset, std::size_t length);

  // Tells a peer that speaks TLS that nothing more follows and nothing is missing.
  void finish();
  // Wakes up pending reads and writes, with an error.
  void cancel();
  // finish(), and no more bytes to the peer, who sees the end of the stream.
  void shutdown_send();
  void close();

  std::string peer() const;          // "address:port", empty when unknown
  std::uint16_t local_port() const;  // 0 when unknown

 private:
  static void take_from(std::span<iovec> parts, std::size_t count);

  Task<bool> shake_hands();
  Task<Read> read_tls(std::span<char> room);
  Sent write_tls(std::span<iovec> parts);
  Sent send_file_tls(int fd, std::uint64_t offset, std::size_t length);
  Sent send_record();

  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
  std::string record_;  // what of the caller's bytes goes out next through TLS
};

}  // namespace bodega::server
