// Writing behind: what a tick changed becomes one commit, or several that count only together.
#include <algorithm>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/keyspace/engine.h"
#include "engines/keyspace/staging.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/storage/format.h"
#include "engines/keyspace/storage/journal.h"
#include "engines/keyspace/structures/database.h"

namespace bodega::keyspace {
namespace {

// A batch that was larger gives its room back.
constexpr std::size_t kKeptBatchBytes = 1024 * 1024;

// A batch that only removes, apart from the map that FLUSHDB and FLUSHALL write.
bool only_removes(const kv::Batch& batch) {
  const std::string map = format::database_map_key();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const kv::Batch::Entry entry = batch.entry(i);
    if (entry.kind != kv::Batch::Kind::kPut) continue;
    if (entry.family != kv::Family::kKeys || entry.key != map) return false;
  }
  return true;
}

}  // namespace

bool Engine::has_changes() const {
  if (!log_->empty() || (options_.log_changes && notes_.changed())) return true;
  return std::any_of(databases_.begin(), databases_.end(),
                     [](const auto& database) { return !database->dirty.empty(); });
}

std::size_t Engine::pending_bytes() const {
  return options_.log_changes ? pending_string_bytes_ + log_->size_bytes() : 0;
}

bool Engine::has_backlog() const { return log_->has_backlog(); }

std::string Engine::encoded_map() const {
  format::DatabaseMap map;
  map.next_storage_id = next_storage_id_;
  for (const auto& database : databases_) map.storage_ids.push_back(database->storage_id);
  return format::encode(map);
}

void Engine::collect(kv::Batch& batch) {
  collect_records(batch);
  log_->take_orphans(batch);
}

void Engine::collect_records(kv::Batch& batch) {
  log_->take(batch, log_->map_changed() ? encoded_map() : std::string());
  for (const std::string& name : log_->take_libraries()) {
    const auto library = libraries_.find(name);
    if (library == libraries_.end()) {
      batch.remove(kv::Family::kKeys, format::library_key(name));
    } else {
      batch.put(kv::Family::kKeys, format::library_key(name), library->second);
    }
  }
  for (const auto& database : databases_) {
    for (Entry* entry : database->dirty) {
      if (entry == nullptr) continue;
      const std::int64_t expiry_ms =
          entry->has_expiry() ? database->expiry.when_ms(*entry) : kNoExpiry;
      put_key_record(batch, database->storage_id, *entry, expiry_ms);
    }
  }
  for (const auto& database : databases_) database->forget_all_dirty();
  if (notes_.changed()) notes_.put_all(batch);
}

// In a tick that is large, strings that are stored in pieces go ahead of its batch, under object
// ids that no record names before the batch is in. One of which much changed gets a new id for it.
void Engine::stage_long_strings() {
  if (pending_string_bytes_ <= kStagedBytes) return;
  kv::Batch ahead;
  const auto hand_over = [this](kv::Batch& batch) {
    store_.commit(batch);
    batch.clear();
  };
  for (const auto& database : databases_) {
    for (Entry* entry : database->dirty) {
      if (entry != nullptr && goes_ahead(*entry)) put_pieces(ahead, *entry, hand_over);
    }
  }
  if (!ahead.empty()) store_.commit(ahead);
}

// Not a mere question: a string of which much changed is given the new id here.
bool Engine::goes_ahead(Entry& entry) {
  if (entry.storage_ != Entry::Storage::kHeap) return false;
  StringPieces* const pieces = entry.heap_->pieces;
  if (pieces == nullptr) return false;
  if (log_->is_fresh(pieces->object_id)) return true;
  if (pieces->dirty_bytes() <= kStagedBytes) return false;
  log_->drop_object(pieces->object_id);
  *pieces = StringPieces{.object_id = log_->new_object_id()};
  pieces->dirty.push_back({0, (entry.heap_->length - 1) / kPieceLength + 1});
  return true;
}

void Engine::commit_tick() {
  BODEGA_CHECK(!in_doubt());
  if (!has_changes() && !has_backlog()) return;
  batch_.clear();
  try {
    if (journal_->pending()) throw base::NotCommitted("an earlier change is still being written");
    log_->check();
    const bool asked_for = has_changes();
    stage_long_strings();
    collect(batch_);
    if (only_removes(batch_)) asked_for ? batch_.mark_frees_room() : batch_.mark_cleans_up();
    journal_->commit(batch_);
  } catch (...) {
    note_lost({});
    throw;
  }
  log_->committed();
  for (auto& database : flushing_) flushed_.push_back(std::move(database));
  flushing_.clear();
  pending_string_bytes_ = 0;
  notes_.committed();
  if (batch_.size_bytes() > kKeptBatchBytes) batch_ = kv::Batch();
}

bool Engine::unsettled() const { return journal_->pending(); }

void Engine::settle() {
  journal_->finish();
  journal_->clear();
}

void Engine::put_library(std::string_view name, std::string_view code) {
  libraries_.insert_or_assign(std::string(name), std::string(code));
  ++change_count_;
  if (options_.log_changes) log_->change_library(name);
}

void Engine::remove_library(std::string_view name) {
  const auto place = libraries_.find(name);
  if (place == libraries_.end()) return;
  libraries_.erase(place);
  ++change_count_;
  if (options_.log_changes) log_->change_library(name);
}

void Engine::write_all(kv::Store& target) {
  kv::Batch batch;
  const auto hand_over = [&target](kv::Batch& full) {
    target.commit(full);
    full.clear();
  };
  batch.put(kv::Family::kKeys, format::database_map_key(), encoded_map());
  notes_.put_all(batch);
  for (const auto& [name, code] : libraries_) {
    batch.put(kv::Family::kKeys, format::library_key(name), code);
  }
  for (const auto& database : databases_) {
    database->table.for_each([&](Entry& entry) {
      const std::int64_t expiry_ms =
          entry.has_expiry() ? database->expiry.when_ms(entry) : kNoExpiry;
      if (entry.storage_ == Entry::Storage::kHeap) {
        // Whatever was written of it, the target has nothing yet.
        StringPieces* const pieces = std::exchange(entry.heap_->pieces, nullptr);
        note_pieces(*entry.heap_, 0, entry.heap_->length, 0);
        if (entry.heap_->pieces != nullptr) put_pieces(batch, entry, hand_over);
        put_key_record(batch, database->storage_id, entry, expiry_ms);
        delete std::exchange(entry.heap_->pieces, pieces);
      } else {
        put_key_record(batch, database->storage_id, entry, expiry_ms);
        put_all_elements(batch, entry, hand_over);
      }
      if (footprint(batch) >= kMaxBatchBytes) hand_over(batch);
    });
  }
  target.commit(batch);
}

}  // namespace bodega::keyspace
