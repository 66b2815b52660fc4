// Items: get, and the one shape of every write.
#include <algorithm>

#include "engines/base/check.h"
#include "engines/base/mutex.h"
#include "engines/table/engine.h"
#include "engines/table/inside.h"
#include "engines/table/layout.h"

namespace bodega::table {

// Turns decisions into one batch: items, index entries, and what becomes of the counters. The
// caller holds the gates of the tables and the stripes of the keys until commit() has returned.
class WritePlan {
 public:
  WritePlan(kv::Store& store, journal::Journal* journal) : store_(store), journal_(journal) {}

  Modified add(TableState& state, const ItemKey& key, std::optional<StoredItem> previous,
               Decision decision, const journal::Cause& cause) {
    Modified modified;
    modified.previous = std::move(previous);
    const ItemView before = modified.previous ? modified.previous->view() : ItemView{};
    modified.old_size_bytes = modified.new_size_bytes = before.size_bytes();
    switch (decision.kind_) {
      case Decision::Kind::kKeep:
      case Decision::Kind::kRefuse: break;
      case Decision::Kind::kRemove:
        modified.new_size_bytes = 0;
        if (!modified.previous) break;
        modified.changed = true;
        batch_.remove(kv::Family::kItems, key.bytes());
        removed_bytes_ += key.bytes().size() + before.encoded().size();
        counts_.push_back({&state.counter, -1, -std::int64_t{before.size_bytes()}});
        change_indexes(state, key, before, nullptr, modified);
        record(state, &before, nullptr, cause);
        break;
      case Decision::Kind::kPut:
        put(state, key, before, std::move(decision), modified, cause);
        break;
    }
    return modified;
  }

  void commit() {
    if (batch_.empty()) return;
    // An event may be as large as the item that goes.
    if (!puts_ && journal::size_bytes(events_) < removed_bytes_) batch_.mark_frees_room();
    if (events_.empty()) {
      store_.commit(batch_);
    } else {
      journal_->commit(batch_, events_);
    }
    for (const CountChange& change : counts_) change.counter->add(change.items, change.size_bytes);
  }

 private:
  struct CountChange {
    Counter* counter;
    std::int64_t items;
    std::int64_t size_bytes;
  };

  void put(TableState& state, const ItemKey& key, const ItemView& before, Decision decision,
           Modified& modified, const journal::Cause& cause) {
    const bool borrowed = decision.borrowed_ != nullptr;
    const std::string encoded = encode_item(borrowed ? *decision.borrowed_ : decision.item_);
    const ItemView after(encoded);
    modified.new_size_bytes = after.size_bytes();
    if (!borrowed) modified.next = std::move(decision.item_);
    // Encodings are canonical: the same bytes are the same item, and there is nothing to write.
    if (modified.previous && before.encoded() == after.encoded()) return;
    modified.changed = true;
    puts_ = true;
    batch_.put(kv::Family::kItems, key.bytes(), encoded);
    counts_.push_back({&state.counter, modified.previous ? 0 : 1,
                       std::int64_t{after.size_bytes()} - std::int64_t{before.size_bytes()}});
    change_indexes(state, key, before, &after, modified);
    record(state, modified.previous ? &before : nullptr, &after, cause);
  }

  // Where a subscriber reads the table's changes, the event goes with the change.
  void record(const TableState& state, const ItemView* before, const ItemView* after,
              const journal::Cause& cause) {
    if (state.recording == nullptr) return;
    events_.push_back(
        {state.recording->source, cause, encode_event(*state.recording, before, after)});
  }

  // `after` is nullptr when the item goes.
  void change_indexes(TableState& state, const ItemKey& key, const ItemView& before,
                      const ItemView* after, Modified& modified) {
    const std::shared_ptr<const Table> table = state.table();
    if (after != nullptr) BODEGA_CHECK(belongs_at(*table, key, *after));
    for (std::size_t i = 0; i < table->indexes.size(); ++i) {
      IndexState& index_state = *state.indexes[i];
      if (index_state.filled_to && key.bytes() > *index_state.filled_to) continue;
      const ItemView* const was = modified.previous ? &before : nullptr;
      change_index(*table, table->indexes[i], index_state, was, after, modified);
    }
  }

  void change_index(const Table& table, const Index& index, IndexState& state,
                    const ItemView* before, const ItemView* after, Modified& modified) {
    std::optional<std::string> old_key;
    std::optional<std::string> new_key;
    if (before != nullptr) old_key = entry_key(table, index, *before);
    if (after != nullptr) new_key = entry_key(table, index, *after);
    if (!old_key && !new_key) return;
    std::string old_value;
    std::string new_value;
    if (old_key) old_value = entry_value(state.names, *before);
    if (new_key) new_value = entry_value(state.names, *after);
    const bool moved = old_key && new_key && *old_key != *new_key;
    if (old_key && new_key && !moved && old_value == new_value) return;

    IndexChange change{index.name, index.kind, moved, 0, 0};
    if (old_key) change.old_size_bytes = ItemView(old_value).size_bytes();
    if (new_key) change.new_size_bytes = ItemView(new_value).size_bytes();
    if (old_key && (moved || !new_key)) batch_.remove(kv::Family::kIndexes, *old_key);
    if (new_key) batch_.put(kv::Family::kIndexes, *new_key, new_value);
    counts_.push_back({&state.counter, (new_key ? 1 : 0) - (old_key ? 1 : 0),
                       std::int64_t{change.new_size_bytes} - std::int64_t{change.old_size_bytes}});
    modified.index_changes.push_back(std::move(change));
  }

  kv::Store& store_;
  journal::Journal* const journal_;
  kv::Batch batch_;
  std::vector<journal::NewEvent> events_;
  bool puts_ = false;  // an item; else it only deletes
  std::size_t removed_bytes_ = 0;
  std::vector<CountChange> counts_;
};

namespace {

std::optional<StoredItem> read(const kv::Store& store, const ItemKey& key) {
  std::optional<std::string> encoded = store.get(kv::Family::kItems, key.bytes());
  if (!encoded) return std::nullopt;
  return StoredItem(std::move(*encoded));
}

std::vector<std::optional<StoredItem>> read_many(const kv::Store& store,
                                                 const std::vector<std::string>& keys,
                                                 const kv::Snapshot* snapshot) {
  std::vector<std::optional<StoredItem>> items;
  items.reserve(keys.size());
  for (auto& encoded : store.multi_get(kv::Family::kItems, keys, snapshot)) {
    if (encoded) {
      items.emplace_back(StoredItem(std::move(*encoded)));
    } else {
      items.emplace_back();
    }
  }
  return items;
}

// Holds a sorted list of distinct lockables, the way each wants it.
template <class Lockable, auto kLock, auto kUnlock>
class HoldAll {
 public:
  explicit HoldAll(std::vector<Lockable*> locks) : locks_(std::move(locks)) {
    std::sort(locks_.begin(), locks_.end());
    locks_.erase(std::unique(locks_.begin(), locks_.end()), locks_.end());
    for (Lockable* lock : locks_) (lock->*kLock)();
  }
  ~HoldAll() {
    for (Lockable* lock : locks_) (lock->*kUnlock)();
  }
  HoldAll(const HoldAll&) = delete;
  HoldAll& operator=(const HoldAll&) = delete;

 private:
  std::vector<Lockable*> locks_;
};

using HoldGates = HoldAll<Gate, &Gate::lock_shared, &Gate::unlock_shared>;
using HoldStripes = HoldAll<Stripe, &Stripe::lock, &Stripe::unlock>;

}  // namespace

std::optional<StoredItem> Engine::get(const OpenTable&, const ItemKey& key) const {
  return read(impl_->store, key);
}

std::vector<std::optional<StoredItem>> Engine::get_many(
    std::span<const ItemAddress> addresses) const {
  std::vector<std::string> keys;
  keys.reserve(addresses.size());
  for (const ItemAddress& address : addresses) keys.push_back(address.key.bytes());
  const auto snapshot = impl_->store.snapshot();
  return read_many(impl_->store, keys, snapshot.get());
}

base::Result<Modified, Outcome> Engine::modify(const OpenTable& table, const ItemKey& key,
                                               const Decide& decide, const journal::Cause& cause) {
  TableState& state = *table.state_;
  const base::SharedLock gate(state.gate);
  if (state.deleted) return Outcome::kNoSuchTable;
  const base::Lock stripe(impl_->stripes[Impl::stripe_of(key)]);
  std::optional<StoredItem> previous = read(impl_->store, key);
  Decision decision = decide(Previous(previous ? &*previous : nullptr));
  if (decision.kind_ == Decision::Kind::kRefuse) return Outcome::kRefused;
  WritePlan plan(impl_->store, impl_->journal);
  Modified modified = plan.add(state, key, std::move(previous), std::move(decision), cause);
  plan.commit();
  return modified;
}

base::Result<ManyModified, Outcome> Engine::modify_many(std::span<const Change> changes) {
  std::vector<Gate*> gates;
  std::vector<Stripe*> stripes;
  std::vector<std::string> keys;
  for (const Change& change : changes) {
    gates.push_back(&change.table.state_->gate);
    stripes.push_back(&impl_->stripes[Impl::stripe_of(change.key)]);
    keys.push_back(change.key.bytes());
  }
  const HoldGates hold_gates(std::move(gates));
  for (const Change& change : changes) {
    if (change.table.state_->deleted) return Outcome::kNoSuchTable;
  }
  const HoldStripes hold_stripes(std::move(stripes));

  std::vector<std::optional<StoredItem>> previous = read_many(impl_->store, keys, nullptr);
  std::vector<Decision> decisions;
  ManyModified many;
  many.applied = true;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    decisions.push_back(changes[i].decide(Previous(previous[i] ? &*previous[i] : nullptr)));
    many.refused.push_back(decisions.back().kind_ == Decision::Kind::kRefuse);
    if (many.refused.back()) many.applied = false;
  }
  WritePlan plan(impl_->store, impl_->journal);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Decision decision = many.applied ? std::move(decisions[i]) : Decision::keep();
    many.results.push_back(plan.add(*changes[i].table.state_, changes[i].key,
                                    std::move(previous[i]), std::move(decision), changes[i].cause));
  }
  if (many.applied) plan.commit();
  return many;
}

}  // namespace bodega::table
