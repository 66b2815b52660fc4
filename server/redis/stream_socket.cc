#include "server/redis/stream_socket.h"

#include <sys/socket.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>

#include "server/net/address.h"

namespace bodega::server {
namespace {

using Endpoint = asio::generic::stream_protocol::endpoint;
using UnixEndpoint = asio::local::stream_protocol::endpoint;

// REQUIRES: it is an endpoint of this kind.
template <class Specific>
Specific as(const Endpoint& endpoint) {
  Specific out;
  out.resize(endpoint.size());
  std::memcpy(out.data(), endpoint.data(), endpoint.size());
  return out;
}

bool is_unix(const Endpoint& endpoint) { return endpoint.protocol().family() == AF_UNIX; }

std::string text_of(const Endpoint& endpoint) {
  if (is_unix(endpoint)) return as<UnixEndpoint>(endpoint).path() + ":0";
  const auto address = as<tcp::endpoint>(endpoint);
  return Address::of(address.address().to_string(), address.port()).text();
}

}  // namespace

StreamEnds ends_of(const StreamSocket& socket) {
  StreamEnds ends;
  boost::system::error_code error;
  const Endpoint local = socket.local_endpoint(error);
  if (error) return ends;
  ends.local = text_of(local);
  if (is_unix(local)) {
    ends.remote = ends.local;
    return ends;
  }
  const Endpoint remote = socket.remote_endpoint(error);
  if (!error) ends.remote = text_of(remote);
  return ends;
}

}  // namespace bodega::server
