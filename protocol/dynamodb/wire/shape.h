// What a request may look like, as facts in tables: types, required members, lengths, ranges,
// patterns and enum sets. One checker reads them, in two passes as the service does: first the JSON
// types (SerializationException), then the constraints ("N validation errors detected: …").
//
// Members stand in the order in which the service reports their errors.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/json/json.h"

namespace bodega::dynamodb {

// At most so many constraint errors are reported in one message.
inline constexpr std::size_t kMaxReportedErrors = 10;

struct Shape;

enum class Presence : std::uint8_t {
  kOptional,
  kNotNull,   // "Value null at 'key' failed to satisfy constraint: Member must not be null"
  kRequired,  // "The parameter 'TableName' is required but was not present in the request"
};

struct Member {
  std::string_view name;
  const Shape* shape;
  Presence presence = Presence::kOptional;
};

struct Shape {
  enum class Type : std::uint8_t {
    kString,
    kBoolean,
    kInteger,
    kLong,
    kDouble,
    kList,
    kMap,
    kStructure,
    kAttributeValue,
  };

  // How an error is worded.
  enum class Wording : std::uint8_t {
    kCoral,  // "Value '0' at 'limit' failed to satisfy constraint: …"
    kBare,   // "Value at 'Limit' failed to satisfy constraint: …"
  };

  static constexpr std::int64_t kNone = INT64_MIN;

  Type type;
  std::string_view name = {};            // kStructure: its name in the service's model
  std::span<const Member> members = {};  // kStructure
  const Shape* element = nullptr;        // kList, kMap
  std::int64_t min_length = kNone;       // kString, kList, kMap
  std::int64_t max_length = kNone;
  std::int64_t min_value = kNone;  // numbers
  std::int64_t max_value = kNone;
  bool name_pattern = false;               // kString: [a-zA-Z0-9_.-]+
  bool table_name = false;                 // checked before all else; may be an ARN
  std::string_view values = {};            // kString: "A, B, C" in the service's order
  std::string_view key_constraint = {};    // kMap: how "Map keys must satisfy constraint" reads
  std::string_view value_constraint = {};  // kMap: the same for "Map value"; lengths of the element
  Wording wording = Wording::kCoral;
};

// The JSON types of everything that the shape names; other members may be anything. Throws Error.
void check_types(json::Node node, const Shape& shape);

// Everything else. REQUIRES: check_types passed. Throws Error.
void check_constraints(json::Node node, const Shape& shape);

// A value as the service prints it inside messages: [a, b], {k=v}, Name(member=value).
std::string java_string(json::Node node, const Shape& shape);

// Shapes that many operations share.
namespace shapes {
extern const Shape kAnyString;
extern const Shape kFlag;
extern const Shape kAnyValue;
extern const Shape kAttributeMap;
extern const Shape kStringMap;
extern const Shape kTableName;  // of data operations: 1 to 255, or an ARN
extern const Shape kIndexName;
extern const Shape kReturnConsumedCapacity;
extern const Shape kReturnItemCollectionMetrics;
extern const Shape kReturnValues;
extern const Shape kReturnValuesOnConditionCheckFailure;
extern const Shape kConditionalOperator;
extern const Shape kExpected;
extern const Shape kConditions;  // KeyConditions, QueryFilter, ScanFilter
extern const Shape kAttributesToGet;
extern const Shape kSelect;
}  // namespace shapes

}  // namespace bodega::dynamodb
