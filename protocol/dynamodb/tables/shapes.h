// What the requests of the table operations look like: the inputs of tables.cc and update.cc.
#pragma once

#include "protocol/dynamodb/wire/shapes.h"

namespace bodega::dynamodb::shapes {

extern const Shape kCreateTableInput;
extern const Shape kDescribeTableInput;
extern const Shape kListTablesInput;
extern const Shape kUpdateTableInput;
extern const Shape kDeleteTableInput;

}  // namespace bodega::dynamodb::shapes
