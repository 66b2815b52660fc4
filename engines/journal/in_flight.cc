#include "engines/journal/in_flight.h"

#include <algorithm>

#include "engines/base/check.h"

namespace bodega::journal {

Sequence InFlight::enter(std::size_t count) {
  const base::Lock lock(mutex_);
  const Sequence first = next_;
  entered_.push_back(first);
  next_ += count;
  return first;
}

void InFlight::committed(Sequence first, std::size_t count) {
  const base::Lock lock(mutex_);
  leave(first);
  last_committed_ = std::max(last_committed_, first + count - 1);
}

void InFlight::refused(Sequence first) {
  const base::Lock lock(mutex_);
  leave(first);
}

void InFlight::unknown(Sequence first) {
  const base::Lock lock(mutex_);
  leave(first);
  unknown_ = std::min(unknown_.value_or(first), first);
  ++unknown_noted_;
}

Sequence InFlight::take() {
  const base::Lock lock(mutex_);
  return next_++;
}

Sequence InFlight::settled(const std::function<bool()>& takes_writes) {
  std::uint64_t noted = 0;
  bool is_unknown = false;
  {
    const base::Lock lock(mutex_);
    noted = unknown_noted_;
    is_unknown = unknown_.has_value();
  }
  // The store is asked outside the lock. It was at fault before the number was noted, so if it
  // takes writes now, it has recovered since.
  const bool is_gone = is_unknown && takes_writes();
  const base::Lock lock(mutex_);
  if (is_gone && noted == unknown_noted_) unknown_.reset();
  const Sequence oldest = entered_.empty() ? next_ : entered_.front();
  return unknown_ ? std::min(*unknown_, oldest) : oldest;
}

Sequence InFlight::behind_last() const {
  const base::Lock lock(mutex_);
  return last_committed_ + 1;
}

Sequence InFlight::next() const {
  const base::Lock lock(mutex_);
  return next_;
}

void InFlight::leave(Sequence first) {
  const auto at = std::lower_bound(entered_.begin(), entered_.end(), first);
  BODEGA_CHECK(at != entered_.end() && *at == first);
  entered_.erase(at);
}

}  // namespace bodega::journal
