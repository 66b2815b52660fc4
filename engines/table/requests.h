// What goes into and comes out of the Engine's methods (engine.h): handles, items as read,
// decisions of a write and what came of it, requests of a walk and the rows it shows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engines/journal/model.h"
#include "engines/table/format.h"
#include "engines/table/keys.h"
#include "engines/table/model.h"
#include "engines/table/value.h"

namespace bodega::table {

enum class Outcome : std::uint8_t {
  kTableExists,
  kNoSuchTable,
  kDeletionProtected,
  kIndexExists,
  kNoSuchIndex,
  kRefused,  // modify: what `decide` answered
};

struct TableState;  // internal: what the engine holds of a table

// A table as it was when it was opened: cheap to copy, safe to keep. When the table is deleted
// meanwhile, writes through it answer kNoSuchTable and reads find nothing.
class OpenTable {
 public:
  const Table& operator*() const { return *table_; }
  const Table* operator->() const { return table_.get(); }

 private:
  friend class Engine;
  OpenTable(std::shared_ptr<TableState> state, std::shared_ptr<const Table> table)
      : state_(std::move(state)), table_(std::move(table)) {}

  std::shared_ptr<TableState> state_;
  std::shared_ptr<const Table> table_;
};

struct Counts {
  std::int64_t items = 0;
  std::int64_t size_bytes = 0;
};

// A table with its live counters. `indexes` is parallel to table.indexes.
struct TableDescription {
  Table table;
  Counts counts;
  std::vector<Counts> indexes;
};

// What clear() has dropped.
struct Cleared {
  std::size_t tables = 0;
  std::optional<std::int64_t> items;  // nothing: not known without counting them
};

// An item as read: owns its bytes, decodes on request.
class StoredItem {
 public:
  explicit StoredItem(std::string encoded) : encoded_(std::move(encoded)) {}

  ItemView view() const { return ItemView(encoded_); }
  std::uint32_t size_bytes() const { return view().size_bytes(); }
  Item to_item() const { return decode_item(encoded_); }

 private:
  std::string encoded_;
};

// The item that modify found, or none. Decoded when first asked for.
class Previous {
 public:
  explicit Previous(const StoredItem* stored) : stored_(stored) {}

  bool exists() const { return stored_ != nullptr; }
  // Size 0 and no attributes when there is none.
  ItemView view() const { return stored_ == nullptr ? ItemView{} : stored_->view(); }
  // nullptr when there is none.
  const Item* item() const {
    if (stored_ != nullptr && !decoded_) decoded_ = stored_->to_item();
    return decoded_ ? &*decoded_ : nullptr;
  }

 private:
  const StoredItem* stored_;
  mutable std::optional<Item> decoded_;
};

// What becomes of an item.
class Decision {
 public:
  // Stores the item. REQUIRES: it has the key that modify was called with.
  static Decision put(Item item) { return Decision(Kind::kPut, std::move(item)); }
  // The same without a copy, for an item that is there before the write: it must outlive the call
  // of the engine, and Modified::next stays empty.
  static Decision put_borrowed(const Item& item) {
    Decision decision(Kind::kPut, {});
    decision.borrowed_ = &item;
    return decision;
  }
  static Decision remove() { return Decision(Kind::kRemove, {}); }
  static Decision keep() { return Decision(Kind::kKeep, {}); }      // all is well, nothing changes
  static Decision refuse() { return Decision(Kind::kRefuse, {}); }  // a condition failed

 private:
  friend class Engine;
  friend class WritePlan;
  enum class Kind : std::uint8_t { kPut, kRemove, kKeep, kRefuse };
  Decision(Kind kind, Item item) : kind_(kind), item_(std::move(item)) {}

  Kind kind_;
  Item item_;
  const Item* borrowed_ = nullptr;
};

// What a write did to one index, for its capacity. Only indexes that changed are listed.
struct IndexChange {
  std::string index_name;
  IndexKind kind;
  bool moved;                    // the entry's key changed: one removed, one put
  std::uint32_t old_size_bytes;  // of the entry; 0: there was none
  std::uint32_t new_size_bytes;  // 0: there is none now
};

struct Modified {
  std::optional<StoredItem> previous;  // the item before, if there was one
  std::optional<Item> next;            // the item now; only after Decision::put()
  bool changed = false;                // false: what is stored stayed the same, byte for byte
  std::uint32_t old_size_bytes = 0;
  std::uint32_t new_size_bytes = 0;
  std::vector<IndexChange> index_changes;
};

// Const and re-runnable: it may be called more than once, and only its last answer counts.
using Decide = std::function<Decision(const Previous&)>;

// One of several writes that happen together.
struct Change {
  OpenTable table;
  ItemKey key;
  Decide decide;
  journal::Cause cause = {};
};

// The outcome of modify_many. When any change was refused nothing was written, `refused` says which
// (parallel to the changes), and `results[i].previous` is what each one saw.
struct ManyModified {
  bool applied = false;
  std::vector<bool> refused;
  std::vector<Modified> results;
};

struct ItemAddress {
  OpenTable table;
  ItemKey key;
};

// A bound of the range key.
struct SortBound {
  Value value;
  bool inclusive = true;
};

// Which range keys a query wants. For a key with several range attributes `equal` fixes the leading
// ones, and the bounds or the prefix apply to the one behind. All empty: the whole partition.
struct SortRange {
  std::vector<Value> equal;
  std::optional<SortBound> lower;
  std::optional<SortBound> upper;
  std::optional<Value> prefix;  // begins_with: S or B; excludes the bounds
};

enum class Direction : std::uint8_t { kForward, kBackward };

// kWhole: rows of an index carry the table's item, read for each at the same instant.
enum class Fetch : std::uint8_t { kStored, kWhole };

// REQUIRES: values have their key attributes' types.
struct QueryRequest {
  std::string index_name;        // empty: the table
  std::vector<Value> partition;  // one value for each hash attribute
  SortRange range;
  Direction direction = Direction::kForward;
  // Key attributes of the table (and the index). REQUIRES: Engine::start_is_valid.
  const Item* exclusive_start = nullptr;
  Fetch fetch = Fetch::kStored;
};

struct ScanRequest {
  std::string index_name;  // empty: the table
  std::uint32_t segment = 0;
  std::uint32_t total_segments = 1;
  const Item* exclusive_start = nullptr;  // as in QueryRequest
  Fetch fetch = Fetch::kStored;
};

// What a visitor is shown. Valid during the call only.
struct Row {
  ItemView entry;  // what stands in the table or index: its size is what reading it costs
  ItemView item;   // the same, or with Fetch::kWhole the table's item
};

// Returns whether to go on: the caller counts limits and bytes here.
using RowVisitor = std::function<bool(const Row&)>;

// kEnd: nothing is left behind the last row. kStopped: the visitor said so (there may be nothing
// left all the same, as in the service).
enum class WalkEnd : std::uint8_t { kEnd, kStopped };

}  // namespace bodega::table
