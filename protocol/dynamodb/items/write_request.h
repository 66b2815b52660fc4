// What a write asks for, as a plain value: a Put, Update or Delete, or the ConditionCheck of a
// transaction. One reader makes it of JSON; whatever else makes one (another language, a test)
// builds trees with literals and needs no JSON. What carries it out is in write.h.
//
// Views point into what the request was read from, which outlives it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engines/table/value.h"
#include "protocol/dynamodb/expression/legacy.h"
#include "protocol/dynamodb/expression/parameters.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

enum class ReturnValues : std::uint8_t { kNone, kAllOld, kUpdatedOld, kAllNew, kUpdatedNew };

struct WriteRequest {
  enum class Kind : std::uint8_t { kPut, kUpdate, kDelete, kCheck };

  Kind kind = Kind::kPut;
  std::string_view table_name;  // as given: may be an ARN
  table::Item item;             // the item to put, or the key of the one to change
  std::optional<BoundCondition> condition;
  std::optional<LegacyFilter> expected;  // beside or instead of the condition
  // At most one of the two, of an update. Neither: makes an item of the key where there is none.
  std::optional<BoundUpdate> update;
  std::optional<std::vector<AttributeUpdate>> attribute_updates;
  ReturnValues return_values = ReturnValues::kNone;
  bool wants_item_on_failure = false;  // the old item, when the condition fails
  // What condition and update are bound to; none where their trees have no references.
  std::unique_ptr<const Placeholders> placeholders;
};

// Where the parameters stand: an action of a transaction knows no legacy ones.
enum class WriteSource : std::uint8_t { kRequest, kAction };

// Reads the parameters in `node` and checks all that can be checked before the table is known.
// Throws Error.
WriteRequest read_write_request(WriteRequest::Kind kind, WriteSource source, json::Node node,
                                ExpressionCache& cache);

}  // namespace bodega::dynamodb
