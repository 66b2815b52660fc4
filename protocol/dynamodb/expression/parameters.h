// The expression parameters of one request: which may stand beside which, and reading them in the
// service's order with the kind of expression in front of every complaint.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/dynamodb/expression/binding.h"
#include "protocol/dynamodb/expression/cache.h"
#include "protocol/dynamodb/expression/condition.h"
#include "protocol/dynamodb/expression/expression.h"
#include "protocol/dynamodb/expression/update.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

// Refuses expressions beside legacy parameters, and names or values without an expression. Both
// lists are in the order in which the service names them. Throws Error.
void check_exclusive(json::Node request, std::initializer_list<std::string_view> expressions,
                     std::initializer_list<std::string_view> legacy);

struct BoundCondition {
  std::shared_ptr<const Condition> tree;
  Bindings bindings;

  bool holds(const ItemAttributes& attributes) const {
    return evaluate(*tree, bindings, attributes);
  }
};

struct BoundUpdate {
  std::shared_ptr<const Update> tree;
  Bindings bindings;
};

struct BoundProjection {
  std::shared_ptr<const Projection> tree;  // the paths view into it
  std::vector<ResolvedPath> paths;
};

// Reads the expressions of a request as they are asked for, and binds them.
class ExpressionParameters {
 public:
  // REQUIRES: all three outlive this. What is bound points into the placeholders and the request.
  ExpressionParameters(json::Node request, ExpressionCache& cache, const Placeholders& placeholders)
      : request_(request), cache_(cache), placeholders_(placeholders) {}
  ExpressionParameters(const ExpressionParameters&) = delete;
  ExpressionParameters& operator=(const ExpressionParameters&) = delete;

  // Returns nullopt when the member is absent. Throws Error, e.g. "Invalid FilterExpression: …".
  std::optional<BoundCondition> condition(std::string_view member);
  std::optional<BoundUpdate> update(std::string_view member);
  std::optional<BoundProjection> projection(std::string_view member);

  // Throws Error when a name or value was not used.
  void finish() const { placeholders_.check_all_used(); }

 private:
  json::Node request_;
  ExpressionCache& cache_;
  const Placeholders& placeholders_;
};

// The attributes whose insides the paths look into, and all attributes they begin with.
std::vector<std::string_view> nested_heads(const BoundCondition& condition);
std::vector<std::string_view> heads(const BoundCondition& condition);

}  // namespace bodega::dynamodb
