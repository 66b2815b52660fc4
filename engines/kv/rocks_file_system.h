// The file system as RocksDB sees it, with syncs that can be put off. RocksDB syncs some forty
// times while it opens a fresh database, each a wait for the disk, though a kill of the process
// cannot lose what the kernel has. So where only that is promised, syncs are skipped while a
// database is opened or copied, and made good in the background; and where nothing is promised
// there are none at all.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>
#include <memory>

namespace bodega::kv {

class LazySyncFileSystem : public rocksdb::FileSystemWrapper {
 public:
  LazySyncFileSystem();

  static const char* kClassName() { return "BodegaLazySync"; }
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

 private:
  std::atomic<int> skipping_ = 0;
};

// Syncs every file of a database's folder, and the folder. Files that go away meanwhile are left
// out; tells whether all others could be synced.
bool sync_files_of(const std::filesystem::path& directory);

}  // namespace bodega::kv
