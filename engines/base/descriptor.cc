#include "engines/base/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace bodega::base {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

bool write_durably(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0;
}

}  // namespace bodega::base
