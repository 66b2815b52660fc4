#include "protocol/http/host.h"

#include "engines/base/text.h"
#include "protocol/http/headers.h"

namespace bodega::http {

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
  if (host.starts_with('[')) return host.ends_with(']');
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

}  // namespace bodega::http
