// Subscriptions to the changes of a table: who has its items' changes recorded in the journal.
#include <algorithm>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/mutex.h"
#include "engines/journal/source.h"
#include "engines/table/engine.h"
#include "engines/table/inside.h"

namespace bodega::table {
namespace {

std::shared_ptr<const Recording> recording_of(const Table& table, const journal::Source& source) {
  if (!journal::is_recorded(source)) return nullptr;
  Recording recording;
  recording.source = source.id;
  recording.images = journal::recorded_images(source);
  for (const KeyAttribute& key : table.keys.hash) recording.key_names.push_back(key.name);
  for (const KeyAttribute& key : table.keys.range) recording.key_names.push_back(key.name);
  std::sort(recording.key_names.begin(), recording.key_names.end());
  return std::make_shared<const Recording>(std::move(recording));
}

}  // namespace

void TableState::set_source(std::shared_ptr<const journal::Source> next) {
  recording = next == nullptr ? nullptr : recording_of(*table(), *next);
  source = std::move(next);
}

// Finds for each table what was subscribed to it. Called by the constructor.
void Engine::Impl::load_sources() {
  if (journal == nullptr) return;
  const base::SharedLock gate(tables_gate);
  for (journal::Source& source : journal->sources(journal::SourceKind::kTable)) {
    if (source.closed) continue;
    const auto at = tables.find(TableNameView{source.account, source.region, source.name});
    if (at == tables.end() || at->second->table()->uuid != source.incarnation) continue;
    at->second->set_source(std::make_shared<const journal::Source>(std::move(source)));
  }
}

journal::Source Engine::Impl::source_of(const TableState& state) const {
  BODEGA_CHECK(journal != nullptr);
  if (state.source != nullptr) return *state.source;
  const std::shared_ptr<const Table> table = state.table();
  journal::Source source;
  source.id = journal->take();
  source.kind = journal::SourceKind::kTable;
  source.account = table->name.account;
  source.region = table->name.region;
  source.name = table->name.name;
  source.incarnation = table->uuid;
  return source;
}

void Engine::Impl::close_source(kv::Batch& batch, const TableState& state) const {
  if (state.source == nullptr) return;
  journal::Source source = *state.source;
  journal::close_source(source, journal->take());
  journal->put_source(batch, source);
}

// Writes source and settings in one commit. REQUIRES: the table's gate is held exclusively, so that
// nothing of the table is being committed.
OpenTable Engine::Impl::resubscribe(const OpenTable& table, journal::Source source,
                                    const ChangeSettings& change) {
  TableState& state = *table.state_;
  kv::Batch batch;
  journal->put_source(batch, source);
  OpenTable changed(table.state_, state.table());
  if (change) {
    changed = commit_settings(batch, table, change);
  } else {
    store.commit(batch);
  }
  state.set_source(std::make_shared<const journal::Source>(std::move(source)));
  return changed;
}

base::Result<OpenTable, Outcome> Engine::subscribe(const OpenTable& table,
                                                   journal::Subscription subscription,
                                                   const ChangeSettings& change) {
  TableState& state = *table.state_;
  const base::Lock gate(state.gate);
  if (state.deleted) return Outcome::kNoSuchTable;
  journal::Source source = impl_->source_of(state);
  journal::begin_subscription(source, std::move(subscription), impl_->journal->take());
  return impl_->resubscribe(table, std::move(source), change);
}

base::Result<OpenTable, Outcome> Engine::unsubscribe(const OpenTable& table, std::string_view name,
                                                     const ChangeSettings& change) {
  TableState& state = *table.state_;
  const base::Lock gate(state.gate);
  if (state.deleted) return Outcome::kNoSuchTable;
  journal::Source source = impl_->source_of(state);
  journal::end_subscription(source, name, impl_->journal->take());
  return impl_->resubscribe(table, std::move(source), change);
}

}  // namespace bodega::table
