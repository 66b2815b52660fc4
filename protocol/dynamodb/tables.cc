// CreateTable, DescribeTable, ListTables, UpdateTable, DeleteTable.
//
// The engine's tables are ready at once. Replies still begin with CREATING, UPDATING and DELETING,
// as programs that wait for the change expect.
#include <algorithm>
#include <array>

#include "protocol/dynamodb/error.h"
#include "protocol/dynamodb/operation.h"
#include "protocol/dynamodb/table_description.h"
#include "protocol/dynamodb/table_parameters.h"

namespace bodega::dynamodb {

namespace {

constexpr std::size_t kDefaultListLimit = 100;
constexpr std::size_t kMaxTables = 2500;
constexpr std::size_t kBackfillSlice = 1000;

Error no_such_table(std::string_view name) {
  return {Code::kResourceNotFoundException,
          "Requested resource not found: Table: " + std::string(name) + " not found"};
}

table::OpenTable open_named(const Request& request) {
  const std::string_view given = string_or(request.body, "TableName", "");
  const table::TableName name = resolve_table_name(request.caller, given);
  auto opened = request.engine.open_table(name.account, name.region, name.name);
  if (!opened) throw no_such_table(name.name);
  return *std::move(opened);
}

table::TableDescription describe(const Request& request, const table::OpenTable& table) {
  auto description = request.engine.describe_table(table);
  if (!description) throw no_such_table(table->name.name);
  return *std::move(description);
}

// Replicas in other regions and policies are not there yet, and saying otherwise would be a lie.
void refuse_unimplemented(json::Node node) {
  for (const std::string_view member :
       {"ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates",
        "GlobalTableSettingsReplicationMode", "GlobalTableSourceArn", "ResourcePolicy"}) {
    if (has_member(node, member)) {
      throw Error{Code::kNotImplementedException,
                  "The parameter " + std::string(member) + " is not implemented"};
    }
  }
}

void check_throughput(json::Node node, table::BillingMode mode) {
  const json::Node throughput = node.find("ProvisionedThroughput");
  if (mode == table::BillingMode::kPayPerRequest) {
    if (throughput.present()) {
      throw invalid_parameter(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
          "PAY_PER_REQUEST");
    }
    return;
  }
  if (!throughput.present()) {
    throw invalid_parameter(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
        "PROVISIONED");
  }
}

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
    throw invalid_parameter("ProvisionedThroughput must be specified for index: " +
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
              table.name.name);
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
  write_table_description(reply.name("TableDescription"), describe(request, *created), "CREATING",
                          "CREATING");
  reply.close();
  return out;
}

std::string describe_table(const Request& request) {
  std::string out;
  json::Object reply(out);
  write_table_description(reply.name("Table"), describe(request, open_named(request)), "ACTIVE");
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
  const table::OpenTable table = open_named(request);
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

// --- UpdateTable ---

// One element of GlobalSecondaryIndexUpdates.
struct IndexUpdate {
  json::Node create;
  json::Node update;
  json::Node remove;
  std::string_view name;
};

std::vector<IndexUpdate> read_index_updates(json::Node list) {
  std::vector<IndexUpdate> updates;
  if (!list.present()) return updates;
  for (json::Node node = list.first(); node.exists(); node = node.next()) {
    IndexUpdate one{node.find("Create"), node.find("Update"), node.find("Delete"), {}};
    const json::Node action = one.create.present()   ? one.create
                              : one.update.present() ? one.update
                                                     : one.remove;
    if (!action.present()) {
      throw invalid_parameter(
          "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
          "GlobalSecondaryIndexUpdate.Delete must not be null");
    }
    one.name = string_or(action, "IndexName", "");
    for (const IndexUpdate& other : updates) {
      if (other.name == one.name) {
        throw invalid_parameter(
            "Only one global secondary index update per index is allowed simultaneously. Index: " +
            std::string(one.name));
      }
    }
    updates.push_back(one);
  }
  return updates;
}

[[noreturn]] void unchanged_throughput(const table::Throughput& now,
                                       const table::Throughput& wanted) {
  throw validation(
      "The provisioned throughput for the table will not change. The requested value equals the "
      "current value. Current ReadCapacityUnits provisioned for the table: " +
      std::to_string(now.read_units) +
      ". Requested ReadCapacityUnits: " + std::to_string(wanted.read_units) +
      ". Current WriteCapacityUnits provisioned for the table: " + std::to_string(now.write_units) +
      ". Requested WriteCapacityUnits: " + std::to_string(wanted.write_units) +
      ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "
      "limits.");
}

void change_throughput(table::Throughput& now, const table::Throughput& wanted,
                       std::int64_t now_us) {
  const bool up = wanted.read_units > now.read_units || wanted.write_units > now.write_units;
  const bool down = wanted.read_units < now.read_units || wanted.write_units < now.write_units;
  if (up) now.last_increase_us = now_us;
  if (down) {
    now.last_decrease_us = now_us;
    ++now.decreases_today;
  }
  now.read_units = wanted.read_units;
  now.write_units = wanted.write_units;
}

void change_billing(json::Node node, table::TableSettings& settings,
                    std::vector<table::Index>& indexes, std::int64_t now_us) {
  const json::Node throughput = node.find("ProvisionedThroughput");
  const auto mode = string_member(node, "BillingMode");
  const table::BillingMode before = settings.billing_mode;
  if (mode == "PAY_PER_REQUEST") settings.billing_mode = table::BillingMode::kPayPerRequest;
  if (mode == "PROVISIONED") settings.billing_mode = table::BillingMode::kProvisioned;
  const bool on_demand = settings.billing_mode == table::BillingMode::kPayPerRequest;
  if (throughput.present() && on_demand) check_throughput(node, settings.billing_mode);
  if (on_demand) {
    if (before == table::BillingMode::kProvisioned) {
      settings.pay_per_request_since_us = now_us;
      settings.throughput = {};
      for (table::Index& index : indexes) index.throughput = {};
    }
    return;
  }
  if (!throughput.present()) return;
  const table::Throughput wanted = read_throughput(throughput);
  if (before == table::BillingMode::kProvisioned &&
      wanted.read_units == settings.throughput.read_units &&
      wanted.write_units == settings.throughput.write_units) {
    unchanged_throughput(settings.throughput, wanted);
  }
  change_throughput(settings.throughput, wanted, now_us);
}

void change_index(const IndexUpdate& update, std::vector<table::Index>& indexes,
                  std::int64_t now_us) {
  if (!update.update.present()) return;
  for (table::Index& index : indexes) {
    if (index.name != update.name || index.kind != table::IndexKind::kGlobal) continue;
    if (const json::Node throughput = update.update.find("ProvisionedThroughput");
        throughput.present()) {
      change_throughput(index.throughput, read_throughput(throughput), now_us);
    }
    if (has_member(update.update, "OnDemandThroughput")) {
      index.on_demand = read_on_demand(update.update.find("OnDemandThroughput"));
    }
    if (has_member(update.update, "WarmThroughput")) {
      index.warm = read_warm(update.update.find("WarmThroughput"));
    }
    return;
  }
  throw Error{Code::kResourceNotFoundException, "Requested resource not found"};
}

// New attribute definitions join the old ones; a name keeps its type.
void add_definitions(json::Node node, std::vector<table::KeyAttribute>& definitions) {
  for (table::KeyAttribute& given : read_attribute_definitions(node)) {
    const auto found = std::find_if(definitions.begin(), definitions.end(),
                                    [&](const auto& one) { return one.name == given.name; });
    if (found == definitions.end()) {
      definitions.push_back(std::move(given));
    } else if (found->type != given.type) {
      throw invalid_parameter(
          "Attributes cannot be redefined. Please check that your attribute "
          "has the same type as previously defined. Existing schema: " +
          found->name);
    }
  }
}

void drop_unused_definitions(const table::Table& table, table::TableSettings& settings,
                             const std::vector<table::Index>& indexes) {
  std::erase_if(settings.attribute_definitions, [&](const table::KeyAttribute& definition) {
    return !table.keys.contains(definition.name) &&
           std::none_of(indexes.begin(), indexes.end(), [&](const table::Index& index) {
             return index.keys.contains(definition.name);
           });
  });
}

void check_something_to_do(json::Node node) {
  constexpr std::array<std::string_view, 12> kKinds{"ProvisionedThroughput",
                                                    "BillingMode",
                                                    "StreamSpecification",
                                                    "SSESpecification",
                                                    "ReplicaUpdates",
                                                    "TableClass",
                                                    "DeletionProtectionEnabled",
                                                    "OnDemandThroughput",
                                                    "WarmThroughput",
                                                    "MultiRegionConsistency",
                                                    "GlobalTableWitnessUpdates",
                                                    "GlobalTableSettingsReplicationMode"};
  const json::Node indexes = node.find("GlobalSecondaryIndexUpdates");
  if (indexes.present() && indexes.size() > 0) return;
  for (const std::string_view kind : kKinds) {
    if (has_member(node, kind)) return;
  }
  throw validation(
      "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
      "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required");
}

void check_can_create(const table::Table& table, const IndexUpdate& update) {
  if (table.find_index(update.name) != nullptr) {
    throw validation("Attempting to create an index which already exists");
  }
  const auto globals = std::count_if(
      table.indexes.begin(), table.indexes.end(),
      [](const table::Index& index) { return index.kind == table::IndexKind::kGlobal; });
  if (static_cast<std::size_t>(globals) >= kMaxGlobalIndexes) {
    throw Error{Code::kLimitExceededException,
                "Subscriber limit exceeded: Number of GlobalSecondaryIndexes exceeds per-table "
                "limit of 20"};
  }
}

table::OpenTable create_index(const Request& request, const table::OpenTable& table,
                              const IndexUpdate& update) {
  auto added = request.engine.add_index(table, read_index(update.create, table::IndexKind::kGlobal,
                                                          table->settings.attribute_definitions));
  if (!added) throw no_such_table(table->name.name);
  return *std::move(added);
}

std::string update_table(const Request& request) {
  const json::Node node = request.body;
  check_something_to_do(node);
  refuse_unimplemented(node);
  if (string_or(node, "BillingMode", "") == "PROVISIONED" &&
      !has_member(node, "ProvisionedThroughput")) {
    throw invalid_parameter(
        "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  const auto updates = read_index_updates(node.find("GlobalSecondaryIndexUpdates"));
  const auto online = std::count_if(updates.begin(), updates.end(), [](const IndexUpdate& one) {
    return one.create.present() || one.remove.present();
  });
  if (online > 1) {
    throw Error{Code::kLimitExceededException,
                "Subscriber limit exceeded: Only 1 online index can be created or deleted "
                "simultaneously per table"};
  }
  table::OpenTable table = open_named(request);
  const std::int64_t now_us = request.clock.now_us();
  for (const IndexUpdate& update : updates) {
    const table::Index* index = table->find_index(update.name);
    const bool known = index != nullptr && index->kind == table::IndexKind::kGlobal;
    if (update.create.present()) {
      check_can_create(*table, update);
    } else if (!known) {
      throw table_not_found();
    }
  }
  const auto changed = request.engine.change_settings(
      table, [&](table::TableSettings& settings, std::vector<table::Index>& indexes) {
        change_billing(node, settings, indexes, now_us);
        for (const IndexUpdate& update : updates) {
          change_index(update, indexes, now_us);
          if (!update.create.present()) continue;
          add_definitions(node.find("AttributeDefinitions"), settings.attribute_definitions);
          // Refuses a bad index before anything has changed.
          read_index(update.create, table::IndexKind::kGlobal, settings.attribute_definitions);
          check_index_throughput(update.create, update.name, settings.billing_mode);
        }
        read_stream(node.find("StreamSpecification"), settings.stream, now_us, table->name.name);
        read_encryption(node.find("SSESpecification"), settings.encryption);
        if (const json::Node flag = node.find("DeletionProtectionEnabled"); flag.present()) {
          settings.deletion_protection = read_boolean(flag).value_or(false);
        }
        if (const auto name = string_member(node, "TableClass")) {
          settings.table_class = *name == "STANDARD" ? table::TableClass::kStandard
                                                     : table::TableClass::kStandardInfrequentAccess;
          settings.table_class_changed_us = now_us;
        }
        if (has_member(node, "OnDemandThroughput")) {
          settings.on_demand = read_on_demand(node.find("OnDemandThroughput"));
        }
        if (has_member(node, "WarmThroughput")) {
          settings.warm = read_warm(node.find("WarmThroughput"));
        }
      });
  if (!changed) throw no_such_table(table->name.name);
  table = *changed;
  // What the reply shows of an index that goes away is how it was.
  std::string out;
  json::Object reply(out);
  bool shown = false;
  for (const IndexUpdate& update : updates) {
    if (update.create.present()) {
      table = create_index(request, table, update);
      write_table_description(reply.name("TableDescription"), describe(request, table), "UPDATING");
      shown = true;
      while (request.engine.backfill(table, kBackfillSlice)) {
      }
    } else if (update.remove.present()) {
      write_table_description(reply.name("TableDescription"), describe(request, table), "UPDATING",
                              "DELETING");
      shown = true;
      const auto removed = request.engine.remove_index(table, update.name);
      if (!removed) throw table_not_found();
      table = *removed;
      const auto tidied = request.engine.change_settings(
          table, [&](table::TableSettings& settings, std::vector<table::Index>& indexes) {
            drop_unused_definitions(*table, settings, indexes);
          });
      if (tidied) table = *tidied;
    }
  }
  if (!shown) {
    write_table_description(reply.name("TableDescription"), describe(request, table), "UPDATING");
  }
  reply.close();
  return out;
}

// --- What requests look like ---

using namespace shapes;
using enum Presence;
using Type = Shape::Type;

// Table operations want three characters; the data operations only one.
constexpr Shape kLongTableName{.type = Type::kString,
                               .min_length = 3,
                               .max_length = 255,
                               .name_pattern = true,
                               .table_name = true};
constexpr Shape kStartTableName{
    .type = Type::kString, .min_length = 3, .max_length = 255, .name_pattern = true};
constexpr Shape kListLimit{.type = Type::kInteger, .min_value = 1, .max_value = 100};
constexpr Shape kAttributeType{.type = Type::kString, .values = "B, N, S"};
constexpr Shape kKeyType{.type = Type::kString, .values = "HASH, RANGE"};
constexpr Shape kBillingMode{.type = Type::kString, .values = "PROVISIONED, PAY_PER_REQUEST"};
constexpr Shape kTableClass{.type = Type::kString,
                            .values = "STANDARD, STANDARD_INFREQUENT_ACCESS"};
constexpr Shape kProjectionType{.type = Type::kString, .values = "ALL, INCLUDE, KEYS_ONLY"};
constexpr Shape kStreamViewType{.type = Type::kString,
                                .values = "NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY"};
constexpr Shape kSseType{.type = Type::kString, .values = "AES256, KMS"};
constexpr Shape kUnits{.type = Type::kLong, .min_value = 1};
constexpr Shape kAnyLong{.type = Type::kLong};

constexpr Member kDefinitionMembers[] = {
    {"AttributeName", &kAnyString, kNotNull},
    {"AttributeType", &kAttributeType, kNotNull},
};
constexpr Shape kDefinition{
    .type = Type::kStructure, .name = "AttributeDefinition", .members = kDefinitionMembers};
constexpr Shape kDefinitions{.type = Type::kList, .element = &kDefinition};
constexpr Member kThroughputMembers[] = {
    {"WriteCapacityUnits", &kUnits, kNotNull},
    {"ReadCapacityUnits", &kUnits, kNotNull},
};
constexpr Shape kThroughput{
    .type = Type::kStructure, .name = "ProvisionedThroughput", .members = kThroughputMembers};
constexpr Member kKeyMembers[] = {
    {"AttributeName", &kAnyString, kNotNull},
    {"KeyType", &kKeyType, kNotNull},
};
constexpr Shape kKeyElement{
    .type = Type::kStructure, .name = "KeySchemaElement", .members = kKeyMembers};
constexpr Shape kKeySchema{
    .type = Type::kList, .element = &kKeyElement, .min_length = 1, .max_length = 2};
constexpr Shape kGlobalKeySchema{
    .type = Type::kList, .element = &kKeyElement, .min_length = 1, .max_length = 8};
constexpr Shape kNonKeyAttributes{
    .type = Type::kList, .element = &kAnyString, .min_length = 1, .max_length = 20};
constexpr Member kProjectionMembers[] = {
    {"ProjectionType", &kProjectionType},
    {"NonKeyAttributes", &kNonKeyAttributes},
};
constexpr Shape kProjection{
    .type = Type::kStructure, .name = "Projection", .members = kProjectionMembers};
constexpr Member kOnDemandMembers[] = {
    {"MaxReadRequestUnits", &kAnyLong},
    {"MaxWriteRequestUnits", &kAnyLong},
};
constexpr Shape kOnDemand{
    .type = Type::kStructure, .name = "OnDemandThroughput", .members = kOnDemandMembers};
constexpr Member kWarmMembers[] = {
    {"ReadUnitsPerSecond", &kAnyLong},
    {"WriteUnitsPerSecond", &kAnyLong},
};
constexpr Shape kWarm{.type = Type::kStructure, .name = "WarmThroughput", .members = kWarmMembers};
constexpr Member kLocalMembers[] = {
    {"IndexName", &kIndexName, kNotNull},
    {"KeySchema", &kKeySchema, kNotNull},
    {"Projection", &kProjection, kNotNull},
};
constexpr Shape kLocal{
    .type = Type::kStructure, .name = "LocalSecondaryIndex", .members = kLocalMembers};
constexpr Shape kLocals{.type = Type::kList, .element = &kLocal};
constexpr Member kGlobalMembers[] = {
    {"IndexName", &kIndexName, kNotNull},   {"KeySchema", &kGlobalKeySchema, kNotNull},
    {"Projection", &kProjection, kNotNull}, {"ProvisionedThroughput", &kThroughput},
    {"OnDemandThroughput", &kOnDemand},     {"WarmThroughput", &kWarm},
};
constexpr Shape kGlobal{
    .type = Type::kStructure, .name = "GlobalSecondaryIndex", .members = kGlobalMembers};
constexpr Shape kGlobals{.type = Type::kList, .element = &kGlobal};
constexpr Member kStreamMembers[] = {
    {"StreamEnabled", &kFlag, kNotNull},
    {"StreamViewType", &kStreamViewType},
};
constexpr Shape kStream{
    .type = Type::kStructure, .name = "StreamSpecification", .members = kStreamMembers};
constexpr Member kSseMembers[] = {
    {"Enabled", &kFlag},
    {"SSEType", &kSseType},
    {"KMSMasterKeyId", &kAnyString},
};
constexpr Shape kSse{.type = Type::kStructure, .name = "SSESpecification", .members = kSseMembers};
constexpr Shape kTagKey{.type = Type::kString, .min_length = 1};
constexpr Member kTagMembers[] = {
    {"Key", &kTagKey, kNotNull},
    {"Value", &kAnyString, kNotNull},
};
constexpr Shape kTag{.type = Type::kStructure, .name = "Tag", .members = kTagMembers};
constexpr Shape kTags{.type = Type::kList, .element = &kTag};

constexpr Member kCreateMembers[] = {
    {"AttributeDefinitions", &kDefinitions, kNotNull},
    {"TableName", &kLongTableName, kRequired},
    {"BillingMode", &kBillingMode},
    {"ProvisionedThroughput", &kThroughput},
    {"KeySchema", &kKeySchema, kNotNull},
    {"LocalSecondaryIndexes", &kLocals},
    {"GlobalSecondaryIndexes", &kGlobals},
    {"StreamSpecification", &kStream},
    {"SSESpecification", &kSse},
    {"Tags", &kTags},
    {"TableClass", &kTableClass},
    {"DeletionProtectionEnabled", &kFlag},
    {"OnDemandThroughput", &kOnDemand},
    {"WarmThroughput", &kWarm},
};
constexpr Member kNameMembers[] = {{"TableName", &kLongTableName, kRequired}};
constexpr Member kListMembers[] = {
    {"Limit", &kListLimit},
    {"ExclusiveStartTableName", &kStartTableName},
};
constexpr Member kUpdateIndexMembers[] = {
    {"IndexName", &kIndexName, kNotNull},
    {"ProvisionedThroughput", &kThroughput},
    {"OnDemandThroughput", &kOnDemand},
    {"WarmThroughput", &kWarm},
};
constexpr Shape kUpdateIndex{.type = Type::kStructure,
                             .name = "UpdateGlobalSecondaryIndexAction",
                             .members = kUpdateIndexMembers};
constexpr Shape kCreateIndex{.type = Type::kStructure,
                             .name = "CreateGlobalSecondaryIndexAction",
                             .members = kGlobalMembers};
constexpr Member kDeleteIndexMembers[] = {{"IndexName", &kIndexName, kNotNull}};
constexpr Shape kDeleteIndex{.type = Type::kStructure,
                             .name = "DeleteGlobalSecondaryIndexAction",
                             .members = kDeleteIndexMembers};
constexpr Member kIndexUpdateMembers[] = {
    {"Update", &kUpdateIndex},
    {"Create", &kCreateIndex},
    {"Delete", &kDeleteIndex},
};
constexpr Shape kIndexUpdate{
    .type = Type::kStructure, .name = "GlobalSecondaryIndexUpdate", .members = kIndexUpdateMembers};
constexpr Shape kIndexUpdates{.type = Type::kList, .element = &kIndexUpdate};
constexpr Member kUpdateMembers[] = {
    {"TableName", &kLongTableName, kRequired},
    {"AttributeDefinitions", &kDefinitions},
    {"ProvisionedThroughput", &kThroughput},
    {"BillingMode", &kBillingMode},
    {"GlobalSecondaryIndexUpdates", &kIndexUpdates},
    {"StreamSpecification", &kStream},
    {"SSESpecification", &kSse},
    {"TableClass", &kTableClass},
    {"DeletionProtectionEnabled", &kFlag},
    {"OnDemandThroughput", &kOnDemand},
    {"WarmThroughput", &kWarm},
};

constexpr Shape kCreateInput{
    .type = Type::kStructure, .name = "CreateTableInput", .members = kCreateMembers};
constexpr Shape kDescribeInput{
    .type = Type::kStructure, .name = "DescribeTableInput", .members = kNameMembers};
constexpr Shape kDeleteInput{
    .type = Type::kStructure, .name = "DeleteTableInput", .members = kNameMembers};
constexpr Shape kListInput{
    .type = Type::kStructure, .name = "ListTablesInput", .members = kListMembers};
constexpr Shape kUpdateInput{
    .type = Type::kStructure, .name = "UpdateTableInput", .members = kUpdateMembers};

constexpr std::array<Operation, 5> kOperations{{
    {"CreateTable", &kCreateInput, create_table},
    {"DescribeTable", &kDescribeInput, describe_table},
    {"ListTables", &kListInput, list_tables},
    {"UpdateTable", &kUpdateInput, update_table},
    {"DeleteTable", &kDeleteInput, delete_table},
}};

}  // namespace

std::span<const Operation> table_operations() { return kOperations; }

}  // namespace bodega::dynamodb
