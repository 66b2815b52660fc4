// Opens a listening socket, with errors in words for a person.
#pragma once

#include "server/net/address.h"
#include "server/net/asio.h"

namespace bodega::server {

// Throws StartError, e.g. "port 4566 on 127.0.0.1 is taken by another process (--http)".
// `flag` names the setting to change.
Acceptor listen_on(asio::io_context& context, const Address& address, const char* flag);

// Where the acceptor listens; the port is the real one when 0 was asked for.
Address address_of(const Acceptor& acceptor);

}  // namespace bodega::server
