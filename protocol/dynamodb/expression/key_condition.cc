#include "protocol/dynamodb/expression/key_condition.h"

#include <algorithm>

#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

using table::Type;
using table::Value;

constexpr std::string_view kInvalidCondition = "Invalid condition in KeyConditionExpression: ";

// Recursion goes as deep as ANDs nest, of which there are at most kMaxOperators.
class Collector {
 public:
  explicit Collector(const BoundCondition& condition)
      : nodes_(condition.tree->nodes),
        literals_(condition.tree->literals),
        bindings_(condition.bindings) {}

  void collect(std::uint32_t index) {
    const Node& node = nodes_[index];
    check_operator(node);
    if (node.kind == NodeKind::kAnd) {
      collect(node.args[0]);
      collect(node.args[1]);
      return;
    }
    LegacyCondition condition;
    std::size_t place = node.args.size();
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      const Node& arg = nodes_[node.args[i]];
      if (arg.kind == NodeKind::kFunction) {
        throw validation("KeyConditionExpressions cannot contain nested operations");
      }
      if (arg.kind != NodeKind::kPath) continue;
      if (place < node.args.size()) {
        throw validation(std::string(kInvalidCondition) +
                         "Multiple attribute names used in one condition");
      }
      if (arg.path.size() > 1) {
        throw validation("KeyConditionExpressions cannot have conditions on nested attributes");
      }
      place = i;
      condition.attribute = head(arg.path, bindings_);
    }
    if (place == node.args.size()) {
      throw validation(std::string(kInvalidCondition) + "No key attribute specified");
    }
    for (const LegacyCondition& other : found) {
      if (other.attribute == condition.attribute) {
        throw validation("KeyConditionExpressions must only contain one condition per key");
      }
    }
    condition.comparison = comparison(node, place != 0);
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      if (i != place)
        condition.values.push_back(*value_of(nodes_[node.args[i]], bindings_, literals_));
    }
    found.push_back(std::move(condition));
  }

  std::vector<LegacyCondition> found;

 private:
  void check_operator(const Node& node) const {
    const bool other_function =
        node.kind == NodeKind::kFunction && node.function != Function::kBeginsWith;
    if (node.kind == NodeKind::kOr || node.kind == NodeKind::kNot || node.kind == NodeKind::kIn ||
        node.kind == NodeKind::kNotEqual || other_function) {
      throw validation("Invalid operator used in KeyConditionExpression: " +
                       std::string(operator_name(node)));
    }
    if (node.kind != NodeKind::kBetween && node.kind != NodeKind::kFunction) return;
    if (nodes_[node.args[0]].kind != NodeKind::kPath) {
      throw validation(std::string(kInvalidCondition) + std::string(operator_name(node)) +
                       " operator must have the key attribute as its first operand");
    }
  }

  // `:v < a` is `a > :v`.
  static Comparison comparison(const Node& node, bool turned) {
    switch (node.kind) {
      case NodeKind::kLess: return turned ? Comparison::kGt : Comparison::kLt;
      case NodeKind::kLessOrEqual: return turned ? Comparison::kGe : Comparison::kLe;
      case NodeKind::kGreater: return turned ? Comparison::kLt : Comparison::kGt;
      case NodeKind::kGreaterOrEqual: return turned ? Comparison::kLe : Comparison::kGe;
      case NodeKind::kBetween: return Comparison::kBetween;
      case NodeKind::kFunction: return Comparison::kBeginsWith;
      default: return Comparison::kEq;
    }
  }

  const std::vector<Node>& nodes_;
  const std::vector<Value>& literals_;
  const Bindings& bindings_;
};

const LegacyCondition* find(const std::vector<LegacyCondition>& conditions,
                            std::string_view attribute) {
  for (const LegacyCondition& condition : conditions) {
    if (condition.attribute == attribute) return &condition;
  }
  return nullptr;
}

Error missed(const table::KeyAttribute& key) {
  return validation("Query condition missed key schema element: " + key.name);
}

void check_fits(const LegacyCondition& condition, const table::KeyAttribute& key) {
  switch (condition.comparison) {
    case Comparison::kNull:
    case Comparison::kNotNull:
    case Comparison::kNe:
    case Comparison::kContains:
    case Comparison::kNotContains:
    case Comparison::kIn:
      throw validation("Attempted conditional constraint is not an indexable operation");
    case Comparison::kEq:
    case Comparison::kLe:
    case Comparison::kLt:
    case Comparison::kGe:
    case Comparison::kGt:
    case Comparison::kBeginsWith:
    case Comparison::kBetween: break;
  }
  for (const Value& value : condition.values) {
    if (value.type() != key.type) {
      throw invalid_parameter("Condition parameter type does not match schema type");
    }
    if ((key.type == Type::kString || key.type == Type::kBinary) && value.element_count() == 0) {
      throw validation(
          std::string("One or more parameter values are not valid. The AttributeValue for a key "
                      "attribute cannot contain an empty ") +
          (key.type == Type::kString ? "string" : "binary") + " value. Key: " + key.name);
    }
  }
}

void apply_to_range(const LegacyCondition& condition, table::SortRange& range) {
  const Value& value = condition.values.front();
  switch (condition.comparison) {
    case Comparison::kEq:
      range.lower = table::SortBound{value, true};
      range.upper = table::SortBound{value, true};
      break;
    case Comparison::kLe: range.upper = table::SortBound{value, true}; break;
    case Comparison::kLt: range.upper = table::SortBound{value, false}; break;
    case Comparison::kGe: range.lower = table::SortBound{value, true}; break;
    case Comparison::kGt: range.lower = table::SortBound{value, false}; break;
    case Comparison::kBeginsWith: range.prefix = value; break;
    case Comparison::kBetween:
      range.lower = table::SortBound{value, true};
      range.upper = table::SortBound{condition.values.back(), true};
      break;
    case Comparison::kNull:
    case Comparison::kNotNull:
    case Comparison::kNe:
    case Comparison::kContains:
    case Comparison::kNotContains:
    case Comparison::kIn: break;
  }
}

}  // namespace

std::vector<LegacyCondition> key_conditions(const BoundCondition& condition) {
  Collector collector(condition);
  collector.collect(condition.tree->root);
  return std::move(collector.found);
}

KeyCondition fit_key_conditions(const std::vector<LegacyCondition>& conditions,
                                const table::KeySchema& keys) {
  const bool plain = keys.hash.size() == 1 && keys.range.size() <= 1;
  if (conditions.empty() || (plain && conditions.size() > 2)) {
    throw validation("Conditions can be of length 1 or 2 only");
  }
  if (conditions.size() > keys.hash.size() + keys.range.size()) {
    throw validation("Query key condition not supported");
  }
  KeyCondition range;
  std::size_t used = 0;
  for (const table::KeyAttribute& key : keys.hash) {
    const LegacyCondition* condition = find(conditions, key.name);
    if (condition == nullptr) throw missed(key);
    check_fits(*condition, key);
    if (condition->comparison != Comparison::kEq) {
      throw validation("Query key condition not supported");
    }
    range.partition.push_back(condition->values.front());
    ++used;
  }
  bool open = true;  // only equalities so far
  for (const table::KeyAttribute& key : keys.range) {
    const LegacyCondition* condition = find(conditions, key.name);
    if (condition == nullptr || !open) {
      // What is left names no attribute that may come next.
      if (used < conditions.size()) throw missed(key);
      break;
    }
    check_fits(*condition, key);
    ++used;
    const bool last = used == conditions.size();
    if (condition->comparison == Comparison::kEq && !last) {
      range.range.equal.push_back(condition->values.front());
    } else {
      apply_to_range(*condition, range.range);
      open = false;
    }
  }
  return range;
}

void check_start_in_range(const std::vector<LegacyCondition>& conditions,
                          const table::KeySchema& keys, const table::Item& start) {
  for (const LegacyCondition& condition : conditions) {
    const bool is_range = std::any_of(
        keys.range.begin(), keys.range.end(),
        [&](const table::KeyAttribute& key) { return key.name == condition.attribute; });
    if (is_range && !holds(condition, start.find(condition.attribute))) {
      throw validation("The provided starting key does not match the range key predicate");
    }
  }
  for (const LegacyCondition& condition : conditions) {
    if (!holds(condition, start.find(condition.attribute))) {
      throw validation(
          "The provided starting key is outside query boundaries based on provided conditions");
    }
  }
}

}  // namespace bodega::dynamodb
