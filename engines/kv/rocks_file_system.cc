#include "engines/kv/rocks_file_system.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <utility>

#include "engines/base/fault.h"
#include "engines/base/sync_path.h"

namespace bodega::kv {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

using MarkBy = StoreFileSystem::MarkBy;

class LazyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  LazyFile(std::unique_ptr<rocksdb::FSWritableFile> file, const StoreFileSystem& owner)
      : FSWritableFileOwnerWrapper(std::move(file)), owner_(owner) {}

  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return owner_.is_skipping() ? IOStatus::OK() : target()->Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return owner_.is_skipping() ? IOStatus::OK() : target()->Fsync(options, debug);
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t length, const IOOptions& options,
                     IODebugContext* debug) override {
    return owner_.is_skipping() ? IOStatus::OK()
                                : target()->RangeSync(offset, length, options, debug);
  }

 protected:
  bool is_skipping() const { return owner_.is_skipping(); }

 private:
  const StoreFileSystem& owner_;
};

// A write-ahead log. A mark may lie inside a record whose bytes come in several pieces; code that
// reads marks knows that (rocks_log_check).
class LogFile : public LazyFile {
 public:
  LogFile(std::unique_ptr<rocksdb::FSWritableFile> file, const StoreFileSystem& owner,
          LogMarks& marks, std::uint64_t number, MarkBy mark_by)
      : LazyFile(std::move(file), owner),
        marks_(marks),
        slot_(marks.slot_of(number)),
        mark_by_(mark_by) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    return count(LazyFile::Append(data, options, debug), data.size());
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    return count(LazyFile::Append(data, options, info, debug), data.size());
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const std::uint64_t written = written_bytes_;
    return mark(LazyFile::Sync(options, debug), written);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const std::uint64_t written = written_bytes_;
    return mark(LazyFile::Fsync(options, debug), written);
  }

 private:
  IOStatus count(IOStatus status, std::size_t bytes) {
    if (!status.ok()) return status;
    written_bytes_ += bytes;
    if (mark_by_ == MarkBy::kAppend) marks_.acknowledge(slot_, written_bytes_);
    return status;
  }
  IOStatus mark(IOStatus status, std::uint64_t written) {
    if (status.ok() && mark_by_ == MarkBy::kSync && !is_skipping()) {
      marks_.acknowledge(slot_, written);
    }
    return status;
  }

  LogMarks& marks_;
  const std::size_t slot_;
  const MarkBy mark_by_;
  std::atomic<std::uint64_t> written_bytes_ = 0;  // a sync may run beside an append
};

class LazyDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  LazyDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, const StoreFileSystem& owner)
      : FSDirectoryWrapper(std::move(directory)), owner_(owner) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return owner_.is_skipping() ? IOStatus::OK() : FSDirectoryWrapper::Fsync(options, debug);
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& how) override {
    return owner_.is_skipping() ? IOStatus::OK()
                                : FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how);
  }

 private:
  const StoreFileSystem& owner_;
};

// Files that went away meanwhile need no sync.
bool sync_one(const std::filesystem::path& path) {
  const int error = base::try_sync_path(path);
  return error == 0 || error == ENOENT;
}

}  // namespace

StoreFileSystem::StoreFileSystem(LogMarks* marks, MarkBy mark_by)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), marks_(marks), mark_by_(mark_by) {}

IOStatus StoreFileSystem::NewWritableFile(const std::string& name,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* result,
                                          IODebugContext* debug) {
  IOStatus status = target()->NewWritableFile(name, options, result, debug);
  if (!status.ok()) return status;
  const auto log = marked_log(name);
  if (!log) {
    *result = std::make_unique<LazyFile>(std::move(*result), *this);
    return status;
  }
  try {
    // The file's name is durable before the mark is, or a start would miss it.
    if (mark_by_ == MarkBy::kSync && !sync_one(std::filesystem::path(name).parent_path())) {
      return IOStatus::IOError("cannot sync the folder of " + name);
    }
    marks_->add(*log, 0);
  } catch (const base::StorageFault& fault) {
    return IOStatus::IOError(fault.what());
  }
  *result = std::make_unique<LogFile>(std::move(*result), *this, *marks_, *log, mark_by_);
  return status;
}

IOStatus StoreFileSystem::ReopenWritableFile(const std::string& name,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* result,
                                             IODebugContext* debug) {
  IOStatus status = target()->ReopenWritableFile(name, options, result, debug);
  if (status.ok()) *result = std::make_unique<LazyFile>(std::move(*result), *this);
  return status;
}

IOStatus StoreFileSystem::ReuseWritableFile(const std::string& name, const std::string& old_name,
                                            const rocksdb::FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* result,
                                            IODebugContext* debug) {
  IOStatus status = target()->ReuseWritableFile(name, old_name, options, result, debug);
  if (status.ok()) *result = std::make_unique<LazyFile>(std::move(*result), *this);
  return status;
}

IOStatus StoreFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* result,
                                       IODebugContext* debug) {
  IOStatus status = target()->NewDirectory(name, options, result, debug);
  if (status.ok()) *result = std::make_unique<LazyDirectory>(std::move(*result), *this);
  return status;
}

IOStatus StoreFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                     IODebugContext* debug) {
  const auto log = marked_log(name);
  try {
    if (log) marks_->remove(*log);
  } catch (const base::StorageFault& fault) {
    return IOStatus::IOError(fault.what());
  }
  return target()->DeleteFile(name, options, debug);
}

std::optional<std::uint64_t> StoreFileSystem::marked_log(const std::string& name) const {
  if (marks_ == nullptr) return std::nullopt;
  const std::filesystem::path path(name);
  return path.parent_path() == marks_->directory() ? log_number(path) : std::nullopt;
}

std::optional<std::uint64_t> log_number(const std::filesystem::path& path) {
  if (path.extension() != ".log") return std::nullopt;
  const std::string stem = path.stem().string();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
  if (error != std::errc() || end != stem.data() + stem.size()) return std::nullopt;
  return number;
}

bool sync_files_of(const std::filesystem::path& directory) {
  bool all = true;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    // Closing any descriptor of the lock file would let go of the process's lock on it.
    if (entry->path().filename() == "LOCK") continue;
    if (entry->is_regular_file(error)) all = sync_one(entry->path()) && all;
  }
  return sync_one(directory) && all && !error;
}

}  // namespace bodega::kv
