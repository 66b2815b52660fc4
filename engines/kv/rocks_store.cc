// The store over RocksDB: reads, commits, and what happens when a commit fails.
//
// A fault of the disk leaves RocksDB read-only, and it comes back from few of them by itself. So
// the store keeps the database open for reads, refuses further commits, and on recover() closes the
// database, drops what no commit acknowledged from the logs, and opens it again.
#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/figure.h"
#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "engines/kv/rocks_cursor.h"
#include "engines/kv/rocks_database.h"
#include "engines/kv/rocks_options.h"
#include "engines/kv/store.h"

namespace bodega::kv {
namespace {

constexpr std::size_t kFamilyCount = static_cast<std::size_t>(Family::kCount);

// A log up to this size is copied into a checkpoint as it is, which is faster than flushing it.
constexpr std::uint64_t kCheckpointLogBytes = 4 * 1024 * 1024;

// Every get builds an index of the deleted ranges in the memtable, so they must not pile up there.
constexpr std::uint32_t kManyDroppedRanges = 128;

// Sequential reading of the whole keyspace at start-up.
constexpr std::size_t kReadAheadBytes = 1024 * 1024;

// What a trial write has to get onto the disk before a recovery is worth its trouble.
constexpr std::size_t kTrialBytes = 64 * 1024;

// Whether this process may run out of address space: ulimit -v, or a limit that was set while it
// runs. Elsewhere the kernel overcommits, and no allocation fails.
bool memory_is_limited() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

class RocksStore : public Store {
 public:
  explicit RocksStore(const OpenOptions& options)
      : options_(options), marks_((prepare_folder(options.directory), options.directory)) {
    database_ = open_database(LogCheck::kStart);
    loss_ = database_->loss();
  }

  std::optional<std::string> get(Family family, std::string_view key,
                                 const Snapshot* snapshot) const override;
  std::vector<std::optional<std::string>> multi_get(Family family,
                                                    std::span<const std::string> keys,
                                                    const Snapshot* snapshot) const override;
  std::unique_ptr<Cursor> cursor(Family family, std::string_view lower, std::string_view upper,
                                 const Snapshot* snapshot) const override {
    const base::SharedLock lock(gate_);
    const RocksDatabase& database = opened();
    return std::make_unique<RocksCursor>(database.db(), pins_, database.handle(family),
                                         read_options(snapshot), lower, upper);
  }
  std::unique_ptr<Snapshot> snapshot() const override {
    const base::SharedLock lock(gate_);
    return std::make_unique<RocksSnapshot>(opened().db(), pins_);
  }
  void commit(const Batch& batch) override;
  std::optional<std::string> fault() const override;
  bool out_of_room() const override;
  bool recover() override;
  Loss loss() const override { return loss_; }
  void checkpoint(const std::filesystem::path& directory) override;
  void sync() override;
  std::vector<base::Figure> figures() const override;

 private:
  const RocksDatabase& opened() const REQUIRES_SHARED_LOCK(gate_) {
    if (database_ == nullptr) throw base::StorageFault("the store is closed: " + fault_text());
    return *database_;
  }
  rocksdb::ReadOptions read_options(const Snapshot* snapshot) const;
  rocksdb::Status write(const Batch& batch, rocksdb::WriteBatch& writes);
  void refuse_while_at_fault(const Batch& batch);
  void note_fault(const std::string& text, bool no_room);
  std::string fault_text() const;
  std::unique_ptr<RocksDatabase> open_database(LogCheck check);
  bool try_to_write();
  bool recover_with_reserve();
  bool reopen() REQUIRES_LOCK(recovery_);
  void note_dropped_ranges(const Batch& batch);
  double sum(const RocksDatabase& database, const std::string& property) const;

  const OpenOptions options_;
  LogMarks marks_;  // lives through recoveries, which go by what it knows and not by its file
  // Held shared by every user of the database, and exclusively by a recovery that replaces it.
  mutable base::SharedMutex gate_;
  mutable std::atomic<int> pins_ = 0;  // cursors and snapshots
  std::unique_ptr<RocksDatabase> database_
      GUARDED_BY(gate_);  // null when a recovery could not open it again
  Loss loss_ = Loss::kNone;
  std::array<std::atomic<std::uint32_t>, kFamilyCount> dropped_ranges_{};

  base::Mutex recovery_;                         // one recovery at a time
  int turns_to_wait_ GUARDED_BY(recovery_) = 0;  // calls of recover() that do nothing
  int turns_after_failure_ GUARDED_BY(recovery_) =
      0;                                // and how many after the last one that failed
  std::atomic<bool> at_fault_ = false;  // a commit failed since the last recovery
  mutable base::Mutex fault_mutex_;
  std::string fault_ GUARDED_BY(fault_mutex_);
  bool no_room_ GUARDED_BY(fault_mutex_) = false;
};

rocksdb::ReadOptions RocksStore::read_options(const Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = static_cast<const RocksSnapshot*>(snapshot)->get();
  if (options_.database == Database::kKeyspace) {
    options.fill_cache = false;  // it is read once
    options.readahead_size = kReadAheadBytes;
  }
  return options;
}

std::optional<std::string> RocksStore::get(Family family, std::string_view key,
                                           const Snapshot* snapshot) const {
  const base::SharedLock lock(gate_);
  const RocksDatabase& database = opened();
  std::string value;
  const rocksdb::Status status =
      database.db().Get(read_options(snapshot), database.handle(family), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) fail("read", status);
  return value;
}

std::vector<std::optional<std::string>> RocksStore::multi_get(Family family,
                                                              std::span<const std::string> keys,
                                                              const Snapshot* snapshot) const {
  const base::SharedLock lock(gate_);
  const RocksDatabase& database = opened();
  const std::size_t count = keys.size();
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(count);
  std::vector<rocksdb::Status> statuses(count);
  database.db().MultiGet(read_options(snapshot), database.handle(family), count, slices.data(),
                         values.data(), statuses.data());
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

// ---- Commits ----

void RocksStore::commit(const Batch& batch) {
  if (batch.empty()) return;
  refuse_while_at_fault(batch);
  constexpr std::size_t kEntryOverheadBytes = 16;
  const std::size_t size_bytes = batch.size_bytes() + batch.size() * kEntryOverheadBytes;
  if (memory_is_limited()) {
    // An allocation that fails inside RocksDB's write leaves its queue of writers locked for good.
    // So there has to be room for its copies before: in the batch, the memtable and the buffers.
    constexpr std::size_t kMarginBytes = 4 * 1024 * 1024;
    ::operator delete(::operator new(2 * size_bytes + kMarginBytes));
  }
  rocksdb::WriteBatch writes(size_bytes);
  rocksdb::Status status = write(batch, writes);
  if (!status.ok()) {
    log::error("writing to " + options_.directory.string() + " failed: " + status.ToString());
    note_fault(status.IsNoSpace() ? "the disk is full" : "writing failed", status.IsNoSpace());
    // A recovery makes sure that the batch is not there, so it can be tried again.
    if (status.IsNoSpace() && batch.frees_room() && recover_with_reserve()) {
      writes.Clear();
      status = write(batch, writes);
      if (!status.ok()) note_fault("the disk is full", status.IsNoSpace());
    }
  }
  if (!status.ok()) fail("write", status);
  note_dropped_ranges(batch);
}

void RocksStore::refuse_while_at_fault(const Batch& batch) {
  const bool saves_room = options_.reserve != nullptr && options_.reserve->is_spent();
  if (saves_room && !batch.frees_room() && !batch.cleans_up())
    throw base::NotCommitted("the store cannot write: the disk is full");
  if (!at_fault_) return;
  if (batch.frees_room() && out_of_room() && recover_with_reserve()) return;
  throw base::NotCommitted("the store cannot write: " + fault_text());
}

rocksdb::Status RocksStore::write(const Batch& batch, rocksdb::WriteBatch& writes) {
  const base::SharedLock lock(gate_);
  const RocksDatabase& database = opened();
  const auto add = [&](const Batch::Entry& entry) {
    rocksdb::ColumnFamilyHandle* const family = database.handle(entry.family);
    switch (entry.kind) {
      case Batch::Kind::kPut: return writes.Put(family, slice(entry.key), slice(entry.value));
      case Batch::Kind::kRemove: return writes.Delete(family, slice(entry.key));
      case Batch::Kind::kRemoveRange:
        return writes.DeleteRange(family, slice(entry.key), slice(entry.value));
    }
    return rocksdb::Status::NotSupported();
  };
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (rocksdb::Status status = add(batch.entry(i)); !status.ok()) return status;
  }
#if defined(__SANITIZE_THREAD__)
  // A group commit hands batches from thread to thread by atomics inside RocksDB's library, which
  // the thread sanitizer cannot see. So under it there are no groups.
  static base::Mutex one_at_a_time;
  const base::Lock one(one_at_a_time);
#endif
  rocksdb::WriteOptions options;
  options.disableWAL = options_.durability == Durability::kNone;
  options.sync = options_.durability == Durability::kPower;
  return database.db().Write(options, &writes);
}

void RocksStore::note_dropped_ranges(const Batch& batch) {
  if (options_.database == Database::kKeyspace) return;  // it is never read there
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Batch::Entry entry = batch.entry(i);
    if (entry.kind != Batch::Kind::kRemoveRange) continue;
    std::atomic<std::uint32_t>& dropped = dropped_ranges_[static_cast<std::size_t>(entry.family)];
    if (dropped.fetch_add(1, std::memory_order_relaxed) + 1 < kManyDroppedRanges) continue;
    dropped.store(0, std::memory_order_relaxed);
    const base::SharedLock lock(gate_);
    request_flush(opened().db(), opened().handle(entry.family));
  }
}

// ---- Faults ----

void RocksStore::note_fault(const std::string& text, bool no_room) {
  const base::Lock lock(fault_mutex_);
  fault_ = text;
  no_room_ = no_room;
  at_fault_ = true;
}

std::string RocksStore::fault_text() const {
  const base::Lock lock(fault_mutex_);
  return fault_;
}

std::optional<std::string> RocksStore::fault() const {
  const bool full = options_.reserve != nullptr && options_.reserve->is_spent();
  if (!at_fault_ && !full) return std::nullopt;
  return options_.directory.string() + ": " + (at_fault_ ? fault_text() : "the disk is full");
}

bool RocksStore::out_of_room() const {
  if (options_.reserve != nullptr && options_.reserve->is_spent()) return true;
  const base::Lock lock(fault_mutex_);
  return at_fault_ && no_room_;
}

// Whether the disk takes writes, told by some of its own, to a file of the kind that commits go to.
bool RocksStore::try_to_write() {
  const std::filesystem::path path = options_.directory / "trial.log";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  int error = fd < 0 ? errno : 0;
  const std::string bytes(kTrialBytes, '\0');
  if (error == 0) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put != static_cast<ssize_t>(bytes.size())) error = put < 0 ? errno : ENOSPC;
  }
  if (error == 0 && ::fsync(fd) != 0) error = errno;
  if (fd >= 0) ::close(fd);
  ::unlink(path.c_str());
  if (error == 0) return true;
  note_fault(error == ENOSPC || error == EDQUOT
                 ? "the disk is full"
                 : std::string("writing fails: ") + std::strerror(error),
             error == ENOSPC || error == EDQUOT);
  return false;
}

// Opening takes a little room. Where there is none, the database is opened for reads alone, and the
// store is at fault.
std::unique_ptr<RocksDatabase> RocksStore::open_database(LogCheck check) {
  try {
    return std::make_unique<RocksDatabase>(options_, marks_, check);
  } catch (const base::OutOfRoom&) {
    if (!std::filesystem::exists(options_.directory / "CURRENT")) throw;
  }
  // A start may use the reserve, or nothing could be deleted after it.
  if (check == LogCheck::kStart && options_.reserve != nullptr && options_.reserve->spend()) {
    try {
      return std::make_unique<RocksDatabase>(options_, marks_, check);
    } catch (const base::OutOfRoom&) {
    }
  }
  note_fault("the disk is full", true);
  return std::make_unique<RocksDatabase>(options_, marks_, check, Access::kReadOnly);
}

// On a full disk, for a batch that frees room. Cursors of other threads are waited for a little.
bool RocksStore::recover_with_reserve() {
  constexpr int kTries = 50;
  constexpr std::chrono::milliseconds kPause{2};
  if (options_.reserve == nullptr) return false;
  if (!options_.reserve->spend() && !options_.reserve->is_spent()) return false;
  const base::Lock one(recovery_);
  for (int i = 0; i < kTries; ++i) {
    if (!at_fault_ || (try_to_write() && reopen())) return true;
    if (pins_ == 0) return false;
    std::this_thread::sleep_for(kPause);
  }
  return false;
}

bool RocksStore::recover() {
  constexpr int kMostTurnsToWait = 3;
  const base::Lock one(recovery_);
  if (!at_fault_) {
    const base::SharedLock gate(gate_);
    if (database_ == nullptr) return true;
    const bool saves_room = options_.reserve != nullptr && options_.reserve->is_spent();
    saves_room ? database_->give_room_back(options_.directory) : database_->note_room();
    return true;
  }
  // Opening reads the logs, so one that fails is not tried again at once.
  if (turns_to_wait_ > 0) {
    --turns_to_wait_;
    return false;
  }
  if (!try_to_write()) return false;
  if (reopen()) {
    turns_after_failure_ = 0;
    return true;
  }
  if (pins_ == 0) {
    turns_after_failure_ = std::min(2 * turns_after_failure_ + 1, kMostTurnsToWait);
    turns_to_wait_ = turns_after_failure_;
  }
  return false;
}

// REQUIRES: at_fault_.
bool RocksStore::reopen() {
  const base::Lock gate(gate_);
  if (options_.durability == Durability::kNone) {
    // What no log has is in memory only: the database has to go on.
    if (!database_->db().Resume().ok()) return false;
    at_fault_ = false;
    return true;
  }
  if (pins_ > 0) return false;  // there are readers; the next try may find a gap
  database_.reset();
  try {
    database_ = open_database(LogCheck::kRecovery);
  } catch (const base::StorageFault& fault) {
    note_fault(fault.what(), false);
  }
  if (database_ != nullptr && database_->access() == Access::kReadWrite) {
    at_fault_ = false;
    log::info(options_.directory.string() + " takes writes again");
    return true;
  }
  if (database_ == nullptr) {
    // What failed was a write, maybe; reads need none.
    try {
      database_ =
          std::make_unique<RocksDatabase>(options_, marks_, LogCheck::kRecovery, Access::kReadOnly);
    } catch (const base::StorageFault& fault) {
      log::error(options_.directory.string() + " cannot be read: " + fault.what());
    }
  }
  return false;
}

// ---- Copies and figures ----

void RocksStore::checkpoint(const std::filesystem::path& directory) {
  const base::SharedLock lock(gate_);
  const RocksDatabase& database = opened();
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&database.db(), &made);
  if (!status.ok()) fail("start a checkpoint", status);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  const Durability durability = options_.durability;
  const SyncLater later(database.file_system(), database.env(), durability, directory);
  const std::uint64_t log_bytes = durability == Durability::kNone ? 0 : kCheckpointLogBytes;
  status = checkpoint->CreateCheckpoint(directory.string(), log_bytes);
  if (!status.ok()) fail("write a checkpoint", status);
}

void RocksStore::sync() {
  const base::SharedLock lock(gate_);
  const RocksDatabase& database = opened();
  const rocksdb::Status status =
      options_.durability == Durability::kNone
          ? database.db().Flush(rocksdb::FlushOptions(), database.handles())
          : database.db().SyncWAL();
  if (!status.ok()) fail("sync", status);
  // Syncs that were put off, or (kNone) are not made at all.
  if (options_.durability != Durability::kPower && !sync_files_of(options_.directory)) {
    throw base::StorageFault("the store cannot sync " + options_.directory.string());
  }
}

double RocksStore::sum(const RocksDatabase& database, const std::string& property) const {
  std::uint64_t total = 0;
  for (rocksdb::ColumnFamilyHandle* family : database.handles()) {
    std::uint64_t value = 0;
    if (database.db().GetIntProperty(family, property, &value)) total += value;
  }
  return static_cast<double>(total);
}

std::vector<base::Figure> RocksStore::figures() const {
  using Properties = rocksdb::DB::Properties;
  const base::SharedLock lock(gate_);
  const base::Figure at_fault{"fault", fault() ? 1.0 : 0.0};
  if (database_ == nullptr) return {at_fault};
  const RocksDatabase& database = *database_;
  const auto total = [&](const std::string& property) { return sum(database, property); };
  const auto whole = [&](const std::string& property) {
    std::uint64_t value = 0;
    database.db().GetIntProperty(property, &value);
    return static_cast<double>(value);
  };
  return {
      at_fault,
      {"keys_estimated", total(Properties::kEstimateNumKeys)},
      {"memtable_bytes", total(Properties::kSizeAllMemTables)},
      {"files_bytes", total(Properties::kTotalSstFilesSize)},
      {"table_readers_bytes", total(Properties::kEstimateTableReadersMem)},
      {"compaction_pending_bytes", total(Properties::kEstimatePendingCompactionBytes)},
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
