#include "protocol/dynamodb/tables/description.h"

#include <algorithm>

#include "protocol/dynamodb/wire/error.h"
#include "protocol/dynamodb/wire/request.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

namespace {

void write_key_schema(std::string& out, const table::KeySchema& keys) {
  json::Array list(out);
  const auto write = [&](const std::vector<table::KeyAttribute>& attributes,
                         std::string_view type) {
    for (const auto& attribute : attributes) {
      json::Object element(list.next());
      element.string("AttributeName", attribute.name);
      element.string("KeyType", type);
    }
  };
  write(keys.hash, "HASH");
  write(keys.range, "RANGE");
}

// Sorted by name, in whatever order they were given.
void write_definitions(std::string& out, std::vector<table::KeyAttribute> definitions) {
  std::sort(definitions.begin(), definitions.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  json::Array list(out);
  for (const auto& definition : definitions) {
    json::Object element(list.next());
    element.string("AttributeName", definition.name);
    element.string("AttributeType", table::type_name(definition.type));
  }
}

void write_projection(std::string& out, const table::Projection& projection) {
  json::Object object(out);
  switch (projection.type) {
    case table::ProjectionType::kAll: object.string("ProjectionType", "ALL"); break;
    case table::ProjectionType::kKeysOnly: object.string("ProjectionType", "KEYS_ONLY"); break;
    case table::ProjectionType::kInclude: {
      object.string("ProjectionType", "INCLUDE");
      json::Array names(object.name("NonKeyAttributes"));
      std::vector<std::string> sorted = projection.non_key_attributes;
      std::sort(sorted.begin(), sorted.end());
      for (const auto& name : sorted) json::write_string(names.next(), name);
      break;
    }
  }
}

void write_throughput(std::string& out, const table::Throughput& throughput, bool on_demand) {
  json::Object object(out);
  if (throughput.last_increase_us != 0) {
    write_time(object.name("LastIncreaseDateTime"), throughput.last_increase_us);
  }
  if (throughput.last_decrease_us != 0) {
    write_time(object.name("LastDecreaseDateTime"), throughput.last_decrease_us);
  }
  object.integer("NumberOfDecreasesToday", throughput.decreases_today);
  object.integer("ReadCapacityUnits", on_demand ? 0 : throughput.read_units);
  object.integer("WriteCapacityUnits", on_demand ? 0 : throughput.write_units);
}

void write_on_demand(json::Object& object, const table::UnitLimits& limits) {
  if (limits.read_units < 0 && limits.write_units < 0) return;
  json::Object inner(object.name("OnDemandThroughput"));
  inner.integer("MaxReadRequestUnits", limits.read_units);
  inner.integer("MaxWriteRequestUnits", limits.write_units);
}

// A new on-demand table serves 12,000 reads and 4,000 writes a second; a provisioned one what it
// was given.
void write_warm(json::Object& object, const table::UnitLimits& warm,
                const table::Throughput& throughput, bool on_demand) {
  json::Object inner(object.name("WarmThroughput"));
  const std::int64_t reads = on_demand ? 12'000 : throughput.read_units;
  const std::int64_t writes = on_demand ? 4'000 : throughput.write_units;
  inner.integer("ReadUnitsPerSecond", warm.read_units >= 0 ? warm.read_units : reads);
  inner.integer("WriteUnitsPerSecond", warm.write_units >= 0 ? warm.write_units : writes);
  inner.string("Status", "ACTIVE");
}

void write_index(std::string& out, const table::TableDescription& description, std::size_t place,
                 std::string_view index_status) {
  const table::Table& table = description.table;
  const table::Index& index = table.indexes[place];
  const bool on_demand = table.settings.billing_mode == table::BillingMode::kPayPerRequest;
  json::Object object(out);
  object.string("IndexName", index.name);
  write_key_schema(object.name("KeySchema"), index.keys);
  write_projection(object.name("Projection"), index.projection);
  if (index.kind == table::IndexKind::kGlobal) {
    const bool filling = index.status == table::IndexStatus::kCreating;
    object.string("IndexStatus", filling ? "CREATING" : index_status);
    if (filling) object.boolean("Backfilling", true);
    write_throughput(object.name("ProvisionedThroughput"), index.throughput, on_demand);
    write_on_demand(object, index.on_demand);
    write_warm(object, index.warm, index.throughput, on_demand);
  }
  const table::Counts counts =
      place < description.indexes.size() ? description.indexes[place] : table::Counts{};
  object.integer("IndexSizeBytes", counts.size_bytes);
  object.integer("ItemCount", counts.items);
  object.string("IndexArn", index_arn(table.name, index.name));
}

void write_indexes(json::Object& object, const table::TableDescription& description,
                   table::IndexKind kind, std::string_view index_status,
                   std::string_view index_name) {
  const auto& indexes = description.table.indexes;
  bool any = false;
  for (const auto& index : indexes) any = any || index.kind == kind;
  if (!any) return;
  json::Array list(object.name(kind == table::IndexKind::kLocal ? "LocalSecondaryIndexes"
                                                                : "GlobalSecondaryIndexes"));
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    const bool meant = index_name.empty() || index_name == indexes[i].name;
    if (indexes[i].kind != kind) continue;
    write_index(list.next(), description, i, meant ? index_status : "ACTIVE");
  }
}

std::string_view view_type_name(table::StreamViewType type) {
  switch (type) {
    case table::StreamViewType::kNewImage: return "NEW_IMAGE";
    case table::StreamViewType::kOldImage: return "OLD_IMAGE";
    case table::StreamViewType::kNewAndOldImages: return "NEW_AND_OLD_IMAGES";
    case table::StreamViewType::kKeysOnly: return "KEYS_ONLY";
  }
  return "";
}

void write_stream(json::Object& object, const table::Table& table) {
  const table::StreamSettings& stream = table.settings.stream;
  if (stream.enabled) {
    json::Object inner(object.name("StreamSpecification"));
    inner.boolean("StreamEnabled", true);
    inner.string("StreamViewType", view_type_name(stream.view_type));
  }
  if (!stream.label.empty()) {
    object.string("LatestStreamLabel", stream.label);
    object.string("LatestStreamArn", table_arn(table.name) + "/stream/" + stream.label);
  }
}

void write_settings(json::Object& object, const table::Table& table) {
  const table::TableSettings& settings = table.settings;
  const bool on_demand = settings.billing_mode == table::BillingMode::kPayPerRequest;
  write_throughput(object.name("ProvisionedThroughput"), settings.throughput, on_demand);
  if (on_demand || settings.pay_per_request_since_us != 0) {
    json::Object billing(object.name("BillingModeSummary"));
    billing.string("BillingMode", on_demand ? "PAY_PER_REQUEST" : "PROVISIONED");
    if (settings.pay_per_request_since_us != 0) {
      write_time(billing.name("LastUpdateToPayPerRequestDateTime"),
                 settings.pay_per_request_since_us);
    }
  }
  write_on_demand(object, settings.on_demand);
  write_warm(object, settings.warm, settings.throughput, on_demand);
  write_stream(object, table);
  if (settings.encryption.enabled) {
    json::Object encryption(object.name("SSEDescription"));
    encryption.string("Status", "ENABLED");
    encryption.string("SSEType", "KMS");
    if (!settings.encryption.key.empty()) {
      const std::string& key = settings.encryption.key;
      encryption.string("KMSMasterKeyArn", key.starts_with("arn:")
                                               ? key
                                               : "arn:aws:kms:" + table.name.region + ":" +
                                                     table.name.account + ":key/" + key);
    }
  }
  if (settings.table_class_changed_us != 0 ||
      settings.table_class != table::TableClass::kStandard) {
    json::Object summary(object.name("TableClassSummary"));
    summary.string("TableClass", settings.table_class == table::TableClass::kStandard
                                     ? "STANDARD"
                                     : "STANDARD_INFREQUENT_ACCESS");
    if (settings.table_class_changed_us != 0) {
      write_time(summary.name("LastUpdateDateTime"), settings.table_class_changed_us);
    }
  }
  object.boolean("DeletionProtectionEnabled", settings.deletion_protection);
}

}  // namespace

table::TableDescription describe_table(const Request& request, const table::OpenTable& table) {
  auto description = request.engine.describe_table(table);
  if (!description) throw no_such_table(table->name.name);
  return *std::move(description);
}

void write_time(std::string& out, std::int64_t time_us) {
  json::write_int(out, time_us / 1'000'000);
  std::string millis = std::to_string(time_us / 1000 % 1000);
  millis.insert(0, 3 - millis.size(), '0');
  out += "." + millis;
}

void write_table_description(std::string& out, const table::TableDescription& description,
                             std::string_view status, std::string_view index_status,
                             std::string_view index_name) {
  const table::Table& table = description.table;
  json::Object object(out);
  write_definitions(object.name("AttributeDefinitions"), table.settings.attribute_definitions);
  object.string("TableName", table.name.name);
  write_key_schema(object.name("KeySchema"), table.keys);
  object.string("TableStatus", status);
  write_time(object.name("CreationDateTime"), table.created_us);
  object.integer("TableSizeBytes", description.counts.size_bytes);
  object.integer("ItemCount", description.counts.items);
  object.string("TableArn", table_arn(table.name));
  object.string("TableId", table.uuid);
  write_settings(object, table);
  write_indexes(object, description, table::IndexKind::kLocal, index_status, index_name);
  write_indexes(object, description, table::IndexKind::kGlobal, index_status, index_name);
}

void write_deleted_table(std::string& out, const table::TableDescription& description) {
  const table::Table& table = description.table;
  json::Object object(out);
  object.string("TableName", table.name.name);
  object.string("TableStatus", "DELETING");
  object.integer("TableSizeBytes", description.counts.size_bytes);
  object.integer("ItemCount", description.counts.items);
  object.string("TableArn", table_arn(table.name));
  object.string("TableId", table.uuid);
  write_settings(object, table);
}

}  // namespace bodega::dynamodb
