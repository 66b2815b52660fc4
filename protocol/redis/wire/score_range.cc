#include "protocol/redis/wire/score_range.h"

#include <cmath>
#include <cstdlib>

#include "protocol/redis/wire/errors.h"

namespace bodega::redis {
namespace {

using keyspace::SortedSet;

// Anything strtod reads whole; nothing at all reads as 0, as in Redis.
double parse_bound(std::string_view text, bool& open) {
  open = text.starts_with('(');
  const std::string copy(open ? text.substr(1) : text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (*end != '\0' || std::isnan(value)) throw Error("ERR min or max is not a float");
  return value;
}

LexBound parse_lex_bound(std::string_view text) {
  if (text == "-") return {LexBound::Kind::kLowest, {}};
  if (text == "+") return {LexBound::Kind::kHighest, {}};
  if (text.starts_with('(')) return {LexBound::Kind::kOpen, text.substr(1)};
  if (text.starts_with('[')) return {LexBound::Kind::kClosed, text.substr(1)};
  throw Error("ERR min or max not valid string range item");
}

RankRange between(std::size_t first, std::size_t behind) {
  return {first, behind > first ? behind - first : 0};
}

// How many members lie before the bound; `open_bound` is how an open one counts its own member.
std::size_t count_before(const SortedSet& set, const LexBound& bound, SortedSet::Bound open_bound) {
  switch (bound.kind) {
    case LexBound::Kind::kLowest: return 0;
    case LexBound::Kind::kHighest: return set.size();
    case LexBound::Kind::kOpen: return set.count_before(bound.member, open_bound);
    case LexBound::Kind::kClosed:
      return set.count_before(bound.member, open_bound == SortedSet::Bound::kUpTo
                                                ? SortedSet::Bound::kBefore
                                                : SortedSet::Bound::kUpTo);
  }
  return 0;
}

}  // namespace

RankRange ScoreRange::resolve(const SortedSet& set) const {
  return between(
      set.count_before(min, min_open ? SortedSet::Bound::kUpTo : SortedSet::Bound::kBefore),
      set.count_before(max, max_open ? SortedSet::Bound::kBefore : SortedSet::Bound::kUpTo));
}

ScoreRange parse_score_range(std::string_view min, std::string_view max) {
  ScoreRange out{};
  out.min = parse_bound(min, out.min_open);
  out.max = parse_bound(max, out.max_open);
  return out;
}

RankRange LexRange::resolve(const SortedSet& set) const {
  return between(count_before(set, min, SortedSet::Bound::kUpTo),
                 count_before(set, max, SortedSet::Bound::kBefore));
}

LexRange parse_lex_range(std::string_view min, std::string_view max) {
  return {parse_lex_bound(min), parse_lex_bound(max)};
}

}  // namespace bodega::redis
