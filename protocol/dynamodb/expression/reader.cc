#include "protocol/dynamodb/expression/reader.h"

#include <algorithm>
#include <charconv>

#include "protocol/dynamodb/expression/reserved_words.h"

namespace bodega::dynamodb {

namespace {

std::uint32_t place_of(std::vector<std::string>& list, std::string_view text) {
  const auto found = std::find(list.begin(), list.end(), text);
  if (found != list.end()) return static_cast<std::uint32_t>(found - list.begin());
  list.emplace_back(text);
  return static_cast<std::uint32_t>(list.size() - 1);
}

}  // namespace

ExpressionReader::ExpressionReader(std::string_view text) : text_(text) {
  if (text.empty()) throw ExpressionFault{"The expression can not be empty;"};
  if (text.size() > kMaxExpressionBytes) {
    throw ExpressionFault{
        "Expression size has exceeded the maximum allowed size; expression size: " +
        std::to_string(text.size())};
  }
  tokens_ = tokenize(text);
  if (tokens_.size() == 1) throw ExpressionFault{"The expression can not be empty;"};
}

void ExpressionReader::expect(std::string_view symbol) {
  if (!token().is(symbol)) fail();
  advance();
}

void ExpressionReader::fail() const { throw ExpressionFault{syntax_error(text_, tokens_, at_)}; }

PathStep ExpressionReader::name_step() {
  PathStep step;
  if (token().kind == Token::Kind::kName) {
    step.name = token().text;
    if (reserved.empty() && is_reserved_word(step.name)) {
      reserved = "Attribute name is a reserved keyword; reserved keyword: " + step.name;
    }
  } else if (token().kind == Token::Kind::kNameRef) {
    step.kind = PathStep::Kind::kNameRef;
    step.index = place_of(references.names, token().text);
  } else {
    fail();
  }
  advance();
  return step;
}

Path ExpressionReader::path() {
  Path path;
  path.push_back(name_step());
  path_tail(path);
  return path;
}

void ExpressionReader::path_tail(Path& path) {
  for (;;) {
    if (token().is(".")) {
      advance();
      path.push_back(name_step());
    } else if (token().is("[")) {
      advance();
      if (token().kind != Token::Kind::kNumber) fail();
      PathStep step;
      step.kind = PathStep::Kind::kIndex;
      const std::string_view digits = token().text;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), step.index);
      if (error != std::errc{} || step.index > kMaxListIndex) {
        step.index = 0;
        if (path_fault.empty()) {
          path_fault =
              "List index is not within the allowable range; index: [" + std::string(digits) + "]";
        }
      }
      advance();
      expect("]");
      path.push_back(std::move(step));
    } else {
      break;
    }
  }
  if (path.size() > kMaxPathSteps && path_fault.empty()) {
    path_fault = "The document path has too many nesting levels; nesting levels: " +
                 std::to_string(path.size());
  }
}

std::uint32_t ExpressionReader::value_ref() {
  if (token().kind != Token::Kind::kValueRef) fail();
  const std::uint32_t place = place_of(references.values, token().text);
  advance();
  return place;
}

void ExpressionReader::throw_first(std::initializer_list<const std::string*> faults) const {
  if (operators > kMaxOperators) {
    throw ExpressionFault{"The expression contains too many operators; operator count: " +
                          std::to_string(kMaxOperators + 1)};
  }
  for (const std::string* fault : faults) {
    if (!fault->empty()) throw ExpressionFault{*fault};
  }
}

std::uint32_t append_node(std::vector<Node>& nodes, Node node) {
  nodes.push_back(std::move(node));
  return static_cast<std::uint32_t>(nodes.size() - 1);
}

std::string_view operator_name(const Node& node) {
  switch (node.kind) {
    case NodeKind::kPath:
    case NodeKind::kValueRef:
    case NodeKind::kLiteral: return "";
    case NodeKind::kFunction: return node.name;
    case NodeKind::kEqual: return "=";
    case NodeKind::kNotEqual: return "<>";
    case NodeKind::kLess: return "<";
    case NodeKind::kLessOrEqual: return "<=";
    case NodeKind::kGreater: return ">";
    case NodeKind::kGreaterOrEqual: return ">=";
    case NodeKind::kBetween: return "BETWEEN";
    case NodeKind::kIn: return "IN";
    case NodeKind::kAnd: return "AND";
    case NodeKind::kOr: return "OR";
    case NodeKind::kNot: return "NOT";
    case NodeKind::kPlus: return "+";
    case NodeKind::kMinus: return "-";
  }
  return "";
}

}  // namespace bodega::dynamodb
