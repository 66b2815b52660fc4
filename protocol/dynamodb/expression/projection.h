// Takes the wanted parts out of items: ProjectionExpression, AttributesToGet, and the touched paths
// of an update for ReturnValues. Elements taken from a list close ranks, in their order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/table/value.h"
#include "protocol/dynamodb/expression/binding.h"
#include "protocol/dynamodb/expression/condition.h"

namespace bodega::dynamodb {

// Made once for a request, applied to each of its items.
class Projector {
 public:
  explicit Projector(std::span<const ResolvedPath> paths);

  table::Item apply(const ItemAttributes& attributes) const;

 private:
  // A tree of the steps; where a path ends, everything below is wanted.
  struct Branch {
    bool whole = false;
    std::map<std::string, Branch, std::less<>> names;
    std::map<std::uint32_t, Branch> indices;
  };

  static std::optional<table::Value> take(const table::Value& value, const Branch& branch);

  Branch root_;
};

}  // namespace bodega::dynamodb
