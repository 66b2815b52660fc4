#include "protocol/dynamodb/items/read.h"

#include <algorithm>

#include "protocol/dynamodb/expression/legacy.h"
#include "protocol/dynamodb/items/key.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

// Runs before anything is read: expressions must not stand beside the legacy parameter.
json::Node checked(json::Node node) {
  check_exclusive(node, {"ProjectionExpression"}, {"AttributesToGet"});
  return node;
}

}  // namespace

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

ItemRead::ItemRead(json::Node node, const Request& request)
    : table_name_(string_or(checked(node), "TableName", "")),
      consistency_(flag_member(node, "ConsistentRead") ? Consistency::kStrong
                                                       : Consistency::kEventual),
      key_(has_member(node, "Key") ? read_item_or_throw(node.find("Key")) : table::Item{}),
      expressions_(node, request.expressions) {
  wanted_.set(read_attributes_to_get(node));
  wanted_.set(expressions_.projection("ProjectionExpression"));
  expressions_.finish();
}

void ItemRead::find_table(const Request& request) { find_table(request, table_name_); }

void ItemRead::find_table(const Request& request, std::string_view name) {
  table_name_ = name;
  table_ = open_table(request, name);
}

table::ItemKey ItemRead::fit_to_table(const table::Item& key) const {
  table::ItemKey found = lookup_key(**table_, key);
  check_no_nested_keys(**table_, wanted_.nested_heads());
  return found;
}

}  // namespace bodega::dynamodb
