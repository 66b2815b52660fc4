// What an update expression makes of an item. All right-hand sides see the item as it was before.
#pragma once

#include <vector>

#include "engines/table/value.h"
#include "protocol/dynamodb/expression/binding.h"
#include "protocol/dynamodb/expression/expression.h"

namespace bodega::dynamodb {

// The new item. `previous` is nullptr when there is no item yet; then `key` is where the new one
// starts. Throws Error (ValidationException) for operands and paths that do not fit the item.
// REQUIRES: `bindings` came from bind() of this update.
table::Item apply(const Update& update, const Bindings& bindings, const table::Item* previous,
                  const table::Item& key);

// Whether it can only take things away: then it creates no item.
bool only_removes(const Update& update);

// The paths that the actions name, for UPDATED_OLD and UPDATED_NEW. What such a path leads to in
// the new item is returned whatever the action was: after REMOVE l[0] that is the element which
// has moved up, and after SET l[99] behind the end there is nothing.
std::vector<ResolvedPath> touched_paths(const Update& update, const Bindings& bindings);

// Sum and difference as the service computes them. Throws Error when the result cannot be stored.
table::Value add_numbers(const table::Value& a, const table::Value& b);
table::Value subtract_numbers(const table::Value& a, const table::Value& b);

}  // namespace bodega::dynamodb
