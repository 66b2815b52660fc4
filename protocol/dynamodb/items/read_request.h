// What a read of items by their keys asks for, as a plain value: GetItem, one table of
// BatchGetItem, one action of TransactGetItems. With it what all reads share: which attributes are
// wanted.
//
// Views point into what the request was read from, which outlives it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/table/engine.h"
#include "protocol/dynamodb/expression/parameters.h"
#include "protocol/dynamodb/expression/projection.h"
#include "protocol/dynamodb/wire/capacity.h"
#include "protocol/json/json.h"

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

struct ReadRequest {
  std::string_view table_name;  // as given: may be an ARN
  table::Item key;              // of BatchGetItem, which has many, empty
  Consistency consistency = Consistency::kEventual;
  Wanted wanted;
};

// Reads the parameters in `node` and checks all that can be checked before the table is known.
// Throws Error.
ReadRequest read_read_request(json::Node node, ExpressionCache& cache);

// The key of an item to read; checks what is wanted against the table as well. Throws Error.
table::ItemKey fitting_key(const table::Table& table, const table::Item& key, const Wanted& wanted);

}  // namespace bodega::dynamodb
