#include "protocol/dynamodb/items/read_request.h"

#include <algorithm>

#include "protocol/dynamodb/expression/legacy.h"
#include "protocol/dynamodb/items/key.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

void Wanted::set(const std::optional<BoundProjection>& projection) {
  if (!projection) return;
  tree_ = projection->tree;
  paths_ = projection->paths;
  flat_ = std::all_of(paths_.begin(), paths_.end(),
                      [](const ResolvedPath& path) { return path.size() == 1; });
  projector_.emplace(paths_);
}

void Wanted::set(const std::optional<std::vector<ResolvedPath>>& attributes_to_get) {
  if (!attributes_to_get) return;
  paths_ = *attributes_to_get;
  projector_.emplace(paths_);
}

std::vector<std::string_view> Wanted::nested_heads() const {
  std::vector<std::string_view> found;
  for (const ResolvedPath& path : paths_) {
    if (path.size() > 1) found.push_back(path.front().name);
  }
  return found;
}

void Wanted::write(std::string& out, const table::ItemView& item) const {
  if (!projector_) {
    write_item(out, item);
  } else if (flat_) {
    json::Object object(out);
    for (const ResolvedPath& path : paths_) {
      const auto value = item.find(path.front().name);
      if (value) write_value(object.name(path.front().name), *value);
    }
  } else {
    write_item(out, projector_->apply(ItemAttributes(item)));
  }
}

ReadRequest read_read_request(json::Node node, ExpressionCache& cache) {
  check_exclusive(node, {"ProjectionExpression"}, {"AttributesToGet"});
  ReadRequest read;
  read.table_name = string_or(node, "TableName", "");
  if (flag_member(node, "ConsistentRead")) read.consistency = Consistency::kStrong;
  if (has_member(node, "Key")) read.key = read_item_or_throw(node.find("Key"));
  const Placeholders placeholders = Placeholders::read(node);
  ExpressionParameters expressions(node, cache, placeholders);
  read.wanted.set(read_attributes_to_get(node));
  read.wanted.set(expressions.projection("ProjectionExpression"));
  expressions.finish();
  return read;
}

table::ItemKey fitting_key(const table::Table& table, const table::Item& key,
                           const Wanted& wanted) {
  table::ItemKey found = lookup_key(table, key);
  check_no_nested_keys(table, wanted.nested_heads());
  return found;
}

}  // namespace bodega::dynamodb
