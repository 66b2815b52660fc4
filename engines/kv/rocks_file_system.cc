#include "engines/kv/rocks_file_system.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace bodega::kv {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class LazyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  LazyFile(std::unique_ptr<rocksdb::FSWritableFile> file, const LazySyncFileSystem& owner)
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

 private:
  const LazySyncFileSystem& owner_;
};

class LazyDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  LazyDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, const LazySyncFileSystem& owner)
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
  const LazySyncFileSystem& owner_;
};

bool sync_one(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT;
  const bool synced = ::fsync(fd) == 0;
  ::close(fd);
  return synced;
}

}  // namespace

LazySyncFileSystem::LazySyncFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

IOStatus LazySyncFileSystem::NewWritableFile(const std::string& name,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* result,
                                             IODebugContext* debug) {
  IOStatus status = target()->NewWritableFile(name, options, result, debug);
  if (status.ok()) *result = std::make_unique<LazyFile>(std::move(*result), *this);
  return status;
}

IOStatus LazySyncFileSystem::ReopenWritableFile(const std::string& name,
                                                const rocksdb::FileOptions& options,
                                                std::unique_ptr<rocksdb::FSWritableFile>* result,
                                                IODebugContext* debug) {
  IOStatus status = target()->ReopenWritableFile(name, options, result, debug);
  if (status.ok()) *result = std::make_unique<LazyFile>(std::move(*result), *this);
  return status;
}

IOStatus LazySyncFileSystem::ReuseWritableFile(const std::string& name,
                                               const std::string& old_name,
                                               const rocksdb::FileOptions& options,
                                               std::unique_ptr<rocksdb::FSWritableFile>* result,
                                               IODebugContext* debug) {
  IOStatus status = target()->ReuseWritableFile(name, old_name, options, result, debug);
  if (status.ok()) *result = std::make_unique<LazyFile>(std::move(*result), *this);
  return status;
}

IOStatus LazySyncFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                          std::unique_ptr<rocksdb::FSDirectory>* result,
                                          IODebugContext* debug) {
  IOStatus status = target()->NewDirectory(name, options, result, debug);
  if (status.ok()) *result = std::make_unique<LazyDirectory>(std::move(*result), *this);
  return status;
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
