// Random samples of a collection, as HRANDFIELD, SRANDMEMBER, SPOP and ZRANDMEMBER take them.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engines/base/random.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/reply.h"

namespace bodega::redis {

// The count argument of the commands that take one either way: positive for different elements,
// negative for so many independent draws.
inline std::int64_t to_sample_count(std::string_view text) {
  const std::int64_t count = to_integer(text);
  if (count == std::numeric_limits<std::int64_t>::min()) {
    throw Error(
        "ERR value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807");
  }
  return count;
}

// Most bytes that independent draws may add to the output. Redis has no bound of its own and relies
// on the client's output limit, which is off unless it was set.
inline constexpr std::size_t kMaxDrawnBytes = 256 << 20;

// For each independent draw: throws when a reply that began at `begin` has grown beyond the bound.
inline void check_drawn(const Reply& reply, std::size_t begin) {
  if (reply.size() - begin > kMaxDrawnBytes) throw Error(errors::kOutOfRange);
}

// `count` different items of a collection of `size`. `all` returns every item as a vector; `draw`
// returns one at random. Near the size it is cheaper to shuffle all of them than to draw until
// enough are new. REQUIRES: count < size.
template <class All, class Draw>
auto sample_unique(std::size_t count, std::size_t size, All all, Draw draw) {
  if (count * 3 > size) {
    auto items = all();
    for (std::size_t i = 0; i < count; ++i) {
      std::swap(items[i], items[i + base::random_below(items.size() - i)]);
    }
    items.resize(count);
    return items;
  }
  decltype(all()) items;
  std::unordered_set<std::string> seen;
  while (items.size() < count) {
    auto item = draw();
    if (seen.insert(item.first).second) items.push_back(std::move(item));
  }
  return items;
}

}  // namespace bodega::redis
