// Update and projection expressions. Both are flat: the only nesting is of function arguments and
// parentheses on the right of a SET, which an explicit stack holds.
#include <algorithm>
#include <array>

#include "protocol/dynamodb/expression/reader.h"

namespace bodega::dynamodb {

namespace {

struct SectionRow {
  std::string_view word;
  UpdateAction::Kind kind;
};

constexpr std::array<SectionRow, 4> kSections{{
    {"SET", UpdateAction::Kind::kSet},
    {"REMOVE", UpdateAction::Kind::kRemove},
    {"ADD", UpdateAction::Kind::kAdd},
    {"DELETE", UpdateAction::Kind::kDelete},
}};

constexpr std::array<std::string_view, 6> kConditionFunctions{
    "attribute_exists", "attribute_not_exists",
    "attribute_type",   "begins_with",
    "contains",         "size"};

const SectionRow* section_of(const Token& token) {
  for (const auto& row : kSections) {
    if (token.is_word(row.word)) return &row;
  }
  return nullptr;
}

// Reads the right side of a SET: operand | operand + operand | operand - operand, each perhaps in
// parentheses. Frames are opened by parentheses and function names; a sum may stand at the top and
// in parentheses there, and only one in each.
class SetValueParser {
 public:
  SetValueParser(ExpressionReader& reader, Update& update) : reader_(reader), update_(update) {}

  std::uint32_t run() {
    frames_.push_back({});
    bool want_operand = true;
    for (;;) {
      if (want_operand) {
        want_operand = !operand();
      } else if (begins_sum()) {
        want_operand = true;
      } else if (sum_waits()) {
        finish_sum();
      } else if (frames_.size() == 1) {
        return operands_.back().node;
      } else if (reader_.token().is(",") && frames_.back().function) {
        reader_.advance();
        want_operand = true;
      } else {
        close();
      }
    }
  }

 private:
  struct Frame {
    bool function = false;
    bool sum_allowed = true;
    bool sum_waits = false;  // a plus or minus has its left side only
    NodeKind sum = NodeKind::kPlus;
    std::size_t operands = 0;  // how many there were before the frame
    std::string name;
  };
  struct Operand {
    std::uint32_t node;
    bool grouped;  // is nothing but a pair of parentheses
  };

  bool sum_waits() const { return frames_.back().sum_waits; }

  // Reads what stands where an operand is wanted. False: another one is wanted still.
  bool operand() {
    const Token& token = reader_.token();
    if (token.is("(")) {
      Frame frame;
      frame.sum_allowed = frames_.back().sum_allowed && !sum_waits();
      frame.operands = operands_.size();
      frames_.push_back(std::move(frame));
      reader_.advance();
      return false;
    }
    Node node;
    if (token.kind == Token::Kind::kValueRef) {
      node.kind = NodeKind::kValueRef;
      node.value = reader_.value_ref();
    } else if (section_of(token) != nullptr) {
      reader_.fail();
    } else if (token.kind == Token::Kind::kName && reader_.peek().is("(")) {
      Frame frame;
      frame.function = true;
      frame.sum_allowed = false;
      frame.operands = operands_.size();
      frame.name = token.text;
      frames_.push_back(std::move(frame));
      reader_.advance();
      reader_.advance();
      return false;
    } else {
      node.path = reader_.path();
    }
    operands_.push_back({append_node(update_.nodes, std::move(node)), false});
    return true;
  }

  bool begins_sum() {
    const Token& token = reader_.token();
    Frame& frame = frames_.back();
    if (!token.is("+") && !token.is("-")) return false;
    if (!frame.sum_allowed || frame.sum_waits) return false;
    const NodeKind left = update_.nodes[operands_.back().node].kind;
    if (left == NodeKind::kPlus || left == NodeKind::kMinus) return false;
    frame.sum_waits = true;
    frame.sum = token.is("+") ? NodeKind::kPlus : NodeKind::kMinus;
    ++reader_.operators;
    reader_.advance();
    return true;
  }

  void finish_sum() {
    Node node;
    node.kind = frames_.back().sum;
    frames_.back().sum_waits = false;
    node.args = {operands_[operands_.size() - 2].node, operands_.back().node};
    operands_.resize(operands_.size() - 2);
    operands_.push_back({append_node(update_.nodes, std::move(node)), false});
  }

  void close() {
    reader_.expect(")");
    const Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (!frame.function) {
      if (operands_.back().grouped && reader_.redundant_parentheses.empty()) {
        reader_.redundant_parentheses = "The expression has redundant parentheses;";
      }
      operands_.back().grouped = true;
      return;
    }
    Node node;
    node.kind = NodeKind::kFunction;
    node.name = frame.name;
    for (std::size_t i = frame.operands; i < operands_.size(); ++i) {
      node.args.push_back(operands_[i].node);
    }
    operands_.resize(frame.operands);
    operands_.push_back({function(std::move(node)), false});
  }

  std::uint32_t function(Node node) {
    if (node.name == "if_not_exists") {
      node.function = Function::kIfNotExists;
    } else if (node.name == "list_append") {
      node.function = Function::kListAppend;
    } else if (reader_.unknown_function.empty()) {
      const bool of_conditions = std::find(kConditionFunctions.begin(), kConditionFunctions.end(),
                                           node.name) != kConditionFunctions.end();
      reader_.unknown_function =
          (of_conditions ? "The function is not allowed in an update expression; function: "
                         : "Invalid function name; function: ") +
          node.name;
    }
    for (const std::uint32_t arg : node.args) {
      // if_not_exists may be nested into another function, list_append may not.
      if (update_.nodes[arg].function == Function::kListAppend &&
          reader_.misused_function.empty()) {
        reader_.misused_function =
            "The function is not allowed to be used this way in an expression; function: " +
            update_.nodes[arg].name;
      }
    }
    return append_node(update_.nodes, std::move(node));
  }

  ExpressionReader& reader_;
  Update& update_;
  std::vector<Frame> frames_;
  std::vector<Operand> operands_;
};

class UpdateParser {
 public:
  explicit UpdateParser(std::string_view text) : reader_(text) {}

  Update run() {
    std::array<bool, kSections.size()> seen{};
    do {
      const SectionRow* row = section_of(reader_.token());
      if (row == nullptr) reader_.fail();
      bool& again = seen[static_cast<std::size_t>(row->kind)];
      if (again && reader_.section.empty()) {
        reader_.section = "The \"" + std::string(row->word) +
                          "\" section can only be used once in an update expression;";
      }
      again = true;
      reader_.advance();
      for (;;) {
        action(row->kind);
        if (!reader_.token().is(",")) break;
        reader_.advance();
      }
    } while (!reader_.at_end());
    reader_.throw_first({&reader_.reserved, &reader_.redundant_parentheses,
                         &reader_.unknown_function, &reader_.misused_function, &reader_.path_fault,
                         &reader_.section});
    update_.references = std::move(reader_.references);
    return std::move(update_);
  }

 private:
  Path path() {
    if (section_of(reader_.token()) != nullptr) reader_.fail();
    return reader_.path();
  }

  void action(UpdateAction::Kind kind) {
    UpdateAction action;
    action.kind = kind;
    action.path = path();
    switch (kind) {
      case UpdateAction::Kind::kSet:
        reader_.expect("=");
        action.operand = SetValueParser(reader_, update_).run();
        break;
      case UpdateAction::Kind::kRemove: break;
      case UpdateAction::Kind::kAdd:
      case UpdateAction::Kind::kDelete: {
        Node node;
        node.kind = NodeKind::kValueRef;
        node.value = reader_.value_ref();
        action.operand = append_node(update_.nodes, std::move(node));
        break;
      }
    }
    update_.actions.push_back(std::move(action));
  }

  ExpressionReader reader_;
  Update update_;
};

}  // namespace

Update parse_update(std::string_view text) { return UpdateParser(text).run(); }

Projection parse_projection(std::string_view text) {
  ExpressionReader reader(text);
  Projection projection;
  for (;;) {
    projection.paths.push_back(reader.path());
    if (!reader.token().is(",")) break;
    reader.advance();
  }
  if (!reader.at_end()) reader.fail();
  reader.throw_first({&reader.path_fault, &reader.reserved});
  projection.references = std::move(reader.references);
  return projection;
}

}  // namespace bodega::dynamodb
