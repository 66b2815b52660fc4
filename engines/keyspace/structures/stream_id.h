// StreamId: the name of a stream's entry: milliseconds, and a number among the entries of that
// millisecond. Ids order the entries of a stream.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>

namespace bodega::keyspace {

struct StreamId {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  auto operator<=>(const StreamId&) const = default;
  bool is_zero() const { return ms == 0 && seq == 0; }
};

inline constexpr StreamId kFirstStreamId{0, 0};
inline constexpr StreamId kLastStreamId{std::numeric_limits<std::uint64_t>::max(),
                                        std::numeric_limits<std::uint64_t>::max()};

// The neighbours of an id; nothing behind the last one and before the first one.
inline std::optional<StreamId> next_id(StreamId id) {
  if (id == kLastStreamId) return std::nullopt;
  if (id.seq == kLastStreamId.seq) return StreamId{id.ms + 1, 0};
  return StreamId{id.ms, id.seq + 1};
}
inline std::optional<StreamId> previous_id(StreamId id) {
  if (id.is_zero()) return std::nullopt;
  if (id.seq == 0) return StreamId{id.ms - 1, kLastStreamId.seq};
  return StreamId{id.ms, id.seq - 1};
}

}  // namespace bodega::keyspace
