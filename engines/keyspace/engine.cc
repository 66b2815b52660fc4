// Looking at keys, moving them about, edits. Strings: engine_strings.cc; expiry, freeing and
// accounts: housekeeping.cc; writing behind: writing.cc; reading back: loader.cc at the start, and
// rollback.cc after a commit that failed.
#include "engines/keyspace/engine.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/process/allocator.h"
#include "engines/keyspace/staging.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/storage/format.h"
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

// A value with more elements than this is freed a little at a time.
constexpr std::size_t kFreeAtOnce = 64;

// The room an allocation of this size has anyway, with the usual 16-byte steps.

}  // namespace

Engine::Engine(kv::Store& store, const base::Clock& clock, Options options)
    : store_(store),
      clock_(clock),
      options_(options),
      now_ms_(clock.now_ms()),
      log_(std::make_unique<ChangeLog>(store)),
      journal_(std::make_unique<Journal>(store)) {
  for (unsigned i = 0; i < options.databases; ++i) {
    databases_.push_back(std::make_unique<Database>());
    databases_.back()->storage_id = next_storage_id_++;
  }
}

Engine::~Engine() {
  observer_ = nullptr;
  options_.log_changes = false;
  for (auto& database : flushing_) flushed_.push_back(std::move(database));
  flushing_.clear();
  for (auto& database : databases_) flushed_.push_back(std::move(database));
  while (tidy_some(std::size_t{1} << 30)) {
  }
}

unsigned Engine::database_count() const { return static_cast<unsigned>(databases_.size()); }

// --- Looking -----------------------------------------------------------------------------------

Entry** Engine::find_live(unsigned db, std::string_view key, std::uint32_t hash) {
  Database& database = at(db);
  Entry** link = database.table.find_link(key, hash);
  if (link == nullptr) return nullptr;
  if (database.is_expired(**link, now_ms_)) {
    if (!expiry_is_held()) expire(db, link);
    return nullptr;
  }
  return database.field_expiry.empty() ? link : without_due_fields(db, link);
}

const Entry* Engine::find(unsigned db, std::string_view key, Touch touch) {
  Entry** link = find_live(db, key, hash_of(key));
  if (link == nullptr) return nullptr;
  if (touch == Touch::kYes) note_access(**link);
  return *link;
}

std::int64_t Engine::expiry_of(unsigned db, const Entry& entry) const {
  return entry.has_expiry() ? at(db).expiry.when_ms(entry) : kNoExpiry;
}

std::size_t Engine::size(unsigned db) const { return at(db).table.size(); }
std::uint64_t Engine::key_count() const {
  std::uint64_t keys = 0;
  for (const auto& database : databases_) keys += database->table.size();
  return keys;
}
std::size_t Engine::expiring_count(unsigned db) const { return at(db).expiry.size(); }
std::size_t Engine::field_expiring_count(unsigned db) const { return at(db).field_expiry.size(); }

std::uint64_t Engine::scan(unsigned db, std::uint64_t cursor, std::size_t count,
                           base::FunctionRef<void(const Entry&)> visit) {
  const Database& database = at(db);
  std::vector<std::string> expired;  // gone only when the walk is over
  const std::uint64_t next = database.table.scan(cursor, count, [&](Entry& entry) {
    if (database.is_expired(entry, now_ms_)) {
      expired.emplace_back(entry.key());
    } else {
      visit(entry);
    }
  });
  for (const std::string& key : expired) find_live(db, key, hash_of(key));
  return next;
}

void Engine::for_each(unsigned db, base::FunctionRef<void(const Entry&)> visit) const {
  const Database& database = at(db);
  database.table.for_each([&](Entry& entry) {
    if (!database.is_expired(entry, now_ms_)) visit(entry);
  });
}

const Entry* Engine::random(unsigned db) {
  constexpr int kTriesWhileHeld = 100;
  Database& database = at(db);
  for (int tries = 0; database.table.size() > 0; ++tries) {
    Entry* entry = database.table.random();
    if (!database.is_expired(*entry, now_ms_)) return entry;
    if (!expiry_is_held()) {
      expire(db, database.table.find_link(entry->key(), entry->hash32));
    } else if (tries == kTriesWhileHeld) {
      return entry;  // as Redis does when nothing else seems to be there
    }
  }
  return nullptr;
}

// --- Slots ---------------------------------------------------------------------------------------

void Engine::index_slots() {
  Database& database = at(0);
  database.slots = std::make_unique<SlotIndex>();
  database.table.for_each([&](Entry& entry) { database.slots->add(entry); });
}

std::size_t Engine::count_in_slot(unsigned slot) const { return at(0).slots->count(slot); }

void Engine::for_each_in_slot(unsigned slot, base::FunctionRef<bool(const Entry&)> visit) const {
  const Database& database = at(0);
  database.slots->for_each(slot, [&](const Entry& entry) {
    return database.is_expired(entry, now_ms_) || visit(entry);
  });
}

// --- Entries -----------------------------------------------------------------------------------

Entry** Engine::create(unsigned db, std::string_view key, std::uint32_t hash, Type type,
                       std::size_t embedded_capacity) {
  // A key past its time that is held back must make way.
  if (expiry_is_held()) {
    if (Entry** link = at(db).table.find_link(key, hash)) erase(db, link);
  }
  const std::size_t size = base::allocated_bytes(sizeof(Entry) + key.size() + embedded_capacity);
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  auto* entry = new (memory) Entry;
  entry->hash32 = hash;
  entry->key_length_ = static_cast<std::uint32_t>(key.size());
  entry->type_ = type;
  entry->embedded_capacity_ =
      static_cast<std::uint8_t>(std::min<std::size_t>(size - sizeof(Entry) - key.size(), 255));
  if (!key.empty()) std::memcpy(entry->bytes(), key.data(), key.size());
  note_access(*entry);
  Entry** link = nullptr;
  try {
    link = at(db).table.insert(entry);
  } catch (const std::bad_alloc&) {
    std::free(memory);
    throw;
  }
  if (at(db).slots != nullptr) at(db).slots->add(*entry);
  memory_ += entry->own_memory();
  return link;
}

void Engine::take_out(Database& database, Entry** link) {
  BODEGA_CHECK(!is_staged((*link)->key()));
  Entry* entry = database.table.remove_at(link);
  if (database.slots != nullptr) database.slots->remove(*entry);
  database.expiry.clear(*entry);
  if (entry->type_ == Type::kHash) {
    if (FieldExpiry* fields = entry->hash_->field_expiry()) database.field_expiry.clear(*fields);
  }
  database.forget_dirty(*entry);
  if (options_.log_changes) log_->remove_key(database.storage_id, entry->key());
}

void Engine::erase(unsigned db, Entry** link) {
  Entry* entry = *link;
  take_out(at(db), link);
  discard(entry);
}

// Frees an entry that is in no table any more; what it owned in the store is dropped.
void Engine::discard(Entry* entry) {
  if (entry->storage_ == Entry::Storage::kCollection) {
    if (options_.log_changes) log_->drop_collection(*entry);
    if (entry->record_count() > kFreeAtOnce) {
      graveyard_.push_back(entry);
      return;
    }
  }
  clear_value(*entry);
  memory_ -= entry->own_memory();
  std::free(entry);
}

void Engine::clear_value(Entry& entry) {
  switch (entry.storage_) {
    case Entry::Storage::kInteger:
    case Entry::Storage::kEmbedded: break;
    case Entry::Storage::kHeap: drop_heap(entry); break;
    case Entry::Storage::kCollection: free_collection(entry); break;
  }
  entry.type_ = Type::kString;
  entry.storage_ = Entry::Storage::kInteger;
  entry.integer_ = 0;
}

void Engine::free_collection(Entry& entry) {
  memory_ -= entry.value_memory();
  switch (entry.type_) {
    case Type::kString: break;
    case Type::kList: delete entry.list_; break;
    case Type::kSet: delete entry.set_; break;
    case Type::kSortedSet: delete entry.sorted_set_; break;
    case Type::kHash: delete entry.hash_; break;
    case Type::kStream: delete entry.stream_; break;
  }
}

void Engine::mark_dirty(unsigned db, Entry& entry) {
  BODEGA_CHECK(!is_staged(entry.key()));
  if (options_.log_changes) at(db).mark_dirty(entry);
}

void Engine::touched(unsigned db, std::string_view key) {
  ++change_count_;
  tell_touched(db, key);
}

void Engine::tell_touched(unsigned db, std::string_view key) {
  if (observer_ != nullptr) observer_->key_touched(db, key);
}

void Engine::created(unsigned db, const Entry& entry) {
  if (observer_ != nullptr) observer_->key_created(db, entry.key(), entry.type());
}

void Engine::touch_key(unsigned db, std::string_view key) { touched(db, key); }

// --- Edits -------------------------------------------------------------------------------------

template <class EditType, class Value>
EditType Engine::edit(unsigned db, std::string_view key, const Entry* found, Type type,
                      Value* Entry::*slot) {
  if (found != nullptr) {
    BODEGA_CHECK(found->type_ == type);
    return EditType(*this, db, const_cast<Entry*>(found), Edit::Created::kNo);
  }
  const std::uint32_t hash = hash_of(key);
  Entry** link = find_live(db, key, hash);
  const bool is_new = link == nullptr;
  if (is_new) {
    auto value = std::make_unique<Value>(log_->new_object_id());
    link = create(db, key, hash, type, 0);
    (*link)->storage_ = Entry::Storage::kCollection;
    (*link)->*slot = value.release();
    memory_ += (*link)->value_memory();
  } else {
    BODEGA_CHECK((*link)->type_ == type);
    note_access(**link);
  }
  return EditType(*this, db, *link, Edit::Created{is_new});
}

HashEdit Engine::edit_hash(unsigned db, std::string_view key, const Entry* found) {
  return edit<HashEdit>(db, key, found, Type::kHash, &Entry::hash_);
}
ListEdit Engine::edit_list(unsigned db, std::string_view key, const Entry* found) {
  return edit<ListEdit>(db, key, found, Type::kList, &Entry::list_);
}
SetEdit Engine::edit_set(unsigned db, std::string_view key, const Entry* found) {
  return edit<SetEdit>(db, key, found, Type::kSet, &Entry::set_);
}
SortedSetEdit Engine::edit_sorted_set(unsigned db, std::string_view key, const Entry* found) {
  return edit<SortedSetEdit>(db, key, found, Type::kSortedSet, &Entry::sorted_set_);
}

StreamEdit Engine::edit_stream(unsigned db, std::string_view key, const Entry* found) {
  return edit<StreamEdit>(db, key, found, Type::kStream, &Entry::stream_);
}

Closed Engine::finish_edit(Edit& edit) {
  Entry& entry = *edit.entry_;
  if (edit.changed_ ? edit.counted_ : edit.noted_) ++change_count_;
  memory_ += entry.value_memory() - edit.memory_before_;
  note_field_expiry(edit.db_, entry);
  const bool may_be_empty = entry.is(Type::kStream) && (edit.changed_ || !edit.created());
  if (entry.length() == 0 && !may_be_empty) {
    Database& database = at(edit.db_);
    Entry** link = database.table.find_link(entry.key(), entry.hash32);
    BODEGA_CHECK(link != nullptr);
    const std::string key(entry.key());
    const bool was_there = edit.changed_;
    erase(edit.db_, link);
    if (was_there) tell_touched(edit.db_, key);
    return was_there ? Closed::kRemoved : Closed::kNever;
  }
  if (edit.created()) {
    mark_dirty(edit.db_, entry);
    created(edit.db_, entry);
  }
  if (edit.changed_) tell_touched(edit.db_, entry.key());
  return Closed::kKept;
}

// --- Keys --------------------------------------------------------------------------------------

bool Engine::remove(unsigned db, std::string_view key) {
  Entry** link = find_live(db, key, hash_of(key));
  if (link == nullptr) return false;
  erase(db, link);
  touched(db, key);
  return true;
}

bool Engine::set_expiry(unsigned db, std::string_view key, std::int64_t expiry_ms) {
  Entry** link = find_live(db, key, hash_of(key));
  if (link == nullptr) return false;
  at(db).expiry.set(**link, expiry_ms);
  mark_dirty(db, **link);
  touched(db, key);
  return true;
}

bool Engine::clear_expiry(unsigned db, std::string_view key) {
  Entry** link = find_live(db, key, hash_of(key));
  if (link == nullptr || !(*link)->has_expiry()) return false;
  at(db).expiry.clear(**link);
  mark_dirty(db, **link);
  touched(db, key);
  return true;
}

// Gives the value of `taken`, which is in no table, to a new key. `taken` is freed.
void Engine::put_back(unsigned db, std::string_view key, Entry* taken, std::int64_t expiry_ms) {
  const std::uint32_t hash = hash_of(key);
  if (Entry** there = at(db).table.find_link(key, hash)) erase(db, there);
  const bool embedded = taken->storage_ == Entry::Storage::kEmbedded;
  Entry& entry = **create(db, key, hash, taken->type_, embedded ? taken->embedded_length_ : 0);
  entry.storage_ = taken->storage_;
  entry.access_ = taken->access_;
  if (embedded) {
    entry.embedded_length_ = taken->embedded_length_;
    std::memcpy(entry.bytes() + entry.key_length_, taken->bytes() + taken->key_length_,
                taken->embedded_length_);
  } else {
    entry.integer_ = taken->integer_;  // whichever member of the union it is, it has this size
    static_assert(sizeof entry.integer_ == sizeof entry.heap_);
    std::memcpy(&entry.integer_, &taken->integer_, sizeof entry.integer_);
  }
  memory_ -= taken->own_memory();
  std::free(taken);
  if (expiry_ms != kNoExpiry) at(db).expiry.set(entry, expiry_ms);
  note_field_expiry(db, entry);
  mark_dirty(db, entry);
  created(db, entry);
  touched(db, key);
}

bool Engine::rename(unsigned db, std::string_view from, std::string_view to) {
  Entry** link = find_live(db, from, hash_of(from));
  if (link == nullptr) return false;
  Entry* taken = *link;
  const std::int64_t expiry_ms = expiry_of(db, *taken);
  take_out(at(db), link);
  touched(db, from);
  put_back(db, to, taken, expiry_ms);
  return true;
}

bool Engine::move(unsigned from_db, std::string_view key, unsigned to_db) {
  const std::uint32_t hash = hash_of(key);
  Entry** link = find_live(from_db, key, hash);
  if (link == nullptr || find_live(to_db, key, hash) != nullptr) return false;
  Entry* taken = *link;
  const std::int64_t expiry_ms = expiry_of(from_db, *taken);
  take_out(at(from_db), link);
  touched(from_db, key);
  put_back(to_db, key, taken, expiry_ms);
  return true;
}

bool Engine::copy(unsigned from_db, std::string_view from, unsigned to_db, std::string_view to) {
  Entry** link = find_live(from_db, from, hash_of(from));
  if (link == nullptr) return false;
  const Entry& source = **link;  // stays where it is: only other keys change below
  const std::int64_t expiry_ms = expiry_of(from_db, source);
  if (Entry** there = find_live(to_db, to, hash_of(to))) erase(to_db, there);
  switch (source.type()) {
    case Type::kString: {
      TextBuffer buffer;
      if (source.storage_ == Entry::Storage::kHeap) {
        append(to_db, to, {});  // raw stays raw
        std::span<char> bytes = edit_string(to_db, to, 0, source.heap_->length, Fill::kWhole);
        if (!bytes.empty()) std::memcpy(bytes.data(), source.heap_->bytes(), bytes.size());
      } else {
        set_string(to_db, to, source.text(buffer));
      }
      break;
    }
    case Type::kList: {
      auto edit = edit_list(to_db, to);
      source.list().for_range(0, source.list().size(), Order::kForward, [&](std::string_view v) {
        edit.push(End::kBack, v);
        return true;
      });
      break;
    }
    case Type::kSet: {
      auto edit = edit_set(to_db, to);
      source.set().for_each([&](std::string_view member) {
        edit.add(member);
        return true;
      });
      break;
    }
    case Type::kSortedSet: {
      auto edit = edit_sorted_set(to_db, to);
      const SortedSet& members = source.sorted_set();
      members.for_range(0, members.size(), Order::kForward, [&](std::string_view m, double score) {
        edit.set(m, score);
        return true;
      });
      break;
    }
    case Type::kHash: {
      auto edit = edit_hash(to_db, to);
      source.hash().for_each_stored(
          [&](std::string_view f, std::string_view v, std::int64_t when) { edit.set(f, v, when); });
      break;
    }
    case Type::kStream: edit_stream(to_db, to).copy_from(source.stream()); break;
  }
  if (expiry_ms != kNoExpiry) set_expiry(to_db, to, expiry_ms);
  return true;
}

void Engine::flush(unsigned db) {
  BODEGA_CHECK(!is_staging());
  if (at(db).table.size() == 0) {
    if (observer_ != nullptr) observer_->database_flushed(db);
    return;  // what was removed one by one is in the log already
  }
  auto fresh = std::make_unique<Database>();
  fresh->storage_id = next_storage_id_++;
  if (at(db).slots != nullptr) fresh->slots = std::make_unique<SlotIndex>();
  std::swap(databases_[db], fresh);
  if (options_.log_changes) {
    log_->drop_database(fresh->storage_id);
    log_->change_map();
  }
  change_count_ += fresh->table.size();
  (options_.log_changes ? flushing_ : flushed_).push_back(std::move(fresh));
  if (observer_ != nullptr) observer_->database_flushed(db);
}

void Engine::flush_all() {
  for (unsigned db = 0; db < database_count(); ++db) flush(db);
}

std::uint64_t Engine::clear() {
  const std::uint64_t keys = key_count();
  flush_all();
  commit_tick();
  return keys;
}

void Engine::swap(unsigned a, unsigned b) {
  if (a == b) return;
  BODEGA_CHECK(!is_staging());
  std::swap(databases_[a], databases_[b]);
  if (options_.log_changes) log_->change_map();
  ++change_count_;
  if (observer_ != nullptr) observer_->databases_swapped(a, b);
}

}  // namespace bodega::keyspace
