// CreateTable, DescribeTable, ListTables, DeleteTable; UpdateTable has a file of its own.
//
// The engine's tables are ready at once. Replies still begin with CREATING, UPDATING and DELETING,
// as programs that wait for the change expect.
#include <array>

#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/tables/description.h"
#include "protocol/dynamodb/tables/parameters.h"
#include "protocol/dynamodb/tables/shapes.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

constexpr std::size_t kDefaultListLimit = 100;
constexpr std::size_t kMaxTables = 2500;

void check_unique_names(const std::vector<table::Index>& indexes) {
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (indexes[i].name == indexes[j].name) {
        throw invalid_parameter("Duplicate index name: " + indexes[i].name);
      }
    }
  }
}

void check_projected(const std::vector<table::Index>& indexes) {
  std::size_t count = 0;
  for (const auto& index : indexes) count += index.projection.non_key_attributes.size();
  if (count > kMaxProjectedAttributes) {
    throw invalid_parameter(
        "Number of NonKeyAttributes for all indexes exceeds per-table limit of 100");
  }
}

void read_local_indexes(json::Node list, table::Table& table) {
  if (!list.present()) return;
  if (list.size() == 0) throw invalid_parameter("List of LocalSecondaryIndexes is empty");
  if (!table.keys.has_range()) {
    throw invalid_parameter(
        "Table KeySchema does not have a range key, which is required when specifying a "
        "LocalSecondaryIndex");
  }
  for (json::Node node = list.first(); node.exists(); node = node.next()) {
    table::Index index =
        read_index(node, table::IndexKind::kLocal, table.settings.attribute_definitions);
    if (!index.keys.has_range()) {
      throw invalid_parameter("Index KeySchema does not have a range key for index: " + index.name);
    }
    const std::string& own = index.keys.hash.front().name;
    const std::string& tables = table.keys.hash.front().name;
    if (own != tables) {
      throw invalid_parameter(
          "Index KeySchema does not have the same leading hash key as table KeySchema for index: " +
          index.name + ". index hash key: " + own + ", table hash key: " + tables);
    }
    table.indexes.push_back(std::move(index));
    check_unique_names(table.indexes);
  }
  if (table.indexes.size() > kMaxLocalIndexes) {
    throw invalid_parameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
  }
}

void check_index_throughput(json::Node node, std::string_view index, table::BillingMode mode) {
  const bool given = has_member(node, "ProvisionedThroughput");
  if (mode == table::BillingMode::kPayPerRequest && given) {
    throw invalid_parameter("ProvisionedThroughput should not be specified for index: " +
                            std::string(index) + " when BillingMode is PAY_PER_REQUEST");
  }
  if (mode == table::BillingMode::kProvisioned && !given) {
    throw invalid_parameter("ProvisionedThroughput is not specified for index: " +
                            std::string(index));
  }
}

void read_global_indexes(json::Node list, table::Table& table) {
  if (!list.present()) return;
  if (list.size() == 0) throw invalid_parameter("List of GlobalSecondaryIndexes is empty");
  std::size_t count = 0;
  for (json::Node node = list.first(); node.exists(); node = node.next()) {
    table::Index index =
        read_index(node, table::IndexKind::kGlobal, table.settings.attribute_definitions);
    check_index_throughput(node, index.name, table.settings.billing_mode);
    table.indexes.push_back(std::move(index));
    check_unique_names(table.indexes);
    ++count;
  }
  if (count > kMaxGlobalIndexes) {
    throw invalid_parameter("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }
}

std::string create_table(const Request& request) {
  const json::Node node = request.body;
  refuse_unimplemented(node);
  table::Table table;
  table.name = resolve_table_name(request.caller, string_or(node, "TableName", ""));
  table::TableSettings& settings = table.settings;
  if (string_or(node, "BillingMode", "PROVISIONED") == "PAY_PER_REQUEST") {
    settings.billing_mode = table::BillingMode::kPayPerRequest;
    settings.pay_per_request_since_us = request.clock.now_us();
  }
  check_throughput(node, settings.billing_mode);
  settings.throughput = read_throughput(node.find("ProvisionedThroughput"));
  settings.attribute_definitions = read_attribute_definitions(node.find("AttributeDefinitions"));
  table.keys =
      read_key_schema(node.find("KeySchema"), settings.attribute_definitions, KeyOf::kTable);
  read_local_indexes(node.find("LocalSecondaryIndexes"), table);
  read_global_indexes(node.find("GlobalSecondaryIndexes"), table);
  check_projected(table.indexes);
  check_definitions_used(table);
  settings.on_demand = read_on_demand(node.find("OnDemandThroughput"));
  settings.warm = read_warm(node.find("WarmThroughput"));
  if (string_or(node, "TableClass", "STANDARD") == "STANDARD_INFREQUENT_ACCESS") {
    settings.table_class = table::TableClass::kStandardInfrequentAccess;
  }
  settings.deletion_protection = flag_member(node, "DeletionProtectionEnabled");
  read_stream(node.find("StreamSpecification"), settings.stream, request.clock.now_us(),
              TableChange::kCreate, table.name.name);
  read_encryption(node.find("SSESpecification"), settings.encryption);
  read_tags(node.find("Tags"), settings.tags);

  if (request.engine.table_count() >= kMaxTables) {
    throw Error{Code::kLimitExceededException,
                "Subscriber limit exceeded: Number of tables exceeds the limit of 2500"};
  }
  const std::string name = table.name.name;
  const auto created = request.engine.create_table(std::move(table));
  if (!created) {
    throw Error{Code::kResourceInUseException, "Table already exists: " + name};
  }
  std::string out;
  json::Object reply(out);
  write_table_description(reply.name("TableDescription"), describe_table(request, *created),
                          "CREATING", "CREATING");
  reply.close();
  return out;
}

std::string describe(const Request& request) {
  std::string out;
  json::Object reply(out);
  write_table_description(reply.name("Table"), describe_table(request, open_named_table(request)),
                          "ACTIVE");
  reply.close();
  return out;
}

std::string list_tables(const Request& request) {
  const json::Node node = request.body;
  const auto limit = integer_member(node, "Limit");
  const auto [names, more] = request.engine.list_tables(
      request.caller.account, request.caller.region, string_or(node, "ExclusiveStartTableName", ""),
      limit ? static_cast<std::size_t>(*limit) : kDefaultListLimit);
  std::string out;
  json::Object reply(out);
  {
    json::Array list(reply.name("TableNames"));
    for (const std::string& name : names) json::write_string(list.next(), name);
  }
  if (more && !names.empty()) reply.string("LastEvaluatedTableName", names.back());
  reply.close();
  return out;
}

std::string delete_table(const Request& request) {
  const table::OpenTable table = open_named_table(request);
  if (is_filling(*table)) {
    throw Error{Code::kResourceInUseException,
                "Attempt to change a resource which is still in use: Cannot delete table while "
                "indexes are being created, updated, or deleted."};
  }
  const auto deleted = request.engine.delete_table(table);
  if (!deleted) {
    if (deleted.error() == table::Outcome::kDeletionProtected) {
      throw validation(
          "Resource cannot be deleted as it is currently protected against deletion. Disable "
          "deletion protection first.");
    }
    throw no_such_table(table->name.name);
  }
  std::string out;
  json::Object reply(out);
  write_deleted_table(reply.name("TableDescription"), *deleted);
  reply.close();
  return out;
}

constexpr std::array<Operation, 4> kOperations{{
    {"CreateTable", &shapes::kCreateTableInput, create_table},
    {"DescribeTable", &shapes::kDescribeTableInput, describe},
    {"ListTables", &shapes::kListTablesInput, list_tables},
    {"DeleteTable", &shapes::kDeleteTableInput, delete_table},
}};

}  // namespace

std::span<const Operation> table_operations() { return kOperations; }

}  // namespace bodega::dynamodb
