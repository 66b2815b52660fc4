#include "protocol/dynamodb/items/write.h"

#include <algorithm>
#include <string>
#include <utility>

#include "protocol/dynamodb/expression/projection.h"
#include "protocol/dynamodb/items/key.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

using Kind = WriteRequest::Kind;

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

ItemWrite::ItemWrite(WriteRequest&& request, table::OpenTable table)
    : request_(std::move(request)), table_(std::move(table)), key_(fitting_key(request_, *table_)) {
  check_paths();
}

table::ItemKey ItemWrite::fitting_key(const WriteRequest& request, const table::Table& table) {
  if (request.kind != Kind::kPut) return lookup_key(table, request.item);
  table::ItemKey key = stored_key(table, request.item);
  if (table::item_size_bytes(request.item) > kMaxItemBytes) {
    throw validation("Item size has exceeded the maximum allowed size");
  }
  return key;
}

void ItemWrite::check_paths() const {
  const table::Table& table = *table_;
  if (request_.condition) check_no_nested_keys(table, nested_heads(*request_.condition));
  std::vector<std::string_view> attributes;
  std::vector<std::string_view> nested;
  if (request_.attribute_updates) {
    attributes.reserve(request_.attribute_updates->size());
    for (const AttributeUpdate& update : *request_.attribute_updates) {
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
  if (request_.condition && !request_.condition->holds(attributes)) return false;
  return !request_.expected || request_.expected->holds(attributes);
}

table::Decision ItemWrite::decide(const table::Previous& previous) const {
  if (request_.condition || request_.expected) {
    const ItemAttributes attributes(previous.view());
    if (!condition_holds(attributes)) return table::Decision::refuse();
  }
  switch (request_.kind) {
    case Kind::kCheck: return table::Decision::keep();
    case Kind::kPut: return table::Decision::put_borrowed(request_.item);
    case Kind::kDelete:
      return previous.exists() ? table::Decision::remove() : table::Decision::keep();
    case Kind::kUpdate: break;
  }
  const table::Item* before = previous.item();
  const auto& update = request_.update;
  const auto& attribute_updates = request_.attribute_updates;
  const bool removes_only = (update && only_removes(*update->tree)) ||
                            (attribute_updates && only_deletes(*attribute_updates));
  table::Item next;
  if (update) {
    next = apply(*update->tree, update->bindings, before, request_.item);
  } else if (attribute_updates) {
    next = apply(*attribute_updates, before, request_.item);
  } else {
    next = before != nullptr ? *before : request_.item;
  }
  // Taking something away from nothing makes nothing.
  if (before == nullptr && removes_only) return table::Decision::keep();
  check_index_keys(*table_, next, Writer::kUpdate);
  check_nesting(next);
  if (table::item_size_bytes(next) > kMaxItemBytes) {
    throw validation("Item size to update has exceeded the maximum allowed size");
  }
  return table::Decision::put(std::move(next));
}

std::optional<std::vector<ResolvedPath>> ItemWrite::touched() const {
  if (request_.update) return touched_paths(*request_.update->tree, request_.update->bindings);
  if (!request_.attribute_updates) return std::nullopt;
  std::vector<ResolvedPath> paths;
  for (const AttributeUpdate& update : *request_.attribute_updates) {
    paths.push_back({ResolvedStep{false, 0, update.attribute}});
  }
  return paths;
}

std::optional<table::Item> ItemWrite::returned(const table::Modified& modified) const {
  const ReturnValues wanted = request_.return_values;
  if (wanted == ReturnValues::kNone) return std::nullopt;
  if (wanted == ReturnValues::kAllOld) {
    if (!modified.previous) return std::nullopt;
    return modified.previous->to_item();
  }
  if (wanted == ReturnValues::kAllNew) return modified.next;
  const bool old = wanted == ReturnValues::kUpdatedOld;
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

table::Modified carry_out(table::Engine& engine, const ItemWrite& write) {
  std::string old_item;
  auto modified = engine.modify(write.table(), write.key(), [&](const table::Previous& previous) {
    table::Decision decision = write.decide(previous);
    if (write.request().wants_item_on_failure && previous.exists()) {
      old_item = "\"Item\":";
      write_item(old_item, previous.view());
    }
    return decision;
  });
  if (modified) return *std::move(modified);
  if (modified.error() == table::Outcome::kRefused) {
    throw Error{Code::kConditionalCheckFailedException, "The conditional request failed",
                std::move(old_item)};
  }
  throw table_not_found();
}

}  // namespace bodega::dynamodb
