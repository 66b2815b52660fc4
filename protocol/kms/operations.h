// A row per operation. A family file holds a family's handlers with their rows at its end;
// operations.cc lists the families, and what is not implemented.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/aws/front/buffered_service.h"
#include "protocol/kms/request.h"

namespace bodega::kms {

struct Operation : aws::OperationRow {
  std::string (*run)(const Request&);  // the reply's body; throws Error. nullptr: not implemented
};

// Null for a name that the API does not have.
const Operation* find_operation(std::string_view name);
// All of the API, implemented or not.
std::span<const std::span<const Operation>> operation_families();

// The families.
std::span<const Operation> key_operations();
std::span<const Operation> alias_operations();
std::span<const Operation> encryption_operations();
std::span<const Operation> data_key_operations();
std::span<const Operation> signing_operations();
std::span<const Operation> rotation_operations();
std::span<const Operation> grant_operations();
std::span<const Operation> policy_operations();
std::span<const Operation> tag_operations();
std::span<const Operation> missing_operations();

}  // namespace bodega::kms
