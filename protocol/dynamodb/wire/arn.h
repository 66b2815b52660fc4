// ARNs of tables and indexes: arn:aws:dynamodb:REGION:ACCOUNT:table/NAME[/index/INDEX].
#pragma once

#include <string>
#include <string_view>

#include "engines/table/model.h"
#include "protocol/aws/caller.h"

namespace bodega::dynamodb {

using aws::Caller;

// The ARN of a table, and of one of its indexes: …:table/NAME/index/INDEX.
std::string table_arn(const table::TableName& name);
std::string index_arn(const table::TableName& name, std::string_view index);

// What a TableName member means: a name in the caller's account and region, or an ARN, whose
// account and region count. Throws Error for an ARN that is none of a table.
table::TableName resolve_table_name(const Caller& caller, std::string_view given);

}  // namespace bodega::dynamodb
