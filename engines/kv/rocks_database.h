// One opening of a RocksDB database: everything that has to be right before it is used, and its
// end. Only the rocks_ files may include this: it brings RocksDB in.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <array>
#include <memory>
#include <vector>

#include "engines/base/check.h"
#include "engines/kv/rocks_file_system.h"
#include "engines/kv/rocks_log_check.h"
#include "engines/kv/rocks_log_marks.h"
#include "engines/kv/store.h"

namespace bodega::kv {

// For as long as it lives, syncs wait; then those of `directory` are made good in the background.
// Does nothing where a power cut must lose nothing.
class SyncLater {
 public:
  SyncLater(StoreFileSystem& file_system, rocksdb::Env& env, Durability durability,
            std::filesystem::path directory);
  ~SyncLater();
  SyncLater(const SyncLater&) = delete;
  SyncLater& operator=(const SyncLater&) = delete;

 private:
  StoreFileSystem& file_system_;
  rocksdb::Env& env_;
  const Durability durability_;
  std::filesystem::path directory_;
};

// Makes the folder of a database. Throws StorageFault, in words for a person, when it cannot be
// made or written to.
void prepare_folder(const std::filesystem::path& directory);

// What the disk has left when a database is opened; a recovery takes it for scarce.
enum class Room : std::uint8_t { kPlenty, kScarce };

enum class Access : std::uint8_t {
  kReadWrite,
  kReadOnly,  // writes nothing, so that a full disk can be read; every write to db() fails
};

class RocksDatabase {
 public:
  // Checks the logs against `marks` (those of options.directory, which outlive this), makes what
  // they hold durable where the durability asks for it, and opens. Throws StorageFault, in one line
  // for a person.
  RocksDatabase(const OpenOptions& options, LogMarks& marks, LogCheck check,
                Access access = Access::kReadWrite);
  // Closes without a word when that fails: what was acknowledged is in the logs.
  ~RocksDatabase();
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::Env& env() const { return *env_; }
  StoreFileSystem& file_system() const { return *file_system_; }
  const std::vector<rocksdb::ColumnFamilyHandle*>& handles() const { return opened_; }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    rocksdb::ColumnFamilyHandle* const found = handles_[static_cast<std::size_t>(family)];
    BODEGA_CHECK(found != nullptr);  // a family of the other database
    return found;
  }
  Access access() const { return access_; }
  // To be called when the disk has room again: takes up what an opening with little room put off.
  // Not thread-safe.
  void note_room();
  // To be called while the disk is full: when the logs hold mostly what was deleted since, moves
  // the rest into tables, and the logs go. Not thread-safe.
  void give_room_back(const std::filesystem::path& directory);
  Loss loss() const { return loss_; }

 private:
  void open(const OpenOptions& options, LogMarks& marks);
  rocksdb::Status try_to_open(const OpenOptions& options);
  rocksdb::Status repair(const OpenOptions& options, LogMarks& marks,
                         const rocksdb::Status& damage);
  void drop_old_logs();
  std::uint64_t live_memtable_bytes() const;

  const Access access_;
  Room room_;
  const Database kind_;
  Loss loss_ = Loss::kNone;
  std::uint64_t looked_at_ = 0;  // the last change that give_room_back() has seen
  std::shared_ptr<StoreFileSystem> file_system_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> opened_;
  std::array<rocksdb::ColumnFamilyHandle*, static_cast<std::size_t>(Family::kCount)> handles_{};
};

}  // namespace bodega::kv
