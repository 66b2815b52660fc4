// Query and Scan: a cursor over the range of the store that holds exactly what is wanted.
#include <algorithm>

#include "engines/base/fault.h"
#include "engines/table/engine.h"
#include "engines/table/inside.h"
#include "engines/table/layout.h"

namespace bodega::table {
namespace {

// Which rows to show, and how.
struct Walk {
  const Table& table;
  const Index* index;  // nullptr: the table
  KeyRange range;
  Direction direction;
  Fetch fetch;
};

void start_behind(Walk& walk, const Item& position) {
  std::string key = position_key(walk.table, walk.index, position);
  if (walk.direction == Direction::kForward) {
    key.push_back('\0');
    walk.range.lower = std::max(std::move(walk.range.lower), std::move(key));
  } else {
    walk.range.upper = std::min(std::move(walk.range.upper), std::move(key));
  }
}

// Shows the entry with its whole item, read as of `snapshot`.
bool visit_whole(const kv::Store& store, const Walk& walk, const ItemView& entry,
                 const kv::Snapshot& snapshot, const RowVisitor& visit) {
  const ItemKey key = item_key(walk.table, entry);
  const auto encoded = store.get(kv::Family::kItems, key.bytes(), &snapshot);
  // Entry and item are written in one batch, so the item is there.
  if (!encoded) throw base::StorageFault("an index entry has no item");
  return visit(Row{entry, ItemView(*encoded)});
}

WalkEnd run(const kv::Store& store, const Walk& walk, const RowVisitor& visit) {
  if (walk.range.empty()) return WalkEnd::kEnd;
  const bool whole = walk.index != nullptr && walk.fetch == Fetch::kWhole;
  const bool forward = walk.direction == Direction::kForward;
  const kv::Family family = walk.index != nullptr ? kv::Family::kIndexes : kv::Family::kItems;
  std::unique_ptr<kv::Snapshot> snapshot;
  if (whole) snapshot = store.snapshot();
  const auto cursor = store.cursor(family, walk.range.lower, walk.range.upper, snapshot.get());
  for (forward ? cursor->seek_first() : cursor->seek_last(); cursor->valid();
       forward ? cursor->next() : cursor->prev()) {
    const ItemView entry(cursor->value());
    const bool more =
        whole ? visit_whole(store, walk, entry, *snapshot, visit) : visit(Row{entry, entry});
    if (!more) return WalkEnd::kStopped;
  }
  return WalkEnd::kEnd;
}

}  // namespace

bool Engine::start_is_valid(const Table& table, const Index* index, const Item& attributes) {
  return is_position(table, index, attributes);
}

base::Result<WalkEnd, Outcome> Engine::query(const OpenTable& table, const QueryRequest& request,
                                             const RowVisitor& visit) const {
  const Index* const index =
      request.index_name.empty() ? nullptr : table->find_index(request.index_name);
  if (index == nullptr && !request.index_name.empty()) return Outcome::kNoSuchIndex;
  Walk walk{*table, index, query_range(*table, index, request), request.direction, request.fetch};
  if (request.exclusive_start != nullptr) start_behind(walk, *request.exclusive_start);
  return run(impl_->store, walk, visit);
}

base::Result<WalkEnd, Outcome> Engine::scan(const OpenTable& table, const ScanRequest& request,
                                            const RowVisitor& visit) const {
  const Index* const index =
      request.index_name.empty() ? nullptr : table->find_index(request.index_name);
  if (index == nullptr && !request.index_name.empty()) return Outcome::kNoSuchIndex;
  Walk walk{*table, index, segment_range(*table, index, request.segment, request.total_segments),
            Direction::kForward, request.fetch};
  if (request.exclusive_start != nullptr) start_behind(walk, *request.exclusive_start);
  return run(impl_->store, walk, visit);
}

}  // namespace bodega::table
