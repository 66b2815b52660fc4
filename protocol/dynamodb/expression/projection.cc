#include "protocol/dynamodb/expression/projection.h"

namespace bodega::dynamodb {

Projector::Projector(std::span<const ResolvedPath> paths) {
  for (const ResolvedPath& path : paths) {
    Branch* branch = &root_;
    for (const ResolvedStep& step : path) {
      if (step.is_index) {
        branch = &branch->indices[step.index];
      } else {
        const auto found = branch->names.find(step.name);
        branch = found != branch->names.end()
                     ? &found->second
                     : &branch->names.emplace(std::string(step.name), Branch{}).first->second;
      }
    }
    branch->whole = true;
  }
}

table::Item Projector::apply(const ItemAttributes& attributes) const {
  table::Item item;
  for (const auto& [name, branch] : root_.names) {
    const table::Value* value = attributes.find(name);
    if (value == nullptr) continue;
    if (auto taken = take(*value, branch)) item.append(name, *std::move(taken));
  }
  return item;
}

// Depth is bounded by kMaxPathSteps.
std::optional<table::Value> Projector::take(const table::Value& value, const Branch& branch) {
  if (branch.whole) return value;
  if (!branch.names.empty() && value.is(table::Type::kMap)) {
    table::Map map;
    for (const auto& [name, below] : branch.names) {
      const table::Value* inner = value.as_map().find(name);
      if (inner == nullptr) continue;
      if (auto taken = take(*inner, below)) map.append(name, *std::move(taken));
    }
    if (map.empty()) return std::nullopt;
    return table::Value::of_map(std::move(map));
  }
  if (!branch.indices.empty() && value.is(table::Type::kList)) {
    table::List list;
    for (const auto& [index, below] : branch.indices) {
      if (index >= value.as_list().size()) break;
      if (auto taken = take(value.as_list()[index], below)) list.push_back(*std::move(taken));
    }
    if (list.empty()) return std::nullopt;
    return table::Value::of_list(std::move(list));
  }
  return std::nullopt;
}

}  // namespace bodega::dynamodb
