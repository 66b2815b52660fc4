// A request as the handlers get it: types and constraints are checked already, and small readers
// take members out of it. Absent and null are the same everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/table/engine.h"
#include "protocol/aws/shape/members.h"
#include "protocol/dynamodb/wire/open_table.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

class ExpressionCache;
class Idempotency;

using aws::flag_member;
using aws::has_member;
using aws::integer_member;
using aws::read_boolean;
using aws::read_integer;
using aws::string_member;
using aws::string_or;

// What a handler may use. References live as long as the handler runs.
struct Request {
  json::Node body;
  std::string_view text;  // the same, as it was sent
  const Caller& caller;
  table::Engine& engine;
  const base::Clock& clock;
  ExpressionCache& expressions;
  Idempotency& idempotency;
  std::string_view host;  // the Host header
};

}  // namespace bodega::dynamodb
