// "ADDR:PORT" as people write it: 127.0.0.1:4566, 0.0.0.0:80, [::1]:6379, localhost:0, 4566.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bodega::server {

struct Address {
  std::string host;
  std::uint16_t port = 0;

  static Address of(std::string host, std::uint16_t port);

  // Returns nullopt when it is not of that form. "localhost" is taken as 127.0.0.1, as is no host
  // at all ("4566"); an empty host (":4566") is 0.0.0.0.
  static std::optional<Address> parse(std::string_view text);

  // As parse() reads it; an IPv6 host in brackets.
  std::string text() const;
};

}  // namespace bodega::server
