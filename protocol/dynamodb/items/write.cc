#include "protocol/dynamodb/items/write.h"

#include <algorithm>

#include "protocol/dynamodb/expression/projection.h"
#include "protocol/dynamodb/items/key.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

bool only_deletes(const std::vector<AttributeUpdate>& updates) {
  return !updates.empty() &&
         std::all_of(updates.begin(), updates.end(), [](const AttributeUpdate& update) {
           return update.action == AttributeUpdate::Action::kDelete;
         });
}

void check_nesting(const table::Item& item) {
  for (const auto& attribute : item) {
    if (attribute.value.is_document() && table::nesting_depth(attribute.value) > kMaxNesting) {
      throw invalid_parameter(
          "Nesting Levels have exceeded supported limits: Attributes in the item have nested "
          "levels "
          "beyond supported limit");
    }
  }
}

}  // namespace

ItemWrite::ItemWrite(Kind kind, Source source, json::Node node, const Request& request)
    : kind_(kind), node_(node), table_name_(string_or(node, "TableName", "")) {
  const bool update = kind == Kind::kUpdate;
  const bool legacy = source == Source::kRequest;
  if (!legacy) {
    check_exclusive(node, {"UpdateExpression", "ConditionExpression"}, {});
  } else if (update) {
    check_exclusive(node, {"UpdateExpression", "ConditionExpression"},
                    {"AttributeUpdates", "Expected"});
  } else {
    check_exclusive(node, {"ConditionExpression"}, {"Expected"});
  }
  item_ = read_item_or_throw(node.find(kind == Kind::kPut ? "Item" : "Key"));
  if (legacy) return_values_ = string_or(node, "ReturnValues", "NONE");
  if (!update && return_values_ != "NONE" && return_values_ != "ALL_OLD") {
    throw validation("ReturnValues can only be ALL_OLD or NONE");
  }
  item_on_failure_ = string_or(node, "ReturnValuesOnConditionCheckFailure", "NONE") == "ALL_OLD";
  if (legacy) {
    if (update) attribute_updates_ = read_attribute_updates(node);
    expected_ = read_expected(node);
    check_conditional_operator(node, expected_);
  }
  if (has_member(node, "UpdateExpression") || has_member(node, "ConditionExpression") ||
      has_member(node, "ExpressionAttributeNames") ||
      has_member(node, "ExpressionAttributeValues")) {
    expressions_ = std::make_unique<ExpressionParameters>(node, request.expressions);
    if (update) update_ = expressions_->update("UpdateExpression");
    condition_ = expressions_->condition("ConditionExpression");
    expressions_->finish();
  }
}

void ItemWrite::find_table(const Request& request) { table_ = open_table(request, table_name_); }

void ItemWrite::fit_to_table() {
  const table::Table& table = **table_;
  if (kind_ == Kind::kPut) {
    key_ = stored_key(table, item_);
    if (table::item_size_bytes(item_) > kMaxItemBytes) {
      throw validation("Item size has exceeded the maximum allowed size");
    }
  } else {
    key_ = lookup_key(table, item_);
  }
  if (condition_) check_no_nested_keys(table, nested_heads(*condition_));
  std::vector<std::string_view> attributes;
  std::vector<std::string_view> nested;
  if (attribute_updates_) {
    attributes.reserve(attribute_updates_->size());
    for (const AttributeUpdate& update : *attribute_updates_) {
      attributes.push_back(update.attribute);
    }
  } else if (const auto paths = touched()) {
    for (const ResolvedPath& path : *paths) {
      attributes.push_back(path.front().name);
      if (path.size() > 1) nested.push_back(path.front().name);
    }
  }
  check_no_key_updates(table, attributes);
  check_no_nested_keys(table, nested);
}

bool ItemWrite::condition_holds(const ItemAttributes& attributes) const {
  if (condition_ && !condition_->holds(attributes)) return false;
  return !expected_ || expected_->holds(attributes);
}

table::Decision ItemWrite::decide(const table::Previous& previous) const {
  if (condition_ || expected_) {
    const ItemAttributes attributes(previous.view());
    if (!condition_holds(attributes)) return table::Decision::refuse();
  }
  switch (kind_) {
    case Kind::kCheck: return table::Decision::keep();
    case Kind::kPut: return table::Decision::put_borrowed(item_);
    case Kind::kDelete:
      return previous.exists() ? table::Decision::remove() : table::Decision::keep();
    case Kind::kUpdate: break;
  }
  const table::Item* before = previous.item();
  const bool removes_only = (update_ && only_removes(*update_->tree)) ||
                            (attribute_updates_ && only_deletes(*attribute_updates_));
  table::Item next;
  if (update_) {
    next = apply(*update_->tree, update_->bindings, before, item_);
  } else if (attribute_updates_) {
    next = apply(*attribute_updates_, before, item_);
  } else {
    next = before != nullptr ? *before : item_;
  }
  // Taking something away from nothing makes nothing.
  if (before == nullptr && removes_only) return table::Decision::keep();
  check_index_keys(**table_, next, Writer::kUpdate);
  check_nesting(next);
  if (table::item_size_bytes(next) > kMaxItemBytes) {
    throw validation("Item size to update has exceeded the maximum allowed size");
  }
  return table::Decision::put(std::move(next));
}

std::optional<std::vector<ResolvedPath>> ItemWrite::touched() const {
  if (update_) return touched_paths(*update_->tree, update_->bindings);
  if (!attribute_updates_) return std::nullopt;
  std::vector<ResolvedPath> paths;
  for (const AttributeUpdate& update : *attribute_updates_) {
    paths.push_back({ResolvedStep{false, 0, update.attribute}});
  }
  return paths;
}

std::optional<table::Item> ItemWrite::returned(const table::Modified& modified) const {
  if (return_values_ == "NONE") return std::nullopt;
  if (return_values_ == "ALL_OLD") {
    if (!modified.previous) return std::nullopt;
    return modified.previous->to_item();
  }
  if (return_values_ == "ALL_NEW") return modified.next;
  const bool old = return_values_ == "UPDATED_OLD";
  const auto paths = touched();
  if (!paths) return std::nullopt;
  table::Item found;
  if (old && modified.previous) {
    found = Projector(*paths).apply(ItemAttributes(modified.previous->view()));
  } else if (!old && modified.next) {
    found = Projector(*paths).apply(ItemAttributes(&*modified.next));
  }
  if (found.empty()) return std::nullopt;
  return found;
}

}  // namespace bodega::dynamodb
