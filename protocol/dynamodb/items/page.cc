#include "protocol/dynamodb/items/page.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "protocol/dynamodb/expression/key_condition.h"
#include "protocol/dynamodb/items/key.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

// A page ends behind the item with which what was read reaches this.
constexpr std::uint64_t kMaxPageBytes = 1024 * 1024;

// A request beside its table.
class PageReader {
 public:
  // Finds the index, and checks what depends on it alone. Throws Error.
  PageReader(const QueryRequest& request, const table::OpenTable& table)
      : request_(request), table_(table) {
    if (request.index_name) {
      index_ = table->find_index(*request.index_name);
      if (index_ == nullptr) {
        throw validation("The table does not have the specified index: " +
                         std::string(*request.index_name));
      }
      if (index_->status == table::IndexStatus::kCreating) {
        throw validation("Cannot read from backfilling global secondary index: " +
                         std::string(*request.index_name));
      }
    }
    if (is_global() && request.consistency == Consistency::kStrong) {
      throw validation("Consistent reads are not supported on global secondary indexes");
    }
  }

  Page query(const table::Engine& engine) {
    KeyCondition condition = fit_key_conditions(*request_.key_conditions, keys());
    check_start();
    if (request_.start) check_start_in_range(*request_.key_conditions, keys(), *request_.start);
    check_filter();
    check_against_table();
    table::QueryRequest walk;
    walk.index_name = index_name();
    walk.partition = std::move(condition.partition);
    walk.range = std::move(condition.range);
    walk.direction = request_.direction;
    walk.exclusive_start = start();
    walk.fetch = fetch_;
    const auto end =
        engine.query(table_, walk, [this](const table::Row& row) { return take(row); });
    if (!end) throw table_not_found();
    return finish();
  }

  Page scan(const table::Engine& engine) {
    const Segment& segment = request_.segment;
    check_start();
    if (request_.start &&
        !table::in_segment(table(), index_, *request_.start, segment.number, segment.total)) {
      throw validation(
          "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
          "ExclusiveStartKey with correct Segment. TotalSegments: " +
          std::to_string(segment.total) + " Segment: " + std::to_string(segment.number));
    }
    check_against_table();
    table::ScanRequest walk;
    walk.index_name = index_name();
    walk.segment = segment.number;
    walk.total_segments = segment.total;
    walk.exclusive_start = start();
    walk.fetch = fetch_;
    const auto end = engine.scan(table_, walk, [this](const table::Row& row) { return take(row); });
    if (!end) throw table_not_found();
    return finish();
  }

 private:
  const table::Table& table() const { return *table_; }
  const table::KeySchema& keys() const { return index_ != nullptr ? index_->keys : table().keys; }
  std::string index_name() const { return index_ != nullptr ? index_->name : std::string(); }
  const table::Item* start() const { return request_.start ? &*request_.start : nullptr; }
  bool is_global() const { return index_ != nullptr && index_->kind == table::IndexKind::kGlobal; }

  // A query's filter looks at no key attribute.
  void check_filter() const {
    std::vector<std::string_view> filtered;
    if (request_.filter) {
      filtered = heads(*request_.filter);
    } else if (request_.legacy_filter) {
      for (const auto& condition : request_.legacy_filter->conditions) {
        filtered.push_back(condition.attribute);
      }
    }
    for (const std::string_view attribute : filtered) {
      if (!keys().contains(attribute)) continue;
      throw validation(std::string(request_.legacy_filter ? "QueryFilter" : "Filter Expression") +
                       " can only contain non-primary key attributes: Primary key attribute: " +
                       std::string(attribute));
    }
  }

  void check_against_table() {
    check_no_nested_keys(table(), request_.wanted.nested_heads());
    if (request_.filter) check_no_nested_keys(table(), nested_heads(*request_.filter));
    if (index_ == nullptr || index_->projection.type == table::ProjectionType::kAll) return;
    const bool all = request_.select == Select::kAllAttributes;
    if (is_global() && all) {
      throw invalid_parameter(
          "Select type ALL_ATTRIBUTES is not supported for global secondary index " + index_->name +
          " because its projection type is not ALL");
    }
    const auto missing = not_projected();
    if (is_global() && !missing.empty()) {
      std::string list;
      for (const std::string_view name : missing) {
        list += (list.empty() ? "" : ", ") + std::string(name);
      }
      throw invalid_parameter("Global secondary index " + index_->name + " does not project [" +
                              list + "]");
    }
    // A local index fetches from the table what it does not hold itself.
    if (!is_global() && (all || !missing.empty())) fetch_ = table::Fetch::kWhole;
  }

  // The starting key must have the key attributes of table and index, and no others.
  void check_start() const {
    if (!request_.start) return;
    std::vector<const table::KeyAttribute*> expected;
    const auto expect = [&](const std::vector<table::KeyAttribute>& keys) {
      for (const auto& key : keys) {
        const bool known = std::any_of(expected.begin(), expected.end(),
                                       [&](const auto* other) { return other->name == key.name; });
        if (!known) expected.push_back(&key);
      }
    };
    expect(table().keys.hash);
    expect(table().keys.range);
    if (index_ != nullptr) {
      expect(index_->keys.hash);
      expect(index_->keys.range);
    }
    const bool whole = request_.start->size() == expected.size() &&
                       std::all_of(expected.begin(), expected.end(), [&](const auto* key) {
                         return request_.start->contains(key->name);
                       });
    if (!whole) {
      throw validation(index_ == nullptr && request_.is_scan()
                           ? "The provided starting key is invalid: The provided key element does "
                             "not match the schema"
                           : "The provided starting key is invalid");
    }
    if (!table::Engine::start_is_valid(table(), index_, *request_.start)) {
      throw validation(
          "The provided starting key is invalid: The provided key element does not match the "
          "schema");
    }
  }

  // Takes one row; whether to go on.
  bool take(const table::Row& row) {
    ++page_.scanned;
    bytes_ += row.entry.size_bytes();
    if (fetch_ == table::Fetch::kWhole) {
      table_units_ += read_units(row.item.size_bytes(), request_.consistency);
    }
    if (passes(row.item)) {
      ++page_.count;
      if (request_.select != Select::kCount) {
        if (page_.count > 1) page_.items.push_back(',');
        request_.wanted.write(page_.items, row.item);
      }
    }
    if (bytes_ < kMaxPageBytes && (!request_.limit || page_.scanned < *request_.limit)) return true;
    page_.last = table::key_attributes(table(), index_, row.entry.to_item());
    return false;
  }

  bool passes(const table::ItemView& item) const {
    if (!request_.filter && !request_.legacy_filter) return true;
    const ItemAttributes attributes(item);
    if (request_.filter && !request_.filter->holds(attributes)) return false;
    return !request_.legacy_filter || request_.legacy_filter->holds(attributes);
  }

  // What is asked for and does not stand in the index.
  std::vector<std::string_view> not_projected() const {
    std::vector<std::string_view> missing;
    const auto check = [&](std::string_view name) {
      const auto& included = index_->projection.non_key_attributes;
      if (index_->keys.contains(name) || table().keys.contains(name)) return;
      if (std::find(included.begin(), included.end(), name) != included.end()) return;
      if (std::find(missing.begin(), missing.end(), name) == missing.end()) missing.push_back(name);
    };
    for (const ResolvedPath& path : request_.wanted.paths()) check(path.front().name);
    return missing;
  }

  Page finish() {
    const double units = read_units(bytes_, request_.consistency);
    if (index_ == nullptr) {
      page_.capacity.add_table(units);
    } else {
      page_.capacity.add_index(index_->kind, index_->name, units);
      page_.capacity.add_table(table_units_);
    }
    return std::move(page_);
  }

  const QueryRequest& request_;
  const table::OpenTable& table_;
  const table::Index* index_ = nullptr;
  table::Fetch fetch_ = table::Fetch::kStored;

  Page page_{{}, 0, 0, ConsumedCapacity{std::string(request_.table_name)}, {}};
  std::uint64_t bytes_ = 0;  // of what was read
  double table_units_ = 0;   // of items that an index fetched from its table
};

}  // namespace

Page read_page(const table::Engine& engine, const QueryRequest& request,
               const table::OpenTable& table) {
  PageReader reader(request, table);
  return request.is_scan() ? reader.scan(engine) : reader.query(engine);
}

}  // namespace bodega::dynamodb
