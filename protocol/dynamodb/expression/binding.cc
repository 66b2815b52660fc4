#include "protocol/dynamodb/expression/binding.h"

#include <algorithm>
#include <array>

#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

using table::Type;

bool is_placeholder(std::string_view key, char mark) {
  if (key.size() < 2 || key[0] != mark) return false;
  return std::all_of(key.begin() + 1, key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

[[noreturn]] void fault(std::string message) { throw ExpressionFault{std::move(message)}; }

[[noreturn]] void bad_operand(std::string_view name, std::string_view type) {
  fault("Incorrect operand type for operator or function; operator or function: " +
        std::string(name) + ", operand type: " + std::string(type));
}

// How ADD and DELETE name types.
std::string_view long_type_name(Type type) {
  switch (type) {
    case Type::kString: return "STRING";
    case Type::kNumber: return "NUMBER";
    case Type::kBinary: return "BINARY";
    case Type::kBool: return "BOOLEAN";
    case Type::kNull: return "NULL";
    case Type::kStringSet: return "STRING_SET";
    case Type::kNumberSet: return "NUMBER_SET";
    case Type::kBinarySet: return "BINARY_SET";
    case Type::kList: return "LIST";
    case Type::kMap: return "MAP";
  }
  return "";
}

// "Maximum length of all substitution variables in an expression", names and values together.
constexpr std::size_t kMaxSubstitutionBytes = 2 * 1024 * 1024;

}  // namespace

Placeholders Placeholders::read(json::Node request) {
  Placeholders placeholders;
  std::size_t size_bytes = 0;
  const auto charge = [&size_bytes](std::size_t more) {
    size_bytes += more;
    if (size_bytes > kMaxSubstitutionBytes) {
      throw validation(
          "ExpressionAttributeNames and ExpressionAttributeValues have exceeded the maximum "
          "allowed size of 2097152 bytes");
    }
  };
  if (const json::Node names = request.find("ExpressionAttributeNames"); names.present()) {
    if (names.size() == 0) throw validation("ExpressionAttributeNames must not be empty");
    placeholders.names_.reserve(names.size());
    for (json::Node key = names.first(); key.exists();) {
      const json::Node name = key.next();
      if (!is_placeholder(key.text(), '#')) {
        throw validation("ExpressionAttributeNames contains invalid key: Syntax error; key: \"" +
                         std::string(key.text()) + "\"");
      }
      if (name.present()) {
        try {
          check_attribute_name(name.text());
        } catch (const ValueFault& bad) {
          throw validation("ExpressionAttributeNames contains invalid value: " + bad.message +
                           " for key " + std::string(key.text()));
        }
        charge(key.text().size() + name.text().size());
        placeholders.names_.push_back({key.text(), name.text()});
      }
      key = name.next();
    }
  }
  if (const json::Node values = request.find("ExpressionAttributeValues"); values.present()) {
    if (values.size() == 0) throw validation("ExpressionAttributeValues must not be empty");
    placeholders.values_.reserve(values.size());
    for (json::Node key = values.first(); key.exists(); key = key.next().next()) {
      if (!is_placeholder(key.text(), ':')) {
        throw validation("ExpressionAttributeValues contains invalid key: Syntax error; key: \"" +
                         std::string(key.text()) + "\"");
      }
    }
    for (json::Node key = values.first(); key.exists();) {
      const json::Node value = key.next();
      if (value.present()) {
        try {
          placeholders.values_.push_back({key.text(), read_value(value)});
          charge(key.text().size() + table::size_bytes(placeholders.values_.back().value));
        } catch (const ValueFault& bad) {
          throw validation("ExpressionAttributeValues contains invalid value: " + bad.message +
                           " for key " + std::string(key.text()));
        }
      }
      key = value.next();
    }
  }
  return placeholders;
}

void Placeholders::check_all_used() const {
  const auto check = [](const auto& entries, std::string_view member) {
    std::string unused;
    for (const auto& entry : entries) {
      if (entry.used) continue;
      if (!unused.empty()) unused += ", ";
      if (unused.size() > kMaxEchoBytes) {
        unused += "...";
        break;
      }
      unused += entry.key;
    }
    if (unused.empty()) return;
    throw validation("Value provided in " + std::string(member) +
                     " unused in expressions: keys: {" + unused + "}");
  };
  check(names_, "ExpressionAttributeNames");
  check(values_, "ExpressionAttributeValues");
}

// Looks placeholders up and checks nodes against what they turned out to be.
class Binder {
 public:
  Binder(const References& references, const std::vector<table::Value>& literals,
         const Placeholders& placeholders)
      : references_(references), literals_(literals) {
    bindings.names.reserve(references.names.size());
    for (const std::string& key : references.names) {
      std::string_view name;
      for (const auto& entry : placeholders.names_) {
        if (entry.key != key) continue;
        entry.used = true;
        name = entry.name;
      }
      bindings.names.push_back(name);  // a name is never empty, so empty means undefined
    }
    bindings.values.reserve(references.values.size());
    for (const std::string& key : references.values) {
      const table::Value* value = nullptr;
      for (const auto& entry : placeholders.values_) {
        if (entry.key != key) continue;
        entry.used = true;
        value = &entry.value;
      }
      bindings.values.push_back(value);
    }
  }

  void check_defined(const Path& path) const {
    for (const PathStep& step : path) {
      if (step.kind == PathStep::Kind::kNameRef && bindings.names[step.index].empty()) {
        fault(
            "An expression attribute name used in the document path is not defined; attribute "
            "name: " +
            references_.names[step.index]);
      }
    }
  }

  void check_defined(const Node& node) const {
    if (node.kind == NodeKind::kPath) check_defined(node.path);
    if (node.kind == NodeKind::kValueRef) check_value_defined(node);
  }

  void check_value_defined(const Node& node) const {
    if (bindings.values[node.value] != nullptr) return;
    fault("An expression attribute value used in expression is not defined; attribute value: " +
          references_.values[node.value]);
  }

  const table::Value* value(const Node& node) const { return value_of(node, bindings, literals_); }

  void check_operand_count(const Node& node, std::size_t expected) const {
    if (node.args.size() == expected) return;
    fault("Incorrect number of operands for operator or function; operator or function: " +
          std::string(operator_name(node)) +
          ", number of operands: " + std::to_string(node.args.size()));
  }

  Bindings bindings;

 private:
  const References& references_;
  const std::vector<table::Value>& literals_;
};

namespace {

// Checks one comparison or condition function with everything inside it: the nodes [first, last].
class LeafChecker {
 public:
  LeafChecker(const Condition& condition, const Binder& binder)
      : nodes_(condition.nodes), binder_(binder) {}

  void check(std::size_t first, std::size_t last) const {
    for (std::size_t i = first; i <= last; ++i) binder_.check_defined(nodes_[i]);
    for (std::size_t i = first; i <= last; ++i) check_count(nodes_[i]);
    for (std::size_t i = first; i <= last; ++i) check_distinct(nodes_[i]);
    for (std::size_t i = first; i <= last; ++i) check_types(nodes_[i]);
  }

 private:
  const Node& arg(const Node& node, std::size_t i) const { return nodes_[node.args[i]]; }

  // The type that an operand is known to have before any item is seen.
  std::optional<Type> known_type(const Node& node) const {
    if (const table::Value* value = binder_.value(node)) return value->type();
    if (node.function == Function::kSize) return Type::kNumber;
    return std::nullopt;
  }

  void check_count(const Node& node) const {
    if (node.kind == NodeKind::kIn && node.args.size() > kMaxInOperands + 1) {
      fault(
          "Incorrect number of operands for operator or function; operator or function: IN, "
          "number of operands: " +
          std::to_string(node.args.size() - 1));
    }
    switch (node.function) {
      case Function::kAttributeExists:
      case Function::kAttributeNotExists:
      case Function::kSize: return binder_.check_operand_count(node, 1);
      case Function::kAttributeType:
      case Function::kBeginsWith:
      case Function::kContains: return binder_.check_operand_count(node, 2);
      case Function::kUnknown:
      case Function::kIfNotExists:
      case Function::kListAppend: return;
    }
  }

  void check_distinct(const Node& node) const {
    if (node.kind < NodeKind::kFunction || node.kind > NodeKind::kGreaterOrEqual) return;
    if (node.args.size() != 2) return;
    if (arg(node, 0).kind != NodeKind::kPath || arg(node, 1).kind != NodeKind::kPath) return;
    const ResolvedPath first = resolve(arg(node, 0).path, binder_.bindings);
    if (first != resolve(arg(node, 1).path, binder_.bindings)) return;
    fault(
        "The first operand must be distinct from the remaining operands for this operator or "
        "function; operator: " +
        std::string(operator_name(node)) + ", first operand: " + printed(first));
  }

  void check_types(const Node& node) const {
    switch (node.kind) {
      case NodeKind::kFunction: return check_function(node);
      case NodeKind::kLess:
      case NodeKind::kLessOrEqual:
      case NodeKind::kGreater:
      case NodeKind::kGreaterOrEqual: check_ordered(node, 0); return check_ordered(node, 1);
      case NodeKind::kBetween:
        check_ordered(node, 0);
        check_ordered(node, 1);
        check_ordered(node, 2);
        return check_between(node);
      case NodeKind::kPath:
      case NodeKind::kValueRef:
      case NodeKind::kLiteral:
      case NodeKind::kEqual:
      case NodeKind::kNotEqual:
      case NodeKind::kIn:
      case NodeKind::kAnd:
      case NodeKind::kOr:
      case NodeKind::kNot:
      case NodeKind::kPlus:
      case NodeKind::kMinus: return;
    }
  }

  // Only strings, numbers and binaries have an order.
  void check_ordered(const Node& node, std::size_t i) const {
    const auto type = known_type(arg(node, i));
    if (type && *type > Type::kBinary) bad_operand(operator_name(node), table::type_name(*type));
  }

  void check_between(const Node& node) const {
    const table::Value* lower = binder_.value(arg(node, 1));
    const table::Value* upper = binder_.value(arg(node, 2));
    if (lower == nullptr || upper == nullptr) return;
    const std::string bounds = "lower bound operand: AttributeValue: " + printed(*lower) +
                               ", upper bound operand: AttributeValue: " + printed(*upper);
    if (lower->type() != upper->type()) {
      fault("The BETWEEN operator requires same data type for lower and upper bounds; " + bounds);
    }
    const auto order = table::compare(*lower, *upper);
    if (order && *order > 0) {
      fault(
          "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " +
          bounds);
    }
  }

  void check_function(const Node& node) const {
    switch (node.function) {
      case Function::kAttributeExists:
      case Function::kAttributeNotExists:
        if (arg(node, 0).kind != NodeKind::kPath) {
          fault("Operator or function requires a document path; operator or function: " +
                node.name);
        }
        return;
      case Function::kBeginsWith:
        for (std::size_t i = 0; i < 2; ++i) {
          const auto type = known_type(arg(node, i));
          if (type && *type != Type::kString && *type != Type::kBinary) {
            bad_operand(node.name, table::type_name(*type));
          }
        }
        return;
      case Function::kAttributeType: {
        const auto type = known_type(arg(node, 1));
        if (!type) bad_operand(node.name, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
        if (*type != Type::kString) bad_operand(node.name, table::type_name(*type));
        const std::string& wanted = binder_.value(arg(node, 1))->as_string();
        if (!table::type_from_name(wanted)) {
          fault("Invalid attribute type name found; type: " + wanted +
                ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
        }
        return;
      }
      case Function::kSize: {
        const auto type = known_type(arg(node, 0));
        if (type == Type::kNumber || type == Type::kBool || type == Type::kNull) {
          bad_operand(node.name, table::type_name(*type));
        }
        return;
      }
      case Function::kUnknown:
      case Function::kContains:
      case Function::kIfNotExists:
      case Function::kListAppend: return;
    }
  }

  const std::vector<Node>& nodes_;
  const Binder& binder_;
};

// Whether a node ends a comparison or condition function that stands on its own.
bool is_leaf(const Node& node) {
  if (node.kind == NodeKind::kFunction) return node.function != Function::kSize;
  return node.kind >= NodeKind::kEqual && node.kind <= NodeKind::kIn;
}

// Paths of one expression must not lie inside each other, nor take one place for a list and a map.
class PathChecker {
 public:
  void add(ResolvedPath path) {
    if (!overlap_.empty()) return;
    for (const ResolvedPath& other : paths_) {
      compare(other, path);
      if (!overlap_.empty()) return;
    }
    paths_.push_back(std::move(path));
  }

  void finish() const {
    if (!overlap_.empty()) fault(overlap_);
    if (!conflict_.empty()) fault(conflict_);
  }

 private:
  void compare(const ResolvedPath& one, const ResolvedPath& two) {
    const std::size_t common = std::min(one.size(), two.size());
    for (std::size_t i = 0; i < common; ++i) {
      if (one[i].is_index != two[i].is_index) {
        if (conflict_.empty()) conflict_ = message("conflict", one, two);
        return;
      }
      if (one[i] != two[i]) return;
    }
    overlap_ = message("overlap", one, two);
  }

  static std::string message(std::string_view what, const ResolvedPath& one,
                             const ResolvedPath& two) {
    return "Two document paths " + std::string(what) +
           " with each other; must remove or rewrite one of these paths; path one: " +
           printed(one) + ", path two: " + printed(two);
  }

  std::vector<ResolvedPath> paths_;
  std::string overlap_;
  std::string conflict_;
};

void check_update_function(const Update& update, const Node& node, const Binder& binder) {
  const auto known = [&](std::size_t i) { return binder.value(update.nodes[node.args[i]]); };
  if (node.kind == NodeKind::kPlus || node.kind == NodeKind::kMinus) {
    for (std::size_t i = 0; i < 2; ++i) {
      const table::Value* value = known(i);
      if (value != nullptr && !value->is(Type::kNumber)) {
        bad_operand(operator_name(node), table::type_name(value->type()));
      }
    }
    return;
  }
  if (node.kind != NodeKind::kFunction) return;
  binder.check_operand_count(node, 2);
  if (node.function == Function::kIfNotExists) {
    if (update.nodes[node.args[0]].kind != NodeKind::kPath) {
      fault("Operator or function requires a document path; operator or function: " + node.name);
    }
    return;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const table::Value* value = known(i);
    if (value != nullptr && !value->is(Type::kList)) {
      bad_operand(node.name, table::type_name(value->type()));
    }
  }
}

void check_update_operand(const UpdateAction& action, const table::Value& value) {
  const bool add = action.kind == UpdateAction::Kind::kAdd;
  if (value.is_set() || (add && value.is(Type::kNumber))) return;
  fault("Incorrect operand type for operator or function; operator: " +
        std::string(add ? "ADD" : "DELETE") +
        ", operand type: " + std::string(long_type_name(value.type())));
}

}  // namespace

ResolvedPath resolve(const Path& path, const Bindings& bindings) {
  ResolvedPath resolved;
  resolved.reserve(path.size());
  for (const PathStep& step : path) {
    switch (step.kind) {
      case PathStep::Kind::kName: resolved.push_back({false, 0, step.name}); break;
      case PathStep::Kind::kNameRef:
        resolved.push_back({false, 0, bindings.names[step.index]});
        break;
      case PathStep::Kind::kIndex: resolved.push_back({true, step.index, {}}); break;
    }
  }
  return resolved;
}

std::string_view head(const Path& path, const Bindings& bindings) {
  const PathStep& step = path.front();
  return step.kind == PathStep::Kind::kNameRef ? bindings.names[step.index] : step.name;
}

std::string printed(const ResolvedPath& path) {
  std::string out = "[";
  for (const ResolvedStep& step : path) {
    if (out.size() > 1) out += ", ";
    if (step.is_index) {
      out += "[" + std::to_string(step.index) + "]";
    } else {
      out += step.name;
    }
  }
  return out + "]";
}

Bindings bind(const Condition& condition, const Placeholders& placeholders) {
  Binder binder(condition.references, condition.literals, placeholders);
  const LeafChecker checker(condition, binder);
  std::size_t first = 0;
  for (std::size_t i = 0; i < condition.nodes.size(); ++i) {
    if (is_leaf(condition.nodes[i])) {
      checker.check(first, i);
      first = i + 1;
    } else if (condition.nodes[i].kind >= NodeKind::kAnd) {
      first = i + 1;
    }
  }
  return std::move(binder.bindings);
}

Bindings bind(const Update& update, const Placeholders& placeholders) {
  const Binder binder(update.references, update.literals, placeholders);
  for (std::size_t i = 0, next = 0; i < update.actions.size(); ++i) {
    const UpdateAction& action = update.actions[i];
    binder.check_defined(action.path);
    if (action.kind == UpdateAction::Kind::kRemove) continue;
    for (; next <= action.operand; ++next) {
      if (update.nodes[next].kind == NodeKind::kPath) binder.check_defined(update.nodes[next]);
    }
  }
  for (const Node& node : update.nodes) {
    if (node.kind == NodeKind::kValueRef) binder.check_value_defined(node);
  }
  PathChecker paths;
  for (const UpdateAction& action : update.actions) {
    paths.add(resolve(action.path, binder.bindings));
  }
  paths.finish();
  for (const UpdateAction& action : update.actions) {
    if (action.kind == UpdateAction::Kind::kAdd || action.kind == UpdateAction::Kind::kDelete) {
      check_update_operand(action, *binder.value(update.nodes[action.operand]));
    }
  }
  for (const Node& node : update.nodes) check_update_function(update, node, binder);
  return binder.bindings;
}

Bindings bind(const Projection& projection, const Placeholders& placeholders) {
  const std::vector<table::Value> no_literals;
  const Binder binder(projection.references, no_literals, placeholders);
  PathChecker paths;
  for (const Path& path : projection.paths) binder.check_defined(path);
  for (const Path& path : projection.paths) paths.add(resolve(path, binder.bindings));
  paths.finish();
  return binder.bindings;
}

}  // namespace bodega::dynamodb
