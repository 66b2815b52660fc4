// All of the API: the families, and the operations without a handler. Those answer 501 by
// name.
#include "protocol/dynamodb/operations.h"

#include <array>

namespace bodega::dynamodb {

namespace {

constexpr std::array<Operation, 34> kMissing{{
    {"BatchExecuteStatement", nullptr, nullptr},
    {"CreateBackup", nullptr, nullptr},
    {"CreateGlobalTable", nullptr, nullptr},
    {"DeleteBackup", nullptr, nullptr},
    {"DeleteResourcePolicy", nullptr, nullptr},
    {"DescribeBackup", nullptr, nullptr},
    {"DescribeContributorInsights", nullptr, nullptr},
    {"DescribeExport", nullptr, nullptr},
    {"DescribeGlobalTable", nullptr, nullptr},
    {"DescribeGlobalTableSettings", nullptr, nullptr},
    {"DescribeImport", nullptr, nullptr},
    {"DescribeKinesisStreamingDestination", nullptr, nullptr},
    {"DescribeTableReplicaAutoScaling", nullptr, nullptr},
    {"DisableKinesisStreamingDestination", nullptr, nullptr},
    {"EnableKinesisStreamingDestination", nullptr, nullptr},
    {"ExecuteStatement", nullptr, nullptr},
    {"ExecuteTransaction", nullptr, nullptr},
    {"ExportTableToPointInTime", nullptr, nullptr},
    {"GetResourcePolicy", nullptr, nullptr},
    {"ImportTable", nullptr, nullptr},
    {"ListBackups", nullptr, nullptr},
    {"ListContributorInsights", nullptr, nullptr},
    {"ListExports", nullptr, nullptr},
    {"ListGlobalTables", nullptr, nullptr},
    {"ListImports", nullptr, nullptr},
    {"PutResourcePolicy", nullptr, nullptr},
    {"RestoreTableFromBackup", nullptr, nullptr},
    {"RestoreTableToPointInTime", nullptr, nullptr},
    {"UpdateContinuousBackups", nullptr, nullptr},
    {"UpdateContributorInsights", nullptr, nullptr},
    {"UpdateGlobalTable", nullptr, nullptr},
    {"UpdateGlobalTableSettings", nullptr, nullptr},
    {"UpdateKinesisStreamingDestination", nullptr, nullptr},
    {"UpdateTableReplicaAutoScaling", nullptr, nullptr},
}};

}  // namespace

std::span<const Operation> missing_operations() { return kMissing; }

std::span<const std::span<const Operation>> operation_families() {
  static const std::array<std::span<const Operation>, 11> families{
      item_operations(),        read_operations(),         batch_operations(),
      transaction_operations(), table_operations(),        table_update_operations(),
      tag_operations(),         time_to_live_operations(), backup_operations(),
      account_operations(),     missing_operations(),
  };
  return families;
}

const Operation* find_operation(std::string_view name) {
  return aws::find_row(operation_families(), name);
}

}  // namespace bodega::dynamodb
