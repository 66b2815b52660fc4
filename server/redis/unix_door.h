// UnixDoor: a socket in the file system through which clients of this machine come in
// (unixsocket). The file is there as long as this.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <string>

#include "server/redis/server.h"
#include "server/redis/stream_socket.h"

namespace bodega::server {

class UnixDoor {
 public:
  // Binds and listens. A file that a server which is gone has left is replaced. Throws StartError.
  UnixDoor(asio::io_context& context, const UnixPlace& place);
  ~UnixDoor();  // REQUIRES: !accepting()
  UnixDoor(const UnixDoor&) = delete;
  UnixDoor& operator=(const UnixDoor&) = delete;

  // Accepts; `adopt` gets each client until close() or an error, after which accept() may be called
  // again.
  using Adopt = std::function<void(StreamSocket)>;
  void accept(Adopt adopt);
  bool accepting() const { return accepting_; }
  void close();

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::local::stream_protocol, LoopExecutor>;

  void accept_next();

  const std::string path_;
  Acceptor acceptor_;
  Adopt adopt_;
  bool accepting_ = false;
};

}  // namespace bodega::server
