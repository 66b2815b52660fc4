// A large tick written over several turns of its owner's loop.
//
// The tick's records are serialised when it is closed, so only the bytes of its long strings are
// still read from memory; that is why its keys must be left alone until it is committed. Ticks that
// follow are committed before it. That is as if they had come first, because they share no key with
// it and see nothing of it.
#include "engines/keyspace/staging.h"

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/keyspace/engine.h"
#include "engines/keyspace/storage/format.h"
#include "engines/keyspace/storage/journal.h"
#include "engines/keyspace/structures/database.h"

namespace bodega::keyspace {
namespace {

constexpr std::uint64_t kPiecesPerSlice = kStageSliceBytes / kPieceLength;
// With more keys than this the tick counts as one that changed all.
constexpr std::size_t kMaxStagedKeys = 1000;

}  // namespace

bool Engine::start_staging() {
  BODEGA_CHECK(!in_doubt());
  const bool fits = options_.log_changes && pending_string_bytes_ > kStagedBytes && !is_staging() &&
                    !log_->map_changed() && !log_->changes_libraries() && !log_->drops_database() &&
                    !unsettled();
  if (!fits) return false;
  try {
    auto staging = std::make_unique<Staging>();
    for (const auto& database : databases_) {
      for (Entry* entry : database->dirty) {
        if (entry != nullptr && goes_ahead(*entry)) staging->strings.push_back(entry);
      }
    }
    if (staging->strings.empty()) return false;
    log_->check();
    close_tick(*staging);
    staging_ = std::move(staging);
  } catch (...) {
    note_lost({});
    throw;
  }
  return true;
}

void Engine::close_tick(Staging& staging) {
  const auto note = [&staging](std::string_view key) {
    if (staging.keys.size() < kMaxStagedKeys) {
      staging.keys.emplace(key);
    } else {
      staging.all_keys = true;
    }
  };
  // Elements do not tell their key.
  if (!log_->elements().empty()) staging.all_keys = true;
  for (const std::string& record_key : log_->removed_keys()) {
    if (const auto key = format::decode_record_key(record_key)) note(key->key);
  }
  for (const auto& database : databases_) {
    for (const Entry* entry : database->dirty) {
      if (entry != nullptr) note(entry->key());
    }
  }
  for (Entry* entry : staging.strings) entry->heap_->pieces->go_ahead = true;
  // In batch_ until all of it is there, so that nothing is forgotten if memory ends meanwhile.
  batch_.clear();
  collect_records(batch_);
  staging.log = log_->set_apart();
  std::swap(staging.batch, batch_);
  pending_string_bytes_ = 0;
}

bool Engine::stage_some() {
  BODEGA_CHECK(is_staging() && !in_doubt());
  Staging& staging = *staging_;
  try {
    if (unsettled()) throw base::NotCommitted("an earlier change is still being written");
    for (std::uint64_t left = kPiecesPerSlice; left > 0 && !staging.strings.empty();) {
      const std::uint64_t looked =
          put_some_pieces(staging.slice, *staging.strings.back(), staging.walk, left);
      if (looked == left) break;
      left -= looked;
      staging.strings.pop_back();
      staging.walk = {};
    }
    if (!staging.slice.empty()) store_.commit(staging.slice);
    staging.slice.clear();
    if (!staging.strings.empty()) return false;
    journal_->commit(staging.batch);
  } catch (...) {
    note_lost({});
    throw;
  }
  log_->committed(staging.log);
  staging_.reset();
  return true;
}

bool Engine::is_staged(std::string_view key) const {
  return staging_ != nullptr && (staging_->all_keys || staging_->keys.contains(key));
}

}  // namespace bodega::keyspace
