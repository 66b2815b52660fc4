// The store over RocksDB. Beside rocks_options and rocks_file_system this is the only file that
// knows of it.
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/kv/rocks_file_system.h"
#include "engines/kv/rocks_options.h"
#include "engines/kv/store.h"

namespace bodega::kv {
namespace {

constexpr std::size_t kFamilyCount = static_cast<std::size_t>(Family::kCount);

// A log up to this size is copied into a checkpoint as it is, which is faster than flushing it.
constexpr std::uint64_t kCheckpointLogBytes = 4 * 1024 * 1024;

// One movement of a cursor that steps over so many deleted entries asks for a flush, which starts
// the compaction that gets rid of them (see kTombstonesInWindow in rocks_options).
constexpr std::uint64_t kManySkipped = 8192;

// Every get builds an index of the deleted ranges in the memtable, so they must not pile up there.
constexpr std::uint32_t kManyDroppedRanges = 128;

// So many logs in the folder at the start are flushed, or starts would get slower and slower.
constexpr std::size_t kManyLogs = 8;

// Sequential reading of the whole keyspace at start-up.
constexpr std::size_t kReadAheadBytes = 1024 * 1024;

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

[[noreturn]] void fail(const char* what, const rocksdb::Status& status) {
  throw base::StorageFault(std::string("the store cannot ") + what + ": " + status.ToString());
}

class RocksSnapshot : public Snapshot {
 public:
  explicit RocksSnapshot(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()) {}
  ~RocksSnapshot() override { db_.ReleaseSnapshot(snapshot_); }
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
};

// Asks for the flush of one family without waiting for it.
class FlushRequest {
 public:
  FlushRequest(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) : db_(db), family_(family) {}

  void operator()() const {
    rocksdb::FlushOptions options;
    options.wait = false;
    options.allow_write_stall = true;
    db_.Flush(options, family_).PermitUncheckedError();
  }

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* family_;
};

class RocksCursor : public Cursor {
 public:
  RocksCursor(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, rocksdb::ReadOptions options,
              std::string_view lower, std::string_view upper)
      : flush_(db, family), lower_(lower), upper_(upper) {
    lower_slice_ = slice(lower_);
    upper_slice_ = slice(upper_);
    if (!lower_.empty()) options.iterate_lower_bound = &lower_slice_;
    if (!upper_.empty()) options.iterate_upper_bound = &upper_slice_;
    iterator_.reset(db.NewIterator(options, family));
  }

  void seek(std::string_view key) override {
    move([&] { iterator_->Seek(slice(key < std::string_view(lower_) ? lower_ : key)); });
  }
  void seek_for_prev(std::string_view key) override {
    // RocksDB's SeekForPrev beyond the upper bound goes to the last key within it.
    move([&] { iterator_->SeekForPrev(slice(key)); });
  }
  void seek_first() override {
    move([&] { iterator_->SeekToFirst(); });
  }
  void seek_last() override {
    move([&] { iterator_->SeekToLast(); });
  }
  void next() override {
    BODEGA_CHECK(iterator_->Valid());
    move([&] { iterator_->Next(); });
  }
  void prev() override {
    BODEGA_CHECK(iterator_->Valid());
    move([&] { iterator_->Prev(); });
  }
  bool valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return view(iterator_->key()); }
  std::string_view value() const override { return view(iterator_->value()); }

 private:
  template <class Movement>
  void move(Movement movement) {
    // RocksDB counts for each thread, at its default level of counting.
    const std::uint64_t before = rocksdb::get_perf_context()->internal_delete_skipped_count;
    movement();
    if (!iterator_->Valid() && !iterator_->status().ok()) fail("read", iterator_->status());
    const std::uint64_t after = rocksdb::get_perf_context()->internal_delete_skipped_count;
    if (after - before < kManySkipped || flushed_) return;
    flushed_ = true;
    flush_();
  }

  FlushRequest flush_;
  bool flushed_ = false;
  std::string lower_;
  std::string upper_;
  rocksdb::Slice lower_slice_;
  rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksStore : public Store {
 public:
  explicit RocksStore(const OpenOptions& options);
  ~RocksStore() override;

  std::optional<std::string> get(Family family, std::string_view key,
                                 const Snapshot* snapshot) const override;
  std::vector<std::optional<std::string>> multi_get(Family family,
                                                    std::span<const std::string> keys,
                                                    const Snapshot* snapshot) const override;
  std::unique_ptr<Cursor> cursor(Family family, std::string_view lower, std::string_view upper,
                                 const Snapshot* snapshot) const override {
    return std::make_unique<RocksCursor>(*db_, handle(family), read_options(snapshot), lower,
                                         upper);
  }
  std::unique_ptr<Snapshot> snapshot() const override {
    return std::make_unique<RocksSnapshot>(*db_);
  }
  void commit(const Batch& batch) override;
  void checkpoint(const std::filesystem::path& directory) override;
  void sync() override;
  std::vector<Figure> figures() const override;

 private:
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    rocksdb::ColumnFamilyHandle* const found = handles_[static_cast<std::size_t>(family)];
    BODEGA_CHECK(found != nullptr);  // a family of the other database
    return found;
  }
  rocksdb::ReadOptions read_options(const Snapshot* snapshot) const;
  void drop_old_logs();
  void note_dropped_ranges(const Batch& batch);
  double sum(const std::string& property) const;

  const Database database_;
  const Durability durability_;
  const std::filesystem::path directory_;
  const std::shared_ptr<LazySyncFileSystem> file_system_ = std::make_shared<LazySyncFileSystem>();
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(file_system_);
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> opened_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles_{};
  std::array<std::atomic<std::uint32_t>, kFamilyCount> dropped_ranges_{};
};

// For as long as it lives, syncs wait; then those of `directory` are made good in the background.
// Does nothing where a power cut must lose nothing.
class SyncLater {
 public:
  SyncLater(LazySyncFileSystem& file_system, rocksdb::Env& env, Durability durability,
            std::filesystem::path directory)
      : file_system_(file_system),
        env_(env),
        durability_(durability),
        directory_(std::move(directory)) {
    if (durability_ != Durability::kPower) file_system_.start_skipping();
  }
  SyncLater(const SyncLater&) = delete;
  SyncLater& operator=(const SyncLater&) = delete;
  ~SyncLater() {
    if (durability_ == Durability::kPower) return;
    file_system_.stop_skipping();
    if (durability_ == Durability::kNone) return;
    const auto work = [](void* argument) {
      const std::unique_ptr<std::filesystem::path> path(
          static_cast<std::filesystem::path*>(argument));
      sync_files_of(*path);
    };
    env_.Schedule(work, new std::filesystem::path(std::move(directory_)));
  }

 private:
  LazySyncFileSystem& file_system_;
  rocksdb::Env& env_;
  const Durability durability_;
  std::filesystem::path directory_;
};

// Makes the folder and tells early, in words of ours, when it cannot be written to.
void prepare_folder(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    throw base::StorageFault("cannot create the data folder " + directory.string() + ": " +
                             error.message());
  }
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
    throw base::StorageFault("cannot write to the data folder " + directory.string() + ": " +
                             std::strerror(errno));
  }
}

// How many logs the folder has. Each start adds one, and those before it go when the memtables that
// they back are flushed.
std::size_t count_logs(const std::filesystem::path& directory) {
  std::size_t logs = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".log") ++logs;
  }
  return logs;
}

[[noreturn]] void fail_to_open(const std::filesystem::path& directory,
                               const rocksdb::Status& status) {
  const std::string folder = "the data folder " + directory.string();
  const std::string detail = status.ToString();
  if (status.IsIOError() && detail.find("lock") != std::string::npos) {
    throw base::StorageFault(folder + " is in use by another Bodega");
  }
  if (status.IsInvalidArgument() && detail.find("olumn famil") != std::string::npos) {
    throw base::StorageFault(folder + " was written by a newer Bodega (" + detail + ")");
  }
  if (status.IsCorruption()) throw base::StorageFault(folder + " is damaged: " + detail);
  if (status.IsNoSpace()) throw base::StorageFault(folder + " is on a full disk");
  throw base::StorageFault(folder + " cannot be opened: " + detail);
}

RocksStore::RocksStore(const OpenOptions& options)
    : database_(options.database),
      durability_(options.durability),
      directory_(options.directory) {
  prepare_folder(options.directory);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  std::vector<Family> families;
  for (const FamilyRow& row : kFamilies) {
    if (row.database != database_) continue;
    descriptors.emplace_back(std::string(row.name), family_options(database_));
    families.push_back(row.family);
  }
  if (durability_ == Durability::kNone) file_system_->start_skipping();  // for good
  rocksdb::DBOptions database_options = kv::database_options(database_);
  database_options.env = env_.get();
  const SyncLater later(*file_system_, *env_, durability_, directory_);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(database_options, directory_.string(),
                                                   descriptors, &opened_, &db);
  if (!status.ok()) fail_to_open(options.directory, status);
  db_.reset(db);
  for (std::size_t i = 0; i < families.size(); ++i) {
    handles_[static_cast<std::size_t>(families[i])] = opened_[i];
  }
  if (count_logs(directory_) >= kManyLogs) drop_old_logs();
}

RocksStore::~RocksStore() {
  for (rocksdb::ColumnFamilyHandle* family : opened_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  // Flushes first what no log has (Durability::kNone).
  db_->Close().PermitUncheckedError();
}

void RocksStore::drop_old_logs() {
  // A flush of nothing would do nothing, and leave the logs. Removing a key that nobody has is
  // enough to be flushed; it need not be logged.
  constexpr std::string_view kNobodysKey = "\xff\xff\xff\xff no key of any engine starts like this";
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  const rocksdb::Status status = db_->Delete(options, opened_.front(), slice(kNobodysKey));
  if (!status.ok()) fail("write", status);
  rocksdb::FlushOptions flush;
  flush.wait = true;  // a start that ends at once would cut it short, and leave the logs to pile up
  const rocksdb::Status flushed = db_->Flush(flush, opened_);
  if (!flushed.ok()) fail("write", flushed);
}

rocksdb::ReadOptions RocksStore::read_options(const Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = static_cast<const RocksSnapshot*>(snapshot)->get();
  if (database_ == Database::kKeyspace) {
    options.fill_cache = false;  // it is read once
    options.readahead_size = kReadAheadBytes;
  }
  return options;
}

std::optional<std::string> RocksStore::get(Family family, std::string_view key,
                                           const Snapshot* snapshot) const {
  std::string value;
  const rocksdb::Status status =
      db_->Get(read_options(snapshot), handle(family), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) fail("read", status);
  return value;
}

std::vector<std::optional<std::string>> RocksStore::multi_get(Family family,
                                                              std::span<const std::string> keys,
                                                              const Snapshot* snapshot) const {
  const std::size_t count = keys.size();
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(count);
  std::vector<rocksdb::Status> statuses(count);
  db_->MultiGet(read_options(snapshot), handle(family), count, slices.data(), values.data(),
                statuses.data());
  std::vector<std::optional<std::string>> answers(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (statuses[i].ok()) {
      answers[i] = values[i].ToString();
    } else if (!statuses[i].IsNotFound()) {
      fail("read", statuses[i]);
    }
  }
  return answers;
}

void RocksStore::commit(const Batch& batch) {
  if (batch.empty()) return;
  constexpr std::size_t kEntryOverheadBytes = 16;
  rocksdb::WriteBatch writes(batch.size_bytes() + batch.size() * kEntryOverheadBytes);
  const auto add = [&](const Batch::Entry& entry) {
    switch (entry.kind) {
      case Batch::Kind::kPut:
        return writes.Put(handle(entry.family), slice(entry.key), slice(entry.value));
      case Batch::Kind::kRemove:
        return writes.Delete(handle(entry.family), slice(entry.key));
      case Batch::Kind::kRemoveRange:
        return writes.DeleteRange(handle(entry.family), slice(entry.key), slice(entry.value));
    }
    return rocksdb::Status::NotSupported();
  };
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (const rocksdb::Status status = add(batch.entry(i)); !status.ok()) fail("write", status);
  }
#if defined(__SANITIZE_THREAD__)
  // A group commit hands batches from thread to thread by atomics inside RocksDB's library, which
  // the thread sanitizer cannot see. So under it there are no groups.
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
#endif
  rocksdb::WriteOptions options;
  options.disableWAL = durability_ == Durability::kNone;
  options.sync = durability_ == Durability::kPower;
  rocksdb::Status status = db_->Write(options, &writes);
  // After an I/O error RocksDB takes no writes until it is told to. The disk may have room again,
  // so each later commit tries.
  if (!status.ok() && status.severity() >= rocksdb::Status::kSoftError && db_->Resume().ok()) {
    status = db_->Write(options, &writes);
  }
  if (!status.ok()) fail("write", status);
  note_dropped_ranges(batch);
}

void RocksStore::note_dropped_ranges(const Batch& batch) {
  if (database_ == Database::kKeyspace) return;  // nobody reads it
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Batch::Entry entry = batch.entry(i);
    if (entry.kind != Batch::Kind::kRemoveRange) continue;
    std::atomic<std::uint32_t>& dropped = dropped_ranges_[static_cast<std::size_t>(entry.family)];
    if (dropped.fetch_add(1, std::memory_order_relaxed) + 1 < kManyDroppedRanges) continue;
    dropped.store(0, std::memory_order_relaxed);
    FlushRequest(*db_, handle(entry.family))();
  }
}

void RocksStore::checkpoint(const std::filesystem::path& directory) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
  if (!status.ok()) fail("start a checkpoint", status);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  const SyncLater later(*file_system_, *env_, durability_, directory);
  const std::uint64_t log_bytes = durability_ == Durability::kNone ? 0 : kCheckpointLogBytes;
  status = checkpoint->CreateCheckpoint(directory.string(), log_bytes);
  if (!status.ok()) fail("write a checkpoint", status);
}

void RocksStore::sync() {
  const rocksdb::Status status = durability_ == Durability::kNone
                                     ? db_->Flush(rocksdb::FlushOptions(), opened_)
                                     : db_->SyncWAL();
  if (!status.ok()) fail("sync", status);
  // Syncs that were put off, or (kNone) are not made at all.
  if (durability_ != Durability::kPower && !sync_files_of(directory_)) {
    throw base::StorageFault("the store cannot sync " + directory_.string());
  }
}

double RocksStore::sum(const std::string& property) const {
  std::uint64_t total = 0;
  for (rocksdb::ColumnFamilyHandle* family : opened_) {
    std::uint64_t value = 0;
    if (db_->GetIntProperty(family, property, &value)) total += value;
  }
  return static_cast<double>(total);
}

std::vector<Figure> RocksStore::figures() const {
  using Properties = rocksdb::DB::Properties;
  const auto whole = [this](const std::string& property) {
    std::uint64_t value = 0;
    db_->GetIntProperty(property, &value);
    return static_cast<double>(value);
  };
  return {
      {"keys_estimated", sum(Properties::kEstimateNumKeys)},
      {"memtable_bytes", sum(Properties::kSizeAllMemTables)},
      {"files_bytes", sum(Properties::kTotalSstFilesSize)},
      {"table_readers_bytes", sum(Properties::kEstimateTableReadersMem)},
      {"compaction_pending_bytes", sum(Properties::kEstimatePendingCompactionBytes)},
      {"block_cache_bytes", static_cast<double>(block_cache_used_bytes())},
      {"snapshots", whole(Properties::kNumSnapshots)},
      {"flushes_running", whole(Properties::kNumRunningFlushes)},
      {"compactions_running", whole(Properties::kNumRunningCompactions)},
      {"delayed_write_bytes_per_second", whole(Properties::kActualDelayedWriteRate)},
      {"writes_stopped", whole(Properties::kIsWriteStopped)},
      {"background_errors", whole(Properties::kBackgroundErrors)},
  };
}

}  // namespace

std::unique_ptr<Store> open_rocks_store(const OpenOptions& options) {
  return std::make_unique<RocksStore>(options);
}

}  // namespace bodega::kv
