// Update and projection expressions. Both are flat: the only nesting is of function arguments and
// parentheses on the right of a SET, which an explicit stack holds.
#include <array>

#include "protocol/dynamodb/expression_reader.h"

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

const SectionRow* section_of(const Token& token) {
  for (const auto& row : kSections) {
    if (token.is_word(row.word)) return &row;
  }
  return nullptr;
}

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
        action.operand = set_value();
        break;
      case UpdateAction::Kind::kRemove:
        break;
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

  // operand | operand + operand | operand - operand, each perhaps in parentheses. Frames are opened by
  // parentheses and function names; a sum may stand at the top and in one pair of parentheses there.
  std::uint32_t set_value() {
    struct Frame {
      bool function;
      bool sum_allowed;
      std::size_t operands;
      std::string name;
    };
    std::vector<Frame> frames{{false, true, 0, {}}};
    struct Operand {
      std::uint32_t node;
      bool grouped;
    };
    std::vector<Operand> operands;
    std::vector<std::pair<std::size_t, NodeKind>> sums;  // the frame depth and the waiting operator
    bool want_operand = true;
    for (;;) {
      const Token& token = reader_.token();
      const bool sum_waits = !sums.empty() && sums.back().first == frames.size();
      if (want_operand) {
        if (token.is("(")) {
          const bool sum_allowed =
              !frames.back().function && frames.back().sum_allowed && !sum_waits;
          frames.push_back({false, sum_allowed, operands.size(), {}});
          reader_.advance();
          continue;
        }
        Node node;
        if (token.kind == Token::Kind::kValueRef) {
          node.kind = NodeKind::kValueRef;
          node.value = reader_.value_ref();
        } else if (token.kind == Token::Kind::kName && reader_.peek().is("(") &&
                   section_of(token) == nullptr) {
          frames.push_back({true, false, operands.size(), std::string(token.text)});
          reader_.advance();
          reader_.advance();
          continue;
        } else {
          node.path = path();
        }
        operands.push_back({append_node(update_.nodes, std::move(node)), false});
        want_operand = false;
        continue;
      }
      if ((token.is("+") || token.is("-")) && frames.back().sum_allowed &&
          !frames.back().function && !sum_waits &&
          update_.nodes[operands.back().node].kind != NodeKind::kPlus &&
          update_.nodes[operands.back().node].kind != NodeKind::kMinus) {
        sums.emplace_back(frames.size(), token.is("+") ? NodeKind::kPlus : NodeKind::kMinus);
        ++reader_.operators;
        reader_.advance();
        want_operand = true;
        continue;
      }
      if (sum_waits) {
        Node node;
        node.kind = sums.back().second;
        sums.pop_back();
        node.args = {operands[operands.size() - 2].node, operands.back().node};
        operands.resize(operands.size() - 2);
        operands.push_back({append_node(update_.nodes, std::move(node)), false});
        continue;
      }
      if (frames.size() == 1) return operands.back().node;
      if (token.is(",") && frames.back().function) {
        reader_.advance();
        want_operand = true;
        continue;
      }
      reader_.expect(")");
      const Frame frame = std::move(frames.back());
      frames.pop_back();
      if (!frame.function) {
        if (operands.back().grouped && reader_.redundant_parentheses.empty()) {
          reader_.redundant_parentheses = "The expression has redundant parentheses;";
        }
        operands.back().grouped = true;
        continue;
      }
      Node node;
      node.kind = NodeKind::kFunction;
      node.name = frame.name;
      for (std::size_t i = frame.operands; i < operands.size(); ++i) {
        node.args.push_back(operands[i].node);
      }
      operands.resize(frame.operands);
      operands.push_back({function(std::move(node)), false});
    }
  }

  std::uint32_t function(Node node) {
    if (node.name == "if_not_exists") {
      node.function = Function::kIfNotExists;
    } else if (node.name == "list_append") {
      node.function = Function::kListAppend;
    } else if (reader_.unknown_function.empty()) {
      reader_.unknown_function = "Invalid function name; function: " + node.name;
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
