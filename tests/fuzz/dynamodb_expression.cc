// Expressions as text: conditions, updates and projections.
#include <array>

#include "engines/base/check.h"
#include "protocol/dynamodb/expression/expression.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

template <class Tree>
void parse(Tree (*parser)(std::string_view), std::string_view text) {
  try {
    parser(text);
  } catch (const dynamodb::ExpressionFault& fault) {
    BODEGA_CHECK(!fault.message.empty());
  }
}

void run(std::string_view bytes) {
  parse(dynamodb::parse_condition, bytes);
  parse(dynamodb::parse_update, bytes);
  parse(dynamodb::parse_projection, bytes);
}

constexpr std::array<std::string_view, 6> kSeeds{
    "attribute_exists(a.b[1]) AND NOT (size(#x) >= :v OR begins_with(c, :p))",
    "a BETWEEN :x AND :y AND b IN (:p, :q) OR contains(l, m)",
    "SET a = b + :v, c[0] = list_append(if_not_exists(c, :e), :l) REMOVE d, e.f "
    "ADD n :n DELETE s :s",
    "a, b.c[0].d, #e, f[2]",
    "((((((((a = :v))))))))",
    "NOT NOT NOT a <> :v",
};

}  // namespace

const Target kDynamodbExpression{"dynamodb_expression", run, kSeeds};

}  // namespace bodega::fuzz
