// Cursors and snapshots over RocksDB. Each pins the database, so that it is not closed under them.
// Only the rocks_ files may include this: it brings RocksDB in.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "engines/kv/store.h"

namespace bodega::kv {

inline rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

// Throws the StorageFault of an operation that RocksDB refused: "the store cannot WHAT: ...".
[[noreturn]] void fail(const char* what, const rocksdb::Status& status);

// Counts one user of the database for as long as it lives.
class Pin {
 public:
  explicit Pin(std::atomic<int>& count) : count_(count) { count_.fetch_add(1); }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  ~Pin() { count_.fetch_sub(1); }

 private:
  std::atomic<int>& count_;
};

class RocksSnapshot : public Snapshot {
 public:
  RocksSnapshot(rocksdb::DB& db, std::atomic<int>& pins)
      : pin_(pins), db_(db), snapshot_(db.GetSnapshot()) {}
  ~RocksSnapshot() override { db_.ReleaseSnapshot(snapshot_); }
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  const Pin pin_;
  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
};

// Asks for the flush of one family without waiting for it.
void request_flush(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family);

class RocksCursor : public Cursor {
 public:
  RocksCursor(rocksdb::DB& db, std::atomic<int>& pins, rocksdb::ColumnFamilyHandle* family,
              rocksdb::ReadOptions options, std::string_view lower, std::string_view upper);

  void seek(std::string_view key) override;
  void seek_for_prev(std::string_view key) override;
  void seek_first() override;
  void seek_last() override;
  void next() override;
  void prev() override;
  bool valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return view(iterator_->key()); }
  std::string_view value() const override { return view(iterator_->value()); }

 private:
  template <class Movement>
  void move(Movement movement);

  const Pin pin_;
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* const family_;
  bool flushed_ = false;
  std::string lower_;
  std::string upper_;
  rocksdb::Slice lower_slice_;
  rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace bodega::kv
