#include "protocol/redis/rdb/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bodega::redis {
namespace {

std::string reason(const std::filesystem::path& path) {
  return path.string() + ": " + std::strerror(errno);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string write_rdb_file(const std::filesystem::path& path,
                           base::FunctionRef<void(FileSink sink)> write) {
  std::filesystem::path unfinished = path;
  unfinished += ".writing";
  std::string failure;
  {
    const base::Descriptor file(
        ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.is_open()) return reason(unfinished);
    const auto take = [&](std::string_view bytes) {
      if (failure.empty() && !write_all(file.get(), bytes)) failure = reason(unfinished);
    };
    write(FileSink(take));
    if (failure.empty() && ::fsync(file.get()) != 0) failure = reason(unfinished);
  }
  if (failure.empty() && ::rename(unfinished.c_str(), path.c_str()) != 0) failure = reason(path);
  if (!failure.empty()) ::unlink(unfinished.c_str());
  return failure;
}

RdbFile::RdbFile(const std::filesystem::path& path)
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  struct stat status {};
  if (!file_.is_open() || ::fstat(file_.get(), &status) != 0) {
    failure_ = reason(path);
  } else if (!S_ISREG(status.st_mode)) {
    failure_ = path.string() + ": not a file";
  } else {
    size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  }
}

RdbInput::Read RdbFile::reader() {
  return [this](char* into, std::size_t most) -> std::size_t {
    while (true) {
      const ssize_t got = ::read(file_.get(), into, most);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno == EINTR) continue;
      failure_ = std::string("reading: ") + std::strerror(errno);
      return 0;
    }
  };
}

}  // namespace bodega::redis
