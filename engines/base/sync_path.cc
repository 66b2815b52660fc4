#include "engines/base/sync_path.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engines/base/fault.h"

namespace bodega::base {

int try_sync_path(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return error;
}

void sync_path(const std::filesystem::path& path) {
  if (const int error = try_sync_path(path); error != 0) {
    throw StorageFault("cannot sync " + path.string() + ": " + std::strerror(error));
  }
}

}  // namespace bodega::base
