// A row per operation. A family file holds a family's handlers with their rows at its end;
// operations.cc lists the families. Routing, the request checks and the coverage listing all read
// the rows.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/dynamodb/wire/request.h"
#include "protocol/dynamodb/wire/shape.h"

namespace bodega::dynamodb {

struct Operation {
  std::string_view name;
  const Shape* input;                  // a structure; nullptr where there is no handler
  std::string (*run)(const Request&);  // the reply's body; throws Error. nullptr: not implemented
};

// Nothing for a name that the API does not have.
const Operation* find_operation(std::string_view name);
// All of the API, implemented or not.
std::span<const std::span<const Operation>> operation_families();

// The families.
std::span<const Operation> item_operations();
std::span<const Operation> read_operations();
std::span<const Operation> batch_operations();
std::span<const Operation> transaction_operations();
std::span<const Operation> table_operations();
std::span<const Operation> table_update_operations();
std::span<const Operation> tag_operations();
std::span<const Operation> time_to_live_operations();
std::span<const Operation> backup_operations();
std::span<const Operation> account_operations();
std::span<const Operation> missing_operations();

}  // namespace bodega::dynamodb
