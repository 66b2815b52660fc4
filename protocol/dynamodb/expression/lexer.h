// Splits an expression into tokens, for all five kinds of expressions. It keeps where each token
// stands, because a syntax error quotes the source around the token it met.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::dynamodb {

struct Token {
  enum class Kind : std::uint8_t {
    kName,     // a letter, then letters, digits, underscores: an attribute, a function or a keyword
    kNameRef,  // '#' and what follows, with the '#'
    kValueRef,  // ':' and what follows, with the ':'
    kNumber,    // digits
    kSymbol,    // = <> < <= > >= ( ) [ ] , . + -
    kUnknown,   // one character that begins nothing (a leading underscore is one)
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string_view text;  // "<EOF>" at the end
  std::size_t offset = 0;

  bool is(std::string_view symbol) const { return kind == Kind::kSymbol && text == symbol; }
  // A keyword, without regard to case. REQUIRES: `word` is upper case.
  bool is_word(std::string_view word) const;
};

// The tokens, the last of kind kEnd. Views point into `text`.
std::vector<Token> tokenize(std::string_view text);

// `Syntax error; token: "x", near: "y"`, where near is the source from the token before to the
// token behind.
std::string syntax_error(std::string_view text, const std::vector<Token>& tokens,
                         std::size_t index);

}  // namespace bodega::dynamodb
