#include "engines/keyspace/loader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/storage/journal.h"
#include "engines/keyspace/structures/database.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/hashing.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "engines/keyspace/structures/stream.h"

namespace bodega::keyspace {
namespace {

using kv::Family;

[[noreturn]] void damaged(const char* what) {
  throw base::StorageFault(std::string("keyspace: damaged ") + what);
}

}  // namespace

void Loader::run() {
  read_keys();
  read_elements();
  remove_leftovers();
}

void Loader::tell_of_progress() {
  constexpr std::uint64_t kRecordsPerCall = 16'384;
  if (++records_ % kRecordsPerCall == 0 && engine_.options_.loading) {
    engine_.options_.loading(records_);
  }
}

// They take room and do no other harm, so a start goes on when the store takes no writes.
void Loader::remove_leftovers() {
  if (removals_.empty()) return;
  removals_.mark_frees_room();
  try {
    store_.commit(removals_);
  } catch (const base::StorageFault& fault) {
    log::warn(std::string("redis: what removed keys have left may stay: ") + fault.what());
  }
  removals_.clear();
}

void Loader::leave_out(const std::string& from, const std::string& behind, Family family) {
  removals_.remove_range(family, from, behind);
  if (footprint(removals_) >= kMaxBatchBytes) remove_leftovers();
}

void Loader::read_map(std::string_view value) {
  const format::DatabaseMap map = format::decode_database_map(value);
  // A world keeps the databases it has, also when it is opened with fewer.
  while (engine_.databases_.size() < map.storage_ids.size()) {
    engine_.databases_.push_back(std::make_unique<Database>());
  }
  engine_.next_storage_id_ = std::max(engine_.next_storage_id_, map.next_storage_id);
  for (std::size_t i = 0; i < engine_.databases_.size(); ++i) {
    engine_.databases_[i]->storage_id =
        i < map.storage_ids.size() ? map.storage_ids[i] : engine_.next_storage_id_++;
  }
}

// One cursor for all of it: in a memtable that is not sorted yet, each new one costs a sort.
void Loader::read_keys() {
  auto cursor = store_.cursor(Family::kKeys);
  cursor->seek(format::journal_marker_key());
  if (cursor->valid() && cursor->key() < format::journal_end_key()) {
    if (cursor->key() == format::journal_marker_key()) {
      engine_.journal_->recover();
      cursor = store_.cursor(Family::kKeys);
    } else {
      leave_out(format::journal_part_key(0), format::journal_end_key(), Family::kKeys);
    }
  }
  cursor->seek_first();
  if (cursor->valid() && cursor->key() == format::database_map_key()) {
    read_map(cursor->value());
  } else {
    // No map was ever written, so the databases are as they were made.
    std::uint32_t id = 0;
    for (const auto& database : engine_.databases_) database->storage_id = id++;
  }
  std::vector<std::pair<std::uint32_t, unsigned>> known;  // storage id, database
  for (unsigned db = 0; db < engine_.database_count(); ++db) {
    known.emplace_back(engine_.databases_[db]->storage_id, db);
  }
  std::sort(known.begin(), known.end());
  std::uint32_t current = 0;
  const std::pair<std::uint32_t, unsigned>* database = nullptr;
  bool first = true;
  for (; cursor->valid(); cursor->next()) {
    tell_of_progress();
    if (const auto library = format::decode_library_key(cursor->key())) {
      engine_.libraries_.insert_or_assign(std::string(*library), std::string(cursor->value()));
      continue;
    }
    const auto key = format::decode_record_key(cursor->key());
    if (!key) {
      engine_.notes_.read(cursor->key(), cursor->value());
      continue;
    }
    if (first || key->storage_id != current) {
      first = false;
      current = key->storage_id;
      const auto at = std::lower_bound(known.begin(), known.end(), std::pair{current, 0u});
      database = at != known.end() && at->first == current ? &*at : nullptr;
      if (database == nullptr) {
        const std::string prefix = format::key_prefix(current);
        leave_out(prefix, base::prefix_end(prefix), Family::kKeys);
      }
    }
    if (database != nullptr) read_key(database->second, key->key, cursor->value());
  }
}

void Loader::read_key(unsigned db, std::string_view key, std::string_view value) {
  const format::KeyRecord record = format::decode_key_record(value);
  Database& database = engine_.at(db);
  if (record.object_id != 0) engine_.log_->reserve_object_ids(record.object_id + 1);
  if (expired_ == Expired::kDropped && record.expiry_ms != kNoExpiry &&
      record.expiry_ms < engine_.now_ms_) {
    removals_.remove(Family::kKeys, format::key_record_key(database.storage_id, key));
    if (footprint(removals_) >= kMaxBatchBytes) remove_leftovers();
    return;
  }
  const std::uint32_t hash = hash_of(key);
  database.table.finish_resize();
  Entry** link = nullptr;
  if (record.type == Type::kString && !record.in_pieces) {
    link =
        engine_.create(db, key, hash, Type::kString, std::min<std::size_t>(record.text.size(), 64));
    engine_.assign_text(db, link, record.text);
  } else {
    link = engine_.create(db, key, hash, record.type, 0);
    Entry& entry = **link;
    entry.storage_ = Entry::Storage::kCollection;
    switch (record.type) {
      case Type::kString: {
        entry.storage_ = Entry::Storage::kInteger;
        HeapString& heap = *engine_.allocate_heap(record.length);
        entry.storage_ = Entry::Storage::kHeap;
        entry.heap_ = &heap;
        heap.length = record.length;
        if (engine_.options_.log_changes) {
          heap.pieces = new StringPieces;
          heap.pieces->object_id = record.object_id;
          heap.pieces->pieces_on_disk = (record.length + kPieceLength - 1) / kPieceLength;
        }
        break;
      }
      case Type::kList: entry.list_ = new List(record.object_id); break;
      case Type::kSet: entry.set_ = new Set(record.object_id); break;
      case Type::kSortedSet: entry.sorted_set_ = new SortedSet(record.object_id); break;
      case Type::kHash: entry.hash_ = new Hash(record.object_id); break;
      case Type::kStream: entry.stream_ = new Stream(record.object_id); break;
    }
    owners_.push_back({record.object_id, &entry, db});
  }
  if (record.expiry_ms != kNoExpiry) database.expiry.set(**link, record.expiry_ms);
}

void Loader::sort_owners() {
  std::sort(owners_.begin(), owners_.end(),
            [](const Owner& a, const Owner& b) { return a.object_id < b.object_id; });
}

void Loader::read_elements() {
  sort_owners();
  const auto cursor = store_.cursor(Family::kElements);
  auto owner = owners_.begin();
  std::uint64_t orphan = 0;  // the last object without owner, so that each is dropped once
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    tell_of_progress();
    const std::string_view key = cursor->key();
    if (key.size() < 8) damaged("element");
    const std::uint64_t object_id = base::read_u64(key);
    while (owner != owners_.end() && owner->object_id < object_id) finish(*owner++);
    if (owner == owners_.end() || owner->object_id != object_id) {
      if (orphan != object_id) drop_range(object_id, object_id + 1);
      orphan = object_id;
      continue;
    }
    add_element(*owner, key.substr(8), cursor->value());
  }
  while (owner != owners_.end()) finish(*owner++);
}

void Loader::restore(unsigned db, std::string_view key, std::string_view value) {
  expired_ = Expired::kKept;
  read_key(db, key, value);
}

void Loader::restore_elements() {
  if (owners_.empty()) return;
  sort_owners();
  const auto cursor = store_.cursor(Family::kElements);
  for (Owner& owner : owners_) {
    const std::string prefix = format::element_key(owner.object_id, {});
    for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix);
         cursor->next()) {
      add_element(owner, cursor->key().substr(prefix.size()), cursor->value());
    }
    finish(owner);
  }
}

void Loader::add_element(Owner& owner, std::string_view suffix, std::string_view value) {
  Entry& entry = *owner.entry;
  const Limits& limits = engine_.limits_;
  switch (entry.type()) {
    case Type::kString: {
      if (suffix.size() != 4) damaged("piece of a string");
      const std::size_t offset = base::read_u32(suffix) * kPieceLength;
      if (offset + value.size() > entry.heap_->length) {
        damaged("piece of a string");
      }
      std::memcpy(entry.heap_->bytes() + offset, value.data(), value.size());
      break;
    }
    case Type::kList:
      if (suffix.size() != 8) damaged("element of a list");
      entry.list_->restore(base::read_u64(suffix), value, limits);
      break;
    case Type::kSet: entry.set_->add(suffix, limits); break;
    case Type::kSortedSet:
      entry.sorted_set_->set(suffix, format::decode_score(value), limits);
      break;
    case Type::kHash: {
      const format::FieldValue stored = format::decode_field_value(value);
      entry.hash_->set(suffix, stored.value, limits, stored.expiry_ms);
      break;
    }
    case Type::kStream: stream_reader_.add(*entry.stream_, suffix, value, limits); break;
  }
}

// All elements of the object were read.
void Loader::finish(Owner& owner) {
  Entry& entry = *owner.entry;
  if (entry.type() == Type::kString) return;  // counted when it was made
  engine_.memory_ += entry.value_memory();
  engine_.note_field_expiry(owner.db, entry);
  if (entry.length() > 0 || entry.is(Type::kStream)) return;
  engine_.erase(owner.db, engine_.at(owner.db).table.find_link(entry.key(), entry.hash32));
}

void Loader::drop_range(std::uint64_t first, std::uint64_t behind) {
  engine_.log_->reserve_object_ids(behind);
  leave_out(format::element_key(first, {}), format::element_key(behind, {}), Family::kElements);
}

void Engine::load() {
  refresh_now();
  Loader(*this, store_).run();
}

void Engine::reload() {
  Observer* const observer = std::exchange(observer_, nullptr);
  const std::uint64_t changes = change_count_;
  std::unique_ptr<kv::Store> copy;
  if (options_.log_changes) {
    while (is_staging()) stage_some();
    commit_tick();
  } else {
    copy = kv::make_memory_store(kv::Database::kKeyspace);
    write_all(*copy);
  }
  read_everything_back(copy == nullptr ? store_ : *copy);
  observer_ = observer;
  change_count_ = changes;
}

}  // namespace bodega::keyspace
