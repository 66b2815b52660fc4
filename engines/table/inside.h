// Inside the engine: its locks, and what it holds in memory of each table.
//
// Who holds what, always in this order: the table's gate (shared to write items, exclusive to
// change the table or to fill an index), then the stripes of the item keys in ascending order. The
// gate of the list of tables is never held while another lock is taken. Readers of items take no
// lock: a cursor or a get is one instant by itself.
//
// Its functions stand in engine.cc, tables.cc, clear.cc and subscriptions.cc.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engines/base/executor.h"
#include "engines/base/mutex.h"
#include "engines/journal/journal.h"
#include "engines/table/engine.h"
#include "engines/table/events.h"

namespace bodega::table {

// A lock of four bytes: there are thousands of them, and a transaction holds up to a hundred.
class Stripe {
 public:
  void lock() {
    std::uint32_t expected = kFree;
    if (state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire)) return;
    while (state_.exchange(kAwaited, std::memory_order_acquire) != kFree) {
      state_.wait(kAwaited, std::memory_order_relaxed);
    }
  }
  void unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kAwaited) state_.notify_one();
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kHeld = 1;
  static constexpr std::uint32_t kAwaited = 2;

  std::atomic<std::uint32_t> state_{kFree};
};

// A shared mutex whose exclusive side is not starved: once a thread waits for it, newcomers queue
// up behind. (The plain one lets readers pass for ever, and a busy table could never be changed.)
class BODEGA_LOCKS(capability("mutex")) Gate {
 public:
  void lock() BODEGA_LOCKS(acquire_capability()) {
    waiting_.fetch_add(1, std::memory_order_relaxed);
    turnstile_.lock();
    mutex_.lock();
  }
  void unlock() BODEGA_LOCKS(release_capability()) {
    mutex_.unlock();
    turnstile_.unlock();
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  }
  void lock_shared() BODEGA_LOCKS(acquire_shared_capability()) {
    if (waiting_.load(std::memory_order_relaxed) > 0) {
      const base::Lock queue(turnstile_);
    }
    mutex_.lock_shared();
  }
  void unlock_shared() BODEGA_LOCKS(release_shared_capability()) { mutex_.unlock_shared(); }

 private:
  std::atomic<int> waiting_{0};
  base::Mutex turnstile_;
  base::SharedMutex mutex_;
};

struct Counter {
  std::atomic<std::int64_t> items{0};
  std::atomic<std::int64_t> size_bytes{0};

  void add(std::int64_t more_items, std::int64_t more_bytes) {
    items.fetch_add(more_items, std::memory_order_relaxed);
    size_bytes.fetch_add(more_bytes, std::memory_order_relaxed);
  }
  void set(const Counts& counts) {
    items.store(counts.items, std::memory_order_relaxed);
    size_bytes.store(counts.size_bytes, std::memory_order_relaxed);
  }
  Counts get() const {
    return {items.load(std::memory_order_relaxed), size_bytes.load(std::memory_order_relaxed)};
  }
};

struct IndexState {
  Counter counter;
  std::vector<std::string> names;  // what it keeps of an item (projected_names)

  // While it is being filled: the last item key that is in. Writes to items behind it leave this
  // index alone, since the filling gets there later. Nothing: the index is complete. Under the
  // gate.
  std::optional<std::string> filled_to;
};

struct TableState {
  Gate gate;
  bool deleted = false;  // under the gate
  // The filling of an index met a fault; the next open of the table resumes it.
  std::atomic<bool> filling_stalled{false};
  std::vector<std::shared_ptr<IndexState>> indexes;  // parallel to the table's; under the gate

  // Under the gate, as is all that the journal knows of the table. Nullptr: there never was a
  // subscription; none reads now.
  std::shared_ptr<const journal::Source> source;
  std::shared_ptr<const Recording> recording;
  // REQUIRES: as set_table.
  void set_source(std::shared_ptr<const journal::Source> next);

  Counter counter;
  // False after a crash: the counters hold only what happened since. The first request for counts
  // recounts.
  std::atomic<bool> counted{false};
  base::Mutex counting;

  std::shared_ptr<const Table> table() const {
    const base::Lock lock(table_lock_);
    return table_;
  }
  // REQUIRES: the gate is held exclusively, or no other thread knows this state yet.
  void set_table(std::shared_ptr<const Table> table) {
    const base::Lock lock(table_lock_);
    table_.swap(table);
  }

 private:
  mutable Stripe table_lock_;
  std::shared_ptr<const Table> table_;
};

struct TableNameView {
  std::string_view account;
  std::string_view region;
  std::string_view name;
};

struct TableNameLess {
  using is_transparent = void;

  static TableNameView view(const TableName& name) {
    return {name.account, name.region, name.name};
  }
  static TableNameView view(const TableNameView& name) { return name; }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    const TableNameView left = view(a);
    const TableNameView right = view(b);
    return std::tie(left.account, left.region, left.name) <
           std::tie(right.account, right.region, right.name);
  }
};

struct Engine::Impl {
  static constexpr std::size_t kStripes = 4096;

  Impl(kv::Store& the_store, const base::Clock& the_clock, base::Executor* the_background,
       journal::Journal* the_journal)
      : store(the_store), clock(the_clock), background(the_background), journal(the_journal) {}

  kv::Store& store;
  const base::Clock& clock;
  base::Executor* const background;
  journal::Journal* const journal;                 // nullptr: nothing can be subscribed to
  std::optional<base::Lifeline<Engine>> lifeline;  // for filling indexes in the background

  mutable Gate tables_gate;
  std::map<TableName, std::shared_ptr<TableState>, TableNameLess> tables GUARDED_BY(tables_gate);
  std::uint64_t next_table_id GUARDED_BY(tables_gate) = 1;

  std::array<Stripe, kStripes> stripes;

  static std::size_t stripe_of(const ItemKey& key) {
    return std::hash<std::string_view>{}(key.bytes()) % kStripes;
  }

  // One slice of filling; whether there is more to do now. A fault ends the filling until the
  // table is opened again: what is in stays in.
  static bool fill_slice(Engine& engine, const OpenTable& table);
  // Has the filling go on in the background, slice by slice.
  static void post_slice(base::Executor& executor, base::Lifeline<Engine>::Handle handle,
                         OpenTable table);

  // Changes the settings, in one commit with what is in the batch. REQUIRES: as set_table.
  OpenTable commit_settings(kv::Batch& batch, const OpenTable& table, const ChangeSettings& change);

  // Those of the account, or all; in the order in which gates are taken.
  std::vector<std::shared_ptr<TableState>> states_of(std::string_view account) const;

  // Makes the counters of the table true, by counting when they are not.
  void ensure_counted(TableState& state) const;

  // ---- Subscriptions (subscriptions.cc) ----

  void load_sources();
  // The table's, or a new one. REQUIRES: the gate is held.
  journal::Source source_of(const TableState& state) const;
  // Has the batch, which deletes the table, end all subscriptions. REQUIRES: as resubscribe.
  void close_source(kv::Batch& batch, const TableState& state) const;
  OpenTable resubscribe(const OpenTable& table, journal::Source source,
                        const ChangeSettings& change);

  // The description; the caller holds the gate.
  static TableDescription describe(const TableState& state);
};

}  // namespace bodega::table
