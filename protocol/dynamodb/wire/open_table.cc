#include "protocol/dynamodb/wire/open_table.h"

#include "protocol/dynamodb/wire/error.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

table::OpenTable open_table(const Request& request, std::string_view given_name) {
  if (!given_name.starts_with("arn:")) {
    auto opened =
        request.engine.open_table(request.caller.account, request.caller.region, given_name);
    if (!opened) throw table_not_found();
    return *std::move(opened);
  }
  const table::TableName name = resolve_table_name(request.caller, given_name);
  auto opened = request.engine.open_table(name.account, name.region, name.name);
  if (!opened) throw table_not_found();
  return *std::move(opened);
}

table::OpenTable open_named_table(const Request& request) {
  const table::TableName name =
      resolve_table_name(request.caller, string_or(request.body, "TableName", ""));
  auto opened = request.engine.open_table(name.account, name.region, name.name);
  if (!opened) throw no_such_table(name.name);
  return *std::move(opened);
}

void change_settings(const Request& request, const table::OpenTable& table,
                     const table::Engine::ChangeSettings& change) {
  if (!request.engine.change_settings(table, change)) throw no_such_table(table->name.name);
}

}  // namespace bodega::dynamodb
