// After a commit that failed: which keys the lost tick has changed, and how they are read back from
// the store, which shows what was before it.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/keyspace/engine.h"
#include "engines/keyspace/loader.h"
#include "engines/keyspace/staging.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/storage/format.h"
#include "engines/keyspace/storage/journal.h"
#include "engines/keyspace/structures/database.h"
#include "engines/keyspace/structures/hashing.h"

namespace bodega::keyspace {

void Engine::give_up_tick(std::span<const KeyName> keys) {
  if (options_.log_changes) note_lost(keys);
}

void Engine::give_up_everything() {
  if (!options_.log_changes) return;
  note_lost({});
  lost_->everything = true;
}

// Whatever there is no memory for noting makes everything suspect.
void Engine::note_lost(std::span<const KeyName> keys) noexcept {
  if (!lost_) lost_ = Lost();  // clang 14 finds no emplace() for a class within a class
  Lost& lost = *lost_;
  const auto note_record = [&lost](std::string_view record_key) {
    if (const auto key = format::decode_record_key(record_key)) {
      lost.keys.push_back({key->storage_id, std::string(key->key)});
    } else if (record_key == format::database_map_key() || format::decode_library_key(record_key)) {
      lost.everything = true;
    }
  };
  const auto note_batch = [&](const kv::Batch& batch, auto is_fresh) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const kv::Batch::Entry entry = batch.entry(i);
      if (entry.family == kv::Family::kKeys) {
        note_record(entry.key);
      } else {
        const std::uint64_t id = base::read_u64(entry.key);
        const bool known = !lost.objects.empty() && lost.objects.back() == id;
        if (!known && !is_fresh(id)) lost.objects.push_back(id);
      }
    }
  };
  try {
    lost.everything = lost.everything || log_->map_changed() || log_->changes_libraries();
    const auto is_fresh = [this](std::uint64_t id) { return log_->is_fresh(id); };
    note_batch(batch_, is_fresh);
    note_batch(log_->elements(), is_fresh);
    if (staging_ != nullptr) {
      note_batch(staging_->batch, [this](std::uint64_t id) { return staging_->log.is_fresh(id); });
    }
    for (const std::string& record_key : log_->removed_keys()) note_record(record_key);
    for (const auto& database : databases_) {
      for (const Entry* entry : database->dirty) {
        if (entry == nullptr) continue;
        lost.keys.push_back({database->storage_id, std::string(entry->key())});
      }
    }
    for (const KeyName& key : keys) {
      lost.keys.push_back({at(key.db).storage_id, std::string(key.key)});
    }
  } catch (const std::bad_alloc&) {
    lost.everything = true;
  }
  for (const auto& database : databases_) database->forget_all_dirty();
  log_->lost();
  if (staging_ != nullptr) log_->lost(staging_->log);
  staging_.reset();
  batch_ = kv::Batch();
  pending_string_bytes_ = 0;
}

// Elements are logged under the id of their object, whose key is found by a walk over all.
void Engine::note_owners() {
  Lost& lost = *lost_;
  if (lost.objects.empty()) return;
  const std::unordered_set<std::uint64_t> objects(lost.objects.begin(), lost.objects.end());
  for (const auto& database : databases_) {
    database->table.for_each([&](Entry& entry) {
      if (entry.storage_ != Entry::Storage::kCollection) return;
      if (!objects.contains(entry.object_id())) return;
      lost.keys.push_back({database->storage_id, std::string(entry.key())});
    });
  }
  lost.objects.clear();
}

void Engine::roll_back() {
  BODEGA_CHECK(in_doubt());
  if (has_changes()) note_lost({});  // what the rest of a command did after it was given up
  journal_->finish();
  if (lost_->everything) {
    read_everything_back(store_);
    lost_.reset();
    if (observer_ != nullptr) observer_->all_restored();
    return;
  }
  note_owners();
  auto& keys = lost_->keys;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::unordered_map<std::uint32_t, unsigned> databases;
  for (unsigned db = 0; db < database_count(); ++db) databases[at(db).storage_id] = db;

  Loader loader(*this, store_);
  const auto cursor = store_.cursor(kv::Family::kKeys);
  for (const LostKey& key : keys) {
    const auto place = databases.find(key.storage_id);
    if (place == databases.end()) continue;  // of a database that was flushed before
    const unsigned db = place->second;
    const std::string record_key = format::key_record_key(key.storage_id, key.key);
    cursor->seek(record_key);
    const bool stored = cursor->valid() && cursor->key() == record_key;
    if (Entry** link = at(db).table.find_link(key.key, hash_of(key.key))) {
      options_.log_changes = false;
      erase(db, link);
      options_.log_changes = true;
    }
    if (stored) loader.restore(db, key.key, cursor->value());
  }
  loader.restore_elements();
  const std::vector<LostKey> restored = std::move(keys);
  lost_.reset();
  if (observer_ == nullptr) return;
  for (const LostKey& key : restored) {
    const auto place = databases.find(key.storage_id);
    if (place != databases.end()) observer_->key_restored(place->second, key.key);
  }
}

void Engine::read_everything_back(kv::Store& store) {
  const std::size_t before = flushed_.size();
  const auto set_aside = [this](std::unique_ptr<Database> database) {
    database->owns_elements = false;
    flushed_.push_back(std::move(database));
  };
  for (auto& database : flushing_) set_aside(std::move(database));
  flushing_.clear();
  for (auto& database : databases_) {
    auto fresh = std::make_unique<Database>();
    fresh->storage_id = database->storage_id;
    if (database->slots != nullptr) fresh->slots = std::make_unique<SlotIndex>();
    set_aside(std::exchange(database, std::move(fresh)));
  }
  libraries_.clear();
  while (flushed_.size() > before) tidy_some(std::size_t{1} << 20);
  Loader(*this, store).run();
}

}  // namespace bodega::keyspace
