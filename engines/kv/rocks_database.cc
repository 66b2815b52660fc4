#include "engines/kv/rocks_database.h"

#include <rocksdb/db.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <utility>

#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/kv/aside.h"
#include "engines/kv/rocks_cursor.h"
#include "engines/kv/rocks_options.h"

namespace bodega::kv {
namespace {

namespace fs = std::filesystem;

// So many logs in the folder at the start are flushed, or starts would get slower and slower.
constexpr std::size_t kManyLogs = 8;

// The logs in a folder. Each start adds one, and those before it go when the memtables that they
// back are flushed.
struct Logs {
  std::size_t count = 0;
  std::uint64_t bytes = 0;
};

Logs logs_in(const fs::path& directory) {
  Logs logs;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!log_number(entry->path())) continue;
    ++logs.count;
    std::error_code gone;
    const std::uint64_t size = entry->file_size(gone);
    if (!gone) logs.bytes += size;
  }
  return logs;
}

// RocksDB makes a new database where CURRENT is missing, and removes the tables of the old one.
bool lacks_current(const fs::path& directory) {
  std::error_code error;
  if (fs::exists(directory / "CURRENT", error)) return false;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".sst" || log_number(entry->path())) return true;
  }
  return false;
}

// Makes CURRENT name the MANIFEST with the highest number; returns whether there is one.
bool name_newest_manifest(const fs::path& directory) {
  constexpr std::string_view kPrefix = "MANIFEST-";
  std::string newest;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(kPrefix)) newest = std::max(newest, name);
  }
  if (newest.empty()) return false;
  std::ofstream current(directory / "CURRENT", std::ios::trunc);
  current << newest << '\n';
  current.close();
  return !current.fail();
}

// A file that is missing is damage as well.
bool is_damage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsInvalidArgument() || status.IsPathNotFound() ||
         status.IsNotFound();
}

[[noreturn]] void fail_to_open(const OpenOptions& options, const fs::path& aside,
                               const rocksdb::Status& status) {
  const std::string folder = "the data folder " + options.directory.string();
  std::string detail = status.ToString();
  // RocksDB looks for a table under its old ending last, and names that one.
  if (const auto old = detail.find(".ldb"); old != std::string::npos)
    detail.replace(old, 4, ".sst");
  if (status.IsIOError() && detail.find("lock") != std::string::npos) {
    throw base::StorageFault(folder + " is in use by another Bodega");
  }
  if (status.IsInvalidArgument() && detail.find("olumn famil") != std::string::npos) {
    throw base::StorageFault(folder + " was written by a newer Bodega (" + detail + ")");
  }
  if (status.IsNoSpace()) throw base::OutOfRoom(folder + " is on a full disk");
  if (is_damage(status)) {
    throw base::StorageFault(folder + " is damaged: " + detail +
                             ". Restore a copy of the folder, or start once with --repair, which "
                             "keeps what can be read and puts the damaged files into " +
                             aside.string());
  }
  throw base::StorageFault(folder + " cannot be opened: " + detail);
}

struct Families {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  std::vector<Family> families;
};

// An opening on a full disk must not write tables, which it does when a memtable fills up while the
// logs are read. With room for all of them in memory it does not; the bound of the logs is the
// bound of that.
constexpr std::size_t kScarceMemtableBytes = 512 * 1024 * 1024;

Families families_of(Database database, Room room) {
  Families all;
  for (const FamilyRow& row : kFamilies) {
    if (row.database != database) continue;
    rocksdb::ColumnFamilyOptions options = family_options(database);
    if (room == Room::kScarce) {
      options.write_buffer_size = kScarceMemtableBytes;
      options.disable_auto_compactions = true;  // a compaction takes room before it gives any
    }
    all.descriptors.emplace_back(std::string(row.name), options);
    all.families.push_back(row.family);
  }
  return all;
}

fs::path aside_of(const OpenOptions& options) {
  return options.aside.empty() ? options.directory.parent_path() / "damaged" : options.aside;
}

}  // namespace

void prepare_folder(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    throw base::StorageFault("cannot create the data folder " + directory.string() + ": " +
                             error.message());
  }
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
    throw base::StorageFault("cannot write to the data folder " + directory.string() + ": " +
                             std::strerror(errno));
  }
}

// ---- Syncs that wait ----

SyncLater::SyncLater(StoreFileSystem& file_system, rocksdb::Env& env, Durability durability,
                     fs::path directory)
    : file_system_(file_system),
      env_(env),
      durability_(durability),
      directory_(std::move(directory)) {
  if (durability_ != Durability::kPower) file_system_.start_skipping();
}

SyncLater::~SyncLater() {
  if (durability_ == Durability::kPower) return;
  file_system_.stop_skipping();
  if (durability_ == Durability::kNone) return;
  const auto work = [](void* argument) {
    const std::unique_ptr<fs::path> path(static_cast<fs::path*>(argument));
    sync_files_of(*path);
  };
  env_.Schedule(work, new fs::path(std::move(directory_)));
}

// ---- Opening ----

RocksDatabase::RocksDatabase(const OpenOptions& options, LogMarks& marks, LogCheck check,
                             Access access)
    : access_(access),
      room_(check == LogCheck::kRecovery ||
                    (options.reserve != nullptr && options.reserve->is_spent())
                ? Room::kScarce
                : Room::kPlenty),
      kind_(options.database) {
  Aside aside(aside_of(options));
  loss_ = check_logs(marks, aside, options.damage, check);
  if (access_ == Access::kReadWrite) {
    // What was recovered is built upon from here on, so it has to be as durable as what comes.
    if (options.durability == Durability::kPower && !sync_files_of(options.directory)) {
      throw base::StorageFault("cannot sync the data folder " + options.directory.string());
    }
    marks.begin(options.durability);
  }
  file_system_ = std::make_shared<StoreFileSystem>(&marks, options.durability == Durability::kPower
                                                               ? StoreFileSystem::MarkBy::kSync
                                                               : StoreFileSystem::MarkBy::kAppend);
  env_ = rocksdb::NewCompositeEnv(file_system_);
  if (options.durability == Durability::kNone) file_system_->start_skipping();  // for good
  const SyncLater later(*file_system_, *env_, options.durability, options.directory);
  open(options, marks);
  const bool may_flush = access_ == Access::kReadWrite && room_ == Room::kPlenty;
  if (may_flush && logs_in(options.directory).count >= kManyLogs) drop_old_logs();
}

void RocksDatabase::open(const OpenOptions& options, LogMarks& marks) {
  rocksdb::Status status = try_to_open(options);
  if (is_damage(status) && options.damage == Damage::kSetAside) {
    status = repair(options, marks, status);
  }
  if (!status.ok()) fail_to_open(options, aside_of(options), status);
}

// First with the newest list of tables there is, which loses nothing; then with one that RocksDB
// makes from the tables, which leaves out what stands in logs only.
rocksdb::Status RocksDatabase::repair(const OpenOptions& options, LogMarks& marks,
                                      const rocksdb::Status& damage) {
  Aside aside(aside_of(options));
  aside.keep_all(options.directory);
  loss_ = Loss::kAcknowledged;
  if (name_newest_manifest(options.directory)) {
    const rocksdb::Status status = try_to_open(options);
    if (status.ok()) {
      aside.note(options.directory.string() + ": " + damage.ToString() +
                 "; opened with its newest MANIFEST");
      return status;
    }
  }
  aside.note(options.directory.string() + ": " + damage.ToString() +
             "; rebuilt from its tables, without what stood in its logs only");
  rocksdb::DBOptions database = database_options(options.database);
  database.env = env_.get();
  const rocksdb::Status status = rocksdb::RepairDB(
      options.directory.string(), database, families_of(options.database, room_).descriptors);
  // The logs are in the folder "lost" now.
  for (const LogMarks::Mark& mark : marks.all()) marks.remove(mark.log);
  return status.ok() ? try_to_open(options) : status;
}

rocksdb::Status RocksDatabase::try_to_open(const OpenOptions& options) {
  rocksdb::DBOptions database = database_options(options.database);
  database.env = env_.get();
  const Families all = families_of(options.database, room_);
  if (lacks_current(options.directory)) {
    return rocksdb::Status::Corruption((options.directory / "CURRENT").string() + " is missing");
  }
  rocksdb::DB* db = nullptr;
  const std::string directory = options.directory.string();
  const rocksdb::Status status =
      access_ == Access::kReadOnly
          ? rocksdb::DB::OpenForReadOnly(database, directory, all.descriptors, &opened_, &db)
          : rocksdb::DB::Open(database, directory, all.descriptors, &opened_, &db);
  if (!status.ok()) return status;
  db_.reset(db);
  for (std::size_t i = 0; i < all.families.size(); ++i) {
    handles_[static_cast<std::size_t>(all.families[i])] = opened_[i];
  }
  return status;
}

RocksDatabase::~RocksDatabase() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* family : opened_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  // Flushes first what no log has (Durability::kNone).
  db_->Close().PermitUncheckedError();
}

void RocksDatabase::note_room() {
  if (room_ == Room::kPlenty || access_ == Access::kReadOnly) return;
  room_ = Room::kPlenty;
  const std::string memtable = std::to_string(family_options(kind_).write_buffer_size);
  for (rocksdb::ColumnFamilyHandle* family : opened_) {
    const rocksdb::Status status = db_->SetOptions(
        family, {{"write_buffer_size", memtable}, {"disable_auto_compactions", "false"}});
    if (!status.ok()) log::warn("compactions wait for the next start: " + status.ToString());
  }
}

// What a flush would write, about: the entries of the memtables that are not deleted in them.
std::uint64_t RocksDatabase::live_memtable_bytes() const {
  rocksdb::ReadOptions options;
  options.read_tier = rocksdb::kMemtableTier;
  std::uint64_t bytes = 0;
  for (rocksdb::ColumnFamilyHandle* family : opened_) {
    const std::unique_ptr<rocksdb::Iterator> entry(db_->NewIterator(options, family));
    for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
      bytes += entry->key().size() + entry->value().size();
    }
    if (!entry->status().ok()) return std::numeric_limits<std::uint64_t>::max();
  }
  return bytes;
}

void RocksDatabase::give_room_back(const fs::path& directory) {
  // A flush that finds no room is a fault of the database, and the deletes to come need some too.
  constexpr std::uint64_t kMarginBytes = 2 * 1024 * 1024;
  const std::uint64_t newest = db_->GetLatestSequenceNumber();
  if (access_ == Access::kReadOnly || newest == looked_at_) return;
  looked_at_ = newest;
  std::error_code error;
  const fs::space_info space = fs::space(directory, error);
  const std::uint64_t in_logs = logs_in(directory).bytes;
  if (error || space.available < kMarginBytes || in_logs < kMarginBytes) return;
  const std::uint64_t live = live_memtable_bytes();
  if (live > in_logs / 2 || live > space.available - kMarginBytes) return;
  const rocksdb::Status status = db_->Flush(rocksdb::FlushOptions(), opened_);
  if (!status.ok()) log::warn("old write-ahead logs stay for now: " + status.ToString());
}

void RocksDatabase::drop_old_logs() {
  // A flush of nothing would do nothing, and leave the logs. Removing a key that does not exist is
  // enough to be flushed; it need not be logged.
  constexpr std::string_view kAbsentKey = "\xff\xff\xff\xff no key of any engine starts like this";
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  rocksdb::Status status = db_->Delete(options, opened_.front(), slice(kAbsentKey));
  rocksdb::FlushOptions flush;
  flush.wait = true;  // a start that ends at once would cut it short, and leave the logs to pile up
  if (status.ok()) status = db_->Flush(flush, opened_);
  // On a full disk, say. Nothing is lost; the next start tries again.
  if (!status.ok()) log::warn("old write-ahead logs stay for now: " + status.ToString());
}

}  // namespace bodega::kv
