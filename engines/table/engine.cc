#include "engines/table/engine.h"

#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "engines/table/inside.h"
#include "engines/table/layout.h"
#include "engines/table/table_format.h"

namespace bodega::table {
namespace {

std::shared_ptr<TableState> make_state(Table table) {
  auto state = std::make_shared<TableState>();
  for (const Index& index : table.indexes) {
    auto index_state = std::make_shared<IndexState>();
    index_state->names = projected_names(table, index);
    if (index.status == IndexStatus::kCreating) index_state->filled_to.emplace();
    state->indexes.push_back(std::move(index_state));
  }
  state->set_table(std::make_shared<const Table>(std::move(table)));
  return state;
}

// Takes over what the last close wrote, when it was a clean one.
void load_counters(const kv::Store& store, TableState& state) {
  const std::shared_ptr<const Table> table = state.table();
  const auto bytes = store.get(kv::Family::kTables, counters_key(table->id));
  if (!bytes) return;
  const SavedCounters saved = decode_counters(*bytes);
  state.counter.set(saved.table);
  for (std::size_t i = 0; i < table->indexes.size(); ++i) {
    if (state.indexes[i]->filled_to) continue;  // starts again, empty
    for (const auto& [id, counts] : saved.indexes) {
      if (id == table->indexes[i].id) state.indexes[i]->counter.set(counts);
    }
  }
  state.counted = true;
}

Counts count_range(const kv::Store& store, kv::Family family, const KeyRange& range,
                   const kv::Snapshot& snapshot) {
  Counts counts;
  const auto cursor = store.cursor(family, range.lower, range.upper, &snapshot);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    ++counts.items;
    counts.size_bytes += ItemView(cursor->value()).size_bytes();
  }
  return counts;
}

}  // namespace

Engine::Engine(kv::Store& store, const base::Clock& clock, base::Executor* background,
               journal::Journal* journal)
    : impl_(std::make_unique<Impl>(store, clock, background, journal)) {
  impl_->lifeline.emplace(*this);
  if (const auto next = store.get(kv::Family::kTables, kNextTableIdKey)) {
    impl_->next_table_id = base::read_u64(*next);
  }
  kv::Batch leftovers;
  std::vector<std::shared_ptr<TableState>> unfinished;
  auto cursor = store.cursor(kv::Family::kTables, kTablePrefix, base::prefix_end(kTablePrefix));
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    Table table = decode_table(cursor->value());
    // A filling that was cut short starts again from nothing.
    bool filling = false;
    for (const Index& index : table.indexes) {
      if (index.status != IndexStatus::kCreating) continue;
      const KeyRange range = index_range(table.id, index.id);
      leftovers.remove_range(kv::Family::kIndexes, range.lower, range.upper);
      filling = true;
    }
    const TableName name = table.name;
    const auto state = make_state(std::move(table));
    load_counters(store, *state);
    if (filling) unfinished.push_back(state);
    impl_->tables.emplace(name, state);
  }
  impl_->load_sources();
  // From the first write on the saved counters are wrong, so they go before it.
  if (!impl_->tables.empty()) {
    leftovers.remove_range(kv::Family::kTables, kCountersPrefix, base::prefix_end(kCountersPrefix));
    leftovers.mark_frees_room();
    cursor.reset();  // a store that has to recover for this waits for cursors
    try {
      store.commit(leftovers);
    } catch (const base::StorageFault& fault) {
      // Reads are served all the same. Item counts may be wrong after a kill.
      log::warn(std::string("the tables' saved counters stay: ") + fault.what());
    }
  }
  for (const auto& state : unfinished) fill_indexes(OpenTable(state, state->table()));
}

Engine::~Engine() {
  impl_->lifeline->cut();
  try {
    kv::Batch batch;
    for (const auto& [name, state] : impl_->tables) {
      if (!state->counted) continue;
      const std::shared_ptr<const Table> table = state->table();
      SavedCounters saved{state->counter.get(), {}};
      for (std::size_t i = 0; i < state->indexes.size(); ++i) {
        saved.indexes.emplace_back(table->indexes[i].id, state->indexes[i]->counter.get());
      }
      batch.put(kv::Family::kTables, counters_key(table->id), encode_counters(saved));
    }
    if (!batch.empty()) impl_->store.commit(batch);
  } catch (const std::exception& fault) {
    log::warn(std::string("the tables' counters were not saved: ") + fault.what());
  }
}

void Engine::Impl::ensure_counted(TableState& state) const {
  if (state.counted) return;
  const base::Lock one_counts(state.counting);
  if (state.counted) return;
  // From the snapshot on the counters take up every change; what the snapshot holds is added later.
  std::unique_ptr<kv::Snapshot> snapshot;
  std::shared_ptr<const Table> table;
  std::vector<std::shared_ptr<IndexState>> indexes;
  {
    const base::Lock gate(state.gate);
    snapshot = store.snapshot();
    table = state.table();
    indexes = state.indexes;
    state.counter.set({});
    for (const auto& index : indexes) index->counter.set({});
  }
  const Counts items = count_range(store, kv::Family::kItems, table_range(table->id), *snapshot);
  state.counter.add(items.items, items.size_bytes);
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    const Counts entries = count_range(store, kv::Family::kIndexes,
                                       index_range(table->id, table->indexes[i].id), *snapshot);
    indexes[i]->counter.add(entries.items, entries.size_bytes);
  }
  state.counted = true;
}

TableDescription Engine::Impl::describe(const TableState& state) {
  // Not counted yet after a crash, the counters can stand below zero.
  const auto shown = [](const Counter& counter) {
    const Counts counts = counter.get();
    return Counts{std::max<std::int64_t>(counts.items, 0),
                  std::max<std::int64_t>(counts.size_bytes, 0)};
  };
  TableDescription description{*state.table(), shown(state.counter), {}};
  for (const auto& index : state.indexes) description.indexes.push_back(shown(index->counter));
  return description;
}

}  // namespace bodega::table
