#include "engines/world/storage.h"

#include <string_view>
#include <system_error>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/sync_path.h"
#include "engines/kv/aside.h"
#include "engines/world/identity.h"

namespace bodega::world {
namespace {

constexpr std::string_view kFormatKey = "format_version";

// Enough for an opening of both databases and the logging of thousands of deletes.
constexpr std::uint64_t kReserveBytes = 8 * 1024 * 1024;

constexpr std::string_view kAside = "damaged-";

// The folder for what this start keeps aside: the first name that is free.
std::filesystem::path next_aside(const std::filesystem::path& folder) {
  for (int number = 1;; ++number) {
    std::filesystem::path path = folder / (std::string(kAside) + std::to_string(number));
    if (!std::filesystem::exists(path)) return path;
  }
}

}  // namespace

Storage::Storage(WorldOptions options)
    : options_(std::move(options)), lock_(std::make_unique<FolderLock>(options_.folder)) {
  if (!options_.scratch) {
    reserve_ = std::make_unique<kv::Reserve>(options_.folder / "reserve", kReserveBytes);
  }
  open_stores();
  open_blobs();
  if (options_.durability == base::Durability::kPower) {
    base::sync_path(options_.folder);
    base::sync_path(std::filesystem::absolute(options_.folder).parent_path());
  }
  if (reserve_ != nullptr) reserve_->hold();
  check_format();
  worlds_ = std::make_unique<Sections>(*shared_, SectionKind::kWorld);
}

Storage::Storage()
    : shared_(kv::make_memory_store(kv::Database::kShared)),
      keyspace_(kv::make_memory_store(kv::Database::kKeyspace)),
      blobs_(blob::make_memory_store()) {
  write_format(kFormatVersionOfOneWorld);
  worlds_ = std::make_unique<Sections>(*shared_, SectionKind::kWorld);
}

Storage::~Storage() {
  worlds_.reset();
  blobs_.reset();
  keyspace_.reset();
  shared_.reset();
  reserve_.reset();
  if (!options_.scratch) return;
  // The lock goes last: until then no other process takes the folder for an abandoned one.
  std::error_code ignored;
  std::filesystem::remove_all(options_.folder, ignored);
}

void Storage::open_stores() {
  kv::OpenOptions store;
  store.directory = options_.folder / "store";
  store.database = kv::Database::kShared;
  store.durability = options_.durability;
  store.damage = options_.damage;
  store.aside = next_aside(options_.folder);
  store.reserve = reserve_.get();
  if (shared_ == nullptr) shared_ = kv::open_rocks_store(store);
  store.directory = options_.folder / "keyspace";
  store.database = kv::Database::kKeyspace;
  keyspace_ = kv::open_rocks_store(store);
}

void Storage::open_blobs() {
  blob::OpenOptions blobs;
  blobs.directory = options_.folder / "blobs";
  blobs.durability = options_.durability;
  blobs.executor = options_.executor;
  if (reserve_ != nullptr) {
    blobs.saves_room = [reserve = reserve_.get()] { return reserve->is_spent(); };
  }
  blobs_ = blob::open_file_store(blobs);
}

void Storage::set_keyspace_aside(const std::string& why) {
  const std::filesystem::path folder = options_.folder / "keyspace";
  kv::Aside aside(next_aside(options_.folder));
  const std::string what = folder.string() + ": " + why;
  if (options_.damage == kv::Damage::kRefuse) {
    throw base::StorageFault("the data folder is damaged: " + what +
                             ". Restore a copy of the folder, or start once with --repair, which "
                             "begins with empty Redis data and keeps the damaged files in " +
                             aside.folder().string());
  }
  aside.note(what + "; going on with empty Redis data");
  keyspace_.reset();
  std::filesystem::rename(folder, aside.folder() / "keyspace");
  open_stores();
}

void Storage::check_identity() {
  kv::Aside aside(next_aside(options_.folder));
  world::check_identity(*shared_, *keyspace_, options_.folder, options_.damage, aside);
}

bool Storage::may_sweep() const {
  if (shared_->loss() != kv::Loss::kNone) return false;
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
    if (entry.path().filename().string().starts_with(kAside)) return false;
  }
  return true;
}

void Storage::check_format() {
  const auto found = shared_->get(kv::Family::kMeta, kFormatKey);
  if (!found) return write_format(kFormatVersionOfOneWorld);
  base::ByteReader reader(*found);
  const std::uint32_t version = reader.u32();
  if (!reader.ok() || version == 0) {
    throw base::StorageFault("the data folder's format record is damaged");
  }
  if (version > kFormatVersion) {
    throw base::StorageFault("the data folder was written by a newer Bodega (format " +
                             std::to_string(version) + ", this one reads up to " +
                             std::to_string(kFormatVersion) + ")");
  }
}

void Storage::write_format(std::uint32_t version) {
  std::string bytes;
  base::put_u32(bytes, version);
  kv::Batch batch;
  batch.put(kv::Family::kMeta, kFormatKey, bytes);
  shared_->commit(batch);
}

std::filesystem::path Storage::root_key_file(std::string_view prefix) const {
  if (in_memory()) return {};
  if (prefix.empty()) return options_.folder / "root.key";
  const std::uint32_t number = base::read_u32(prefix.substr(prefix.size() - sizeof(std::uint32_t)));
  return options_.folder / ("root-" + std::to_string(number) + ".key");
}

void Storage::expect_sections() {
  const auto found = shared_->get(kv::Family::kMeta, kFormatKey);
  if (!found || base::read_u32(*found) < kFormatVersion) write_format(kFormatVersion);
}

std::vector<base::Figure> Storage::figures(kv::Database database) const {
  return database == kv::Database::kShared ? shared_->figures() : keyspace_->figures();
}

std::vector<base::Figure> Storage::blob_figures() const {
  const blob::Usage usage = blobs_->usage();
  return {{"files", static_cast<double>(usage.blobs)},
          {"size_bytes", static_cast<double>(usage.size_bytes)}};
}

void Storage::sync() {
  shared_->sync();
  keyspace_->sync();
}

std::optional<std::string> Storage::fault() const {
  if (auto fault = shared_->fault()) return fault;
  return keyspace_->fault();
}

void Storage::tend() {
  shared_->recover();
  keyspace_->recover();
  if (reserve_ != nullptr) reserve_->hold();
}

}  // namespace bodega::world
