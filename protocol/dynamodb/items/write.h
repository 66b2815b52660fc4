// One write that is ready for the engine: a request (write_request.h) that fits its table. decide()
// is const and can run again and again under the engine's lock.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engines/table/engine.h"
#include "protocol/dynamodb/items/write_request.h"

namespace bodega::dynamodb {

class ItemWrite {
 public:
  // Checks key, size and paths against the table. Throws Error.
  ItemWrite(WriteRequest&& request, table::OpenTable table);

  const WriteRequest& request() const { return request_; }
  const table::OpenTable& table() const { return table_; }
  const table::ItemKey& key() const { return key_; }

  table::Decision decide(const table::Previous& previous) const;

  // The Attributes of the reply by ReturnValues: nothing, or what to write.
  std::optional<table::Item> returned(const table::Modified& modified) const;

 private:
  static table::ItemKey fitting_key(const WriteRequest& request, const table::Table& table);
  void check_paths() const;
  bool condition_holds(const ItemAttributes& attributes) const;
  std::optional<std::vector<ResolvedPath>> touched() const;

  WriteRequest request_;
  table::OpenTable table_;
  table::ItemKey key_;
};

// Carries the write out. Throws Error, for a condition that fails ConditionalCheckFailedException
// with the old item where that is wanted.
table::Modified carry_out(table::Engine& engine, const ItemWrite& write);

}  // namespace bodega::dynamodb
