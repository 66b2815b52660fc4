#include "server/command/suggest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace bodega::server {
namespace {

// How many letters must be changed, added or left out to make one word of the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  // A third of the letters may be wrong: more is another word.
  constexpr std::size_t kLettersPerSlip = 3;
  std::string nearest;
  std::size_t least = SIZE_MAX;
  for (const std::string& one : known) {
    const std::size_t slips = distance(word, one);
    if (slips >= least || slips * kLettersPerSlip > std::max(word.size(), one.size())) continue;
    least = slips;
    nearest = one;
  }
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

}  // namespace bodega::server
