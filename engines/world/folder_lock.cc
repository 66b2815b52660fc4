#include "engines/world/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "engines/base/fault.h"

namespace bodega::world {
namespace {

constexpr const char* kLockFile = "lock";

std::string first_line_of(int fd) {
  char text[64];
  const ssize_t length = ::pread(fd, text, sizeof text, 0);
  std::string line(text, length > 0 ? static_cast<std::size_t>(length) : 0);
  return line.substr(0, line.find('\n'));
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
  std::error_code error;
  // Its owner's alone when it is made here; how open an existing one is, its owner has chosen.
  const std::filesystem::path parent = folder.parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (!error && ::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    error = {errno, std::generic_category()};
  }
  if (!error && !std::filesystem::is_directory(folder, error) && !error) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) {
    throw base::StorageFault("the data folder " + folder.string() +
                             " cannot be created: " + error.message());
  }
  const std::filesystem::path file = folder / kLockFile;
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd_ < 0) {
    throw base::StorageFault("the data folder " + folder.string() +
                             " cannot be written to: " + std::strerror(errno));
  }
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = first_line_of(fd_);
    ::close(fd_);
    throw base::StorageFault("the data folder " + folder.string() + " is in use by another Bodega" +
                             (holder.empty() ? "" : " (process " + holder + ")"));
  }
  // The holder, for the message above. Failing to write it down does no harm.
  const std::string holder = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd_, 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(fd_, holder.data(), holder.size(), 0);
  }
}

FolderLock::~FolderLock() { ::close(fd_); }

bool FolderLock::is_held(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kLockFile;
  const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  const bool held = ::flock(fd, LOCK_EX | LOCK_NB) != 0;
  ::close(fd);
  return held;
}

}  // namespace bodega::world
