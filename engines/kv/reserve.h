// Reserve: a file that takes up room on the disk so that there is some when the disk is full. It is
// given back to the file system when a delete needs a little room to be logged; from then on only
// batches that free room are committed, until there is enough for the reserve again.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "engines/base/mutex.h"

namespace bodega::kv {

class Reserve {
 public:
  // Takes up what an earlier run left at `file`: a spent reserve stays spent until hold() succeeds.
  Reserve(std::filesystem::path file, std::uint64_t size_bytes);

  // Takes the room up unless it is, provided that as much again stays free. Thread-safe, as are the
  // others.
  void hold();

  // Gives the room back; returns whether there was any to give.
  bool spend();

  // Whether room has to be saved: the reserve was spent and could not be held again.
  bool is_spent() const { return state_.load() == State::kSpent; }

 private:
  enum class State : std::uint8_t { kNone, kHeld, kSpent };

  const std::filesystem::path file_;
  const std::uint64_t size_bytes_;
  base::Mutex mutex_;  // for changes
  std::atomic<State> state_ = State::kNone;
};

}  // namespace bodega::kv
