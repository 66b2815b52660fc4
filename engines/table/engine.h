// table::Engine stores DynamoDB's tables, items and secondary indexes. It knows no wire syntax: no
// JSON, no expressions, no error texts.
//
// One idea carries the writes: modify(table, key, decide). Under the key's lock `decide` sees the
// item as it is and says what it becomes; item, index entries and counters follow in one batch.
// Put, Update, Delete, conditions and transactions are all this one shape.
//
// Each public method is atomic, and all of them are thread-safe. A callback runs under locks: it
// must be quick and must not call the engine. It may throw: then nothing is written and the
// exception passes through.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/executor.h"
#include "engines/base/result.h"
#include "engines/journal/model.h"
#include "engines/kv/store.h"
#include "engines/table/keys.h"
#include "engines/table/model.h"
#include "engines/table/requests.h"

namespace bodega::journal {
class Journal;
}

namespace bodega::table {

class Engine {
 public:
  // Reads the tables that `store` holds. All of them must outlive the engine. New indexes of large
  // tables are filled on `background`; without one, where they are created. The journal is of the
  // same store; without one nothing can be subscribed to. Throws StorageFault.
  Engine(kv::Store& store, const base::Clock& clock, base::Executor* background = nullptr,
         journal::Journal* journal = nullptr);
  ~Engine();  // writes the counters, so that the next open need not count
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // --- Tables (tables.cc) ---

  // Creates the table and gives it id, uuid, creation time, and ids to its indexes. kTableExists.
  // REQUIRES: a well-formed schema.
  base::Result<OpenTable, Outcome> create_table(Table table);

  // Returns nullopt when there is no such table.
  std::optional<OpenTable> open_table(std::string_view account, std::string_view region,
                                      std::string_view name) const;

  // As it is now, with live counters. After a crash the first call counts the table once.
  // kNoSuchTable.
  base::Result<TableDescription, Outcome> describe_table(const OpenTable& table) const;

  // Names in ascending order, at most `limit`, behind `after` (which need not exist; empty: from
  // the start), and whether there are more.
  std::pair<std::vector<std::string>, bool> list_tables(std::string_view account,
                                                        std::string_view region,
                                                        std::string_view after,
                                                        std::size_t limit) const;

  // The tables of all accounts and regions, at most so many.
  std::vector<OpenTable> open_tables(std::size_t limit) const;

  // How many tables there are in all accounts and regions.
  std::size_t table_count() const;

  // Drops the table with everything in it, at a cost that does not depend on its size. The
  // description as it was last. kNoSuchTable, kDeletionProtected.
  base::Result<TableDescription, Outcome> delete_table(const OpenTable& table);

  // Drops all tables of that account, or of all accounts when it is empty, whatever protects them,
  // in one commit at a cost that does not depend on what is in them. (clear.cc)
  Cleared clear(std::string_view account = {});

  // Changes settings under the table's lock. `change` may throw to refuse. It may also alter
  // throughput and limits of indexes through the second argument, not their keys. The table as it
  // is then. kNoSuchTable.
  using ChangeSettings = std::function<void(TableSettings&, std::vector<Index>&)>;
  base::Result<OpenTable, Outcome> change_settings(const OpenTable& table,
                                                   const ChangeSettings& change);

  // Adds an index in status kCreating; every later write maintains it. Fill it with fill_indexes().
  // kNoSuchTable, kIndexExists. REQUIRES: a well-formed schema.
  base::Result<OpenTable, Outcome> add_index(const OpenTable& table, Index index);

  // Enters the older items into the indexes in status kCreating: a small table's at once, a large
  // one's in the background, slice by slice, so that no request waits long for the table. The index
  // is kActive when all are in. Items whose key attributes do not fit are skipped, as the service
  // does. A filling that was cut short starts again at the next open. One that meets a fault of the
  // store stops, and goes on when the table is opened (open_table) again.
  void fill_indexes(const OpenTable& table);

  // One slice of that: up to `max_items` items. Whether there is more to do.
  bool backfill(const OpenTable& table, std::size_t max_items);

  // Drops an index and its entries. kNoSuchTable, kNoSuchIndex.
  base::Result<OpenTable, Outcome> remove_index(const OpenTable& table,
                                                std::string_view index_name);

  // --- Items (items.cc) ---

  // Returns nullopt when there is no such item.
  std::optional<StoredItem> get(const OpenTable& table, const ItemKey& key) const;

  // Positional; all seen at one instant.
  std::vector<std::optional<StoredItem>> get_many(std::span<const ItemAddress> addresses) const;

  // Lets `decide` replace, remove, keep or refuse the item at `key`, with all its index entries.
  // kNoSuchTable, kRefused (use `previous` through the callback). The cause is for the journal.
  base::Result<Modified, Outcome> modify(const OpenTable& table, const ItemKey& key,
                                         const Decide& decide, const journal::Cause& cause = {});

  // Several of these, all or nothing, each seeing the state before all. kNoSuchTable. REQUIRES: no
  // key twice.
  base::Result<ManyModified, Outcome> modify_many(std::span<const Change> changes);

  // --- Subscriptions (subscriptions.cc) ---

  // Has changes of the table's items recorded in the journal for a reader: every change that
  // commits after this, and none before. A live subscription of that name is changed. With
  // `change`, settings that tell of it change in the same commit. kNoSuchTable. REQUIRES: there is
  // a journal.
  base::Result<OpenTable, Outcome> subscribe(const OpenTable& table,
                                             journal::Subscription subscription,
                                             const ChangeSettings& change = {});

  // Ends the subscription of that name, if there is a live one; its events stay readable.
  // kNoSuchTable. REQUIRES: as above.
  base::Result<OpenTable, Outcome> unsubscribe(const OpenTable& table, std::string_view name,
                                               const ChangeSettings& change = {});

  // --- Walks (walks.cc) ---

  // Whether these attributes have what a position in the table (or index) needs: every key
  // attribute, with its type and size. Others are ignored.
  static bool start_is_valid(const Table& table, const Index* index, const Item& attributes);

  // Visits the items of one partition within the range, in range key order, as of one instant.
  // Costs what is visited, wherever in the partition it starts. kNoSuchIndex.
  base::Result<WalkEnd, Outcome> query(const OpenTable& table, const QueryRequest& request,
                                       const RowVisitor& visit) const;

  // Visits all items of the table or index in hash order, as of one instant. kNoSuchIndex.
  base::Result<WalkEnd, Outcome> scan(const OpenTable& table, const ScanRequest& request,
                                      const RowVisitor& visit) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::table
