// Tables: create, describe, list, change, delete, and the filling of new indexes.
#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "engines/base/random.h"
#include "engines/table/engine.h"
#include "engines/table/inside.h"
#include "engines/table/layout.h"
#include "engines/table/table_format.h"

namespace bodega::table {
namespace {

// A filling commits when its batch has grown to this, however few items that were.
constexpr std::size_t kMaxBackfillBytes = 4 << 20;

// Every other user of a table waits while a slice is filled (a few milliseconds), and the request
// for the index waits for at most so many items.
constexpr std::size_t kFillSlice = 1000;
constexpr std::size_t kFillAtOnce = 10'000;

void put_record(kv::Batch& batch, const Table& table) {
  batch.put(kv::Family::kTables, table_record_key(table.name), encode_table(table));
}

std::shared_ptr<IndexState> make_index_state(const Table& table, const Index& index) {
  auto state = std::make_shared<IndexState>();
  state->names = projected_names(table, index);
  return state;
}

std::string u64_bytes(std::uint64_t value) {
  std::string bytes;
  base::put_u64(bytes, value);
  return bytes;
}

// Local indexes first.
void sort_indexes(Table& table) {
  std::stable_partition(table.indexes.begin(), table.indexes.end(),
                        [](const Index& index) { return index.kind == IndexKind::kLocal; });
}

}  // namespace

base::Result<OpenTable, Outcome> Engine::create_table(Table table) {
  BODEGA_CHECK(table.keys.hash.size() == 1 && table.keys.range.size() <= 1);
  sort_indexes(table);
  table.uuid = base::random_uuid();
  table.created_us = impl_->clock.now_us();
  // A table that begins on demand has been so since then, to the microsecond.
  if (table.settings.billing_mode == BillingMode::kPayPerRequest) {
    table.settings.pay_per_request_since_us = table.created_us;
  }
  for (Index& index : table.indexes) index.id = table.next_index_id++;

  const base::Lock gate(impl_->tables_gate);
  if (impl_->tables.contains(table.name)) return Outcome::kTableExists;
  table.id = impl_->next_table_id;
  kv::Batch batch;
  put_record(batch, table);
  batch.put(kv::Family::kTables, kNextTableIdKey, u64_bytes(table.id + 1));
  impl_->store.commit(batch);
  impl_->next_table_id = table.id + 1;

  auto state = std::make_shared<TableState>();
  for (const Index& index : table.indexes) {
    state->indexes.push_back(make_index_state(table, index));
  }
  state->counted = true;
  state->set_table(std::make_shared<const Table>(std::move(table)));
  std::shared_ptr<const Table> current = state->table();
  impl_->tables.emplace(current->name, state);
  return OpenTable(std::move(state), std::move(current));
}

std::optional<OpenTable> Engine::open_table(std::string_view account, std::string_view region,
                                            std::string_view name) const {
  std::shared_ptr<TableState> state;
  {
    const base::SharedLock gate(impl_->tables_gate);
    const auto found = impl_->tables.find(TableNameView{account, region, name});
    if (found == impl_->tables.end()) return std::nullopt;
    state = found->second;
  }
  OpenTable table(state, state->table());
  if (impl_->background != nullptr && state->filling_stalled.exchange(false)) {
    Impl::post_slice(*impl_->background, impl_->lifeline->handle(), table);
  }
  return table;
}

base::Result<TableDescription, Outcome> Engine::describe_table(const OpenTable& table) const {
  impl_->ensure_counted(*table.state_);
  const base::SharedLock gate(table.state_->gate);
  if (table.state_->deleted) return Outcome::kNoSuchTable;
  return Impl::describe(*table.state_);
}

std::pair<std::vector<std::string>, bool> Engine::list_tables(std::string_view account,
                                                              std::string_view region,
                                                              std::string_view after,
                                                              std::size_t limit) const {
  std::vector<std::string> names;
  const base::SharedLock gate(impl_->tables_gate);
  const TableNameView start{account, region, after};
  for (auto at = impl_->tables.upper_bound(start); at != impl_->tables.end(); ++at) {
    if (at->first.account != account || at->first.region != region) break;
    if (names.size() == limit) return {std::move(names), true};
    names.push_back(at->first.name);
  }
  return {std::move(names), false};
}

std::vector<OpenTable> Engine::open_tables(std::size_t limit) const {
  std::vector<OpenTable> tables;
  const base::SharedLock gate(impl_->tables_gate);
  for (const auto& [name, state] : impl_->tables) {
    if (tables.size() == limit) break;
    tables.push_back(OpenTable(state, state->table()));
  }
  return tables;
}

std::size_t Engine::table_count() const {
  const base::SharedLock gate(impl_->tables_gate);
  return impl_->tables.size();
}

base::Result<TableDescription, Outcome> Engine::delete_table(const OpenTable& table) {
  TableState& state = *table.state_;
  TableDescription last;
  {
    const base::Lock gate(state.gate);
    if (state.deleted) return Outcome::kNoSuchTable;
    const std::shared_ptr<const Table> current = state.table();
    if (current->settings.deletion_protection) return Outcome::kDeletionProtected;
    last = Impl::describe(state);
    kv::Batch batch;
    batch.mark_frees_room();
    batch.remove(kv::Family::kTables, table_record_key(current->name));
    impl_->close_source(batch, state);
    // A range removal leaves a marker that later reads step over: none where there is nothing.
    if (!state.counted || last.counts.items > 0) {
      const KeyRange range = table_range(current->id);
      batch.remove_range(kv::Family::kItems, range.lower, range.upper);
      if (!current->indexes.empty()) {
        batch.remove_range(kv::Family::kIndexes, range.lower, range.upper);
      }
    }
    impl_->store.commit(batch);
    state.deleted = true;
  }
  const base::Lock gate(impl_->tables_gate);
  impl_->tables.erase(last.table.name);
  return last;
}

base::Result<OpenTable, Outcome> Engine::change_settings(const OpenTable& table,
                                                         const ChangeSettings& change) {
  TableState& state = *table.state_;
  const base::Lock gate(state.gate);
  if (state.deleted) return Outcome::kNoSuchTable;
  kv::Batch batch;
  return impl_->commit_settings(batch, table, change);
}

OpenTable Engine::Impl::commit_settings(kv::Batch& batch, const OpenTable& table,
                                        const ChangeSettings& change) {
  TableState& state = *table.state_;
  auto next = std::make_shared<Table>(*state.table());
  change(next->settings, next->indexes);
  BODEGA_CHECK(next->indexes.size() == state.indexes.size());
  put_record(batch, *next);
  store.commit(batch);
  state.set_table(next);
  return OpenTable(table.state_, std::move(next));
}

base::Result<OpenTable, Outcome> Engine::add_index(const OpenTable& table, Index index) {
  TableState& state = *table.state_;
  const base::Lock gate(state.gate);
  if (state.deleted) return Outcome::kNoSuchTable;
  auto next = std::make_shared<Table>(*state.table());
  if (next->find_index(index.name) != nullptr) return Outcome::kIndexExists;
  BODEGA_CHECK(index.kind == IndexKind::kGlobal);  // local ones are made with their table
  index.id = next->next_index_id++;
  index.status = IndexStatus::kCreating;
  auto index_state = make_index_state(*next, index);
  index_state->filled_to.emplace();
  next->indexes.push_back(std::move(index));
  kv::Batch batch;
  put_record(batch, *next);
  impl_->store.commit(batch);
  state.indexes.push_back(std::move(index_state));
  state.set_table(next);
  return OpenTable(table.state_, std::move(next));
}

// Each task is one slice and posts the next, so that others get their turn on the executor too.
void Engine::Impl::post_slice(base::Executor& executor, base::Lifeline<Engine>::Handle handle,
                              OpenTable table) {
  executor.post([&executor, handle = std::move(handle), table = std::move(table)] {
    bool more = false;
    handle.with([&](Engine& engine) { more = fill_slice(engine, table); });
    if (more) post_slice(executor, handle, table);
  });
}

bool Engine::Impl::fill_slice(Engine& engine, const OpenTable& table) {
  try {
    return engine.backfill(table, kFillSlice);
  } catch (const base::StorageFault& fault) {
    log::error("the filling of an index of table " + table->name.name +
               " waits until the table is used again: " + fault.what());
    table.state_->filling_stalled = true;
    return false;
  }
}

void Engine::fill_indexes(const OpenTable& table) {
  for (std::size_t items = 0; items < kFillAtOnce || impl_->background == nullptr;
       items += kFillSlice) {
    if (!Impl::fill_slice(*this, table)) return;
  }
  Impl::post_slice(*impl_->background, impl_->lifeline->handle(), table);
}

bool Engine::backfill(const OpenTable& table, std::size_t max_items) {
  TableState& state = *table.state_;
  // Exclusive: no item changes while its entries are made. The caller's steps are small enough.
  const base::Lock gate(state.gate);
  const auto filling = std::find_if(state.indexes.begin(), state.indexes.end(),
                                    [](const auto& index) { return index->filled_to.has_value(); });
  if (state.deleted || filling == state.indexes.end()) return false;
  IndexState& index_state = **filling;
  const auto position = static_cast<std::size_t>(filling - state.indexes.begin());
  const std::shared_ptr<const Table> current = state.table();
  const Index& index = current->indexes[position];

  KeyRange range = table_range(current->id);
  if (!index_state.filled_to->empty()) range.lower = *index_state.filled_to + '\0';
  kv::Batch batch;
  Counts entered;
  std::string filled_to = *index_state.filled_to;
  const auto cursor = impl_->store.cursor(kv::Family::kItems, range.lower, range.upper);
  std::size_t seen = 0;
  for (cursor->seek_first(); cursor->valid(); cursor->next(), ++seen) {
    if (seen == max_items || batch.size_bytes() > kMaxBackfillBytes) break;
    const ItemView item(cursor->value());
    filled_to = cursor->key();
    const std::optional<std::string> key = entry_key(*current, index, item);
    if (!key) continue;
    const std::string value = entry_value(index_state.names, item);
    batch.put(kv::Family::kIndexes, *key, value);
    ++entered.items;
    entered.size_bytes += ItemView(value).size_bytes();
  }
  const bool complete = !cursor->valid();
  std::shared_ptr<Table> next;
  if (complete) {
    next = std::make_shared<Table>(*current);
    next->indexes[position].status = IndexStatus::kActive;
    put_record(batch, *next);
  }
  impl_->store.commit(batch);
  index_state.counter.add(entered.items, entered.size_bytes);
  if (!complete) {
    index_state.filled_to = std::move(filled_to);
    return true;
  }
  index_state.filled_to.reset();
  state.set_table(std::move(next));
  return std::any_of(state.indexes.begin(), state.indexes.end(),
                     [](const auto& other) { return other->filled_to.has_value(); });
}

base::Result<OpenTable, Outcome> Engine::remove_index(const OpenTable& table,
                                                      std::string_view index_name) {
  TableState& state = *table.state_;
  const base::Lock gate(state.gate);
  if (state.deleted) return Outcome::kNoSuchTable;
  auto next = std::make_shared<Table>(*state.table());
  const Index* const found = next->find_index(index_name);
  if (found == nullptr) return Outcome::kNoSuchIndex;
  const auto position = found - next->indexes.data();
  const KeyRange range = index_range(next->id, found->id);
  next->indexes.erase(next->indexes.begin() + position);
  kv::Batch batch;
  put_record(batch, *next);
  batch.remove_range(kv::Family::kIndexes, range.lower, range.upper);
  batch.mark_frees_room();
  impl_->store.commit(batch);
  state.indexes.erase(state.indexes.begin() + position);
  state.set_table(next);
  return OpenTable(table.state_, std::move(next));
}

}  // namespace bodega::table
