#include "engines/world/world.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/figure.h"
#include "engines/base/log.h"
#include "engines/base/sync_path.h"
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

std::unique_ptr<World> World::open(const WorldOptions& options, const base::Clock& clock) {
  std::unique_ptr<World> world(new World(clock));
  if (options.scratch) world->scratch_folder_ = options.folder;
  world->lock_ = std::make_unique<FolderLock>(options.folder);
  if (!options.scratch) {
    world->reserve_ = std::make_unique<kv::Reserve>(options.folder / "reserve", kReserveBytes);
  }
  world->open_stores(options);
  blob::OpenOptions blobs;
  blobs.directory = options.folder / "blobs";
  blobs.durability = options.durability;
  blobs.executor = options.executor;
  if (world->reserve_ != nullptr) {
    blobs.saves_room = [reserve = world->reserve_.get()] { return reserve->is_spent(); };
  }
  world->blobs_ = blob::open_file_store(blobs);
  if (options.durability == base::Durability::kPower) {
    base::sync_path(options.folder);
    base::sync_path(std::filesystem::absolute(options.folder).parent_path());
  }
  if (world->reserve_ != nullptr) world->reserve_->hold();
  keyspace::Options keyspace_options;
  keyspace_options.log_changes = !options.scratch;
  world->start(options, keyspace_options);
  world->load_keyspace(options, keyspace_options);
  kv::Aside aside(next_aside(options.folder));
  check_identity(*world->shared_store_, *world->keyspace_store_, options.folder, options.damage,
                 aside);
  if (!world->may_sweep(options.folder)) {
    log::warn("files that no record names are kept, because records were lost");
  } else if (options.executor == nullptr) {
    world->sweep_blobs();
  } else {
    options.executor->post([handle = world->lifeline_.handle()] {
      handle.with([](World& opened) { opened.sweep_blobs(); });
    });
  }
  return world;
}

void World::open_stores(const WorldOptions& options) {
  kv::OpenOptions store;
  store.directory = options.folder / "store";
  store.database = kv::Database::kShared;
  store.durability = options.durability;
  store.damage = options.damage;
  store.aside = next_aside(options.folder);
  store.reserve = reserve_.get();
  if (shared_store_ == nullptr) shared_store_ = kv::open_rocks_store(store);
  store.directory = options.folder / "keyspace";
  store.database = kv::Database::kKeyspace;
  keyspace_store_ = kv::open_rocks_store(store);
}

std::unique_ptr<World> World::in_memory(const base::Clock& clock) {
  std::unique_ptr<World> world(new World(clock));
  world->shared_store_ = kv::make_memory_store(kv::Database::kShared);
  world->keyspace_store_ = kv::make_memory_store(kv::Database::kKeyspace);
  world->blobs_ = blob::make_memory_store();
  world->start({}, {});
  world->keyspace_->load();
  return world;
}

World::~World() {
  lifeline_.cut();
  keyspace_.reset();
  identities_.reset();
  vault_.reset();
  tables_.reset();
  objects_.reset();
  journal_.reset();
  blobs_.reset();
  keyspace_store_.reset();
  shared_store_.reset();
  reserve_.reset();
  if (!scratch_folder_.empty()) {
    // The lock goes last: until then nobody else takes the folder for an abandoned one.
    std::error_code ignored;
    std::filesystem::remove_all(scratch_folder_, ignored);
  }
}

void World::start(const WorldOptions& options, const keyspace::Options& keyspace_options) {
  check_format();
  journal_ = std::make_unique<journal::Journal>(*shared_store_, clock_);
  object::Options object_options;
  object_options.executor = options.executor;
  object_options.journal = journal_.get();
  objects_ = std::make_unique<object::Engine>(*shared_store_, *blobs_, clock_, object_options);
  tables_ =
      std::make_unique<table::Engine>(*shared_store_, clock_, options.executor, journal_.get());
  vault::RootKey root_key;
  if (!options.folder.empty()) root_key = vault::RootKey(options.folder / "root.key");
  vault_ = std::make_unique<vault::Engine>(*shared_store_, clock_, root_key, options.damage);
  identities_ = std::make_unique<identity::Engine>(*shared_store_, clock_);
  keyspace_ = std::make_unique<keyspace::Engine>(*keyspace_store_, clock_, keyspace_options);
}

// Redis data is read whole at the start, so this is where a damaged table shows.
void World::load_keyspace(const WorldOptions& options, const keyspace::Options& keyspace_options) {
  const std::filesystem::path folder = options.folder / "keyspace";
  kv::Aside aside(next_aside(options.folder));
  try {
    return keyspace_->load();
  } catch (const base::StorageFault& fault) {
    const std::string what = folder.string() + ": " + fault.what();
    if (options.damage == kv::Damage::kRefuse) {
      throw base::StorageFault("the data folder is damaged: " + what +
                               ". Restore a copy of the folder, or start once with --repair, which "
                               "begins with empty Redis data and keeps the damaged files in " +
                               aside.folder().string());
    }
    aside.note(what + "; going on with empty Redis data");
  }
  keyspace_.reset();
  keyspace_store_.reset();
  std::filesystem::rename(folder, aside.folder() / "keyspace");
  open_stores(options);
  keyspace_ = std::make_unique<keyspace::Engine>(*keyspace_store_, clock_, keyspace_options);
  keyspace_->load();
}

void World::check_format() {
  const auto found = shared_store_->get(kv::Family::kMeta, kFormatKey);
  if (!found) {
    std::string version;
    base::put_u32(version, kFormatVersion);
    kv::Batch batch;
    batch.put(kv::Family::kMeta, std::string(kFormatKey), std::move(version));
    shared_store_->commit(batch);
    return;
  }
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

// Whether a blob that no record names is of no use: not so while records are lost or kept aside.
bool World::may_sweep(const std::filesystem::path& folder) const {
  if (shared_store_->loss() != kv::Loss::kNone) return false;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with(kAside)) return false;
  }
  return true;
}

void World::sweep_blobs() {
  try {
    std::vector<blob::BlobId> named;
    objects_->named_blobs([&named](blob::BlobId id) { named.push_back(id); });
    std::sort(named.begin(), named.end());
    const blob::Swept swept = blobs_->sweep(
        [&named](blob::BlobId id) { return std::binary_search(named.begin(), named.end(), id); });
    swept_blobs_ = swept.removed;
    if (swept.removed == 0) return;
    log::info("removed " + std::to_string(swept.removed) + " files of writes that were cut short");
  } catch (const base::StorageFault& fault) {
    // They take room and do no other harm.
    log::warn(std::string("files of writes that were cut short may stay: ") + fault.what());
  }
}

std::vector<base::Figure> World::store_figures(kv::Database database) const {
  return database == kv::Database::kShared ? shared_store_->figures() : keyspace_store_->figures();
}

std::vector<base::Figure> World::blob_figures() const {
  const blob::Usage usage = blobs_->usage();
  return {{"files", static_cast<double>(usage.blobs)},
          {"size_bytes", static_cast<double>(usage.size_bytes)}};
}

void World::sync() {
  shared_store_->sync();
  keyspace_store_->sync();
}

std::optional<std::string> World::fault() const {
  if (auto fault = shared_store_->fault()) return fault;
  return keyspace_store_->fault();
}

void World::tend() {
  shared_store_->recover();
  keyspace_store_->recover();
  if (reserve_ != nullptr) reserve_->hold();
  journal_->tend();
  vault_->tend();
}

}  // namespace bodega::world
