#include "protocol/redis/admin/command_syntax.h"

#include <algorithm>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/text.h"

namespace bodega::redis {
namespace {

using Type = CommandArgument::Type;

constexpr std::string_view kMarks = " |=:*+[](){}";

bool is_capital(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; }

Type type_of(char letter) {
  switch (letter) {
    case 'i': return Type::kInteger;
    case 'd': return Type::kDouble;
    case 'p': return Type::kPattern;
    case 'u': return Type::kUnixTime;
    case 'k': return Type::kKey;
    default: break;
  }
  BODEGA_CHECK(false && "a type");
  return Type::kString;
}

class SyntaxParser {
 public:
  explicit SyntaxParser(std::string_view notation) : rest_(notation) {}

  // Up to the end, or to what closes or separates.
  std::vector<CommandArgument> sequence() {
    std::vector<CommandArgument> out;
    while (true) {
      while (take(' ')) {
      }
      if (rest_.empty() || std::string_view("|])}").find(rest_.front()) != std::string_view::npos) {
        return out;
      }
      out.push_back(argument());
    }
  }

  bool at_end() const { return rest_.empty(); }

 private:
  bool take(char mark) {
    if (rest_.empty() || rest_.front() != mark) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void close(char mark) {
    const bool closed = take(mark);
    BODEGA_CHECK(closed);
  }

  CommandArgument argument() {
    CommandArgument out;
    if (take('[')) {
      out = choice();
      close(']');
      out.optional = true;
    } else if (take('(')) {
      out = choice();
      close(')');
    } else if (take('{')) {
      out = together(sequence());
      close('}');
    } else {
      out = word();
    }
    if (take('*')) out.multiple = true;
    if (take('+')) out.multiple = out.multiple_token = true;
    return out;
  }

  // What stands between | and |.
  CommandArgument choice() {
    std::vector<CommandArgument> ways;
    do {
      std::vector<CommandArgument> way = sequence();
      BODEGA_CHECK(!way.empty());
      ways.push_back(way.size() == 1 ? std::move(way.front()) : together(std::move(way)));
    } while (take('|'));
    if (ways.size() == 1) return std::move(ways.front());
    return {.name = "choice", .type = Type::kOneOf, .parts = std::move(ways)};
  }

  static CommandArgument together(std::vector<CommandArgument> parts) {
    return {.name = "block", .type = Type::kBlock, .parts = std::move(parts)};
  }

  // A word of the command with or without a value, or the name of a value.
  CommandArgument word() {
    const bool is_quoted = take('\'');
    const std::size_t end =
        std::min(is_quoted ? rest_.find('\'') : rest_.find_first_of(kMarks), rest_.size());
    const std::string_view text = rest_.substr(0, end);
    BODEGA_CHECK(!text.empty());
    rest_.remove_prefix(end);
    if (is_quoted) close('\'');
    if (take('=')) {
      CommandArgument value = argument();
      value.token = text;
      if (!value.parts.empty()) value.name = base::to_lower(text);
      return value;
    }
    CommandArgument out{.name = base::to_lower(text)};
    if (is_quoted || std::all_of(text.begin(), text.end(), is_capital)) {
      out.type = Type::kPureToken;
      out.token = text;
    } else if (take(':')) {
      BODEGA_CHECK(!rest_.empty());
      out.type = type_of(rest_.front());
      rest_.remove_prefix(1);
    } else if (text == "key") {
      out.type = Type::kKey;
    }
    return out;
  }

  std::string_view rest_;
};

}  // namespace

std::vector<CommandArgument> parse_syntax(std::string_view notation) {
  SyntaxParser parser(notation);
  std::vector<CommandArgument> out = parser.sequence();
  BODEGA_CHECK(parser.at_end());
  return out;
}

}  // namespace bodega::redis
