#include "server/net/address.h"

#include <arpa/inet.h>

#include <utility>

#include "engines/base/number_text.h"

namespace bodega::server {
namespace {

bool is_literal(int family, const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(family, host.c_str(), bytes) == 1;
}

}  // namespace

Address Address::of(std::string host, std::uint16_t port) {
  Address address;
  address.host = std::move(host);
  address.port = port;
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const bool is_port_alone = colon == std::string_view::npos;
  const auto port =
      base::parse_integer<std::uint16_t>(is_port_alone ? text : text.substr(colon + 1));
  if (!port) return std::nullopt;
  if (is_port_alone) return of("127.0.0.1", *port);
  std::string host(text.substr(0, colon));
  if (host.empty()) host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_literal(AF_INET6, host)) return std::nullopt;
  } else if (!is_literal(AF_INET, host)) {
    return std::nullopt;
  }
  return of(std::move(host), *port);
}

std::string Address::text() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace bodega::server
