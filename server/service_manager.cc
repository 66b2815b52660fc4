#include "server/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "engines/base/log.h"

namespace bodega::server {
namespace {

// Returns 0, or what is wrong as in errno.
int send_to(std::string_view name, std::string_view state) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, name.data(), name.size());
  // A name in the abstract namespace is written with an @ for the zero byte that it begins with.
  if (name.starts_with('@')) address.sun_path[0] = '\0';
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return errno;
  const auto size_bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  const auto sent = ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size_bytes);
  const int fault = sent < 0 ? errno : 0;
  ::close(socket);
  return fault;
}

}  // namespace

void notify_service_manager(std::string_view state) {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || *name == '\0') return;
  if (const int fault = send_to(name, state); fault != 0) {
    log::warn("the service manager at " + std::string(name) + " cannot be told " +
              std::string(state) + ": " + std::strerror(fault));
  }
}

}  // namespace bodega::server
