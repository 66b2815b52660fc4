// What DynamoDB adds to the shapes of requests: AttributeValue, names of tables, and the shapes
// that many of its operations share.
#pragma once

#include "protocol/aws/shape/shape.h"

namespace bodega::dynamodb {

using aws::java_string;
using aws::Member;
using aws::Presence;
using aws::Shape;

// The service's model.
extern const aws::Model kModel;

// Whether a name consists of the characters of table and index names.
bool fits_name_pattern(std::string_view text);
// "[a-zA-Z0-9_.-]+"
extern const aws::Pattern kNamePattern;
// Whether a text stands for a table as an ARN, which is checked elsewhere.
bool is_arn(std::string_view text);
// Whether a key of a map is a table's name, or an ARN.
bool is_table_key(std::string_view key);

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
