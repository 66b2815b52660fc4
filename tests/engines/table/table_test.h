// Short ways to write items and tables in the tests of the table engine.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engines/base/clock.h"
#include "engines/kv/store.h"
#include "engines/table/engine.h"
#include "tests/catch.h"

namespace bodega::table::testing {

inline Value s(std::string text) { return Value::of_string(std::move(text)); }
inline Value b(std::string bytes) { return Value::of_binary(std::move(bytes)); }
inline Number number(std::string_view text) {
  const auto parsed = Number::parse(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}
inline Value n(std::string_view text) { return Value::of_number(number(text)); }
inline Value n(int value) { return Value::of_number(Number::from_int(value)); }

inline Item item(std::vector<Attribute> attributes) {
  return Item::from_unsorted(std::move(attributes));
}

// A table with the hash key "p", and the range key "r" unless it is kNull.
inline Table table_of(std::string name, Type hash, Type range = Type::kNull) {
  Table table;
  table.name = {"000000000000", "us-east-1", std::move(name)};
  table.keys.hash = {{"p", hash}};
  if (range != Type::kNull) table.keys.range = {{"r", range}};
  return table;
}

inline Index index_of(std::string name, IndexKind kind, std::vector<KeyAttribute> hash,
                      std::vector<KeyAttribute> range = {}, Projection projection = {}) {
  Index index;
  index.name = std::move(name);
  index.kind = kind;
  index.keys = {std::move(hash), std::move(range)};
  index.projection = std::move(projection);
  return index;
}

inline Modified put(Engine& engine, const OpenTable& table, const Item& what) {
  auto done = engine.modify(table, item_key(*table, what),
                            [&](const Previous&) { return Decision::put(what); });
  REQUIRE(done.has_value());
  return std::move(*done);
}

inline Modified remove(Engine& engine, const OpenTable& table, const Item& key) {
  auto done = engine.modify(table, item_key(*table, key),
                            [](const Previous&) { return Decision::remove(); });
  REQUIRE(done.has_value());
  return std::move(*done);
}

inline std::optional<Item> get(const Engine& engine, const OpenTable& table, const Item& key) {
  const auto stored = engine.get(table, item_key(*table, key));
  return stored ? std::optional(stored->to_item()) : std::nullopt;
}

inline std::vector<Item> query(const Engine& engine, const OpenTable& table,
                               const QueryRequest& request, std::size_t limit = SIZE_MAX) {
  std::vector<Item> items;
  REQUIRE(engine
              .query(table, request,
                     [&](const Row& row) {
                       items.push_back(row.item.to_item());
                       return items.size() < limit;
                     })
              .has_value());
  return items;
}

inline std::vector<Item> scan(const Engine& engine, const OpenTable& table,
                              const ScanRequest& request = {}, std::size_t limit = SIZE_MAX) {
  std::vector<Item> items;
  REQUIRE(engine
              .scan(table, request,
                    [&](const Row& row) {
                      items.push_back(row.item.to_item());
                      return items.size() < limit;
                    })
              .has_value());
  return items;
}

inline TableDescription describe(const Engine& engine, const OpenTable& table) {
  auto description = engine.describe_table(table);
  REQUIRE(description.has_value());
  return std::move(*description);
}

// A folder that goes away at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

enum class StoreKind { kMemory, kRocks };

// A store of either kind, which can be closed and opened again if it is on disk.
class TestStore {
 public:
  explicit TestStore(StoreKind kind) : kind_(kind) { open(); }

  kv::Store& operator*() { return *store_; }
  void reopen() {
    if (kind_ == StoreKind::kMemory) return;
    store_.reset();
    open();
  }

 private:
  void open() {
    if (kind_ == StoreKind::kMemory) {
      store_ = kv::make_memory_store(kv::Database::kShared);
    } else {
      kv::OpenOptions options;
      options.directory = folder_.path() / "store";
      store_ = kv::open_rocks_store(options);
    }
  }

  StoreKind kind_;
  TemporaryFolder folder_;
  std::unique_ptr<kv::Store> store_;
};

// An engine on its store.
class TestEngine {
 public:
  explicit TestEngine(StoreKind kind = StoreKind::kMemory) : store_(kind) { open(); }

  Engine& operator*() { return *engine_; }
  Engine* operator->() { return engine_.get(); }
  kv::Store& store() { return *store_; }
  base::ManualClock& clock() { return clock_; }

  // Closed and opened again as at a clean exit.
  void restart() {
    engine_.reset();
    store_.reopen();
    open();
  }

 private:
  void open() { engine_ = std::make_unique<Engine>(*store_, clock_); }

  base::ManualClock clock_;
  TestStore store_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace bodega::table::testing
