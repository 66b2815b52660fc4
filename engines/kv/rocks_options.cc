#include "engines/kv/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <string>

#include "engines/base/log.h"

namespace bodega::kv {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

constexpr std::size_t kBlockCacheBytes = 32 * kMiB;  // filled as blocks are read
constexpr std::size_t kBlockBytes = 8 * 1024;
constexpr double kBloomBitsPerKey = 10;

// What may wait in memory and in the log. Recovery reads the log at some 300 MB/s, so its bound is
// also the bound of a start after a kill.
constexpr std::size_t kSharedMemtableBytes = 32 * kMiB;
constexpr std::size_t kKeyspaceMemtableBytes = 64 * kMiB;
constexpr std::size_t kLogBytes = 192 * kMiB;
constexpr std::size_t kArenaBlockBytes = 256 * 1024;  // small, or an idle process is a large one
constexpr int kMemtables = 6;  // writers stall only when so many wait for the disk

constexpr int kFilesBeforeCompaction = 4;
constexpr int kFilesBeforeSlowdown = 40;
constexpr int kFilesBeforeStop = 80;
constexpr int kBackgroundJobs = 2;

// A file with this many deletions in a run of kTombstoneWindow entries is compacted soon, whatever
// its level is, because cursors have to step over every one of them.
constexpr std::size_t kTombstoneWindow = 4096;
constexpr std::size_t kTombstonesInWindow = 2048;

// RocksDB's own words go to our log at their own level, from warnings on, and nowhere else: its LOG
// files cost a start more than the opening does.
class ForwardingLogger : public rocksdb::Logger {
 public:
  ForwardingLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  void LogHeader(const char*, va_list) override {}
  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::WARN_LEVEL, format, arguments);
  }
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::InfoLogLevel::WARN_LEVEL) return;
    const log::Level ours = level_of(level, format);
    if (!log::enabled(ours)) return;
    std::array<char, 1024> text;
    const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (length <= 0) return;
    const std::string line =
        "rocksdb: " +
        std::string(text.data(), std::min(static_cast<std::size_t>(length), text.size() - 1));
    switch (ours) {
      case log::Level::kError: return log::error(line);
      case log::Level::kWarn: return log::warn(line);
      default: return log::debug(line);
    }
  }

 private:
  // Lower than RocksDB has it only for what it says of every checkpoint, and of a start that fails,
  // which says so itself.
  static log::Level level_of(rocksdb::InfoLogLevel level, std::string_view format) {
    for (const std::string_view usual : {"DB::Open() failed", "File Deletions"}) {
      if (format.find(usual) != std::string_view::npos) return log::Level::kDebug;
    }
    return level >= rocksdb::InfoLogLevel::ERROR_LEVEL ? log::Level::kError : log::Level::kWarn;
  }
};

const std::shared_ptr<rocksdb::Cache>& block_cache() {
  static const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  return cache;
}

rocksdb::CompressionType compression() {
  static const bool has_lz4 = [] {
    const auto supported = rocksdb::GetSupportedCompressions();
    return std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) !=
           supported.end();
  }();
  return has_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

}  // namespace

rocksdb::DBOptions database_options(Database database) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.info_log = std::make_shared<ForwardingLogger>();
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;

  options.max_background_jobs = kBackgroundJobs;
  options.max_total_wal_size = kLogBytes;
  options.allow_fallocate = false;  // or an empty folder takes 70 MB of the disk
  options.avoid_unnecessary_blocking_io = true;

  // A fast start: nothing is looked up, counted or rewritten that can wait.
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = true;
  options.avoid_flush_during_recovery = true;
  // Torn tails are cut off before (rocks_log_check), so anything that is wrong now is damage.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  options.max_file_opening_threads = 1;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;

  options.allow_concurrent_memtable_write = database == Database::kShared;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(Database database) {
  rocksdb::ColumnFamilyOptions options;
  const bool shared = database == Database::kShared;
  // The keyspace is written by one thread and read at start-up only: a vector takes a write in a
  // fraction of what a skiplist does and is sorted when it is flushed, on another thread.
  if (!shared) options.memtable_factory = std::make_shared<rocksdb::VectorRepFactory>();
  options.write_buffer_size = shared ? kSharedMemtableBytes : kKeyspaceMemtableBytes;
  options.arena_block_size = kArenaBlockBytes;
  options.max_write_buffer_number = kMemtables;

  options.level0_file_num_compaction_trigger = kFilesBeforeCompaction;
  options.level0_slowdown_writes_trigger = kFilesBeforeSlowdown;
  options.level0_stop_writes_trigger = kFilesBeforeStop;
  options.level_compaction_dynamic_level_bytes = true;
  options.target_file_size_base = 32 * kMiB;

  // The first levels are short-lived, and flushing is on the way of writers.
  options.compression_per_level.assign(static_cast<std::size_t>(options.num_levels), compression());
  options.compression_per_level[0] = rocksdb::kNoCompression;
  options.compression_per_level[1] = rocksdb::kNoCompression;

  options.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(kTombstoneWindow, kTombstonesInWindow));

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = block_cache();
  table.block_size = kBlockBytes;
  table.format_version = 5;
  if (shared) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    table.whole_key_filtering = true;
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

std::uint64_t block_cache_used_bytes() { return block_cache()->GetUsage(); }

}  // namespace bodega::kv
