// Backups and recovery: only what can be told of a table without any.
#include <array>

#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/tables/parameters.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

std::string describe_continuous_backups(const Request& request) {
  const std::string_view given = string_or(request.body, "TableName", "");
  const table::TableName name = resolve_table_name(request.caller, given);
  if (!request.engine.open_table(name.account, name.region, name.name)) {
    throw Error{Code::kTableNotFoundException, "Table not found: " + std::string(given)};
  }
  return R"({"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",)"
         R"("PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}})";
}

using namespace shapes;
using enum Presence;
using Type = Shape::Type;

constexpr Member kTableMembers[] = {{"TableName", &kTableName, kNotNull}};
constexpr Shape kTableInput{
    .type = Type::kStructure, .name = "DescribeContinuousBackupsInput", .members = kTableMembers};

constexpr std::array<Operation, 1> kOperations{{
    {"DescribeContinuousBackups", &kTableInput, describe_continuous_backups},
}};

}  // namespace

std::span<const Operation> backup_operations() { return kOperations; }

}  // namespace bodega::dynamodb
