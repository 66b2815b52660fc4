#include "engines/object/engine.h"

#include <exception>
#include <string>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "engines/object/inside.h"
#include "engines/object/named_blobs.h"

namespace bodega::object {

bool is_version_id(std::string_view text) {
  return text == kNullVersion || format::parse_id(text).has_value();
}

Engine::Engine(kv::Store& store, blob::Store& blobs, const base::Clock& clock, Options options)
    : core_(std::make_unique<Core>(store, blobs, clock, options)) {
  core_->load_buckets();
  core_->load_sources();
}

Engine::~Engine() = default;

const base::Clock& Engine::clock() const { return core_->clock; }

void Engine::named_blobs(const std::function<void(blob::BlobId)>& visit) const {
  object::named_blobs(core_->store, visit);
}

// ---- Locks and commits ----

std::size_t Engine::Core::stripe_of(std::string_view bucket, std::string_view key) {
  const std::size_t hash =
      std::hash<std::string_view>()(key) * 31 + std::hash<std::string_view>()(bucket);
  return hash % kStripes;
}

std::vector<std::unique_lock<base::SharedMutex>> Engine::Core::lock_all_stripes() {
  std::vector<std::unique_lock<base::SharedMutex>> locks;
  locks.reserve(kStripes);
  for (base::SharedMutex& one : stripes) locks.emplace_back(one);
  return locks;
}

void Engine::Core::commit(Change& change, DroppedBlobs& dropped, Data* named) {
  try {
    write(change);
  } catch (const base::NotCommitted&) {
    throw;
  } catch (...) {
    if (named != nullptr) named->release();
    throw;
  }
  if (named != nullptr) named->release();
  dropped.add(change.dropped);
  change = Change{};
}

void Engine::Core::commit(Change& change) {
  BODEGA_CHECK(change.dropped.empty());
  write(change);
}

void Engine::Core::write(Change& change) {
  // The events may be larger than the versions that go.
  if (journal::size_bytes(change.events) < change.destroyed_bytes) change.batch.mark_frees_room();
  if (change.events.empty()) {
    if (!change.batch.empty()) store.commit(change.batch);
  } else {
    journal->commit(change.batch, change.events);
  }
}

DroppedBlobs::~DroppedBlobs() {
  try {
    pins_.remove(ids_);
  } catch (const std::exception& fault) {
    log::warn(std::string("blobs without a record stay until the next start: ") + fault.what());
  }
}

}  // namespace bodega::object
