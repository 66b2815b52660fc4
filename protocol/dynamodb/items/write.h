// One write, from any operation: a Put, Update or Delete, or the ConditionCheck of a transaction.
// prepare() does everything that needs no item; decide() is then const and can run again and again
// under the engine's lock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engines/table/engine.h"
#include "protocol/dynamodb/expression/legacy.h"
#include "protocol/dynamodb/expression/parameters.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

class ItemWrite {
 public:
  enum class Kind : std::uint8_t { kPut, kUpdate, kDelete, kCheck };

  // Where the parameters stand: an action of a transaction knows no legacy ones.
  enum class Source : std::uint8_t { kRequest, kAction };

  // Reads the parameters in `node` and checks all that can be checked before the table is known.
  // Throws Error.
  ItemWrite(Kind kind, Source source, json::Node node, const Request& request);
  // Finds the table. Throws Error.
  void find_table(const Request& request);
  // Checks key, size and paths against the table. Throws Error.
  void fit_to_table();

  const table::OpenTable& table() const { return *table_; }
  const table::ItemKey& key() const { return *key_; }
  // The item to put, or the key to update or delete.
  const table::Item& item() const { return item_; }
  std::string_view given_table_name() const { return table_name_; }

  table::Decision decide(const table::Previous& previous) const;

  // Whether the old item is wanted when the condition fails.
  bool wants_item_on_failure() const { return item_on_failure_; }

  // The Attributes of the reply by ReturnValues: nothing, or what to write.
  std::optional<table::Item> returned(const table::Modified& modified) const;
  bool returns_values() const { return return_values_ != "NONE"; }

 private:
  bool condition_holds(const ItemAttributes& attributes) const;
  std::optional<std::vector<ResolvedPath>> touched() const;

  Kind kind_;
  json::Node node_;
  std::string_view table_name_;
  table::Item item_;
  std::string_view return_values_ = "NONE";
  bool item_on_failure_ = false;
  std::unique_ptr<ExpressionParameters> expressions_;
  std::optional<BoundUpdate> update_;
  std::optional<BoundCondition> condition_;
  std::optional<LegacyFilter> expected_;
  std::optional<std::vector<AttributeUpdate>> attribute_updates_;
  std::optional<table::OpenTable> table_;
  std::optional<table::ItemKey> key_;
};

}  // namespace bodega::dynamodb
