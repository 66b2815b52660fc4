#include "engines/kv/rocks_log_marks.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/mutex.h"

namespace bodega::kv {
namespace {

constexpr std::string_view kMagic = "BODEGALM";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kSlotBytes = 16;
constexpr std::size_t kBootIdBytes = 36;
constexpr mode_t kFileMode = 0600;

// Names one start of the machine; empty where the kernel does not say.
std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  id.resize(kBootIdBytes, '\0');
  return id;
}

[[noreturn]] void fail_to_write(const std::filesystem::path& path) {
  const int error = errno;
  const std::string text = "cannot write " + path.string() + ": " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT) throw base::OutOfRoom(text);
  throw base::StorageFault(text);
}

}  // namespace

LogMarks::LogMarks(const std::filesystem::path& directory)
    : directory_(directory), path_(directory / "LOGMARKS") {
  read();
}

LogMarks::~LogMarks() {
  if (fd_ >= 0) ::close(fd_);
}

void LogMarks::read() {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return;
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (file.bad()) throw base::StorageFault("cannot read " + path_.string());
  base::ByteReader reader(bytes);
  const std::string_view magic = reader.bytes(kMagic.size());
  const std::uint8_t version = reader.u8();
  const std::uint8_t durability = reader.u8();
  const std::string_view boot = reader.bytes(kBootIdBytes);
  reader.bytes(kHeaderBytes - kMagic.size() - 2 - kBootIdBytes);
  if (!reader.ok() || magic != kMagic || version != kVersion ||
      durability > static_cast<std::uint8_t>(base::Durability::kPower)) {
    return;
  }
  found_ = true;
  durability_ = static_cast<base::Durability>(durability);
  same_boot_ = boot == boot_id() && boot.front() != '\0';
  const base::Lock lock(mutex_);
  while (reader.rest().size() >= kSlotBytes) {
    Mark mark;
    mark.log = reader.u64();
    mark.acknowledged_bytes = reader.u64();
    slots_.push_back(mark);
  }
}

std::vector<LogMarks::Mark> LogMarks::all() const {
  const base::Lock lock(mutex_);
  std::vector<Mark> marks;
  for (const Mark& mark : slots_) {
    if (mark.log != 0) marks.push_back(mark);
  }
  return marks;
}

std::optional<std::uint64_t> LogMarks::acknowledged(std::uint64_t log) const {
  const base::Lock lock(mutex_);
  for (const Mark& mark : slots_) {
    if (mark.log == log) return mark.acknowledged_bytes;
  }
  return std::nullopt;
}

void LogMarks::begin(base::Durability durability) {
  if (fd_ < 0) {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode);
    if (fd_ < 0) fail_to_write(path_);
  }
  writing_ = durability;
  durability_ = durability;
  same_boot_ = true;
  std::string bytes(kMagic);
  base::put_u8(bytes, kVersion);
  base::put_u8(bytes, static_cast<std::uint8_t>(durability));
  bytes += boot_id();
  bytes.resize(kHeaderBytes, '\0');
  const base::Lock lock(mutex_);
  for (const Mark& mark : slots_) {
    base::put_u64(bytes, mark.log);
    base::put_u64(bytes, mark.acknowledged_bytes);
  }
  write_all_of(bytes, 0);
  sync();
  found_ = true;
}

void LogMarks::add(std::uint64_t log, std::uint64_t acknowledged_bytes) {
  const base::Lock lock(mutex_);
  const auto free = std::find_if(slots_.begin(), slots_.end(), [log](const Mark& mark) {
    return mark.log == 0 || mark.log == log;
  });
  const auto slot = static_cast<std::size_t>(free - slots_.begin());
  if (free == slots_.end()) slots_.emplace_back();
  slots_[slot] = {log, acknowledged_bytes};
  write_slot(slot);
  sync();
}

void LogMarks::lower(std::uint64_t log, std::uint64_t acknowledged_bytes) {
  const base::Lock lock(mutex_);
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].log != log) continue;
    slots_[slot].acknowledged_bytes = acknowledged_bytes;
    write_slot(slot);
    sync();
  }
}

void LogMarks::remove(std::uint64_t log) {
  const base::Lock lock(mutex_);
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].log != log) continue;
    slots_[slot] = {};
    write_slot(slot);
    sync();
  }
}

std::size_t LogMarks::slot_of(std::uint64_t log) const {
  const base::Lock lock(mutex_);
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].log == log) return slot;
  }
  BODEGA_CHECK(false);
  return 0;
}

void LogMarks::acknowledge(std::size_t slot, std::uint64_t bytes) noexcept {
  {
    const base::Lock lock(mutex_);
    slots_[slot].acknowledged_bytes = bytes;
  }
  std::array<char, sizeof bytes> text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = static_cast<char>(bytes >> (8 * (text.size() - 1 - i)));
  }
  const auto offset = static_cast<off_t>(kHeaderBytes + slot * kSlotBytes + sizeof(std::uint64_t));
  while (::pwrite(fd_, text.data(), text.size(), offset) < 0 && errno == EINTR) {
  }
}

void LogMarks::write_slot(std::size_t slot) {
  if (fd_ < 0) return;
  std::string bytes;
  base::put_u64(bytes, slots_[slot].log);
  base::put_u64(bytes, slots_[slot].acknowledged_bytes);
  write_all_of(bytes, kHeaderBytes + slot * kSlotBytes);
}

void LogMarks::write_all_of(const std::string& bytes, std::uint64_t offset) {
  BODEGA_CHECK(fd_ >= 0);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put =
        ::pwrite(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (put >= 0) {
      done += static_cast<std::size_t>(put);
    } else if (errno != EINTR) {
      fail_to_write(path_);
    }
  }
}

void LogMarks::sync() {
  if (fd_ >= 0 && writing_ == base::Durability::kPower && ::fdatasync(fd_) != 0) {
    throw base::StorageFault("cannot sync " + path_.string() + ": " + std::strerror(errno));
  }
}

}  // namespace bodega::kv
