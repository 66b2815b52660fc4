// How a request gets at the tables that it names.
#pragma once

#include <string_view>

#include "engines/table/engine.h"
#include "protocol/dynamodb/wire/arn.h"

namespace bodega::dynamodb {

struct Request;

// Opens the table, or throws ResourceNotFoundException ("Requested resource not found").
table::OpenTable open_table(const Request& request, std::string_view given_name);
// Opens the table of the TableName member as the table operations do: a missing one is named in
// the message.
table::OpenTable open_named_table(const Request& request);
// Changes the table's settings, or throws ResourceNotFoundException when it has gone meanwhile.
void change_settings(const Request& request, const table::OpenTable& table,
                     const table::Engine::ChangeSettings& change);

}  // namespace bodega::dynamodb
