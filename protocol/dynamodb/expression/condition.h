// Whether an item fulfils a condition, and the comparisons that the legacy parameters share.
#pragma once

#include <deque>
#include <string_view>

#include "engines/table/format.h"
#include "engines/table/value.h"
#include "protocol/dynamodb/expression/binding.h"
#include "protocol/dynamodb/expression/expression.h"

namespace bodega::dynamodb {

// The attributes of an item, decoded or not. From encoded bytes, only what is asked for is decoded,
// once. Values live as long as this.
class ItemAttributes {
 public:
  // nullptr: there is no item, which is one without attributes.
  explicit ItemAttributes(const table::Item* item) : item_(item) {}
  explicit ItemAttributes(table::ItemView view) : view_(view), encoded_(true) {}

  const table::Value* find(std::string_view name) const;
  // What stands at the path, or nullptr.
  const table::Value* at(const Path& path, const Bindings& bindings) const;

 private:
  struct Decoded {
    std::string_view name;
    table::Value value;
  };

  const table::Item* item_ = nullptr;
  table::ItemView view_;
  bool encoded_ = false;
  mutable std::deque<Decoded> decoded_;
};

// REQUIRES: `bindings` came from bind() of this condition.
bool evaluate(const Condition& condition, const Bindings& bindings,
              const ItemAttributes& attributes);

// begins_with and contains; false where the types have no such relation.
bool begins_with(const table::Value& value, const table::Value& prefix);
bool contains(const table::Value& value, const table::Value& element);

// What size() gives: characters of S, bytes of B, elements of sets, lists and maps.
std::optional<std::int64_t> size_of(const table::Value& value);

}  // namespace bodega::dynamodb
