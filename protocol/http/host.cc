#include "protocol/http/host.h"

#include <algorithm>

#include "engines/base/text.h"
#include "protocol/http/headers.h"

namespace bodega::http {
namespace {

// By its characters: colons, of which every address has two, hexadecimal digits, and the dots of an
// IPv4 address inside.
bool is_ipv6(std::string_view text) {
  return std::count(text.begin(), text.end(), ':') >= 2 &&
         text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

}  // namespace

std::string_view without_port(std::string_view host) {
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  if (bracket != std::string_view::npos) return host.substr(0, bracket + 1);
  return host.substr(0, host.rfind(':'));
}

std::string host_name(std::string_view host) {
  host = without_port(host);
  if (host.ends_with('.')) host.remove_suffix(1);
  return base::to_lower(host);
}

bool is_ip_address(std::string_view host) {
  if (host.starts_with('[')) {
    return host.ends_with(']') && is_ipv6(host.substr(1, host.size() - 2));
  }
  return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_in_domain(std::string_view name, std::string_view domain) {
  if (!name.ends_with(domain)) return false;
  return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

bool is_loopback(std::string_view name) {
  if (is_in_domain(name, kLocalhost)) return true;
  return name == "[::1]" || (is_ip_address(name) && name.starts_with("127."));
}

bool is_own_name(std::string_view name, std::span<const std::string> domains) {
  if (name.empty() || is_ip_address(name) || is_loopback(name)) return true;
  if (name.find('.') == std::string_view::npos || name == "host.docker.internal") return true;
  const auto holds = [name](std::string_view domain) { return is_in_domain(name, domain); };
  return holds(kLocalStackDomain) || holds(kAmazonDomain) || holds(kAmazonChinaDomain) ||
         std::any_of(domains.begin(), domains.end(), holds);
}

}  // namespace bodega::http
