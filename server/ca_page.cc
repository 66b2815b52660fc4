#include "server/ca_page.h"

#include <exception>

#include "engines/base/log.h"
#include "server/control/service.h"

namespace bodega::server {

http::Reply ca_page(Tls& tls) {
  constexpr std::string_view kOperation = "Authority";
  try {
    if (const auto pem = tls.authority_pem()) {
      return control_reply(200, "application/x-pem-file", *pem, kOperation);
    }
  } catch (const std::exception& fault) {
    log::error(fault.what());
    return control_reply(500, "text/plain",
                         "the certificate authority cannot be had; the log says why\n", kOperation);
  }
  return control_reply(404, "text/plain",
                       "there is no certificate authority: --tls is off, or --tls-cert is given\n",
                       kOperation);
}

}  // namespace bodega::server
