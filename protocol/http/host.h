// Names of hosts as they stand in a Host header, an Origin and a URL: "name", "name:port",
// "127.0.0.1:4566", "[::1]:4566".
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bodega::http {

// The domains under which an AWS endpoint has its names, no matter which program answers: the
// service's own two, and the one that LocalStack's users have, whose every name is 127.0.0.1.
inline constexpr std::string_view kAmazonDomain = "amazonaws.com";
inline constexpr std::string_view kAmazonChinaDomain = "amazonaws.com.cn";
inline constexpr std::string_view kLocalStackDomain = "localhost.localstack.cloud";
inline constexpr std::string_view kLocalhost = "localhost";

// Without the port. An IPv6 address keeps its brackets.
std::string_view without_port(std::string_view host);

// The name to compare: without port and final dot, in lower case.
std::string host_name(std::string_view host);

// Whether a host without its port is an IP address: IPv4 in dots, or IPv6 in brackets.
bool is_ip_address(std::string_view host);

// Whether `name` is `domain` or a name below it. Both in lower case.
bool is_in_domain(std::string_view name, std::string_view domain);

// Whether a name in lower case is this machine's for itself alone: localhost, names below it, and
// the loopback addresses. Not 0.0.0.0, under which a listener hears everybody.
bool is_loopback(std::string_view name);

// Whether a name in lower case may be this server's: one that no stranger can make point here, as
// it is no name at all (an address, a single label of the local network's) or its zone belongs to
// others; or one that is in `domains`, which are in lower case too.
bool is_own_name(std::string_view name, std::span<const std::string> domains);

}  // namespace bodega::http
