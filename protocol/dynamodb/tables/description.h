// The TableDescription of replies.
#pragma once

#include <optional>
#include <string>

#include "engines/table/engine.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

// Microseconds as the service writes times: seconds with a fraction.
void write_time(std::string& out, std::int64_t time_us);

// Appends the object. `status` is what the reply says of the table; `index_status` the same for the
// global index of that name, or all of them, e.g. CREATING while a table is made. An index that is
// being filled shows so itself.
void write_table_description(std::string& out, const table::TableDescription& description,
                             std::string_view status, std::string_view index_status = "ACTIVE",
                             std::string_view index_name = {});

// The table as it is now, for these. Throws Error when it is gone.
table::TableDescription describe_table(const Request& request, const table::OpenTable& table);

// What DeleteTable answers: the same without schema and indexes.
void write_deleted_table(std::string& out, const table::TableDescription& description);

}  // namespace bodega::dynamodb
