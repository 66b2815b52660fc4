// Ranges of a sorted set as the BYSCORE and BYLEX commands write them ("(1.5", "+inf", "[a", "-"),
// resolved to ranks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engines/keyspace/structures/sorted_set.h"

namespace bodega::redis {

// Ranks [first, first + count) from the lowest score.
struct RankRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

struct ScoreRange {
  double min;
  double max;
  bool min_open;  // the bound itself is outside
  bool max_open;

  RankRange resolve(const keyspace::SortedSet& set) const;
};

// Throws "min or max is not a float".
ScoreRange parse_score_range(std::string_view min, std::string_view max);

struct LexBound {
  enum class Kind { kLowest, kHighest, kClosed, kOpen };
  Kind kind;
  std::string_view member;
};

struct LexRange {
  LexBound min;
  LexBound max;

  RankRange resolve(const keyspace::SortedSet& set) const;
};

// Throws "min or max not valid string range item".
LexRange parse_lex_range(std::string_view min, std::string_view max);

}  // namespace bodega::redis
