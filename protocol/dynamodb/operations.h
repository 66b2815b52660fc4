// A row per operation. A family file holds a family's handlers with their rows at its end;
// operations.cc lists the families. Routing, the request checks and the coverage listing all read
// the rows.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/aws/front/buffered_service.h"
#include "protocol/dynamodb/wire/request.h"
#include "protocol/dynamodb/wire/shapes.h"

namespace bodega::dynamodb {

struct Operation : aws::OperationRow {
  using Run = std::string (*)(const Request&);  // gives the reply's body; throws Error

  // Without input and handler: not implemented.
  constexpr Operation(std::string_view wire_name, const Shape* shape, Run handler)
      : aws::OperationRow{wire_name, shape}, run(handler) {}

  Run run;
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
