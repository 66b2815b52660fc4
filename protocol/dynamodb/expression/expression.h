// Expressions as trees. A tree that is parsed is made from the text alone: #names and :values stay
// references, so that it can be kept and used again for the next request with the same text
// (cache.h). What needs the request's names and values is checked when they are bound (binding.h).
// A tree that is built by other means can hold its values itself, as literals.
//
// Trees live in one vector each and refer by index; operands stand before their operators, which is
// the order in which the service checks them.
//
// Who makes trees: condition_parser.cc, update_parser.cc, reader.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engines/table/value.h"

namespace bodega::dynamodb {

inline constexpr std::size_t kMaxExpressionBytes = 4096;
inline constexpr std::size_t kMaxOperators = 300;
inline constexpr std::size_t kMaxPathSteps = 32;
inline constexpr std::size_t kMaxInOperands = 100;
inline constexpr std::uint32_t kMaxListIndex = 2'147'483'647;

// What is wrong with an expression. Caught where the kind of expression is known, and shown behind
// "Invalid ConditionExpression: " and its like.
struct ExpressionFault {
  std::string message;
};

struct PathStep {
  enum class Kind : std::uint8_t { kName, kNameRef, kIndex };
  Kind kind = Kind::kName;
  std::uint32_t index = 0;  // kIndex: the list position; kNameRef: which of References::names
  std::string name;         // kName
};

using Path = std::vector<PathStep>;

// The distinct #names and :values of an expression, in the order of their first use.
struct References {
  std::vector<std::string> names;
  std::vector<std::string> values;
};

enum class NodeKind : std::uint8_t {
  kPath,
  kValueRef,
  kLiteral,
  kFunction,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kBetween,
  kIn,
  kAnd,
  kOr,
  kNot,
  kPlus,
  kMinus,
};

enum class Function : std::uint8_t {
  kUnknown,
  kAttributeExists,
  kAttributeNotExists,
  kAttributeType,
  kBeginsWith,
  kContains,
  kSize,
  kIfNotExists,
  kListAppend,
};

struct Node {
  NodeKind kind = NodeKind::kPath;
  Function function = Function::kUnknown;
  std::uint32_t value = 0;  // kValueRef: which of References::values; kLiteral: which literal
  std::vector<std::uint32_t> args;  // indices of nodes, each smaller than this node's own
  Path path;                        // kPath
  std::string name;                 // kFunction, as written
};

// The operator as the service prints it: "=", "<>", "BETWEEN", "AND", a function's name, …
std::string_view operator_name(const Node& node);

struct Condition {
  std::vector<Node> nodes;
  std::uint32_t root = 0;
  References references;
  std::vector<table::Value> literals;
};

struct Projection {
  std::vector<Path> paths;
  References references;
};

struct UpdateAction {
  enum class Kind : std::uint8_t { kSet, kRemove, kAdd, kDelete };
  Kind kind = Kind::kSet;
  Path path;
  std::uint32_t operand = 0;  // the node to the right; nothing for kRemove
};

struct Update {
  std::vector<Node> nodes;
  std::vector<UpdateAction> actions;
  References references;
  std::vector<table::Value> literals;
};

// Each throws ExpressionFault: for a syntax error, and for what is wrong whatever the names and
// values are (too long, too many operators, redundant parentheses, unknown or misused functions,
// reserved words). Linear time, no recursion.
Condition parse_condition(std::string_view text);
Projection parse_projection(std::string_view text);
Update parse_update(std::string_view text);

}  // namespace bodega::dynamodb
