// UpdateTable: one concern a request. A new index begins in status CREATING; a small table's is
// filled when the reply goes out, a large one's shows CREATING and Backfilling until it is.
#include <algorithm>
#include <array>
#include <optional>

#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/tables/description.h"
#include "protocol/dynamodb/tables/parameters.h"
#include "protocol/dynamodb/tables/shapes.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

// --- What goes with what ---

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
  const bool any_index = indexes.present() && indexes.size() > 0;
  const bool any = std::any_of(kKinds.begin(), kKinds.end(),
                               [&](std::string_view kind) { return has_member(node, kind); });
  if (!any && !any_index) {
    throw validation(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
        "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "
        "ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, "
        "OnDemandThroughput, WarmThroughput or TableClass is required");
  }
  if (indexes.present() && !any_index) {
    throw invalid_parameter("List of GlobalSecondaryIndexUpdates is empty");
  }
}

// Changes that the service makes one at a time.
void check_alone(json::Node node) {
  constexpr std::array<std::string_view, 9> kKinds{
      "ProvisionedThroughput",       "BillingMode",      "StreamSpecification",
      "GlobalSecondaryIndexUpdates", "SSESpecification", "TableClass",
      "OnDemandThroughput",          "WarmThroughput",   "DeletionProtectionEnabled"};
  struct Alone {
    std::string_view kind;
    std::string_view refusal;
  };
  constexpr std::array<Alone, 4> kAlone{{
      {"SSESpecification",
       "Server-Side Encryption modification must be the only operation in the request"},
      {"TableClass", "TableClass modification must be the only operation in the request"},
      {"DeletionProtectionEnabled",
       "DeletionProtection modification must be the only operation in the request"},
      {"WarmThroughput", "WarmThroughput must be the only operation in the request"},
  }};
  const auto count = std::count_if(kKinds.begin(), kKinds.end(),
                                   [&](std::string_view kind) { return has_member(node, kind); });
  if (count < 2) return;
  for (const Alone& alone : kAlone) {
    if (has_member(node, alone.kind)) throw invalid_parameter(alone.refusal);
  }
  if (has_member(node, "OnDemandThroughput") && (count > 2 || !has_member(node, "BillingMode"))) {
    throw invalid_parameter(
        "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
  }
}

// --- Indexes ---

// One element of GlobalSecondaryIndexUpdates.
struct IndexUpdate {
  json::Node create;
  json::Node update;
  json::Node remove;
  std::string_view name;

  bool is_online() const { return create.present() || remove.present(); }
};

std::vector<IndexUpdate> read_index_updates(json::Node list) {
  std::vector<IndexUpdate> updates;
  if (!list.present()) return updates;
  for (json::Node node = list.first(); node.exists(); node = node.next()) {
    IndexUpdate one{node.find("Create"), node.find("Update"), node.find("Delete"), {}};
    const int actions = one.create.present() + one.update.present() + one.remove.present();
    if (actions == 0) {
      throw invalid_parameter(
          "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
          "GlobalSecondaryIndexUpdate.Delete must not be null");
    }
    if (actions > 1) {
      throw invalid_parameter(
          "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate "
          "object");
    }
    const json::Node action = one.create.present()   ? one.create
                              : one.update.present() ? one.update
                                                     : one.remove;
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

[[noreturn]] void one_online_index() {
  throw Error{Code::kLimitExceededException,
              "Subscriber limit exceeded: Only 1 online index can be created or deleted "
              "simultaneously per table"};
}

// What the table is does not matter here.
void check_online(json::Node node, const std::vector<IndexUpdate>& updates) {
  const auto online = std::count_if(updates.begin(), updates.end(),
                                    [](const IndexUpdate& one) { return one.is_online(); });
  if (online > 1) one_online_index();
  if (has_member(node, "StreamSpecification") && has_member(node, "ProvisionedThroughput")) {
    throw invalid_parameter("You cannot modify stream status while updating table IOPS");
  }
  if (online == 0) return;
  if (has_member(node, "ProvisionedThroughput")) {
    throw invalid_parameter("You cannot create or delete index while updating table IOPS");
  }
  if (has_member(node, "StreamSpecification")) {
    throw invalid_parameter("You cannot create or delete index while changing stream status");
  }
}

void check_can_create(const table::Table& table, std::string_view name) {
  if (table.find_index(name) != nullptr) {
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

// The index exists and is global; while one is being filled only that one may be deleted.
void check_target(const table::Table& table, const IndexUpdate& update) {
  const table::Index* filling = nullptr;
  for (const table::Index& index : table.indexes) {
    if (index.status == table::IndexStatus::kCreating) filling = &index;
  }
  if (filling != nullptr && update.is_online() && filling->name != update.name) one_online_index();
  if (update.create.present()) {
    check_can_create(table, update.name);
    return;
  }
  const table::Index* index = table.find_index(update.name);
  if (index == nullptr) throw table_not_found();
  if (index->kind != table::IndexKind::kGlobal) {
    throw validation(std::string("Cannot ") + (update.remove.present() ? "delete" : "update") +
                     " an index that is not a GlobalSecondaryIndex: " + std::string(update.name));
  }
}

std::string printed_schema(const table::KeySchema& keys) {
  std::string out;
  const auto add = [&](const std::vector<table::KeyAttribute>& attributes, std::string_view kind) {
    for (const table::KeyAttribute& key : attributes) {
      if (!out.empty()) out += ", ";
      out += "SchemaElement: key{" + key.name + ":" + std::string(table::type_name(key.type)) +
             ":" + std::string(kind) + "}";
    }
  };
  add(keys.hash, "HASH");
  add(keys.range, "RANGE");
  return "Schema:[" + out + "]";
}

// A name keeps its type as long as it is part of any key.
void check_types_kept(const table::Table& table, const table::Index& added) {
  const auto compare = [&](const table::KeySchema& old) {
    for (const auto* part : {&old.hash, &old.range}) {
      for (const table::KeyAttribute& key : *part) {
        for (const auto* other_part : {&added.keys.hash, &added.keys.range}) {
          for (const table::KeyAttribute& other : *other_part) {
            if (other.name != key.name || other.type == key.type) continue;
            throw invalid_parameter(
                "Attributes cannot be redefined. Please check that your attribute has the same "
                "type as previously defined. Existing schema: " +
                printed_schema(old) + " New schema: " + printed_schema(added.keys));
          }
        }
      }
    }
  };
  compare(table.keys);
  for (const table::Index& index : table.indexes) compare(index.keys);
}

// The new index. The request's own definitions must name its keys, whatever the table has; others
// in that list are ignored.
table::Index read_new_index(json::Node node, const IndexUpdate& update, const table::Table& table) {
  const json::Node list = node.find("AttributeDefinitions");
  if (!list.present() || list.size() == 0) {
    throw invalid_parameter("AttributeDefinitions is not specified for index: " +
                            std::string(update.name));
  }
  table::Index index =
      read_index(update.create, table::IndexKind::kGlobal, read_attribute_definitions(list));
  check_types_kept(table, index);
  return index;
}

void add_definitions(const table::Index& index, std::vector<table::KeyAttribute>& definitions) {
  for (const auto* part : {&index.keys.hash, &index.keys.range}) {
    for (const table::KeyAttribute& key : *part) {
      if (std::find(definitions.begin(), definitions.end(), key) == definitions.end()) {
        definitions.push_back(key);
      }
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

// --- Throughput ---

// `what`: "the table", "the index NAME".
void check_changes(const table::Throughput& now, const table::Throughput& wanted,
                   const std::string& what) {
  if (wanted.read_units != now.read_units || wanted.write_units != now.write_units) return;
  throw validation(
      "The provisioned throughput for " + what +
      " will not change. The requested value equals the current value. Current ReadCapacityUnits "
      "provisioned for " +
      what + ": " + std::to_string(now.read_units) + ". Requested ReadCapacityUnits: " +
      std::to_string(wanted.read_units) + ". Current WriteCapacityUnits provisioned for " + what +
      ": " + std::to_string(now.write_units) +
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
  if (before != settings.billing_mode) {
    settings.on_demand = {};
    for (table::Index& index : indexes) index.on_demand = {};
  }
  if (on_demand) {
    if (throughput.present()) check_throughput(node, settings.billing_mode);
    if (before == table::BillingMode::kProvisioned) {
      settings.pay_per_request_since_us = now_us;
      settings.throughput = {};
      for (table::Index& index : indexes) index.throughput = {};
    }
    return;
  }
  if (!throughput.present()) return;
  const table::Throughput wanted = read_throughput(throughput);
  if (before == table::BillingMode::kProvisioned) {
    check_changes(settings.throughput, wanted, "the table");
  }
  change_throughput(settings.throughput, wanted, now_us);
}

void change_index(const IndexUpdate& update, const table::TableSettings& settings,
                  table::Index& index, std::int64_t now_us) {
  const json::Node action = update.update;
  if (const json::Node throughput = action.find("ProvisionedThroughput"); throughput.present()) {
    if (settings.billing_mode == table::BillingMode::kPayPerRequest) {
      throw invalid_parameter("The only Updates for index: " + index.name +
                              " when TableThroughputMode is PAY_PER_REQUEST can be to "
                              "OnDemandThroughput, WarmThroughput");
    }
    const table::Throughput wanted = read_throughput(throughput);
    check_changes(index.throughput, wanted, "the index " + index.name);
    change_throughput(index.throughput, wanted, now_us);
  }
  if (has_member(action, "OnDemandThroughput")) {
    index.on_demand = read_on_demand(action.find("OnDemandThroughput"));
  }
  if (has_member(action, "WarmThroughput")) {
    index.warm = read_warm(action.find("WarmThroughput"));
  }
}

// A table that changes to provisioned capacity needs some for each of its indexes.
void check_indexes_provisioned(const table::TableSettings& settings,
                               const std::vector<table::Index>& indexes) {
  if (settings.billing_mode != table::BillingMode::kProvisioned) return;
  for (const table::Index& index : indexes) {
    if (index.kind == table::IndexKind::kGlobal && index.throughput.read_units == 0) {
      throw invalid_parameter("ProvisionedThroughput must be specified for index: " + index.name);
    }
  }
}

void check_new_throughput(const IndexUpdate& update, table::BillingMode mode) {
  const bool given = has_member(update.create, "ProvisionedThroughput");
  if (mode == table::BillingMode::kPayPerRequest && given) {
    throw invalid_parameter(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: " +
        std::string(update.name) + " when BillingMode is PAY_PER_REQUEST");
  }
  if (mode == table::BillingMode::kProvisioned && !given) {
    throw invalid_parameter("ProvisionedThroughput must be specified for index: " +
                            std::string(update.name));
  }
}

void change_others(json::Node node, table::TableSettings& settings, std::int64_t now_us,
                   std::string_view table_name) {
  read_stream(node.find("StreamSpecification"), settings.stream, now_us, TableChange::kUpdate,
              table_name);
  if (const json::Node encryption = node.find("SSESpecification"); encryption.present()) {
    const bool was_default = !settings.encryption.enabled;
    read_encryption(encryption, settings.encryption);
    if (was_default && !settings.encryption.enabled) {
      throw invalid_parameter("Table is already encrypted by default");
    }
  }
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
}

// --- The operation ---

// All that UpdateTable does at once. The new index, if there is to be one, is `added`.
table::OpenTable change_settings(const Request& request, const table::OpenTable& table,
                                 const std::vector<IndexUpdate>& updates,
                                 const std::optional<table::Index>& added) {
  const std::int64_t now_us = request.clock.now_us();
  const auto changed = request.engine.change_settings(
      table, [&](table::TableSettings& settings, std::vector<table::Index>& indexes) {
        change_billing(request.body, settings, indexes, now_us);
        for (const IndexUpdate& update : updates) {
          if (update.create.present()) check_new_throughput(update, settings.billing_mode);
          if (!update.update.present()) continue;
          for (table::Index& index : indexes) {
            if (index.name == update.name) change_index(update, settings, index, now_us);
          }
        }
        check_indexes_provisioned(settings, indexes);
        if (added) add_definitions(*added, settings.attribute_definitions);
        change_others(request.body, settings, now_us, table->name.name);
      });
  if (!changed) throw no_such_table(table->name.name);
  return *changed;
}

void remove_index(const Request& request, const table::OpenTable& table, std::string_view name) {
  const auto removed = request.engine.remove_index(table, name);
  if (!removed) throw table_not_found();
  // A table that has gone meanwhile needs no tidying.
  static_cast<void>(request.engine.change_settings(
      *removed, [&](table::TableSettings& settings, std::vector<table::Index>& indexes) {
        drop_unused_definitions(**removed, settings, indexes);
      }));
}

std::string update_table(const Request& request) {
  const json::Node node = request.body;
  check_something_to_do(node);
  refuse_unimplemented(node);
  check_alone(node);
  if (string_or(node, "BillingMode", "") == "PROVISIONED" &&
      !has_member(node, "ProvisionedThroughput")) {
    throw invalid_parameter(
        "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  const auto updates = read_index_updates(node.find("GlobalSecondaryIndexUpdates"));
  check_online(node, updates);
  table::OpenTable table = open_named_table(request);
  std::optional<table::Index> added;
  std::string_view removed;
  for (const IndexUpdate& update : updates) {
    check_target(*table, update);
    if (update.create.present()) added = read_new_index(node, update, *table);
    if (update.remove.present()) removed = update.name;
  }
  const bool creates = added.has_value();
  table = change_settings(request, table, updates, added);
  if (creates) {
    auto created = request.engine.add_index(table, *std::move(added));
    if (!created) throw no_such_table(table->name.name);
    table = *std::move(created);
  }
  // The reply shows an index before it is filled, and one that goes away as it was.
  std::string out;
  json::Object reply(out);
  write_table_description(reply.name("TableDescription"), describe_table(request, table),
                          "UPDATING", removed.empty() ? "ACTIVE" : "DELETING", removed);
  reply.close();
  if (creates) request.engine.fill_indexes(table);
  if (!removed.empty()) remove_index(request, table, removed);
  return out;
}

constexpr std::array<Operation, 1> kOperations{{
    {"UpdateTable", &shapes::kUpdateTableInput, update_table},
}};

}  // namespace

std::span<const Operation> table_update_operations() { return kOperations; }

}  // namespace bodega::dynamodb
