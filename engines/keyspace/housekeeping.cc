// The keyspace engine's background work: expiry, LRU and LFU bookkeeping, incremental freeing,
// memory accounting.
#include <algorithm>
#include <cmath>
#include <utility>

#include "engines/base/random.h"
#include "engines/keyspace/engine.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/structures/database.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "engines/keyspace/structures/stream.h"

namespace bodega::keyspace {
namespace {

// Access under LFU: minutes of the last decrement in the high 24 bits, a logarithmic counter in the
// low 8, as Redis has it with its default lfu-log-factor and lfu-decay-time.
constexpr unsigned kNewKeyFrequency = 5;
constexpr double kFrequencyLogFactor = 10;

std::uint32_t minutes_of(std::int64_t now_ms) {
  return static_cast<std::uint32_t>(now_ms / 60'000) & 0xFFFFFF;
}

unsigned decayed(std::uint32_t access, std::int64_t now_ms) {
  const std::uint32_t elapsed = (minutes_of(now_ms) - (access >> 8)) & 0xFFFFFF;
  const unsigned counter = access & 0xFF;
  return elapsed >= counter ? 0 : counter - elapsed;
}

}  // namespace

// ---- Expiry ----

void Engine::expire(unsigned db, Entry** link) {
  const std::string key((*link)->key());
  erase(db, link);
  if (observer_ != nullptr) observer_->key_expired(db, key);
  touched(db, key);
}

// Takes the fields that are due out of a hash, and the hash with the last of them: null then. While
// expiry is held back they are hidden instead.
Entry** Engine::without_due_fields(unsigned db, Entry** link) {
  Entry& entry = **link;
  FieldExpiry* const fields = entry.type_ == Type::kHash ? entry.hash_->field_expiry() : nullptr;
  if (fields == nullptr || fields->empty() || fields->next_ms() >= now_ms_) return link;
  if (expiry_is_held()) {
    fields->hide_before(now_ms_);
    return entry.length() == 0 ? nullptr : link;
  }
  const std::string key(entry.key());
  const std::uint32_t hash = entry.hash32;
  expire_fields(db, entry, fields->size());
  return at(db).table.find_link(key, hash);
}

// REQUIRES: one is due.
std::size_t Engine::expire_fields(unsigned db, Entry& entry, std::size_t budget) {
  const std::string key(entry.key());
  const FieldExpiry& fields = *entry.hash_->field_expiry();
  HashEdit edit(*this, db, &entry, Edit::Created::kNo);
  std::vector<std::string> expired;
  while (expired.size() < budget && !fields.empty() && fields.next_ms() < now_ms_) {
    edit.remove(expired.emplace_back(fields.next_field()));
  }
  const Closed closed = edit.close();
  if (observer_ != nullptr) observer_->fields_expired(db, key, expired, closed);
  return expired.size();
}

// After a change of the entry's value, or of where it stands.
void Engine::note_field_expiry(unsigned db, Entry& entry) {
  FieldExpiry* const fields = entry.type_ == Type::kHash ? entry.hash_->field_expiry() : nullptr;
  if (fields == nullptr) return;
  fields->owner = &entry;
  if (fields->empty()) {
    at(db).field_expiry.clear(*fields);
  } else {
    at(db).field_expiry.set(*fields, fields->next_ms());
  }
}

std::size_t Engine::expire_some(std::size_t budget) {
  if (expiry_is_held()) return 0;
  std::size_t expired = 0;
  for (unsigned db = 0; db < database_count() && expired < budget; ++db) {
    Database& database = at(db);
    while (expired < budget && !database.expiry.empty() && database.expiry.top_ms() < now_ms_) {
      const Entry& entry = database.expiry.top();
      expire(db, database.table.find_link(entry.key(), entry.hash32));
      ++expired;
    }
    while (expired < budget && !database.field_expiry.empty() &&
           database.field_expiry.top_ms() < now_ms_) {
      expired += expire_fields(db, *database.field_expiry.top().owner, budget - expired);
    }
  }
  return expired;
}

std::optional<std::int64_t> Engine::next_expiry_ms() const {
  std::optional<std::int64_t> next;
  const auto consider = [&next](const auto& heap) {
    if (!heap.empty()) next = std::min(next.value_or(heap.top_ms()), heap.top_ms());
  };
  for (const auto& database : databases_) {
    consider(database->expiry);
    consider(database->field_expiry);
  }
  return next;
}

std::int64_t Engine::average_ttl_ms(unsigned db) const {
  constexpr std::size_t kSample = 16;
  const ExpiryHeap<Entry>& heap = at(db).expiry;
  if (heap.empty()) return 0;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kSample; ++i) {
    sum += std::max<std::int64_t>(0, heap.when_ms_at(base::random_below(heap.size())) - now_ms_);
  }
  return sum / static_cast<std::int64_t>(kSample);
}

// ---- Use ----

void Engine::note_access(Entry& entry) const {
  if (access_policy_ == AccessPolicy::kLru) {
    entry.access_ = static_cast<std::uint32_t>(now_ms_ / 1000);
    return;
  }
  unsigned counter = entry.access_ == 0 ? kNewKeyFrequency : decayed(entry.access_, now_ms_);
  if (counter < 255) {
    const double base = counter > kNewKeyFrequency ? counter - kNewKeyFrequency : 0;
    const double chance = 1.0 / (base * kFrequencyLogFactor + 1);
    constexpr std::uint64_t kPrecision = 1 << 30;
    if (static_cast<double>(base::random_below(kPrecision)) < chance * kPrecision) ++counter;
  }
  entry.access_ = minutes_of(now_ms_) << 8 | counter;
}

std::int64_t Engine::idle_seconds(const Entry& entry) const {
  return std::max<std::int64_t>(0, now_ms_ / 1000 - entry.access_);
}

unsigned Engine::frequency(const Entry& entry) const { return decayed(entry.access_, now_ms_); }

void Engine::set_idle_seconds(unsigned db, std::string_view key, std::int64_t seconds) {
  // Looked up without being used.
  auto* entry = const_cast<Entry*>(find(db, key, Touch::kNo));
  if (entry == nullptr) return;
  entry->access_ = static_cast<std::uint32_t>(std::max<std::int64_t>(0, now_ms_ / 1000 - seconds));
}

void Engine::set_frequency(unsigned db, std::string_view key, unsigned frequency) {
  auto* entry = const_cast<Entry*>(find(db, key, Touch::kNo));
  if (entry != nullptr) entry->access_ = minutes_of(now_ms_) << 8 | (frequency & 0xFF);
}

// ---- Freeing ----

bool Engine::tidy_some(std::size_t budget) {
  // Freeing one element costs about as much as moving a bucket.
  for (auto& database : databases_) {
    if (database != nullptr) database->table.step(std::min<std::size_t>(budget, 4096));
  }
  const auto free_value = [&](Entry& entry) {
    const std::size_t before = entry.value_memory();
    const std::size_t count = entry.record_count();
    bool more = false;
    switch (entry.type()) {
      case Type::kString: break;
      case Type::kList: more = entry.list_->free_some(budget); break;
      case Type::kSet: more = entry.set_->free_some(budget); break;
      case Type::kSortedSet: more = entry.sorted_set_->free_some(budget); break;
      case Type::kHash: more = entry.hash_->free_some(budget); break;
      case Type::kStream: more = entry.stream_->free_some(budget); break;
    }
    memory_ -= before - entry.value_memory();
    budget -= std::min(budget, more ? budget : count);
    return more;
  };
  while (budget > 0 && (!graveyard_.empty() || !flushed_.empty())) {
    if (!graveyard_.empty()) {
      Entry* entry = graveyard_.back();
      if (free_value(*entry)) break;
      graveyard_.pop_back();
      clear_value(*entry);
      memory_ -= entry->own_memory();
      std::free(entry);
      continue;
    }
    Database& database = *flushed_.back();
    constexpr std::size_t kStep = 1024;
    const std::size_t step = std::min(budget, kStep);
    const bool logging =
        std::exchange(options_.log_changes, options_.log_changes && database.owns_elements);
    log_->set_dropping(ChangeLog::Dropping::kForGood);
    const bool more = database.table.drain(step, [this](Entry* entry) { discard(entry); });
    log_->set_dropping(ChangeLog::Dropping::kInThisTick);
    options_.log_changes = logging;
    if (!more) flushed_.pop_back();
    budget -= step;
  }
  return pending_frees() > 0 ||
         std::any_of(databases_.begin(), databases_.end(), [](const auto& database) {
           return database != nullptr && database->table.resizing();
         });
}

std::size_t Engine::pending_frees() const {
  std::size_t count = graveyard_.size();
  for (const auto& database : flushed_) count += database->table.size();
  for (const auto& database : flushing_) count += database->table.size();
  return count;
}

// ---- Memory ----

std::size_t Engine::used_memory() const {
  std::size_t total = memory_;
  for (unsigned db = 0; db < database_count(); ++db) total += overhead_memory(db);
  return total;
}

std::size_t Engine::memory_usage(const Entry& entry) const {
  return entry.own_memory() + entry.value_memory();
}

std::size_t Engine::overhead_memory(unsigned db) const {
  const Database& database = at(db);
  return sizeof(Database) + database.table.bucket_bytes() + database.expiry.memory() +
         database.field_expiry.memory();
}

}  // namespace bodega::keyspace
