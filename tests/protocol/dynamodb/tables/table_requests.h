// Parts of CreateTable and UpdateTable requests, for the tests of both.
#pragma once

#include <utility>

#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

inline Json definition(const char* name, const char* type = "S") {
  return {{"AttributeName", name}, {"AttributeType", type}};
}
inline Json key(const char* name, const char* type) {
  return {{"AttributeName", name}, {"KeyType", type}};
}
inline Json index(const char* name, Json keys, const char* projection = "ALL") {
  return {{"IndexName", name},
          {"KeySchema", std::move(keys)},
          {"Projection", {{"ProjectionType", projection}}}};
}
// A request that CreateTable accepts.
inline Json table(const char* name = "tab") {
  return {{"TableName", name},
          {"BillingMode", "PAY_PER_REQUEST"},
          {"AttributeDefinitions", {definition("pk")}},
          {"KeySchema", {key("pk", "HASH")}}};
}

}  // namespace bodega::dynamodb
