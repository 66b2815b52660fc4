// GET /_bodega/ca.pem: the certificate of the authority, for TLS clients to trust.
#pragma once

#include "protocol/http/message.h"
#include "server/tls/tls.h"

namespace bodega::server {

http::Reply ca_page(Tls& tls);

}  // namespace bodega::server
