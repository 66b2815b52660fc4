// The server's side of TLS on one socket that does not block. It waits for nothing: each step says
// what the socket has to be ready for before the next one. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/tls/openssl.h"

namespace bodega::server {

// With it every TLS connection begins (a handshake record), and no HTTP request or Redis command.
inline constexpr char kTlsFirstByte = 0x16;

// What is spoken inside: for ALPN, and for the log.
enum class TlsProtocol : std::uint8_t { kHttp, kRedis };

class TlsSession {
 public:
  enum class Status : std::uint8_t {
    kDone,
    kWantsRead,   // again when the socket can be read
    kWantsWrite,  // again when the socket can be written
    kClosed,      // the peer has ended the connection
    kFailed,      // see failure()
  };
  struct Result {
    Status status;
    std::size_t bytes = 0;
  };
  enum class Failure : std::uint8_t {
    kNone,
    kDistrust,  // the client does not accept our certificate
    kOther,     // what the client sends is no TLS, or nothing that we can agree on
  };

  // `first`: what was read from the socket already.
  TlsSession(SSL_CTX& context, int fd, TlsProtocol protocol, std::string_view first);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // The first step, until it is kDone.
  Result handshake();

  // Fills `room` with what has come. kDone: some bytes, and there may be more at once.
  // REQUIRES: the handshake is done.
  Result read(std::span<char> room);

  // kDone: all of `bytes` went to the kernel. After kWantsWrite: again with the bytes that are
  // left, which may have moved, and with none before them. REQUIRES: the handshake is done.
  Result write(std::string_view bytes);

  // Tells the peer that no more bytes follow, if the socket takes that now. For the peer a
  // connection that ends without it was cut off.
  void close_notify();

  // The last read() did not come to the end of what has come, so the next one need not wait.
  bool may_hold_bytes() const { return may_hold_bytes_; }
  // The last read() waits until the socket takes an answer of the protocol's own.
  bool read_wants_write() const { return read_wants_write_; }

  TlsProtocol protocol() const { return protocol_; }
  int fd() const { return fd_; }
  Failure failure() const { return failure_; }
  const std::string& failure_text() const { return failure_text_; }

 private:
  static const BIO_METHOD* socket_method();
  static int write_socket(BIO* bio, const char* data, int length);
  static int read_socket(BIO* bio, char* room, int length);
  static long control_socket(BIO* bio, int command, long, void*);

  Result result_of(int returned);

  const int fd_;
  const TlsProtocol protocol_;
  std::string first_;
  bool end_of_socket_ = false;
  bool may_hold_bytes_ = true;
  bool read_wants_write_ = false;
  bool no_more_input_ = false;  // the peer has ended its direction, ours goes on
  bool broken_ = false;         // OpenSSL must not be asked again
  Failure failure_ = Failure::kNone;
  std::string failure_text_;
  SslPointer ssl_;  // last, as it uses the socket's functions above until its end
};

}  // namespace bodega::server
