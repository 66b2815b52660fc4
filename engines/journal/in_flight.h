// Hands out sequence numbers, and knows which of them are being committed. Writers commit beside
// each other, so a later number may be in the store before an earlier one; below settled() no
// number can appear any more, and that is as far as readers may look.
//
// A number leaves when the store has said what became of its batch. Where the store itself does not
// know (a StorageFault that is no NotCommitted), the number holds readers back until the store
// takes writes again, which means by the contract of kv::Store that the batch is not there, or
// until the next start, which finds it or does not.
//
// Thread-safe. The lock is held for a few instructions, never over a commit.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engines/base/mutex.h"
#include "engines/journal/model.h"

namespace bodega::journal {

class InFlight {
 public:
  // `next` is the first number to give; all before it are settled, and `last` was committed.
  InFlight(Sequence next, Sequence last) : next_(next), last_committed_(last) {}

  // Gives `count` numbers in a row, for a batch, and returns the first. REQUIRES: one of the next
  // three is called with it.
  Sequence enter(std::size_t count);
  void committed(Sequence first, std::size_t count);
  void refused(Sequence first);
  void unknown(Sequence first);

  // A number for something that is no event. It is settled at once.
  Sequence take();

  // No number below it will appear in the store any more, unless it has appeared already.
  // `takes_writes` is asked only while the outcome of a commit is unknown.
  Sequence settled(const std::function<bool()>& takes_writes);

  // The number behind the last one that was committed.
  Sequence behind_last() const;
  // The number to give next.
  Sequence next() const;

 private:
  void leave(Sequence first) REQUIRES_LOCK(mutex_);

  mutable base::Mutex mutex_;
  Sequence next_ GUARDED_BY(mutex_);
  Sequence last_committed_ GUARDED_BY(mutex_);
  // The first number of each batch, ascending.
  std::vector<Sequence> entered_ GUARDED_BY(mutex_);
  // The lowest number of unknown outcome, and how many there have been.
  std::optional<Sequence> unknown_ GUARDED_BY(mutex_);
  std::uint64_t unknown_noted_ GUARDED_BY(mutex_) = 0;
};

}  // namespace bodega::journal
