// A request of STS as its handlers get it, and a row per operation. A family file holds a family's
// handlers with their rows at its end; operations.cc lists the families, and what is not
// implemented.
#pragma once

#include <span>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/identity/engine.h"
#include "protocol/aws/caller.h"
#include "protocol/aws/front/buffered_service.h"
#include "protocol/json/json.h"
#include "protocol/xml/writer.h"

namespace bodega::sts {

struct Request {
  json::Node input;  // its types and constraints are checked
  const aws::Caller& caller;
  identity::Engine& engine;
  const base::Clock& clock;
  const aws::Authenticator& authenticator;
};

struct Operation : aws::OperationRow {
  // Writes what stands inside <ActionResult>; throws Error. nullptr: not implemented.
  void (*run)(const Request&, xml::Writer& result);
};

// Null for a name that the API does not have.
const Operation* find_operation(std::string_view name);
// All of the API, implemented or not.
std::span<const std::span<const Operation>> operation_families();

// The families.
std::span<const Operation> role_operations();
std::span<const Operation> token_operations();
std::span<const Operation> caller_operations();
std::span<const Operation> missing_operations();

}  // namespace bodega::sts
