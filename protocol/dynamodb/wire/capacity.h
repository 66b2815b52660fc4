// What a request cost, in capacity units, and how the reply tells it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engines/table/engine.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

enum class Report : std::uint8_t { kNone, kTotal, kIndexes };

// From ReturnConsumedCapacity.
Report report_of(json::Node request);

enum class Consistency : std::uint8_t { kEventual, kStrong };

// 4 KiB a unit, rounded up, at least one; half of it for eventually consistent reads.
double read_units(std::uint64_t size_bytes, Consistency consistency);
// 1 KiB a unit, rounded up, at least one.
double write_units(std::uint64_t size_bytes);

// The units of one table in one request.
class ConsumedCapacity {
 public:
  enum class Kind : std::uint8_t { kPlain, kRead, kWrite };

  // `table` as the request named it, which may be an ARN. With kRead or kWrite, as in transactions,
  // the units are also given under the name of their kind.
  explicit ConsumedCapacity(std::string table, Kind kind = Kind::kPlain)
      : table_(std::move(table)), kind_(kind) {}

  void add_table(double units) { table_units_ += units; }
  void add_index(table::IndexKind kind, std::string_view index, double units);
  // What a write cost: the larger of old and new item, and each index entry that changed. `factor`
  // is 2 in transactions, for the table only.
  void add_write(const table::Modified& modified, double factor = 1);

  void write(std::string& out, Report report) const;

 private:
  using Units = std::map<std::string, double, std::less<>>;

  void write_units_of(json::Object& object, double units) const;
  void write_indexes(json::Object& object, std::string_view member, const Units& units) const;

  std::string table_;
  Kind kind_;
  double table_units_ = 0;
  Units global_;
  Units local_;
};

// The ItemCollectionMetrics object of one item collection. The estimate is the service's usual one
// for collections below a gigabyte.
void write_collection_metrics(std::string& out, const table::Table& table,
                              const table::Item& attributes);
// Whether the request wants them and the table has local indexes.
bool wants_collection_metrics(json::Node request, const table::Table& table);

}  // namespace bodega::dynamodb
