// Condition, filter and key condition expressions, by the shunting-yard way: operators wait on a
// stack of their own until what follows binds less. Nothing recurses, so 4096 bytes of parentheses
// or NOTs cost 4096 bytes of stack in a vector.
//
// A parenthesis may hold a condition or a mere operand, `(a = b)` or `(a) = b`; which it is shows
// only behind it. So operands of both sorts share one stack and know which they are, and each
// operator checks what it finds there; the syntax error is then at the operator, as in the service.
#include <array>

#include "protocol/dynamodb/expression/reader.h"

namespace bodega::dynamodb {

namespace {

struct FunctionRow {
  std::string_view name;
  Function function;
};

constexpr std::array<FunctionRow, 6> kFunctions{{
    {"attribute_exists", Function::kAttributeExists},
    {"attribute_not_exists", Function::kAttributeNotExists},
    {"attribute_type", Function::kAttributeType},
    {"begins_with", Function::kBeginsWith},
    {"contains", Function::kContains},
    {"size", Function::kSize},
}};

bool is_keyword(const Token& token) {
  return token.is_word("AND") || token.is_word("OR") || token.is_word("NOT") ||
         token.is_word("BETWEEN") || token.is_word("IN");
}

class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : reader_(text) {}

  Condition run() {
    frames_.push_back({FrameKind::kTop, 0, 0, false, {}});
    bool want_operand = true;
    for (;;) {
      if (want_operand) {
        want_operand = !operand();
      } else if (reader_.at_end()) {
        break;
      } else {
        want_operand = infix();
      }
    }
    if (frames_.size() > 1) reader_.fail();
    reduce_to(frames_.back().operators, 0);
    if (!operands_.back().condition) reader_.fail();
    note_misuse(operands_.back().node, Allow::kNoSize);
    condition_.root = operands_.back().node;
    reader_.throw_first({&reader_.redundant_parentheses, &reader_.unknown_function,
                         &reader_.misused_function, &reader_.path_fault, &reader_.reserved});
    condition_.references = std::move(reader_.references);
    return std::move(condition_);
  }

 private:
  enum class FrameKind : std::uint8_t { kTop, kGroup, kArguments, kInList };
  enum class Allow : std::uint8_t { kOnlySize, kNoSize };

  struct Frame {
    FrameKind kind;
    std::size_t operators;  // how many wait outside this frame
    std::size_t operands;
    bool only_values;      // a condition cannot stand here
    std::string function;  // kArguments
  };

  struct Operand {
    std::uint32_t node;
    bool condition;  // a truth value (functions count as both)
    bool value;
    bool grouped;  // is nothing but a pair of parentheses
  };

  struct Operator {
    NodeKind kind;
    int precedence;
    bool between_and;  // kBetween: its AND is behind us
  };

  static constexpr int kOr = 1;
  static constexpr int kAnd = 2;
  static constexpr int kNot = 3;
  static constexpr int kCompare = 4;

  // Whether what comes next must be a value: an argument, or the right side of a comparison.
  bool values_only() const {
    const Frame& frame = frames_.back();
    if (frame.only_values) return true;
    return operators_.size() > frame.operators && operators_.back().precedence == kCompare;
  }

  // Reads what stands where an operand is wanted. False: another one is wanted still.
  bool operand() {
    const Token& token = reader_.token();
    if (token.is("(")) {
      frames_.push_back(
          {FrameKind::kGroup, operators_.size(), operands_.size(), values_only(), {}});
      reader_.advance();
      return false;
    }
    if (token.kind == Token::Kind::kValueRef) {
      Node node;
      node.kind = NodeKind::kValueRef;
      node.value = reader_.value_ref();
      push_value(append_node(condition_.nodes, std::move(node)));
      return true;
    }
    if (token.is_word("NOT") && !values_only()) {
      operators_.push_back({NodeKind::kNot, kNot, false});
      ++reader_.operators;
      reader_.advance();
      return false;
    }
    if (is_keyword(token)) reader_.fail();
    if (token.kind == Token::Kind::kName && reader_.peek().is("(")) {
      frames_.push_back({FrameKind::kArguments, operators_.size(), operands_.size(), true,
                         std::string(token.text)});
      reader_.advance();
      reader_.advance();
      return false;
    }
    Node node;
    node.path = reader_.path();
    push_value(append_node(condition_.nodes, std::move(node)));
    return true;
  }

  void push_value(std::uint32_t node) { operands_.push_back({node, false, true, false}); }

  // Reads what stands behind an operand. True: another operand is wanted.
  bool infix() {
    const Token& token = reader_.token();
    if (token.is(")")) {
      close();
      return false;
    }
    if (token.is(",")) {
      if (frames_.back().kind != FrameKind::kArguments &&
          frames_.back().kind != FrameKind::kInList) {
        reader_.fail();
      }
      reader_.advance();
      return true;
    }
    if ((token.is(".") || token.is("[")) && operands_.back().grouped && extend_path()) return false;
    if (token.is_word("AND") && operators_.size() > frames_.back().operators &&
        operators_.back().kind == NodeKind::kBetween && !operators_.back().between_and) {
      if (!operands_.back().value) reader_.fail();
      operators_.back().between_and = true;
      reader_.advance();
      return true;
    }
    if (frames_.back().only_values) reader_.fail();
    if (token.is_word("AND")) return binary(NodeKind::kAnd, kAnd);
    if (token.is_word("OR")) return binary(NodeKind::kOr, kOr);
    if (token.is_word("BETWEEN")) return binary(NodeKind::kBetween, kCompare);
    if (token.is_word("IN")) return in_list();
    if (token.is("=")) return binary(NodeKind::kEqual, kCompare);
    if (token.is("<>")) return binary(NodeKind::kNotEqual, kCompare);
    if (token.is("<")) return binary(NodeKind::kLess, kCompare);
    if (token.is("<=")) return binary(NodeKind::kLessOrEqual, kCompare);
    if (token.is(">")) return binary(NodeKind::kGreater, kCompare);
    if (token.is(">=")) return binary(NodeKind::kGreaterOrEqual, kCompare);
    reader_.fail();
  }

  // `(a).b`: the path goes on behind its parentheses.
  bool extend_path() {
    Node& node = condition_.nodes[operands_.back().node];
    if (node.kind != NodeKind::kPath) return false;
    reader_.path_tail(node.path);
    operands_.back().grouped = false;
    return true;
  }

  bool binary(NodeKind kind, int precedence) {
    reduce_to(frames_.back().operators, precedence);
    const Operand& left = operands_.back();
    if (precedence == kCompare ? !left.value : !left.condition) reader_.fail();
    operators_.push_back({kind, precedence, false});
    ++reader_.operators;
    reader_.advance();
    return true;
  }

  bool in_list() {
    reduce_to(frames_.back().operators, kCompare);
    if (!operands_.back().value) reader_.fail();
    ++reader_.operators;
    reader_.advance();
    if (!reader_.token().is("(")) reader_.fail();
    frames_.push_back({FrameKind::kInList, operators_.size(), operands_.size(), true, {}});
    reader_.advance();
    return true;
  }

  // Applies the waiting operators that bind at least as tightly as `precedence`.
  void reduce_to(std::size_t base, int precedence) {
    while (operators_.size() > base && operators_.back().precedence >= precedence) {
      const Operator top = operators_.back();
      operators_.pop_back();
      Node node;
      node.kind = top.kind;
      if (top.kind == NodeKind::kBetween && !top.between_and) reader_.fail();
      const std::size_t count = top.kind == NodeKind::kNot       ? 1
                                : top.kind == NodeKind::kBetween ? 3
                                                                 : 2;
      const Operand& last = operands_.back();
      if (top.precedence == kCompare ? !last.value : !last.condition) reader_.fail();
      node.args.reserve(count);
      for (std::size_t i = operands_.size() - count; i < operands_.size(); ++i) {
        node.args.push_back(operands_[i].node);
      }
      operands_.resize(operands_.size() - count);
      push_condition(std::move(node));
    }
  }

  void push_condition(Node node) {
    const bool logical =
        node.kind == NodeKind::kAnd || node.kind == NodeKind::kOr || node.kind == NodeKind::kNot;
    for (const std::uint32_t arg : node.args) {
      note_misuse(arg, logical ? Allow::kNoSize : Allow::kOnlySize);
    }
    operands_.push_back({append_node(condition_.nodes, std::move(node)), true, false, false});
  }

  // size() is a value and never a condition; the other functions are the opposite.
  void note_misuse(std::uint32_t index, Allow allow) {
    const Node& node = condition_.nodes[index];
    if (node.kind != NodeKind::kFunction || !reader_.misused_function.empty()) return;
    const bool size = node.function == Function::kSize;
    if (allow == Allow::kOnlySize ? !size : size) {
      reader_.misused_function =
          "The function is not allowed to be used this way in an expression; function: " +
          node.name;
    }
  }

  // A closing parenthesis, of whichever sort of frame.
  void close() {
    const Frame frame = frames_.back();
    if (frame.kind == FrameKind::kTop) reader_.fail();
    reduce_to(frame.operators, 0);
    frames_.pop_back();
    if (frame.kind == FrameKind::kGroup) {
      Operand& inner = operands_.back();
      if (inner.grouped && reader_.redundant_parentheses.empty()) {
        reader_.redundant_parentheses = "The expression has redundant parentheses;";
      }
      inner.grouped = true;
      reader_.advance();
      return;
    }
    Node node;
    std::size_t first = frame.operands;
    if (frame.kind == FrameKind::kInList) {
      node.kind = NodeKind::kIn;
      --first;  // the operand before IN
    } else {
      node.kind = NodeKind::kFunction;
      node.name = frame.function;
    }
    for (std::size_t i = first; i < operands_.size(); ++i) {
      node.args.push_back(operands_[i].node);
    }
    operands_.resize(first);
    reader_.advance();
    if (node.kind == NodeKind::kIn) {
      push_condition(std::move(node));
      return;
    }
    for (const auto& row : kFunctions) {
      if (row.name == node.name) node.function = row.function;
    }
    if (node.function == Function::kUnknown && reader_.unknown_function.empty()) {
      const bool of_updates = node.name == "if_not_exists" || node.name == "list_append";
      reader_.unknown_function =
          (of_updates ? "The function is not allowed in a condition expression; function: "
                      : "Invalid function name; function: ") +
          node.name;
    }
    for (const std::uint32_t arg : node.args) note_misuse(arg, Allow::kOnlySize);
    operands_.push_back({append_node(condition_.nodes, std::move(node)), true, true, false});
  }

  ExpressionReader reader_;
  Condition condition_;
  std::vector<Frame> frames_;
  std::vector<Operand> operands_;
  std::vector<Operator> operators_;
};

}  // namespace

Condition parse_condition(std::string_view text) { return ConditionParser(text).run(); }

}  // namespace bodega::dynamodb
