// Arguments: what every family does with the strings of a request: option words, integers and
// floats with Redis's strictness and its error texts. ArgumentCursor walks the options.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "engines/base/number_text.h"
#include "protocol/redis/wire/errors.h"

namespace bodega::redis {

// Case-insensitive (ASCII) equality with an option word given in upper or lower case.
bool is_word(std::string_view argument, std::string_view word);

inline constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();

// What strtod takes, whole and without surrounding space, "inf" included, never NaN.
std::optional<double> parse_double(std::string_view text);
std::optional<long double> parse_long_double(std::string_view text);

// base::canonical_integer(), throwing `error` on anything else.
std::int64_t to_integer(std::string_view text, std::string_view error = errors::kNotAnInteger);
// Within [low, high], else throws `error`.
std::int64_t to_integer_in(std::string_view text, std::int64_t low, std::int64_t high,
                           std::string_view error = errors::kOutOfRange);
// Within 32 bits, else Redis's own text with the bounds.
std::int64_t to_int(std::string_view text);
double to_double(std::string_view text, std::string_view error = errors::kNotAFloat);
long double to_long_double(std::string_view text, std::string_view error = errors::kNotAFloat);

// A count of pops (LPOP, SPOP …): a non-negative integer, else kMustBePositive.
std::int64_t to_count(std::string_view text);

// SCAN cursors: an unsigned 64-bit decimal, else kInvalidCursor. As strtoul reads it: nothing is 0,
// and a minus wraps around.
std::uint64_t to_cursor(std::string_view text);

// One of the words that an argument may be, and what it means.
template <class Value>
struct Choice {
  std::string_view word;
  Value value;
};

// What `text` means, in any case; absent when it is none of the words.
template <class Value, std::size_t kCount>
std::optional<Value> find_choice(std::string_view text, const Choice<Value> (&choices)[kCount]) {
  for (const Choice<Value>& choice : choices) {
    if (is_word(text, choice.word)) return choice.value;
  }
  return std::nullopt;
}

// The same, throwing `error` when it is none of them.
template <class Value, std::size_t kCount>
Value to_choice(std::string_view text, const Choice<Value> (&choices)[kCount],
                std::string_view error = errors::kSyntax) {
  const std::optional<Value> value = find_choice(text, choices);
  if (!value) throw Error(error);
  return *value;
}

// Goes through the options of a request, in the order in which Redis looks at them:
//
//   ArgumentCursor args(call.args, 3);
//   while (args.more()) {
//     if (args.take("REPLACE")) {
//       replace = true;
//     } else if (args.take("DB")) {
//       target = to_database(call, args.next());
//     } else {
//       throw Error(errors::kSyntax);
//     }
//   }
//
// Views the request's arguments, which must outlive it.
class ArgumentCursor {
 public:
  // REQUIRES: at <= args.size().
  ArgumentCursor(std::span<const std::string_view> args, std::size_t at)
      : at_(args.data() + at), end_(args.data() + args.size()) {}

  bool more() const { return at_ != end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  // Whether the current argument is `word`, in any case, with at least `values` arguments behind
  // it; if so, goes past the word.
  bool take(std::string_view word, std::size_t values = 0) {
    if (left() <= values || at_->size() != word.size() || !is_word(*at_, word)) return false;
    ++at_;
    return true;
  }

  // The same for several words: what the one that was taken means.
  template <class Value, std::size_t kCount>
  std::optional<Value> take(const Choice<Value> (&choices)[kCount]) {
    for (const Choice<Value>& choice : choices) {
      if (take(choice.word)) return choice.value;
    }
    return std::nullopt;
  }

  // The current argument, which is gone past. At the end of the request: throws a syntax error.
  std::string_view next() {
    if (!more()) throw Error(errors::kSyntax);
    return *at_++;
  }

  // Goes past so many arguments, or to the end.
  void skip(std::size_t count) { at_ += std::min(count, left()); }

  // Throws a syntax error unless every argument was gone past.
  void finish() const {
    if (more()) throw Error(errors::kSyntax);
  }

 private:
  const std::string_view* at_;
  const std::string_view* end_;
};

}  // namespace bodega::redis
