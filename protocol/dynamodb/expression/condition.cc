#include "protocol/dynamodb/expression/condition.h"

#include <algorithm>

namespace bodega::dynamodb {

namespace {

using table::Type;
using table::Value;

// Recursion goes as deep as operators nest, of which there are at most kMaxOperators.
class Evaluator {
 public:
  Evaluator(const Condition& condition, const Bindings& bindings, const ItemAttributes& attributes)
      : nodes_(condition.nodes),
        literals_(condition.literals),
        bindings_(bindings),
        attributes_(attributes) {}

  bool truth(std::uint32_t index) const {
    const Node& node = nodes_[index];
    switch (node.kind) {
      case NodeKind::kAnd: return truth(node.args[0]) && truth(node.args[1]);
      case NodeKind::kOr: return truth(node.args[0]) || truth(node.args[1]);
      case NodeKind::kNot: return !truth(node.args[0]);
      case NodeKind::kFunction: return function(node);
      case NodeKind::kEqual: return equal(node.args[0], node.args[1]);
      // An attribute that is not there differs from everything, even from another such.
      case NodeKind::kNotEqual: return !equal(node.args[0], node.args[1]);
      case NodeKind::kLess: return ordered(node, [](auto order) { return order < 0; });
      case NodeKind::kLessOrEqual: return ordered(node, [](auto order) { return order <= 0; });
      case NodeKind::kGreater: return ordered(node, [](auto order) { return order > 0; });
      case NodeKind::kGreaterOrEqual: return ordered(node, [](auto order) { return order >= 0; });
      case NodeKind::kBetween: return between(node);
      case NodeKind::kIn:
        return std::any_of(node.args.begin() + 1, node.args.end(),
                           [&](std::uint32_t candidate) { return equal(node.args[0], candidate); });
      case NodeKind::kPath:
      case NodeKind::kValueRef:
      case NodeKind::kLiteral:
      case NodeKind::kPlus:
      case NodeKind::kMinus: break;
    }
    return false;
  }

 private:
  // The value of an operand, or nullptr; `own` holds what was computed.
  const Value* operand(std::uint32_t index, Value& own) const {
    const Node& node = nodes_[index];
    if (node.kind == NodeKind::kPath) return attributes_.at(node.path, bindings_);
    if (const Value* value = value_of(node, bindings_, literals_)) return value;
    if (node.function != Function::kSize) return nullptr;
    Value inner;
    const Value* value = operand(node.args[0], inner);
    if (value == nullptr) return nullptr;
    const auto size = size_of(*value);
    if (!size) return nullptr;
    own = Value::of_number(table::Number::from_int(*size));
    return &own;
  }

  bool equal(std::uint32_t left, std::uint32_t right) const {
    Value own_left;
    Value own_right;
    const Value* a = operand(left, own_left);
    const Value* b = operand(right, own_right);
    return a != nullptr && b != nullptr && *a == *b;
  }

  template <class Test>
  bool ordered(const Node& node, const Test& test) const {
    Value own_left;
    Value own_right;
    const Value* a = operand(node.args[0], own_left);
    const Value* b = operand(node.args[1], own_right);
    if (a == nullptr || b == nullptr) return false;
    const auto order = table::compare(*a, *b);
    return order && test(*order);
  }

  bool between(const Node& node) const {
    Value own_value;
    Value own_lower;
    Value own_upper;
    const Value* value = operand(node.args[0], own_value);
    const Value* lower = operand(node.args[1], own_lower);
    const Value* upper = operand(node.args[2], own_upper);
    if (value == nullptr || lower == nullptr || upper == nullptr) return false;
    const auto low = table::compare(*value, *lower);
    const auto high = table::compare(*value, *upper);
    return low && high && *low >= 0 && *high <= 0;
  }

  bool function(const Node& node) const {
    Value own_first;
    Value own_second;
    const Value* first = operand(node.args[0], own_first);
    if (node.function == Function::kAttributeExists) return first != nullptr;
    if (node.function == Function::kAttributeNotExists) return first == nullptr;
    if (first == nullptr) return false;
    const Value* second = operand(node.args[1], own_second);
    if (second == nullptr) return false;
    switch (node.function) {
      case Function::kAttributeType: return table::type_name(first->type()) == second->as_string();
      case Function::kBeginsWith: return begins_with(*first, *second);
      case Function::kContains: return contains(*first, *second);
      case Function::kUnknown:
      case Function::kAttributeExists:
      case Function::kAttributeNotExists:
      case Function::kSize:
      case Function::kIfNotExists:
      case Function::kListAppend: break;
    }
    return false;
  }

  const std::vector<Node>& nodes_;
  const std::vector<Value>& literals_;
  const Bindings& bindings_;
  const ItemAttributes& attributes_;
};

}  // namespace

const Value* ItemAttributes::find(std::string_view name) const {
  if (!encoded_) return item_ == nullptr ? nullptr : item_->find(name);
  for (const Decoded& entry : decoded_) {
    if (entry.name == name) return &entry.value;
  }
  const auto found = view_.find(name);
  if (!found) return nullptr;
  return &decoded_.emplace_back(Decoded{name, found->to_value()}).value;
}

const Value* ItemAttributes::at(const Path& path, const Bindings& bindings) const {
  const Value* value = find(head(path, bindings));
  for (std::size_t i = 1; i < path.size() && value != nullptr; ++i) {
    const PathStep& step = path[i];
    if (step.kind == PathStep::Kind::kIndex) {
      if (!value->is(Type::kList) || step.index >= value->as_list().size()) return nullptr;
      value = &value->as_list()[step.index];
      continue;
    }
    if (!value->is(Type::kMap)) return nullptr;
    value = value->as_map().find(step.kind == PathStep::Kind::kNameRef ? bindings.names[step.index]
                                                                       : step.name);
  }
  return value;
}

bool evaluate(const Condition& condition, const Bindings& bindings,
              const ItemAttributes& attributes) {
  return Evaluator(condition, bindings, attributes).truth(condition.root);
}

bool begins_with(const Value& value, const Value& prefix) {
  if (value.type() != prefix.type()) return false;
  if (value.is(Type::kString)) return value.as_string().starts_with(prefix.as_string());
  if (value.is(Type::kBinary)) return value.as_binary().starts_with(prefix.as_binary());
  return false;
}

bool contains(const Value& value, const Value& element) {
  const auto has = [](const auto& elements, const auto& wanted) {
    return std::find(elements.begin(), elements.end(), wanted) != elements.end();
  };
  switch (value.type()) {
    case Type::kString:
      return element.is(Type::kString) &&
             value.as_string().find(element.as_string()) != std::string::npos;
    case Type::kBinary:
      return element.is(Type::kBinary) &&
             value.as_binary().find(element.as_binary()) != std::string::npos;
    case Type::kStringSet:
      return element.is(Type::kString) && has(value.as_string_set(), element.as_string());
    case Type::kNumberSet:
      return element.is(Type::kNumber) && has(value.as_number_set(), element.as_number());
    case Type::kBinarySet:
      return element.is(Type::kBinary) && has(value.as_binary_set(), element.as_binary());
    case Type::kList: return has(value.as_list(), element);
    case Type::kNumber:
    case Type::kBool:
    case Type::kNull:
    case Type::kMap: break;
  }
  return false;
}

std::optional<std::int64_t> size_of(const Value& value) {
  switch (value.type()) {
    case Type::kString:
      return std::count_if(value.as_string().begin(), value.as_string().end(),
                           [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    case Type::kBinary:
    case Type::kStringSet:
    case Type::kNumberSet:
    case Type::kBinarySet:
    case Type::kList:
    case Type::kMap: return static_cast<std::int64_t>(value.element_count());
    case Type::kNumber:
    case Type::kBool:
    case Type::kNull: break;
  }
  return std::nullopt;
}

}  // namespace bodega::dynamodb
