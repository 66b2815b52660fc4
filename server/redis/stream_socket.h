// The socket of one RESP client, which came over TCP or over a socket in the file system.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <string>

#include "server/net/asio.h"

namespace bodega::server {

using StreamSocket = asio::basic_stream_socket<asio::generic::stream_protocol, LoopExecutor>;

// Both ends, as CLIENT LIST shows them: "127.0.0.1:6379"; of a socket in the file system both are
// "PATH:0", as the other end has no name. Empty when the connection has gone.
struct StreamEnds {
  std::string remote;
  std::string local;
};
StreamEnds ends_of(const StreamSocket& socket);

}  // namespace bodega::server
