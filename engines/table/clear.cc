// Engine::clear: drops all tables, or those of one account, in one commit.
#include <algorithm>
#include <functional>
#include <mutex>
#include <vector>

#include "engines/base/mutex.h"
#include "engines/table/engine.h"
#include "engines/table/inside.h"
#include "engines/table/layout.h"
#include "engines/table/table_format.h"

namespace bodega::table {
namespace {

using States = std::vector<std::shared_ptr<TableState>>;

void remove_range(kv::Batch& batch, const KeyRange& range) {
  batch.remove_range(kv::Family::kItems, range.lower, range.upper);
  batch.remove_range(kv::Family::kIndexes, range.lower, range.upper);
}

// Ids only grow: one range holds what is in the tables and in those that were dropped before.
void remove_contents_of_all(kv::Batch& batch, const States& states) {
  std::uint64_t least = states.front()->table()->id;
  std::uint64_t most = least;
  for (const auto& state : states) {
    least = std::min(least, state->table()->id);
    most = std::max(most, state->table()->id);
  }
  remove_range(batch, {table_range(least).lower, table_range(most).upper});
}

Cleared count(const States& states) {
  Cleared cleared{states.size(), 0};
  for (const auto& state : states) {
    if (!state->counted) return {states.size(), std::nullopt};
    *cleared.items += state->counter.get().items;
  }
  return cleared;
}

}  // namespace

std::vector<std::shared_ptr<TableState>> Engine::Impl::states_of(std::string_view account) const {
  States states;
  {
    const base::SharedLock gate(tables_gate);
    for (const auto& [name, state] : tables) {
      if (account.empty() || name.account == account) states.push_back(state);
    }
  }
  // As transactions take them.
  std::sort(states.begin(), states.end(), [](const auto& one, const auto& other) {
    return std::less<>()(&one->gate, &other->gate);
  });
  return states;
}

// A table that is created meanwhile is one of after, and has a greater id.
Cleared Engine::clear(std::string_view account) {
  const States held = impl_->states_of(account);
  States states;
  Cleared cleared;
  {
    std::vector<std::unique_lock<Gate>> gates;
    for (const auto& state : held) gates.emplace_back(state->gate);
    for (const auto& state : held) {
      if (!state->deleted) states.push_back(state);
    }
    if (states.empty()) return {0, 0};
    kv::Batch batch;
    batch.mark_frees_room();
    if (account.empty()) remove_contents_of_all(batch, states);
    for (const auto& state : states) {
      const std::shared_ptr<const Table> table = state->table();
      batch.remove(kv::Family::kTables, table_record_key(table->name));
      impl_->close_source(batch, *state);
      if (!account.empty()) remove_range(batch, table_range(table->id));
    }
    cleared = count(states);
    impl_->store.commit(batch);
    for (const auto& state : states) state->deleted = true;
  }
  const base::Lock gate(impl_->tables_gate);
  for (const auto& state : states) impl_->tables.erase(state->table()->name);
  return cleared;
}

}  // namespace bodega::table
