// What a table is: its keys, its indexes and its settings. Plain data; engine.h holds and changes
// it, table_format.h writes it to the disk. ARNs and wire names are the protocol's business.
//
// Enums with values reach the disk: never renumber.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/table/value.h"

namespace bodega::table {

// Account and region separate tables: the same name may stand in each.
struct TableName {
  std::string account;
  std::string region;
  std::string name;

  friend auto operator<=>(const TableName&, const TableName&) = default;
};

// One attribute of a key. `type` is kString, kNumber or kBinary.
struct KeyAttribute {
  std::string name;
  Type type = Type::kString;

  friend bool operator==(const KeyAttribute&, const KeyAttribute&) = default;
};

// A table and an LSI have one hash and at most one range attribute; a GSI one to four hash and up
// to four range attributes.
struct KeySchema {
  std::vector<KeyAttribute> hash;
  std::vector<KeyAttribute> range;

  bool has_range() const { return !range.empty(); }
  bool contains(std::string_view attribute) const;  // as hash or range

  friend bool operator==(const KeySchema&, const KeySchema&) = default;
};

enum class ProjectionType : std::uint8_t { kAll = 0, kKeysOnly = 1, kInclude = 2 };

struct Projection {
  ProjectionType type = ProjectionType::kAll;
  std::vector<std::string> non_key_attributes;  // kInclude only, in the order given

  friend bool operator==(const Projection&, const Projection&) = default;
};

struct Throughput {
  std::int64_t read_units = 0;
  std::int64_t write_units = 0;
  std::int64_t last_increase_us = 0;  // 0: never
  std::int64_t last_decrease_us = 0;
  std::int64_t decreases_today = 0;

  friend bool operator==(const Throughput&, const Throughput&) = default;
};

// OnDemandThroughput and WarmThroughput as given; -1 where it was not.
struct UnitLimits {
  std::int64_t read_units = -1;
  std::int64_t write_units = -1;

  friend bool operator==(const UnitLimits&, const UnitLimits&) = default;
};

enum class IndexKind : std::uint8_t { kLocal = 0, kGlobal = 1 };

// kCreating: writes go into it, older items are still being filled in, and it cannot be read yet.
enum class IndexStatus : std::uint8_t { kActive = 0, kCreating = 1 };

struct Index {
  std::uint32_t id = 0;  // unique in the table, never used again; given by the engine
  IndexKind kind = IndexKind::kGlobal;
  std::string name;
  KeySchema keys;
  Projection projection;
  Throughput throughput;  // global indexes of a provisioned table
  UnitLimits on_demand;
  UnitLimits warm;
  IndexStatus status = IndexStatus::kActive;

  friend bool operator==(const Index&, const Index&) = default;
};

enum class BillingMode : std::uint8_t { kProvisioned = 0, kPayPerRequest = 1 };
enum class TableClass : std::uint8_t { kStandard = 0, kStandardInfrequentAccess = 1 };
enum class StreamViewType : std::uint8_t {
  kNewImage = 0,
  kOldImage = 1,
  kNewAndOldImages = 2,
  kKeysOnly = 3,
};

// Stored only; records come with the streams engine. The label of the latest stream stays after it
// has been switched off.
struct StreamSettings {
  bool enabled = false;
  StreamViewType view_type = StreamViewType::kNewImage;
  std::string label;  // e.g. 2026-11-21T20:53:48.405; empty: there never was one

  friend bool operator==(const StreamSettings&, const StreamSettings&) = default;
};

struct EncryptionSettings {
  bool enabled = false;  // an explicit KMS key; false is the service's own default key
  std::string key;       // the KMS key as given, empty for the account's default

  friend bool operator==(const EncryptionSettings&, const EncryptionSettings&) = default;
};

struct TimeToLiveSettings {
  bool enabled = false;
  std::string attribute;
  std::int64_t changed_us = 0;  // 0: never

  friend bool operator==(const TimeToLiveSettings&, const TimeToLiveSettings&) = default;
};

// What can change on a table without touching its items (Engine::change_settings).
struct TableSettings {
  // In the order they were given. They must name every key attribute of the table and its indexes.
  std::vector<KeyAttribute> attribute_definitions;
  BillingMode billing_mode = BillingMode::kProvisioned;
  std::int64_t pay_per_request_since_us = 0;  // the last switch to it; 0: never
  Throughput throughput;
  UnitLimits on_demand;
  UnitLimits warm;
  TableClass table_class = TableClass::kStandard;
  std::int64_t table_class_changed_us = 0;
  bool deletion_protection = false;
  StreamSettings stream;
  EncryptionSettings encryption;
  TimeToLiveSettings time_to_live;
  std::map<std::string, std::string> tags;
  // Whatever else the protocol keeps with a table: resource policy, recovery settings, ...
  std::map<std::string, std::string> extras;

  friend bool operator==(const TableSettings&, const TableSettings&) = default;
};

// kCreating and kUpdating are what a wire response says at first; the engine's tables are at once
// ready. Kept so that delays can be played.
enum class TableStatus : std::uint8_t { kActive = 0, kCreating = 1, kUpdating = 2, kDeleting = 3 };

struct Table {
  TableName name;
  std::uint64_t id = 0;         // prefix of all its keys; given by the engine
  std::string uuid;             // TableId on the wire; given by the engine
  std::int64_t created_us = 0;  // given by the engine
  TableStatus status = TableStatus::kActive;
  KeySchema keys;
  std::vector<Index> indexes;  // local ones first, each kind in the order it was given
  std::uint32_t next_index_id = 1;
  TableSettings settings;

  // The index, or nullptr.
  const Index* find_index(std::string_view index_name) const;
  bool has_local_indexes() const;

  friend bool operator==(const Table&, const Table&) = default;
};

}  // namespace bodega::table
