// ExpiryHeap: the keys of one database that have a time to live, the next to expire on top. A 4-ary
// heap in one array; each entry knows its place, so that changing or clearing an expiry is O(log n)
// and active expiry touches only keys that are due.
#pragma once

#include <cstdint>
#include <vector>

#include "engines/keyspace/structures/entry.h"

namespace bodega::keyspace {

class ExpiryHeap {
 public:
  std::size_t size() const { return slots_.size(); }
  bool empty() const { return slots_.empty(); }
  std::size_t memory() const { return slots_.capacity() * sizeof(Slot); }

  // The entry due first. REQUIRES: not empty.
  Entry& top() const { return *slots_.front().entry; }
  std::int64_t top_ms() const { return slots_.front().when_ms; }

  // REQUIRES: the entry has an expiry.
  std::int64_t when_ms(const Entry& entry) const { return slots_[entry.expiry_slot_].when_ms; }
  // For sampling. REQUIRES: index < size().
  std::int64_t when_ms_at(std::size_t index) const { return slots_[index].when_ms; }

  void set(Entry& entry, std::int64_t when_ms);  // whether it had one or not
  void clear(Entry& entry);                      // nothing when it had none
  // The entry has moved in memory.
  void moved(Entry& entry) {
    if (entry.has_expiry()) slots_[entry.expiry_slot_].entry = &entry;
  }

 private:
  struct Slot {
    std::int64_t when_ms;
    Entry* entry;
  };
  static constexpr std::size_t kWidth = 4;

  void rise(std::size_t index);
  void sink(std::size_t index);
  void place(std::size_t index, Slot slot);

  std::vector<Slot> slots_;
};

}  // namespace bodega::keyspace
