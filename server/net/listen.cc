#include "server/net/listen.h"

#include <string>
#include <utility>

#include "server/net/start_error.h"

namespace bodega::server {

Acceptor listen_on(asio::io_context& context, const Address& address, const char* flag) {
  boost::system::error_code error;
  const auto host = asio::ip::make_address(address.host, error);
  Acceptor acceptor(context.get_executor());
  if (!error) {
    const tcp::endpoint endpoint(host, address.port);
    acceptor.open(endpoint.protocol(), error);
    // Without it, a restart would have to wait for old connections' TIME_WAIT.
    if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error == asio::error::address_in_use) {
    throw StartError(address.text() + " is taken by another process; choose another with " + flag);
  }
  if (error == asio::error::access_denied) {
    throw StartError("no permission to listen on " + address.text() + "; choose another with " +
                     flag);
  }
  if (error) {
    throw StartError("cannot listen on " + address.text() + " (" + flag + "): " + error.message());
  }
  return acceptor;
}

Address address_of(const Acceptor& acceptor) {
  const tcp::endpoint endpoint = acceptor.local_endpoint();
  return Address::of(endpoint.address().to_string(), endpoint.port());
}

}  // namespace bodega::server
