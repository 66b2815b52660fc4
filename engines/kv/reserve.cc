#include "engines/kv/reserve.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "engines/base/log.h"
#include "engines/base/mutex.h"

namespace bodega::kv {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFileMode = 0600;

// The size of a file, 0 when there is none.
std::uint64_t size_of(const fs::path& file) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(file, error);
  return error ? 0 : size;
}

}  // namespace

Reserve::Reserve(fs::path file, std::uint64_t size_bytes)
    : file_(std::move(file)), size_bytes_(size_bytes) {
  std::error_code error;
  if (!fs::exists(file_, error)) return;
  state_ = size_of(file_) == size_bytes_ ? State::kHeld : State::kSpent;
}

void Reserve::hold() {
  if (state_ == State::kHeld) return;
  const base::Lock lock(mutex_);
  std::error_code error;
  const fs::space_info space = fs::space(file_.parent_path(), error);
  if (error || space.available < 2 * size_bytes_) return;
  const int fd = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode);
  if (fd < 0) return;
  const bool taken = ::posix_fallocate(fd, 0, static_cast<off_t>(size_bytes_)) == 0;
  if (!taken && ::ftruncate(fd, 0) != 0) log::warn("cannot give up part of " + file_.string());
  ::close(fd);
  if (!taken) return;
  if (state_.exchange(State::kHeld) == State::kSpent) {
    log::info("there is room on the disk again: writes are accepted");
  }
}

bool Reserve::spend() {
  const base::Lock lock(mutex_);
  if (state_ != State::kHeld || ::truncate(file_.c_str(), 0) != 0) return false;
  state_ = State::kSpent;
  log::error("the disk is full: its reserve serves deletes, and other writes are refused");
  return true;
}

}  // namespace bodega::kv
