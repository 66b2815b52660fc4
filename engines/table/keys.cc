#include "engines/table/keys.h"

#include <algorithm>
#include <array>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/table/key_hash.h"
#include "engines/table/layout.h"

namespace bodega::table {
namespace {

// Table id and hash, in front of an item's key.
constexpr std::size_t kItemPrefixBytes = 12;

// Parallel scans deal in buckets of the hash, as the service does.
constexpr std::uint32_t kBuckets = 4096;
constexpr int kBucketShift = 20;
constexpr std::uint64_t kHashEnd = std::uint64_t{1} << 32;

// The bytes of a value in a key. REQUIRES: S, N or B.
std::string_view key_bytes(const Value& value) {
  if (value.is(Type::kNumber)) return value.as_number().bytes();
  return value.is(Type::kString) ? value.as_string() : value.as_binary();
}

// The bytes of one attribute in a key; nothing when it is absent, of another type, or empty.
std::optional<std::string_view> find_part(const Item& item, const KeyAttribute& attribute) {
  const Value* const value = item.find(attribute.name);
  if (value == nullptr || !value->is(attribute.type)) return std::nullopt;
  const std::string_view bytes = key_bytes(*value);
  return bytes.empty() ? std::nullopt : std::optional(bytes);
}

std::optional<std::string_view> find_part(const ItemView& item, const KeyAttribute& attribute) {
  const std::optional<ValueView> value = item.find(attribute.name);
  if (!value || value->type() != attribute.type) return std::nullopt;
  const std::string_view bytes = value->key_bytes();
  return bytes.empty() ? std::nullopt : std::optional(bytes);
}

// The parts of a key, gathered without copying.
class Parts {
 public:
  static constexpr std::size_t kMax = 8;

  void push(std::string_view part) {
    BODEGA_CHECK(count_ < kMax);
    parts_[count_++] = part;
    size_bytes_ += part.size();
  }
  const std::string_view* begin() const { return parts_.data(); }
  const std::string_view* end() const { return parts_.data() + count_; }
  std::size_t size_bytes() const { return size_bytes_; }

 private:
  std::array<std::string_view, kMax> parts_;
  std::size_t count_ = 0;
  std::size_t size_bytes_ = 0;
};

// The parts in schema order; nothing when one of them is not usable, or all together are too long.
template <class Attributes>
std::optional<Parts> find_parts(const std::vector<KeyAttribute>& schema, std::size_t max_bytes,
                                const Attributes& attributes) {
  Parts parts;
  for (const KeyAttribute& attribute : schema) {
    const std::optional<std::string_view> part = find_part(attributes, attribute);
    if (!part) return std::nullopt;
    parts.push(*part);
  }
  return parts.size_bytes() <= max_bytes ? std::optional(parts) : std::nullopt;
}

// One part hashes as its bytes. Several hash as one string, with no recording to go by.
std::uint32_t partition_hash(const Parts& parts) {
  if (parts.end() - parts.begin() == 1) return key_hash(*parts.begin());
  std::string joined;
  for (const std::string_view part : parts) base::put_ordered(joined, part);
  return key_hash(joined);
}

void put_partition(std::string& out, const Parts& hash) {
  base::put_u32(out, partition_hash(hash));
  for (const std::string_view part : hash) base::put_ordered(out, part);
}

// Returns nullopt when the key attributes are not all there.
template <class Attributes>
std::optional<std::string> item_key_bytes(const Table& table, const Attributes& attributes) {
  const auto hash = find_parts(table.keys.hash, kMaxHashKeyBytes, attributes);
  const auto range = find_parts(table.keys.range, kMaxRangeKeyBytes, attributes);
  if (!hash || !range) return std::nullopt;
  std::string out;
  out.reserve(8 + 4 + hash->size_bytes() + 2 + range->size_bytes());
  base::put_u64(out, table.id);
  put_partition(out, *hash);
  for (const std::string_view part : *range) out.append(part);
  return out;
}

template <class Attributes>
std::optional<std::string> entry_key_bytes(const Table& table, const Index& index,
                                           const Attributes& attributes) {
  const auto hash = find_parts(index.keys.hash, kMaxHashKeyBytes, attributes);
  if (!hash) return std::nullopt;
  const auto range = find_parts(index.keys.range, kMaxRangeKeyBytes, attributes);
  if (!range) return std::nullopt;
  const auto item_hash = find_parts(table.keys.hash, kMaxHashKeyBytes, attributes);
  const auto item_range = find_parts(table.keys.range, kMaxRangeKeyBytes, attributes);
  if (!item_hash || !item_range) return std::nullopt;
  std::string out;
  out.reserve(40 + hash->size_bytes() + range->size_bytes() + item_hash->size_bytes() +
              item_range->size_bytes());
  base::put_u64(out, table.id);
  base::put_u32(out, index.id);
  put_partition(out, *hash);
  for (const std::string_view part : *range) base::put_ordered(out, part);
  const std::string_view item_range_bytes =
      table.keys.has_range() ? *item_range->begin() : std::string_view{};
  base::put_u32(out, key_hash(*item_hash->begin(), item_range_bytes));
  base::put_ordered(out, *item_hash->begin());
  out.append(item_range_bytes);
  return out;
}

// put_ordered without its end: what all strings that begin with `prefix` begin with.
void put_ordered_prefix(std::string& out, std::string_view prefix) {
  base::put_ordered(out, prefix);
  out.resize(out.size() - 2);
}

std::optional<KeyProblem> check_value(const KeyAttribute& attribute, const Value& value,
                                      bool is_range, const Index* index) {
  const auto problem = [&](KeyFault fault) {
    return KeyProblem{fault, &attribute, value.type(), is_range, index};
  };
  if (!value.is(attribute.type)) return problem(KeyFault::kWrongType);
  const std::size_t size = key_bytes(value).size();
  if (size == 0) return problem(KeyFault::kEmpty);
  const std::size_t limit = is_range ? kMaxRangeKeyBytes : kMaxHashKeyBytes;
  if (size > limit) return problem(KeyFault::kTooLong);
  return std::nullopt;
}

// kAbsentIsFine for the keys of indexes, which are sparse.
enum class Absent { kIsFine, kIsProblem };

std::optional<KeyProblem> check_keys(const KeySchema& keys, const Item& item, const Index* index,
                                     Absent absent) {
  for (const bool is_range : {false, true}) {
    for (const KeyAttribute& attribute : is_range ? keys.range : keys.hash) {
      const Value* const value = item.find(attribute.name);
      if (value != nullptr) {
        if (auto problem = check_value(attribute, *value, is_range, index)) return problem;
      } else if (absent == Absent::kIsProblem) {
        return KeyProblem{KeyFault::kMissing, &attribute, Type::kNull, is_range, index};
      }
    }
  }
  return std::nullopt;
}

template <class Visit>
void each_key_attribute(const Table& table, const Index* index, Visit visit) {
  for (const KeyAttribute& attribute : table.keys.hash) visit(attribute.name);
  for (const KeyAttribute& attribute : table.keys.range) visit(attribute.name);
  if (index == nullptr) return;
  for (const KeyAttribute& attribute : index->keys.hash) visit(attribute.name);
  for (const KeyAttribute& attribute : index->keys.range) visit(attribute.name);
}

}  // namespace

// --- keys.h ---

std::optional<KeyProblem> check_primary_key(const Table& table, const Item& attributes) {
  return check_keys(table.keys, attributes, nullptr, Absent::kIsProblem);
}

std::optional<KeyProblem> check_index_keys(const Table& table, const Item& item) {
  for (const Index& index : table.indexes) {
    if (auto problem = check_keys(index.keys, item, &index, Absent::kIsFine)) return problem;
  }
  return std::nullopt;
}

ItemKey item_key(const Table& table, const Item& attributes) {
  std::optional<std::string> bytes = item_key_bytes(table, attributes);
  BODEGA_CHECK(bytes.has_value());
  return ItemKey(std::move(*bytes));
}

ItemKey item_key(const Table& table, const ItemView& attributes) {
  std::optional<std::string> bytes = item_key_bytes(table, attributes);
  BODEGA_CHECK(bytes.has_value());
  return ItemKey(std::move(*bytes));
}

Item key_attributes(const Table& table, const Index* index, const Item& item) {
  Item result;
  each_key_attribute(table, index, [&](const std::string& name) {
    if (const Value* const value = item.find(name)) result.set(name, *value);
  });
  return result;
}

Item key_attributes(const Table& table, const Index* index, const ItemView& item) {
  Item result;
  each_key_attribute(table, index, [&](const std::string& name) {
    if (const auto value = item.find(name)) result.set(name, value->to_value());
  });
  return result;
}

bool in_segment(const Table& table, const Index* index, const Item& attributes,
                std::uint32_t segment, std::uint32_t total_segments) {
  const KeySchema& keys = index != nullptr ? index->keys : table.keys;
  const auto parts = find_parts(keys.hash, kMaxHashKeyBytes, attributes);
  BODEGA_CHECK(parts.has_value() && segment < total_segments);
  const std::uint64_t bucket = partition_hash(*parts) >> kBucketShift;
  // The bucket's segment is the last one that starts at or before it.
  return bucket * total_segments / kBuckets == segment;
}

// --- layout.h ---

KeyRange table_range(std::uint64_t table_id) {
  std::string lower;
  base::put_u64(lower, table_id);
  std::string upper = base::prefix_end(lower);
  return {std::move(lower), std::move(upper)};
}

KeyRange index_range(std::uint64_t table_id, std::uint32_t index_id) {
  std::string lower;
  base::put_u64(lower, table_id);
  base::put_u32(lower, index_id);
  std::string upper = base::prefix_end(lower);
  return {std::move(lower), std::move(upper)};
}

KeyRange segment_range(const Table& table, const Index* index, std::uint32_t segment,
                       std::uint32_t total_segments) {
  BODEGA_CHECK(segment < total_segments);
  KeyRange range = index != nullptr ? index_range(table.id, index->id) : table_range(table.id);
  const auto first_hash = [total_segments](std::uint64_t number) {
    const std::uint64_t bucket = (kBuckets * number + total_segments - 1) / total_segments;
    return bucket << kBucketShift;
  };
  const std::uint64_t from = first_hash(segment);
  const std::uint64_t to = first_hash(std::uint64_t{segment} + 1);
  const std::string prefix = range.lower;
  if (from >= kHashEnd) {
    range.lower = range.upper;
  } else {
    base::put_u32(range.lower, static_cast<std::uint32_t>(from));
  }
  if (to < kHashEnd) {
    range.upper = prefix;
    base::put_u32(range.upper, static_cast<std::uint32_t>(to));
  }
  return range;
}

KeyRange query_range(const Table& table, const Index* index, const QueryRequest& request) {
  Parts hash;
  for (const Value& value : request.partition) hash.push(key_bytes(value));
  std::string base_key;
  base::put_u64(base_key, table.id);
  if (index != nullptr) base::put_u32(base_key, index->id);
  put_partition(base_key, hash);
  for (const Value& value : request.range.equal) {
    if (index != nullptr) {
      base::put_ordered(base_key, key_bytes(value));
    } else {
      base_key.append(key_bytes(value));
    }
  }
  // A table's range key is raw and ends the key, so fixing it fixes the whole key.
  if (index == nullptr && !request.range.equal.empty()) {
    return {base_key, base_key + '\0'};
  }
  if (request.range.prefix) {
    if (index != nullptr) {
      put_ordered_prefix(base_key, key_bytes(*request.range.prefix));
    } else {
      base_key.append(key_bytes(*request.range.prefix));
    }
    return {base_key, base::prefix_end(base_key)};
  }

  // The first key whose range part is not below the value (or with `kAfter`: is above it).
  enum class Side { kAt, kAfter };
  const auto bound = [&](const Value& value, Side side) {
    std::string key = base_key;
    if (index == nullptr) {
      key.append(key_bytes(value));
      if (side == Side::kAfter) key.push_back('\0');
      return key;
    }
    base::put_ordered(key, key_bytes(value));
    return side == Side::kAfter ? base::prefix_end(key) : key;
  };
  KeyRange range{base_key, base::prefix_end(base_key)};
  if (const auto& lower = request.range.lower) {
    range.lower = bound(lower->value, lower->inclusive ? Side::kAt : Side::kAfter);
  }
  if (const auto& upper = request.range.upper) {
    range.upper = bound(upper->value, upper->inclusive ? Side::kAfter : Side::kAt);
  }
  return range;
}

std::string position_key(const Table& table, const Index* index, const Item& attributes) {
  std::optional<std::string> key = index != nullptr ? entry_key_bytes(table, *index, attributes)
                                                    : item_key_bytes(table, attributes);
  BODEGA_CHECK(key.has_value());
  return std::move(*key);
}

bool is_position(const Table& table, const Index* index, const Item& attributes) {
  return index != nullptr ? entry_key_bytes(table, *index, attributes).has_value()
                          : item_key_bytes(table, attributes).has_value();
}

bool belongs_at(const Table& table, const ItemKey& key, const ItemView& item) {
  const auto hash = find_part(item, table.keys.hash.front());
  if (!hash) return false;
  std::string bytes;
  base::put_ordered(bytes, *hash);
  if (table.keys.has_range()) {
    const auto range = find_part(item, table.keys.range.front());
    if (!range) return false;
    bytes.append(*range);
  }
  return std::string_view(key.bytes()).substr(kItemPrefixBytes) == bytes;
}

std::optional<std::string> entry_key(const Table& table, const Index& index, const ItemView& item) {
  return entry_key_bytes(table, index, item);
}

std::vector<std::string> projected_names(const Table& table, const Index& index) {
  std::vector<std::string> names;
  if (index.projection.type == ProjectionType::kAll) return names;
  if (index.projection.type == ProjectionType::kInclude) {
    names = index.projection.non_key_attributes;
  }
  each_key_attribute(table, &index, [&](const std::string& name) { names.push_back(name); });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string entry_value(const std::vector<std::string>& names, const ItemView& item) {
  return names.empty() ? std::string(item.encoded()) : item.project(names);
}

}  // namespace bodega::table
