#include "protocol/redis/wire/glob.h"

#include <utility>

namespace bodega::redis {
namespace {

char folded(char c, Case mode) {
  if (mode == Case::kInsensitive && c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c;
}

// One element of a pattern other than '*': a literal, '?', an escape or a class.
struct Element {
  std::size_t length;  // in the pattern
  bool matches;
};

// A class that is never closed ends with the pattern, as in Redis. REQUIRES: pattern[at] is '['.
Element match_class(std::string_view pattern, std::size_t at, char c, Case mode) {
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && pattern[i] == '^';
  if (negated) ++i;
  const auto wanted = static_cast<unsigned char>(folded(c, mode));
  bool found = false;
  while (i < pattern.size() && pattern[i] != ']') {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      found |= pattern[i + 1] == c;
      i += 2;
    } else if (i + 2 < pattern.size() && pattern[i + 1] == '-') {
      auto low = static_cast<unsigned char>(folded(pattern[i], mode));
      auto high = static_cast<unsigned char>(folded(pattern[i + 2], mode));
      if (low > high) std::swap(low, high);
      found |= low <= wanted && wanted <= high;
      i += 3;
    } else {
      found |= static_cast<unsigned char>(folded(pattern[i], mode)) == wanted;
      ++i;
    }
  }
  if (i < pattern.size()) ++i;  // the ']'
  return {i - at, found != negated};
}

Element match_element(std::string_view pattern, std::size_t at, char c, Case mode) {
  switch (pattern[at]) {
    case '?': return {1, true};
    case '[': return match_class(pattern, at, c, mode);
    case '\\':
      if (at + 1 < pattern.size()) return {2, folded(pattern[at + 1], mode) == folded(c, mode)};
      break;
  }
  return {1, folded(pattern[at], mode) == folded(c, mode)};
}

}  // namespace

// Only the last '*' seen needs to be retried: whatever an earlier one could take, a later one can
// take as well. That is what bounds the cost.
bool glob_match(std::string_view pattern, std::string_view text, Case mode) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      const Element element = match_element(pattern, p, text[t], mode);
      if (element.matches) {
        p += element.length;
        ++t;
        continue;
      }
    }
    if (star == std::string_view::npos) return false;
    p = star + 1;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace bodega::redis
