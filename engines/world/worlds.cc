#include "engines/world/worlds.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/kv/section.h"
#include "engines/object/named_blobs.h"

namespace bodega::world {
namespace {

constexpr std::int64_t kUpkeepEveryUs = 250'000;

}  // namespace

Worlds::Worlds(std::shared_ptr<World> main, const base::Clock& process)
    : main_(std::move(main)), process_(process) {
  for (const Sections::Named& named : main_->storage().worlds().list()) {
    beside_[named.name] = World::beside(*main_, named.number, World::State::kStored, process_);
  }
}

std::shared_ptr<World> Worlds::find(std::string_view name) const {
  const base::Lock lock(mutex_);
  const auto found = beside_.find(name);
  return found == beside_.end() ? nullptr : found->second;
}

std::vector<std::string> Worlds::names() const {
  const base::Lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, world] : beside_) names.push_back(name);
  return names;
}

std::shared_ptr<World> Worlds::open(std::string_view name, Kept kept) {
  BODEGA_CHECK(!name.empty());
  const base::Lock lock(mutex_);
  const auto found = beside_.find(name);
  if (found != beside_.end()) return found->second;
  std::shared_ptr<World> world;
  if (kept == Kept::kInMemory) {
    world = World::in_memory(process_);
  } else {
    Storage& storage = main_->storage();
    storage.expect_sections();
    // Where it has a number already, an earlier call could not make it: nothing is in it.
    const auto given = storage.worlds().find(name);
    const std::uint32_t number = given ? *given : storage.worlds().add(name);
    world = World::beside(*main_, number, World::State::kNew, process_);
  }
  beside_.emplace(name, world);
  return world;
}

bool Worlds::drop(std::string_view name) {
  std::shared_ptr<World> dropped;  // goes, where it is the last, without the lock
  const base::Lock lock(mutex_);
  const auto found = beside_.find(name);
  if (found == beside_.end()) return false;
  dropped = found->second;
  main_->storage().worlds().drop(name, dropped->presence());  // false: it is in memory
  beside_.erase(found);
  return true;
}

std::vector<std::shared_ptr<World>> Worlds::all() const {
  const base::Lock lock(mutex_);
  std::vector<std::shared_ptr<World>> worlds{main_};
  for (const auto& [name, world] : beside_) worlds.push_back(world);
  return worlds;
}

void Worlds::for_each_job(base::FunctionRef<void(const base::Clock&, base::Job&)> visit) {
  visit(process_, upkeep_);
  for (const std::shared_ptr<World>& world : all()) {
    world->service_state().for_each_job([&](base::Job& job) { visit(world->clock(), job); });
  }
}

VerifyReport Worlds::verify(const VerifyRequest& request) const {
  VerifyReport report;
  report.finished = true;
  for (const std::shared_ptr<World>& world : all()) report.add(world->verify(request));
  return report;
}

void Worlds::remove_dropped() {
  main_->storage().worlds().remove_dropped(
      [this](std::uint32_t number) { remove_contents(number); });
}

// Records first, blobs second, as everywhere: a kill in between leaves files that the next start
// removes.
void Worlds::remove_contents(std::uint32_t number) {
  Storage& storage = main_->storage();
  const std::string prefix = storage.worlds().prefix(number);
  std::vector<blob::BlobId> blobs;
  {
    const auto section =
        kv::make_section(storage.shared(), kv::Database::kShared, prefix, kBeforeSections);
    object::named_blobs(*section, [&blobs](blob::BlobId id) { blobs.push_back(id); });
  }
  remove_section(storage.keyspace(), kv::Database::kKeyspace, prefix);
  remove_section(storage.shared(), kv::Database::kShared, prefix);
  for (const blob::BlobId id : blobs) storage.blobs().remove(id);
  std::error_code ignored;  // a key without anything that it opens
  std::filesystem::remove(storage.root_key_file(prefix), ignored);
}

std::optional<std::int64_t> Worlds::Upkeep::next_due_us(std::int64_t now_us) {
  // The system's clock may have been set back.
  return due_us_ > now_us + kUpkeepEveryUs ? now_us : due_us_;
}

void Worlds::Upkeep::run(std::int64_t now_us, std::size_t) {
  due_us_ = now_us + kUpkeepEveryUs;
  worlds_.main_->storage().tend();
  for (const std::shared_ptr<World>& world : worlds_.all()) {
    try {
      world->tend();
    } catch (const base::StorageFault& fault) {
      log::warn(std::string("a world could not be tended: ") + fault.what());
    }
  }
  if (!worlds_.main_->fault()) worlds_.remove_dropped();
}

}  // namespace bodega::world
