#include "protocol/dynamodb/tables/parameters.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>
#include <set>

#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return "[" + out + "]";
}

void check_key_name(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxKeyNameBytes) return;
  throw invalid_parameter(
      "Attribute name must be between 1 and 255 bytes long: the length of the "
      "given name is " +
      std::to_string(name.size()) + ", and the maximum is 255");
}

std::int64_t checked_units(json::Node node, std::string_view name) {
  const std::int64_t units = integer_member(node, name).value_or(0);
  if (units > kMaxCapacityUnits) {
    throw validation("Given value " + std::to_string(units) + " for " + std::string(name) +
                     " is out of bounds");
  }
  return units;
}

// Letters, digits and spaces of any script, and a few signs of ASCII.
bool is_tag_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 ||
           std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
  });
}

// UTF-8 characters, not bytes.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// "2026-11-21T20:53:48.405"
std::string stream_label(std::int64_t now_us) {
  const std::time_t seconds = now_us / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string label(text.data(), length);
  std::string millis = std::to_string(now_us / 1000 % 1000);
  millis.insert(0, 3 - millis.size(), '0');
  return label + "." + millis;
}

}  // namespace

std::vector<table::KeyAttribute> read_attribute_definitions(json::Node list) {
  std::vector<table::KeyAttribute> definitions;
  if (!list.present()) return definitions;
  for (json::Node node = list.first(); node.exists(); node = node.next()) {
    if (!node.present()) continue;
    table::KeyAttribute attribute;
    attribute.name = string_or(node, "AttributeName", "");
    check_key_name(attribute.name);
    attribute.type =
        table::type_from_name(string_or(node, "AttributeType", "S")).value_or(table::Type::kString);
    for (const auto& other : definitions) {
      if (other.name == attribute.name) {
        throw validation("Attribute Name is duplicated: " + attribute.name);
      }
    }
    definitions.push_back(std::move(attribute));
  }
  return definitions;
}

table::KeySchema read_key_schema(json::Node list,
                                 const std::vector<table::KeyAttribute>& definitions, KeyOf of) {
  std::vector<std::string> names;
  std::vector<bool> is_hash;
  for (json::Node node = list.first(); node.exists(); node = node.next()) {
    if (!node.present()) continue;
    names.emplace_back(string_or(node, "AttributeName", ""));
    check_key_name(names.back());
    is_hash.push_back(string_or(node, "KeyType", "") == "HASH");
  }
  std::vector<std::string> defined;
  for (const auto& definition : definitions) defined.push_back(definition.name);
  if (of == KeyOf::kTable && names.size() > defined.size()) {
    throw validation("Invalid KeySchema: Some index key attribute have no definition");
  }
  for (const std::string& name : names) {
    if (std::find(defined.begin(), defined.end(), name) != defined.end()) continue;
    throw invalid_parameter(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: " +
        listed(names) + ", AttributeDefinitions: " + listed(defined));
  }
  if (names.size() == 2 && names[0] == names[1]) {
    throw validation(
        "Both the Hash Key and the Range Key element in the KeySchema have the same name");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::count(names.begin(), names.end(), names[i]) > 1) {
      throw validation("The KeySchema contains multiple key attributes with the same name");
    }
  }
  if (!is_hash.front()) {
    throw validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  }
  const bool multiple = of == KeyOf::kGlobalIndex;
  if (!multiple && is_hash.size() > 1 && is_hash[1]) {
    throw validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
  table::KeySchema keys;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_hash[i] && !keys.range.empty()) {
      throw invalid_parameter(
          "All HASH key attributes must precede RANGE key attributes in the KeySchema");
    }
    const auto definition = std::find_if(definitions.begin(), definitions.end(),
                                         [&](const auto& one) { return one.name == names[i]; });
    (is_hash[i] ? keys.hash : keys.range).push_back(*definition);
  }
  const bool many_hash = keys.hash.size() > kMaxMultiKeyAttributes;
  if (many_hash || keys.range.size() > kMaxMultiKeyAttributes) {
    throw invalid_parameter(std::string("The KeySchema exceeds the maximum allowed number of ") +
                            (many_hash ? "HASH" : "RANGE") + " key attributes");
  }
  return keys;
}

table::Projection read_projection(json::Node node) {
  const auto type = string_member(node, "ProjectionType");
  if (!type) throw invalid_parameter("Unknown ProjectionType: null");
  table::Projection projection;
  if (*type == "KEYS_ONLY") projection.type = table::ProjectionType::kKeysOnly;
  if (*type == "INCLUDE") projection.type = table::ProjectionType::kInclude;
  const json::Node names = node.find("NonKeyAttributes");
  if (names.present() && *type != "INCLUDE") {
    throw invalid_parameter("ProjectionType is " + std::string(*type) +
                            ", but NonKeyAttributes is specified");
  }
  if (!names.present()) {
    if (*type == "INCLUDE") {
      throw invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
    }
    return projection;
  }
  for (json::Node name = names.first(); name.exists(); name = name.next()) {
    if (!name.present()) continue;
    check_key_name(name.text());
    auto& included = projection.non_key_attributes;
    if (std::find(included.begin(), included.end(), name.text()) != included.end()) {
      throw invalid_parameter("Duplicate element in NonKeyAttributes: " + std::string(name.text()));
    }
    included.emplace_back(name.text());
  }
  return projection;
}

table::Throughput read_throughput(json::Node node) {
  table::Throughput throughput;
  if (!node.present()) return throughput;
  throughput.read_units = checked_units(node, "ReadCapacityUnits");
  throughput.write_units = checked_units(node, "WriteCapacityUnits");
  return throughput;
}

table::UnitLimits read_on_demand(json::Node node) {
  if (!node.present()) return {};
  return {integer_member(node, "MaxReadRequestUnits").value_or(-1),
          integer_member(node, "MaxWriteRequestUnits").value_or(-1)};
}

table::UnitLimits read_warm(json::Node node) {
  if (!node.present()) return {};
  return {integer_member(node, "ReadUnitsPerSecond").value_or(-1),
          integer_member(node, "WriteUnitsPerSecond").value_or(-1)};
}

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

table::Index read_index(json::Node node, table::IndexKind kind,
                        const std::vector<table::KeyAttribute>& definitions) {
  table::Index index;
  index.kind = kind;
  index.name = string_or(node, "IndexName", "");
  index.keys =
      read_key_schema(node.find("KeySchema"), definitions,
                      kind == table::IndexKind::kGlobal ? KeyOf::kGlobalIndex : KeyOf::kLocalIndex);
  index.projection = read_projection(node.find("Projection"));
  index.throughput = read_throughput(node.find("ProvisionedThroughput"));
  index.on_demand = read_on_demand(node.find("OnDemandThroughput"));
  index.warm = read_warm(node.find("WarmThroughput"));
  return index;
}

void read_stream(json::Node specification, table::StreamSettings& stream, std::int64_t now_us,
                 TableChange change, std::string_view table_name) {
  if (!specification.present()) return;
  const bool creates = change == TableChange::kCreate;
  const bool enable = flag_member(specification, "StreamEnabled");
  const auto type = string_member(specification, "StreamViewType");
  if (!enable && type) {
    throw invalid_parameter(creates
                                ? "Table is being created with a stream disabled, UpdateViewType "
                                  "should not be specified"
                                : "If stream is being disabled, then UpdateViewType must not be "
                                  "specified");
  }
  if (enable && !type) {
    throw invalid_parameter(
        creates ? "Table is being created with a stream enabled, UpdateViewType is required"
                : "If stream is being enabled then UpdateViewType is required");
  }
  if (!enable) {
    if (!creates && !stream.enabled) {
      throw validation("Table has no stream to disable: TableName: " + std::string(table_name));
    }
    stream.enabled = false;
    return;
  }
  if (stream.enabled) {
    throw validation("Table already has an enabled stream: TableName: " + std::string(table_name));
  }
  stream.enabled = true;
  stream.label = stream_label(now_us);
  if (*type == "NEW_IMAGE") stream.view_type = table::StreamViewType::kNewImage;
  if (*type == "OLD_IMAGE") stream.view_type = table::StreamViewType::kOldImage;
  if (*type == "NEW_AND_OLD_IMAGES") stream.view_type = table::StreamViewType::kNewAndOldImages;
  if (*type == "KEYS_ONLY") stream.view_type = table::StreamViewType::kKeysOnly;
}

void read_encryption(json::Node specification, table::EncryptionSettings& encryption) {
  if (!specification.present()) return;
  const bool enable = flag_member(specification, "Enabled");
  const auto type = string_member(specification, "SSEType");
  const auto key = string_member(specification, "KMSMasterKeyId");
  if (!enable && type) throw invalid_parameter("SSEType can not be specified if Enabled is false");
  if (!enable && key) {
    throw invalid_parameter("KMSMasterKeyId can not be specified if Enabled is false");
  }
  if (type == "AES256") throw invalid_parameter("SSEType AES256 is not supported");
  if (key && !type) {
    throw invalid_parameter("SSEType KMS is required if KMSMasterKeyId is specified");
  }
  encryption.enabled = enable;
  encryption.key = std::string(key.value_or(""));
}

void read_tags(json::Node list, std::map<std::string, std::string>& tags) {
  if (!list.present()) return;
  std::set<std::string_view> given;
  for (json::Node node = list.first(); node.exists(); node = node.next()) {
    if (!node.present()) continue;
    const std::string_view key = string_or(node, "Key", "");
    const std::string_view value = string_or(node, "Value", "");
    if (key.empty() || characters(key) > kMaxTagKey || !is_tag_text(key)) {
      throw validation("The Tag Key provided is invalid, Key: " + std::string(key));
    }
    if (characters(value) > kMaxTagValue || !is_tag_text(value)) {
      throw validation("The Tag Value provided is invalid, Value: " + std::string(value));
    }
    if (key.starts_with("aws:")) {
      throw validation("Tag Key cannot be prefixed with aws:, Key: " + std::string(key));
    }
    if (!given.insert(key).second) {
      throw validation("Duplicate Tag Keys provided as input: Duplicate Tag Key found " +
                       std::string(key));
    }
    tags[std::string(key)] = value;
  }
  if (tags.size() > kMaxTags) {
    throw validation("Number of Tags exceed the current limit for the provided ResourceArn");
  }
}

bool is_filling(const table::Table& table) {
  return std::any_of(table.indexes.begin(), table.indexes.end(), [](const table::Index& index) {
    return index.status == table::IndexStatus::kCreating;
  });
}

void check_definitions_used(const table::Table& table) {
  const auto used = [&](const std::string& name) {
    return table.keys.contains(name) ||
           std::any_of(table.indexes.begin(), table.indexes.end(),
                       [&](const table::Index& index) { return index.keys.contains(name); });
  };
  const auto& definitions = table.settings.attribute_definitions;
  if (std::all_of(definitions.begin(), definitions.end(),
                  [&](const auto& definition) { return used(definition.name); })) {
    return;
  }
  if (table.indexes.empty()) {
    throw invalid_parameter(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions");
  }
  std::vector<std::string> names;
  std::set<std::string> keys;
  for (const auto& definition : definitions) names.push_back(definition.name);
  const auto add = [&](const table::KeySchema& schema) {
    for (const auto& key : schema.hash) keys.insert(key.name);
    for (const auto& key : schema.range) keys.insert(key.name);
  };
  add(table.keys);
  for (const auto& index : table.indexes) add(index.keys);
  throw invalid_parameter(
      "Some AttributeDefinitions are not used. AttributeDefinitions: " + listed(names) +
      ", keys used: " + listed(std::vector<std::string>(keys.begin(), keys.end())));
}

}  // namespace bodega::dynamodb
