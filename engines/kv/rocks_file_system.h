// The file system as RocksDB sees it. Two things are Bodega's own:
//
// Syncs can be put off. RocksDB syncs some forty times while it opens a fresh database, each a wait
// for the disk, though a kill of the process cannot lose what the kernel has. So where only that is
// promised, syncs are skipped while a database is opened or copied, and made good in the
// background; and where nothing is promised there are none at all.
//
// Write-ahead logs are marked as they grow (see rocks_log_marks.h): with what was written, or under
// Durability::kPower with what was synced.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>

#include "engines/kv/rocks_log_marks.h"

namespace bodega::kv {

class StoreFileSystem : public rocksdb::FileSystemWrapper {
 public:
  // What a mark of a log counts.
  enum class MarkBy : std::uint8_t { kAppend, kSync };

  // `marks` outlives this; null for a database without any.
  StoreFileSystem(LogMarks* marks, MarkBy mark_by);

  static const char* kClassName() { return "BodegaFileSystem"; }
  const char* Name() const override { return kClassName(); }

  // Whether syncs do nothing now. Counts, so that pairs of calls may overlap.
  bool is_skipping() const { return skipping_.load(std::memory_order_acquire) > 0; }
  void start_skipping() { skipping_.fetch_add(1, std::memory_order_acq_rel); }
  void stop_skipping() { skipping_.fetch_sub(1, std::memory_order_acq_rel); }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  // The number of a log that is marked: in the database's own folder, not in a checkpoint.
  std::optional<std::uint64_t> marked_log(const std::string& name) const;

  LogMarks* const marks_;
  const MarkBy mark_by_;
  std::atomic<int> skipping_ = 0;
};

// The number of the log at `path`, NNNNNN.log; nothing for any other file.
std::optional<std::uint64_t> log_number(const std::filesystem::path& path);

// Syncs every file of a database's folder, and the folder. Files that go away meanwhile are left
// out; tells whether all others could be synced.
bool sync_files_of(const std::filesystem::path& directory);

}  // namespace bodega::kv
