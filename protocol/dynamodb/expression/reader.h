// What the three parsers of expressions share: a place among the tokens, document paths, and the
// faults that are only reported when the syntax is right to the end, in the service's order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/dynamodb/expression/expression.h"
#include "protocol/dynamodb/expression/lexer.h"

namespace bodega::dynamodb {

class ExpressionReader {
 public:
  // Throws ExpressionFault when the text is empty or too long.
  explicit ExpressionReader(std::string_view text);

  const Token& token() const { return tokens_[at_]; }
  const Token& peek() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  void advance() { ++at_; }
  bool at_end() const { return token().kind == Token::Kind::kEnd; }
  // Moves over the symbol, or fails.
  void expect(std::string_view symbol);
  [[noreturn]] void fail() const;

  // A path that begins at this token. REQUIRES of the caller: the token is no keyword.
  Path path();
  // The rest of a path behind its first step, which may be nothing.
  void path_tail(Path& path);
  std::uint32_t value_ref();

  // Faults that wait for the end. The first of each kind counts.
  std::string redundant_parentheses;
  std::string unknown_function;
  std::string misused_function;
  std::string section;
  std::string reserved;
  std::string path_fault;
  std::size_t operators = 0;

  // Throws the first of: too many operators, then `faults` in the order given.
  void throw_first(std::initializer_list<const std::string*> faults) const;

  References references;

 private:
  PathStep name_step();

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

// Appends the node and returns its index.
std::uint32_t append_node(std::vector<Node>& nodes, Node node);

}  // namespace bodega::dynamodb
