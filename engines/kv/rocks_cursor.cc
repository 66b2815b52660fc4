#include "engines/kv/rocks_cursor.h"

#include <rocksdb/perf_context.h>

#include "engines/base/check.h"
#include "engines/base/fault.h"

namespace bodega::kv {
namespace {

// One movement of a cursor that steps over so many deleted entries asks for a flush, which starts
// the compaction that gets rid of them (see kTombstonesInWindow in rocks_options).
constexpr std::uint64_t kManySkipped = 8192;

}  // namespace

void fail(const char* what, const rocksdb::Status& status) {
  throw base::StorageFault(std::string("the store cannot ") + what + ": " + status.ToString());
}

void request_flush(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  db.Flush(options, family).PermitUncheckedError();
}

RocksCursor::RocksCursor(rocksdb::DB& db, std::atomic<int>& pins,
                         rocksdb::ColumnFamilyHandle* family, rocksdb::ReadOptions options,
                         std::string_view lower, std::string_view upper)
    : pin_(pins), db_(db), family_(family), lower_(lower), upper_(upper) {
  lower_slice_ = slice(lower_);
  upper_slice_ = slice(upper_);
  if (!lower_.empty()) options.iterate_lower_bound = &lower_slice_;
  if (!upper_.empty()) options.iterate_upper_bound = &upper_slice_;
  iterator_.reset(db.NewIterator(options, family));
}

template <class Movement>
void RocksCursor::move(Movement movement) {
  // RocksDB counts for each thread, at its default level of counting.
  const std::uint64_t before = rocksdb::get_perf_context()->internal_delete_skipped_count;
  movement();
  if (!iterator_->Valid() && !iterator_->status().ok()) fail("read", iterator_->status());
  const std::uint64_t after = rocksdb::get_perf_context()->internal_delete_skipped_count;
  if (after - before < kManySkipped || flushed_) return;
  flushed_ = true;
  request_flush(db_, family_);
}

void RocksCursor::seek(std::string_view key) {
  move([&] { iterator_->Seek(slice(key < std::string_view(lower_) ? lower_ : key)); });
}

void RocksCursor::seek_for_prev(std::string_view key) {
  // RocksDB's SeekForPrev beyond the upper bound goes to the last key within it.
  move([&] { iterator_->SeekForPrev(slice(key)); });
}

void RocksCursor::seek_first() {
  move([&] { iterator_->SeekToFirst(); });
}

void RocksCursor::seek_last() {
  move([&] { iterator_->SeekToLast(); });
}

void RocksCursor::next() {
  BODEGA_CHECK(iterator_->Valid());
  move([&] { iterator_->Next(); });
}

void RocksCursor::prev() {
  BODEGA_CHECK(iterator_->Valid());
  move([&] { iterator_->Prev(); });
}

}  // namespace bodega::kv
