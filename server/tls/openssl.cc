#include "server/tls/openssl.h"

#include <openssl/err.h>

#include <stdexcept>

namespace bodega::server {

std::string take_openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "an unknown error" : reason;
}

void fail_in_openssl(std::string_view what) {
  throw std::runtime_error("cannot " + std::string(what) + ": " + take_openssl_error());
}

}  // namespace bodega::server
