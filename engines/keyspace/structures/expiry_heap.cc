#include "engines/keyspace/structures/expiry_heap.h"

#include <algorithm>

namespace bodega::keyspace {

void ExpiryHeap::set(Entry& entry, std::int64_t when_ms) {
  if (!entry.has_expiry()) {
    slots_.push_back({when_ms, &entry});
    entry.expiry_slot_ = static_cast<std::uint32_t>(slots_.size() - 1);
    rise(slots_.size() - 1);
    return;
  }
  const std::size_t index = entry.expiry_slot_;
  slots_[index].when_ms = when_ms;
  rise(index);
  sink(entry.expiry_slot_);
}

void ExpiryHeap::clear(Entry& entry) {
  if (!entry.has_expiry()) return;
  const std::size_t index = entry.expiry_slot_;
  entry.expiry_slot_ = Entry::kNoSlot;
  const Slot last = slots_.back();
  slots_.pop_back();
  if (index == slots_.size()) return;
  place(index, last);
  rise(index);
  sink(last.entry->expiry_slot_);
}

void ExpiryHeap::rise(std::size_t index) {
  const Slot slot = slots_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / kWidth;
    if (slots_[parent].when_ms <= slot.when_ms) break;
    place(index, slots_[parent]);
    index = parent;
  }
  place(index, slot);
}

void ExpiryHeap::sink(std::size_t index) {
  const Slot slot = slots_[index];
  while (true) {
    const std::size_t first = index * kWidth + 1;
    if (first >= slots_.size()) break;
    const std::size_t last = std::min(first + kWidth, slots_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (slots_[child].when_ms < slots_[least].when_ms) least = child;
    }
    if (slots_[least].when_ms >= slot.when_ms) break;
    place(index, slots_[least]);
    index = least;
  }
  place(index, slot);
}

void ExpiryHeap::place(std::size_t index, Slot slot) {
  slots_[index] = slot;
  slot.entry->expiry_slot_ = static_cast<std::uint32_t>(index);
}

}  // namespace bodega::keyspace
