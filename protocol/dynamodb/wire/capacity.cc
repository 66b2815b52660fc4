#include "protocol/dynamodb/wire/capacity.h"

#include <algorithm>

#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

Report report_of(json::Node request) {
  const std::string_view text = string_or(request, "ReturnConsumedCapacity", "NONE");
  if (text == "TOTAL") return Report::kTotal;
  if (text == "INDEXES") return Report::kIndexes;
  return Report::kNone;
}

double read_units(std::uint64_t size_bytes, Consistency consistency) {
  const std::uint64_t units = std::max<std::uint64_t>(1, (size_bytes + 4095) / 4096);
  return static_cast<double>(units) * (consistency == Consistency::kStrong ? 1.0 : 0.5);
}

double write_units(std::uint64_t size_bytes) {
  return static_cast<double>(std::max<std::uint64_t>(1, (size_bytes + 1023) / 1024));
}

void ConsumedCapacity::add_index(table::IndexKind kind, std::string_view index, double units) {
  Units& all = kind == table::IndexKind::kGlobal ? global_ : local_;
  const auto found = all.find(index);
  if (found != all.end()) {
    found->second += units;
  } else {
    all.emplace(std::string(index), units);
  }
}

void ConsumedCapacity::add_write(const table::Modified& modified, double factor) {
  add_table(factor * write_units(std::max(modified.old_size_bytes, modified.new_size_bytes)));
  for (const table::IndexChange& change : modified.index_changes) {
    double units = 0;
    if (change.moved) {
      units = write_units(change.old_size_bytes) + write_units(change.new_size_bytes);
    } else {
      units = write_units(std::max(change.old_size_bytes, change.new_size_bytes));
    }
    add_index(change.kind, change.index_name, units);
  }
}

void ConsumedCapacity::write_units_of(json::Object& object, double units) const {
  object.number("CapacityUnits", units);
  if (kind_ == Kind::kRead) object.number("ReadCapacityUnits", units);
  if (kind_ == Kind::kWrite) object.number("WriteCapacityUnits", units);
}

void ConsumedCapacity::write_indexes(json::Object& object, std::string_view member,
                                     const Units& units) const {
  if (units.empty()) return;
  json::Object map(object.name(member));
  for (const auto& [name, value] : units) {
    json::Object one(map.name(name));
    write_units_of(one, value);
  }
}

void ConsumedCapacity::write(std::string& out, Report report) const {
  double total = table_units_;
  for (const auto& [name, units] : global_) total += units;
  for (const auto& [name, units] : local_) total += units;
  json::Object object(out);
  object.string("TableName", table_);
  write_units_of(object, total);
  if (report != Report::kIndexes) return;
  {
    json::Object own(object.name("Table"));
    write_units_of(own, table_units_);
  }
  write_indexes(object, "LocalSecondaryIndexes", local_);
  write_indexes(object, "GlobalSecondaryIndexes", global_);
}

void write_collection_metrics(std::string& out, const table::Table& table,
                              const table::Item& attributes) {
  json::Object object(out);
  {
    json::Object key(object.name("ItemCollectionKey"));
    const std::string& hash = table.keys.hash.front().name;
    if (const table::Value* value = attributes.find(hash)) write_value(key.name(hash), *value);
  }
  json::Array range(object.name("SizeEstimateRangeGB"));
  json::write_int(range.next(), 0);
  json::write_int(range.next(), 1);
}

bool wants_collection_metrics(json::Node request, const table::Table& table) {
  return table.has_local_indexes() &&
         string_or(request, "ReturnItemCollectionMetrics", "NONE") == "SIZE";
}

}  // namespace bodega::dynamodb
