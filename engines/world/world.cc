#include "engines/world/world.h"

#include <algorithm>
#include <utility>

#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/kv/section.h"
#include "engines/object/named_blobs.h"

namespace bodega::world {
namespace {

keyspace::Options keyspace_options(const Storage& storage) {
  keyspace::Options options;
  options.log_changes = !storage.options().scratch;
  options.loading = storage.options().loading;
  return options;
}

}  // namespace

// A keyspace in a section of its own.
struct World::NamedKeyspace {
  NamedKeyspace(kv::Store& redis, std::string prefix, const base::Clock& clock,
                const keyspace::Options& options)
      : store(kv::make_section(redis, kv::Database::kKeyspace, std::move(prefix))),
        engine(*store, clock, options) {}

  const std::unique_ptr<kv::Store> store;
  keyspace::Engine engine;
};

// ---- Opening ----

std::shared_ptr<World> World::open(const WorldOptions& options, const base::Clock& process) {
  std::shared_ptr<World> world(new World(std::make_shared<Storage>(options), "", process));
  world->make_engines();
  world->load_or_set_aside();
  world->storage_->check_identity();
  world->start_sweep();
  return world;
}

std::shared_ptr<World> World::in_memory(const base::Clock& process) {
  std::shared_ptr<World> world(new World(std::make_shared<Storage>(), "", process));
  world->make_engines();
  world->make_keyspaces();
  return world;
}

std::shared_ptr<World> World::beside(const World& main, std::uint32_t number, State state,
                                     const base::Clock& process) {
  std::shared_ptr<World> world(
      new World(main.storage_, main.storage_->worlds().prefix(number), process));
  world->make_engines();
  world->make_keyspaces();
  if (state == State::kStored) world->load_keyspaces();
  return world;
}

World::World(std::shared_ptr<Storage> storage, std::string prefix, const base::Clock& process)
    : presence_(std::make_shared<int>()),
      storage_(std::move(storage)),
      prefix_(std::move(prefix)),
      clock_(process),
      all_shared_(kv::make_section(storage_->shared(), kv::Database::kShared, prefix_)),
      shared_(
          kv::make_section(storage_->shared(), kv::Database::kShared, prefix_, kBeforeSections)),
      keyspace_names_(*all_shared_, SectionKind::kKeyspace) {}

World::~World() {
  lifeline_.cut();
  named_keyspaces_.clear();
  keyspace_.reset();
  identities_.reset();
  vault_.reset();
  tables_.reset();
  objects_.reset();
  journal_.reset();
}

void World::make_engines() {
  base::Executor* const executor = storage_->options().executor;
  journal_ = std::make_unique<journal::Journal>(*shared_, clock_);
  object::Options options;
  options.executor = executor;
  options.journal = journal_.get();
  options.owner = weak_from_this();
  objects_ = std::make_unique<object::Engine>(*shared_, storage_->blobs(), clock_, options);
  tables_ = std::make_unique<table::Engine>(*shared_, clock_, executor, journal_.get());
  vault_ = std::make_unique<vault::Engine>(*shared_, clock_,
                                           vault::RootKey(storage_->root_key_file(prefix_)),
                                           storage_->options().damage);
  identities_ = std::make_unique<identity::Engine>(*shared_, clock_);
}

// Empty: what they hold is read by load_keyspaces().
void World::make_keyspaces() {
  const base::Lock lock(named_mutex_);
  redis_ =
      kv::make_section(storage_->keyspace(), kv::Database::kKeyspace, prefix_, kBeforeSections);
  keyspace_ = std::make_unique<keyspace::Engine>(*redis_, clock_, keyspace_options(*storage_));
  for (const Sections::Named& named : keyspace_names_.list()) {
    named_keyspaces_[named.name] = std::make_shared<NamedKeyspace>(
        storage_->keyspace(), prefix_ + keyspace_names_.prefix(named.number), clock_,
        keyspace_options(*storage_));
  }
}

void World::load_keyspaces() {
  keyspace_->load();
  const base::Lock lock(named_mutex_);
  for (const auto& [name, named] : named_keyspaces_) named->engine.load();
}

// Redis data is read whole at the start, so this is where a damaged table shows.
void World::load_or_set_aside() {
  make_keyspaces();
  std::string damage;
  try {
    return load_keyspaces();
  } catch (const base::StorageFault& fault) {
    damage = fault.what();
  }
  {
    const base::Lock lock(named_mutex_);
    named_keyspaces_.clear();
  }
  keyspace_.reset();
  redis_.reset();
  storage_->set_keyspace_aside(damage);
  make_keyspaces();
  load_keyspaces();
}

// ---- Blobs without a record ----

void World::start_sweep() {
  base::Executor* const executor = storage_->options().executor;
  if (!storage_->may_sweep()) {
    log::warn("files that no record names are kept, because records were lost");
  } else if (executor == nullptr) {
    sweep_blobs();
  } else {
    executor->post([handle = lifeline_.handle()] {
      handle.with([](World& opened) { opened.sweep_blobs(); });
    });
  }
}

void World::sweep_blobs() {
  try {
    std::vector<blob::BlobId> named;
    const auto note = [&named](blob::BlobId id) { named.push_back(id); };
    objects_->named_blobs(note);
    named_beside(note);
    std::sort(named.begin(), named.end());
    const blob::Swept swept = storage_->blobs().sweep(
        [&named](blob::BlobId id) { return std::binary_search(named.begin(), named.end(), id); });
    swept_blobs_ = swept.removed;
    if (swept.removed == 0) return;
    log::info("removed " + std::to_string(swept.removed) + " files of writes that were cut short");
  } catch (const base::StorageFault& fault) {
    // They take room and do no other harm.
    log::warn(std::string("files of writes that were cut short may stay: ") + fault.what());
  }
}

void World::named_beside(const std::function<void(blob::BlobId)>& visit) const {
  const Sections& worlds = storage_->worlds();
  for (const Sections::Named& named : worlds.list()) {
    const auto section = kv::make_section(storage_->shared(), kv::Database::kShared,
                                          worlds.prefix(named.number), kBeforeSections);
    object::named_blobs(*section, visit);
  }
}

VerifyReport World::verify(const VerifyRequest& request) const {
  std::vector<std::shared_ptr<NamedKeyspace>> held;
  {
    const base::Lock lock(named_mutex_);
    for (const auto& [name, named] : named_keyspaces_) held.push_back(named);
  }
  std::vector<const kv::Store*> keyspaces{redis_.get()};
  for (const auto& named : held) keyspaces.push_back(named->store.get());
  const bool is_main = prefix_.empty();
  VerifyRequest own = request;
  if (is_main) own.named_elsewhere = [this](const auto& visit) { named_beside(visit); };
  VerifyReport report = verify_world(*objects_, *shared_, keyspaces, own);
  if (!is_main) report.objects.unnamed_blobs = 0;  // those are of other worlds
  return report;
}

// ---- Keyspaces ----

std::shared_ptr<keyspace::Engine> World::keyspace_named(std::string_view name) {
  if (name.empty()) return {shared_from_this(), keyspace_.get()};
  const base::Lock lock(named_mutex_);
  auto found = named_keyspaces_.find(name);
  if (found == named_keyspaces_.end()) {
    storage_->expect_sections();
    // Where it has a number already, an earlier call could not make it. Nothing is in it, so
    // nothing need be read.
    const auto given = keyspace_names_.find(name);
    const std::uint32_t number = given ? *given : keyspace_names_.add(name);
    auto made = std::make_shared<NamedKeyspace>(storage_->keyspace(),
                                                prefix_ + keyspace_names_.prefix(number), clock_,
                                                keyspace_options(*storage_));
    found = named_keyspaces_.emplace(name, std::move(made)).first;
  }
  struct Held {
    std::shared_ptr<World> world;  // outlives the keyspace
    std::shared_ptr<NamedKeyspace> keyspace;
  };
  const auto held = std::make_shared<Held>(Held{shared_from_this(), found->second});
  return {held, &held->keyspace->engine};
}

std::vector<std::string> World::keyspace_names() const {
  std::vector<std::string> names;
  for (Sections::Named& named : keyspace_names_.list()) names.push_back(std::move(named.name));
  return names;
}

bool World::drop_keyspace(std::string_view name) {
  const base::Lock lock(named_mutex_);
  const auto found = named_keyspaces_.find(name);
  if (found == named_keyspaces_.end()) return false;
  keyspace_names_.drop(name, found->second);
  named_keyspaces_.erase(found);
  return true;
}

void World::tend() {
  journal_->tend();
  vault_->tend();
  if (storage_->fault()) return;  // what is dropped can wait
  keyspace_names_.remove_dropped([this](std::uint32_t number) {
    remove_section(storage_->keyspace(), kv::Database::kKeyspace,
                   prefix_ + keyspace_names_.prefix(number));
  });
}

}  // namespace bodega::world
