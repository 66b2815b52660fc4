#include "engines/kv/rocks_log_scan.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "engines/base/crc.h"
#include "engines/base/fault.h"

namespace bodega::kv {
namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kBatchHeaderBytes = 12;
constexpr std::size_t kReadBytes = 32 * kBlockBytes;

enum Type : std::uint8_t { kWholeRecord = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

// RocksDB masks its checksums, because a checksum of bytes that hold checksums is a weak one.
std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

class Scanner {
 public:
  explicit Scanner(std::uint64_t mark_bytes) : mark_bytes_(mark_bytes) {}

  // Takes a block at its offset in the file; the last may be shorter than the others.
  void block(std::string_view bytes, std::uint64_t at) {
    std::size_t next = 0;
    while (bytes.size() - next >= kHeaderBytes) {
      const Part part = read(bytes.substr(next), kBlockBytes - next);
      if (part.kind == Part::kCut && scan_.ending == LogScan::Ending::kWhole) {
        scan_.ending = LogScan::Ending::kCut;
        return;
      }
      if (part.kind == Part::kGood) {
        next += kHeaderBytes + part.payload.size();
        take(part, at + next);
      } else {
        // Where the next part starts is not known any more: it is where one can be read.
        broken();
        ++next;
      }
    }
    const bool is_last = bytes.size() < kBlockBytes;
    if (is_last && next < bytes.size() && scan_.ending == LogScan::Ending::kWhole) {
      scan_.ending = LogScan::Ending::kCut;
    }
  }

  LogScan finish(std::uint64_t size_bytes) {
    scan_.size_bytes = size_bytes;
    if (in_record_ && scan_.ending == LogScan::Ending::kWhole) scan_.ending = LogScan::Ending::kCut;
    return scan_;
  }

 private:
  struct Part {
    enum Kind : std::uint8_t { kGood, kBad, kCut } kind;
    Type type = kWholeRecord;
    std::string_view payload = {};
  };

  // The part of a record at the start of `bytes`, of which `room` could be there.
  static Part read(std::string_view bytes, std::size_t room) {
    const std::size_t length = little_endian(bytes.substr(4, 2));
    const auto type = static_cast<std::uint8_t>(bytes[6]);
    if (type < kWholeRecord || type > kLast || kHeaderBytes + length > room) return {Part::kBad};
    if (kHeaderBytes + length > bytes.size()) return {Part::kCut};
    const std::string_view checked = bytes.substr(kHeaderBytes - 1, length + 1);
    if (masked(base::crc32c(checked)) != little_endian(bytes.substr(0, 4))) return {Part::kBad};
    return {Part::kGood, static_cast<Type>(type), checked.substr(1)};
  }

  void take(const Part& part, std::uint64_t end) {
    const bool begins = part.type == kWholeRecord || part.type == kFirst;
    if (begins == in_record_) broken();  // a part is missing
    if (begins) {
      const std::string_view batch = part.payload;
      changes_ = batch.size() >= kBatchHeaderBytes ? little_endian(batch.substr(8, 4)) : 0;
      in_record_ = part.type == kFirst;
    } else if (!in_record_) {
      return;
    }
    if (part.type == kFirst || part.type == kMiddle) return;
    in_record_ = false;
    const bool whole_so_far = scan_.ending == LogScan::Ending::kWhole;
    if (whole_so_far) scan_.valid_bytes = end;
    if (whole_so_far && end <= mark_bytes_) scan_.valid_bytes_marked = end;
    LogScan::Count& count = whole_so_far ? scan_.before : scan_.behind;
    ++count.records;
    count.changes += changes_;
  }

  void broken() {
    in_record_ = false;
    scan_.ending = LogScan::Ending::kBroken;
  }

  const std::uint64_t mark_bytes_;
  LogScan scan_;
  bool in_record_ = false;
  std::uint32_t changes_ = 0;  // of the record that is being read
};

}  // namespace

LogScan scan_log(const std::filesystem::path& log, std::uint64_t mark_bytes) {
  const int fd = ::open(log.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw base::StorageFault("cannot open " + log.string() + ": " + std::strerror(errno));
  Scanner scanner(mark_bytes);
  std::string buffer(kReadBytes, '\0');
  std::uint64_t offset = 0;
  std::size_t filled = 0;
  int error = 0;
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data() + filled, buffer.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got > 0) filled += static_cast<std::size_t>(got);
    if (got > 0 && filled < buffer.size()) continue;
    for (std::size_t start = 0; start < filled; start += kBlockBytes) {
      scanner.block(std::string_view(buffer).substr(start, std::min(kBlockBytes, filled - start)),
                    offset + start);
    }
    offset += filled;
    filled = 0;
    if (got <= 0) break;
  }
  ::close(fd);
  if (error != 0) {
    throw base::StorageFault("cannot read " + log.string() + ": " + std::strerror(error));
  }
  return scanner.finish(offset);
}

}  // namespace bodega::kv
