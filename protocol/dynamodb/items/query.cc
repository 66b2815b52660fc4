// Query and Scan: what they share is the page. Rows are counted as they are read, filtered, and
// written straight into the reply.
#include <algorithm>
#include <array>

#include "protocol/dynamodb/expression/key_condition.h"
#include "protocol/dynamodb/items/key.h"
#include "protocol/dynamodb/items/read.h"
#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/capacity.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

// A page ends behind the item with which what was read reaches this.
constexpr std::uint64_t kMaxPageBytes = 1024 * 1024;

// The parameters that Query and Scan have in common, and the page they fill.
class Page {
 public:
  Page(const Request& request, std::string_view filter_parameter)
      : request_(request),
        node_(request.body),
        filter_parameter_(filter_parameter),
        limit_(integer_member(node_, "Limit")),
        select_(string_member(node_, "Select")) {}

  // Reads filters, AttributesToGet and the starting key: what comes before the expressions.
  void read_legacy() {
    legacy_filter_ = read_filter(node_, filter_parameter_);
    check_conditional_operator(node_, legacy_filter_);
    wanted_.set(read_attributes_to_get(node_));
    const json::Node start = node_.find("ExclusiveStartKey");
    if (!start.present()) return;
    try {
      start_ = read_item(start);
    } catch (const ValueFault& fault) {
      // The service puts its prefix before some of these only.
      const bool bare = fault.message.find("umber") != std::string::npos ||
                        fault.message.find("numeric") != std::string::npos ||
                        fault.message.find("contains duplicates") != std::string::npos;
      throw validation(bare ? fault.message
                            : "The provided starting key is invalid: " + fault.message);
    }
  }

  void read_expressions(ExpressionParameters& expressions) {
    filter_ = expressions.condition("FilterExpression");
    wanted_.set(expressions.projection("ProjectionExpression"));
  }

  // The rules of Select that need no table.
  void check_select() const {
    const bool some = !wanted_.everything();
    if (!select_) return;
    if (*select_ == "SPECIFIC_ATTRIBUTES" && !some) {
      throw invalid_parameter(
          "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
          "SPECIFIC_ATTRIBUTES");
    }
    if (*select_ != "SPECIFIC_ATTRIBUTES" && some) {
      const bool legacy = has_member(node_, "AttributesToGet");
      throw invalid_parameter(std::string("Cannot specify the ") +
                              (legacy ? "AttributesToGet" : "ProjectionExpression") +
                              " when choosing to get " +
                              (*select_ == "COUNT" ? "only the Count" : std::string(*select_)));
    }
    if (*select_ == "ALL_PROJECTED_ATTRIBUTES" && !has_member(node_, "IndexName")) {
      throw invalid_parameter(
          "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
    }
  }

  // Finds table and index, and checks what depends on them.
  void find_table() {
    table_ = open_table(request_, string_or(node_, "TableName", ""));
    if (const auto name = string_member(node_, "IndexName")) {
      index_ = (*table_)->find_index(*name);
      if (index_ == nullptr) {
        throw validation("The table does not have the specified index: " + std::string(*name));
      }
      if (index_->status == table::IndexStatus::kCreating) {
        throw validation("Cannot read from backfilling global secondary index: " +
                         std::string(*name));
      }
    }
    if (is_global() && consistency() == Consistency::kStrong) {
      throw validation("Consistent reads are not supported on global secondary indexes");
    }
  }

  void check_against_table() {
    check_no_nested_keys(table(), wanted_.nested_heads());
    if (filter_) check_no_nested_keys(table(), nested_heads(*filter_));
    if (index_ == nullptr || index_->projection.type == table::ProjectionType::kAll) return;
    const bool all = select_ == "ALL_ATTRIBUTES";
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
    if (!start_) return;
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
    const bool whole = start_->size() == expected.size() &&
                       std::all_of(expected.begin(), expected.end(),
                                   [&](const auto* key) { return start_->contains(key->name); });
    if (!whole) {
      throw validation(index_ == nullptr && filter_parameter_ == "ScanFilter"
                           ? "The provided starting key is invalid: The provided key element does "
                             "not match the schema"
                           : "The provided starting key is invalid");
    }
    if (!table::Engine::start_is_valid(table(), index_, *start_)) {
      throw validation(
          "The provided starting key is invalid: The provided key element does not match the "
          "schema");
    }
  }

  // Takes one row; whether to go on.
  bool take(const table::Row& row) {
    ++scanned_;
    bytes_ += row.entry.size_bytes();
    if (fetch_ == table::Fetch::kWhole) {
      table_units_ += read_units(row.item.size_bytes(), consistency());
    }
    if (passes(row.item)) {
      ++count_;
      if (!counts_only()) {
        if (count_ > 1) items_.push_back(',');
        wanted_.write(items_, row.item);
      }
    }
    if (bytes_ < kMaxPageBytes && (!limit_ || scanned_ < *limit_)) return true;
    last_ = table::key_attributes(table(), index_, row.entry.to_item());
    return false;
  }

  std::string reply() const {
    std::string out;
    out.reserve(items_.size() + 256);
    json::Object reply(out);
    if (!counts_only()) {
      reply.name("Items") += "[" + items_ + "]";
    }
    reply.integer("Count", count_);
    reply.integer("ScannedCount", scanned_);
    if (last_) dynamodb::write_item(reply.name("LastEvaluatedKey"), *last_);
    const Report report = report_of(node_);
    if (report != Report::kNone) {
      ConsumedCapacity capacity{std::string(string_or(node_, "TableName", ""))};
      const double units = read_units(bytes_, consistency());
      if (index_ == nullptr) {
        capacity.add_table(units);
      } else {
        capacity.add_index(index_->kind, index_->name, units);
        capacity.add_table(table_units_);
      }
      capacity.write(reply.name("ConsumedCapacity"), report);
    }
    reply.close();
    return out;
  }

  const table::OpenTable& open() const { return *table_; }
  const table::Table& table() const { return **table_; }
  const table::Index* index() const { return index_; }
  const table::KeySchema& keys() const { return index_ != nullptr ? index_->keys : table().keys; }
  std::string index_name() const { return index_ != nullptr ? index_->name : std::string(); }
  const table::Item* start() const { return start_ ? &*start_ : nullptr; }
  table::Fetch fetch() const { return fetch_; }

  // The attributes that the filter looks at.
  std::vector<std::string_view> filtered() const {
    if (filter_) return heads(*filter_);
    std::vector<std::string_view> found;
    if (legacy_filter_) {
      for (const auto& condition : legacy_filter_->conditions) found.push_back(condition.attribute);
    }
    return found;
  }
  bool legacy_filtered() const { return legacy_filter_.has_value(); }

 private:
  bool is_global() const { return index_ != nullptr && index_->kind == table::IndexKind::kGlobal; }
  bool counts_only() const { return select_ == "COUNT"; }
  Consistency consistency() const {
    return flag_member(node_, "ConsistentRead") ? Consistency::kStrong : Consistency::kEventual;
  }

  bool passes(const table::ItemView& item) const {
    if (!filter_ && !legacy_filter_) return true;
    const ItemAttributes attributes(item);
    if (filter_ && !filter_->holds(attributes)) return false;
    return !legacy_filter_ || legacy_filter_->holds(attributes);
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
    for (const ResolvedPath& path : wanted_.paths()) check(path.front().name);
    return missing;
  }

  const Request& request_;
  json::Node node_;
  std::string_view filter_parameter_;
  std::optional<std::int64_t> limit_;
  std::optional<std::string_view> select_;
  std::optional<LegacyFilter> legacy_filter_;
  std::optional<BoundCondition> filter_;
  Wanted wanted_;
  std::optional<table::Item> start_;
  std::optional<table::OpenTable> table_;
  const table::Index* index_ = nullptr;
  table::Fetch fetch_ = table::Fetch::kStored;

  std::int64_t scanned_ = 0;
  std::int64_t count_ = 0;
  std::uint64_t bytes_ = 0;
  double table_units_ = 0;
  std::string items_;
  std::optional<table::Item> last_;
};

std::string query(const Request& request) {
  const json::Node node = request.body;
  check_exclusive(node, {"ProjectionExpression", "FilterExpression", "KeyConditionExpression"},
                  {"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"});
  Page page(request, "QueryFilter");
  page.read_legacy();
  if (!has_member(node, "KeyConditions") && !has_member(node, "KeyConditionExpression")) {
    throw validation(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request.");
  }
  ExpressionParameters expressions(node, request.expressions);
  const auto key_expression = expressions.condition("KeyConditionExpression");
  page.read_expressions(expressions);
  expressions.finish();
  const std::vector<LegacyCondition> conditions =
      key_expression ? key_conditions(*key_expression) : *read_key_conditions(node);
  page.check_select();
  page.find_table();
  const KeyCondition range = fit_key_conditions(conditions, page.keys());
  page.check_start();
  if (page.start() != nullptr) check_start_in_range(conditions, page.keys(), *page.start());
  for (const std::string_view attribute : page.filtered()) {
    if (!page.keys().contains(attribute)) continue;
    throw validation(
        (page.legacy_filtered() ? std::string("QueryFilter") : std::string("Filter Expression")) +
        " can only contain non-primary key attributes: Primary key attribute: " +
        std::string(attribute));
  }
  page.check_against_table();

  table::QueryRequest walk;
  walk.index_name = page.index_name();
  walk.partition = range.partition;
  walk.range = range.range;
  const json::Node forward = node.find("ScanIndexForward");
  const bool backward = forward.present() && !read_boolean(forward).value_or(true);
  walk.direction = backward ? table::Direction::kBackward : table::Direction::kForward;
  walk.exclusive_start = page.start();
  walk.fetch = page.fetch();
  const auto end = request.engine.query(page.open(), walk,
                                        [&](const table::Row& row) { return page.take(row); });
  if (!end) throw table_not_found();
  return page.reply();
}

struct Segments {
  std::uint32_t segment = 0;
  std::uint32_t total = 1;
};

Segments read_segments(json::Node node) {
  const auto segment = integer_member(node, "Segment");
  const auto total = integer_member(node, "TotalSegments");
  if (segment && !total) {
    throw validation(
        "The TotalSegments parameter is required but was not present in the request when Segment "
        "parameter is present");
  }
  if (!total) return {};
  if (!segment) {
    throw validation(
        "The Segment parameter is required but was not present in the request when parameter "
        "TotalSegments is present");
  }
  if (*segment >= *total) {
    throw validation(
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        "Segment: " +
        std::to_string(*segment) + " is not less than TotalSegments: " + std::to_string(*total));
  }
  return {static_cast<std::uint32_t>(*segment), static_cast<std::uint32_t>(*total)};
}

std::string scan(const Request& request) {
  const json::Node node = request.body;
  check_exclusive(node, {"ProjectionExpression", "FilterExpression"},
                  {"AttributesToGet", "ScanFilter", "ConditionalOperator"});
  Page page(request, "ScanFilter");
  page.read_legacy();
  const Segments segments = read_segments(node);
  ExpressionParameters expressions(node, request.expressions);
  page.read_expressions(expressions);
  expressions.finish();
  page.check_select();
  page.find_table();
  page.check_start();
  if (page.start() != nullptr && !table::in_segment(page.table(), page.index(), *page.start(),
                                                    segments.segment, segments.total)) {
    throw validation(
        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
        "ExclusiveStartKey with correct Segment. TotalSegments: " +
        std::to_string(segments.total) + " Segment: " + std::to_string(segments.segment));
  }
  page.check_against_table();

  table::ScanRequest walk;
  walk.index_name = page.index_name();
  walk.segment = segments.segment;
  walk.total_segments = segments.total;
  walk.exclusive_start = page.start();
  walk.fetch = page.fetch();
  const auto end =
      request.engine.scan(page.open(), walk, [&](const table::Row& row) { return page.take(row); });
  if (!end) throw table_not_found();
  return page.reply();
}

using namespace shapes;
using enum Presence;

constexpr Shape kQueryLimit{
    .type = Shape::Type::kInteger, .min_value = 1, .wording = Shape::Wording::kBare};
constexpr Shape kScanLimit{.type = Shape::Type::kInteger, .min_value = 1};
constexpr Shape kSegment{.type = Shape::Type::kInteger, .min_value = 0, .max_value = 999'999};
constexpr Shape kTotalSegments{
    .type = Shape::Type::kInteger, .min_value = 1, .max_value = 1'000'000};

constexpr Member kQueryMembers[] = {
    {"Select", &kSelect},
    {"IndexName", &kIndexName},
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"QueryFilter", &kConditions},
    {"TableName", &kTableName, kNotNull},
    {"ConditionalOperator", &kConditionalOperator},
    {"AttributesToGet", &kAttributesToGet},
    {"Limit", &kQueryLimit},
    {"KeyConditions", &kConditions},
    {"ExclusiveStartKey", &kAttributeMap},
    {"ConsistentRead", &kFlag},
    {"ScanIndexForward", &kFlag},
    {"KeyConditionExpression", &kAnyString},
    {"FilterExpression", &kAnyString},
    {"ProjectionExpression", &kAnyString},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ExpressionAttributeNames", &kStringMap},
};
constexpr Member kScanMembers[] = {
    {"Select", &kSelect},
    {"IndexName", &kIndexName},
    {"TotalSegments", &kTotalSegments},
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"TableName", &kTableName, kNotNull},
    {"ConditionalOperator", &kConditionalOperator},
    {"ScanFilter", &kConditions},
    {"Segment", &kSegment},
    {"Limit", &kScanLimit},
    {"AttributesToGet", &kAttributesToGet},
    {"ExclusiveStartKey", &kAttributeMap},
    {"ConsistentRead", &kFlag},
    {"FilterExpression", &kAnyString},
    {"ProjectionExpression", &kAnyString},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ExpressionAttributeNames", &kStringMap},
};
constexpr Shape kQueryInput{
    .type = Shape::Type::kStructure, .name = "QueryInput", .members = kQueryMembers};
constexpr Shape kScanInput{
    .type = Shape::Type::kStructure, .name = "ScanInput", .members = kScanMembers};

constexpr std::array<Operation, 2> kOperations{{
    {"Query", &kQueryInput, query},
    {"Scan", &kScanInput, scan},
}};

}  // namespace

std::span<const Operation> read_operations() { return kOperations; }

}  // namespace bodega::dynamodb
