// Table definitions in requests: key schemas, indexes, throughput, streams, encryption, tags; with
// the rules that CreateTable and UpdateTable share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engines/table/model.h"
#include "protocol/dynamodb/wire/request.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

inline constexpr std::size_t kMaxLocalIndexes = 5;
inline constexpr std::size_t kMaxGlobalIndexes = 20;
inline constexpr std::size_t kMaxProjectedAttributes = 100;
inline constexpr std::size_t kMaxKeyNameBytes = 255;
inline constexpr std::size_t kMaxMultiKeyAttributes = 4;  // hash or range, of a global index
inline constexpr std::size_t kMaxTags = 50;
inline constexpr std::size_t kMaxTagKey = 128;  // characters, as of the value
inline constexpr std::size_t kMaxTagValue = 256;
inline constexpr std::int64_t kMaxCapacityUnits = 1'000'000'000'000;

// Each throws Error for what the service refuses.

std::vector<table::KeyAttribute> read_attribute_definitions(json::Node list);

enum class KeyOf : std::uint8_t { kTable, kLocalIndex, kGlobalIndex };
table::KeySchema read_key_schema(json::Node list,
                                 const std::vector<table::KeyAttribute>& definitions, KeyOf of);

table::Projection read_projection(json::Node node);
// Zero units where the node is absent.
table::Throughput read_throughput(json::Node node);
table::UnitLimits read_on_demand(json::Node node);
table::UnitLimits read_warm(json::Node node);

// ProvisionedThroughput must fit the billing mode.
void check_throughput(json::Node node, table::BillingMode mode);

// Replicas in other regions and policies are not implemented, and saying otherwise would be false:
// throws for the members of CreateTable and UpdateTable that ask for them.
void refuse_unimplemented(json::Node node);

// A local or global index of CreateTable, or the Create of an UpdateTable.
table::Index read_index(json::Node node, table::IndexKind kind,
                        const std::vector<table::KeyAttribute>& definitions);

// Changes the settings by StreamSpecification and SSESpecification, where present. `now_us` labels
// a new stream; the service words what it refuses by the operation.
enum class TableChange : std::uint8_t { kCreate, kUpdate };
void read_stream(json::Node specification, table::StreamSettings& stream, std::int64_t now_us,
                 TableChange change, std::string_view table_name);
void read_encryption(json::Node specification, table::EncryptionSettings& encryption);

// Adds the Tags of a request, after checking them.
void read_tags(json::Node list, std::map<std::string, std::string>& tags);

// Whether an index of the table is still being filled.
bool is_filling(const table::Table& table);

// Every name defined, and nothing more than is used.
void check_definitions_used(const table::Table& table);

}  // namespace bodega::dynamodb
