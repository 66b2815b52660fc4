// A request as the handlers get it: types and constraints are checked already, and small readers
// take members out of it. Absent and null are the same everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/table/engine.h"
#include "protocol/aws/caller.h"
#include "protocol/aws/shape/members.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

class ExpressionCache;
class Idempotency;

using aws::Caller;
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

// The ARN of a table, and of one of its indexes: …:table/NAME/index/INDEX.
std::string table_arn(const table::TableName& name);
std::string index_arn(const table::TableName& name, std::string_view index);

// What a TableName member means: a name in the caller's account and region, or an ARN, whose
// account and region count. Throws Error for an ARN that is none of a table.
table::TableName resolve_table_name(const Caller& caller, std::string_view given);

// Opens the table, or throws ResourceNotFoundException ("Requested resource not found").
table::OpenTable open_table(const Request& request, std::string_view given_name);
// Opens the table of the TableName member as the table operations do: a missing one is named in
// the message.
table::OpenTable open_named_table(const Request& request);
// Changes the table's settings, or throws ResourceNotFoundException when it has gone meanwhile.
void change_settings(const Request& request, const table::OpenTable& table,
                     const table::Engine::ChangeSettings& change);

}  // namespace bodega::dynamodb
