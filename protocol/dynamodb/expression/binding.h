// Expressions meet the request's ExpressionAttributeNames and ExpressionAttributeValues:
// placeholders are looked up and marked as used, and what depends on them is checked in the
// service's order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/table/value.h"
#include "protocol/dynamodb/expression/expression.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

// The two maps of one request.
class Placeholders {
 public:
  Placeholders() = default;

  // Reads the members of `request`, where present. Throws Error (ValidationException) for an empty
  // map, a malformed key or a bad value.
  static Placeholders read(json::Node request);

  // Throws Error when a name or a value was in no expression.
  void check_all_used() const;

 private:
  friend class Binder;
  struct Name {
    std::string_view key;
    std::string_view name;
    mutable bool used = false;
  };
  struct Value {
    std::string_view key;
    table::Value value;
    mutable bool used = false;
  };
  std::vector<Name> names_;
  std::vector<Value> values_;
};

// The names and values of one expression, parallel to its References. Views and pointers into
// Placeholders.
struct Bindings {
  std::vector<std::string_view> names;
  std::vector<const table::Value*> values;
};

// One step of a path with its name looked up.
struct ResolvedStep {
  bool is_index = false;
  std::uint32_t index = 0;
  std::string_view name;

  friend bool operator==(const ResolvedStep&, const ResolvedStep&) = default;
};
using ResolvedPath = std::vector<ResolvedStep>;

// The value of an operand that is one, by reference or as a literal of the tree; else nullptr. Also
// nullptr for a reference to a value that the request does not define.
inline const table::Value* value_of(const Node& node, const Bindings& bindings,
                                    const std::vector<table::Value>& literals) {
  if (node.kind == NodeKind::kValueRef) return bindings.values[node.value];
  return node.kind == NodeKind::kLiteral ? &literals[node.value] : nullptr;
}

ResolvedPath resolve(const Path& path, const Bindings& bindings);
// The attribute that a path begins with.
std::string_view head(const Path& path, const Bindings& bindings);
// "[a, [1], b]"
std::string printed(const ResolvedPath& path);

// Each throws ExpressionFault for the first thing that is wrong. A tree without references is bound
// to no placeholders.
Bindings bind(const Condition& condition, const Placeholders& placeholders);
Bindings bind(const Update& update, const Placeholders& placeholders);
Bindings bind(const Projection& projection, const Placeholders& placeholders);

}  // namespace bodega::dynamodb
