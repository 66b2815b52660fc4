// One read of an item by its key, from GetItem, BatchGetItem or TransactGetItems, and the
// projection that all reads share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engines/table/engine.h"
#include "protocol/dynamodb/expression/parameters.h"
#include "protocol/dynamodb/expression/projection.h"
#include "protocol/dynamodb/wire/capacity.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

// ProjectionExpression or AttributesToGet.
class Wanted {
 public:
  Wanted() = default;
  // Each sets nothing where the parameter is absent.
  void set(const std::optional<BoundProjection>& projection);
  void set(const std::optional<std::vector<ResolvedPath>>& attributes_to_get);

  bool everything() const { return !projector_; }
  const std::vector<ResolvedPath>& paths() const { return paths_; }
  std::vector<std::string_view> nested_heads() const;

  // Writes the item, or what is wanted of it.
  void write(std::string& out, const table::ItemView& item) const;

 private:
  std::shared_ptr<const Projection> tree_;  // what the paths view into
  std::vector<ResolvedPath> paths_;
  std::optional<Projector> projector_;
  bool flat_ = true;  // no path goes into an attribute
};

class ItemRead {
 public:
  // Reads all parameters of `node` but the keys' fit. Throws Error.
  ItemRead(json::Node node, const Request& request);
  void find_table(const Request& request);
  // Opens the table under another name than the node's TableName (BatchGetItem).
  void find_table(const Request& request, std::string_view name);
  // The node's own Key, or another one, against the table. Throws Error.
  table::ItemKey fit_to_table() const { return fit_to_table(key_); }
  table::ItemKey fit_to_table(const table::Item& key) const;

  const table::OpenTable& table() const { return *table_; }
  std::string_view given_table_name() const { return table_name_; }
  Consistency consistency() const { return consistency_; }
  void write(std::string& out, const table::ItemView& item) const { wanted_.write(out, item); }

 private:
  std::string_view table_name_;
  Consistency consistency_;
  table::Item key_;
  ExpressionParameters expressions_;
  Wanted wanted_;
  std::optional<table::OpenTable> table_;
};

}  // namespace bodega::dynamodb
