#include "protocol/dynamodb/expression/lexer.h"

#include <algorithm>

namespace bodega::dynamodb {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_part(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

bool Token::is_word(std::string_view word) const {
  return kind == Kind::kName && text.size() == word.size() &&
         std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
           return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
         });
}

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  tokens.reserve(text.size() / 4 + 2);
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (is_blank(c)) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    auto kind = Token::Kind::kSymbol;
    if (is_letter(c)) {
      while (end < text.size() && is_part(text[end])) ++end;
      kind = Token::Kind::kName;
    } else if (is_digit(c)) {
      while (end < text.size() && is_digit(text[end])) ++end;
      kind = Token::Kind::kNumber;
    } else if ((c == '#' || c == ':') && end < text.size() && is_part(text[end])) {
      while (end < text.size() && is_part(text[end])) ++end;
      kind = c == '#' ? Token::Kind::kNameRef : Token::Kind::kValueRef;
    } else if (c == '<') {
      if (end < text.size() && (text[end] == '=' || text[end] == '>')) ++end;
    } else if (c == '>') {
      if (end < text.size() && text[end] == '=') ++end;
    } else if (std::string_view("=()[],.+-").find(c) == std::string_view::npos) {
      kind = Token::Kind::kUnknown;
      // A whole UTF-8 character, so that the message quotes no half of one.
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    }
    tokens.push_back({kind, text.substr(at, end - at), at});
    at = end;
  }
  tokens.push_back({Token::Kind::kEnd, "<EOF>", text.size()});
  return tokens;
}

std::string syntax_error(std::string_view text, const std::vector<Token>& tokens,
                         std::size_t index) {
  const Token& token = tokens[index];
  const std::size_t first = index == 0 ? index : index - 1;
  std::size_t last = index + 1 < tokens.size() ? index + 1 : index;
  while (last > first && tokens[last].kind == Token::Kind::kEnd) --last;
  std::string_view near;
  if (tokens[last].kind != Token::Kind::kEnd) {
    const std::size_t end = tokens[last].offset + tokens[last].text.size();
    near = text.substr(tokens[first].offset, end - tokens[first].offset);
  }
  std::string message = "Syntax error; token: \"";
  message += token.text;
  message += "\", near: \"";
  message += near;
  message += '"';
  return message;
}

}  // namespace bodega::dynamodb
