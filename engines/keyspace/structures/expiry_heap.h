// ExpiryHeap: what has a time to live, the next to expire on top: the keys of a database, its
// hashes by the first of their fields, the fields of a hash. A 4-ary heap in one array; each item
// knows its place, so that changing or clearing an expiry is O(log n) and active expiry touches
// only what is due. All is here.
//
// Item offers `std::uint32_t expiry_slot_`, to this class at least: its place, or kNoExpirySlot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bodega::keyspace {

inline constexpr std::uint32_t kNoExpirySlot = 0xFFFFFFFF;

template <class Item>
class ExpiryHeap {
 public:
  std::size_t size() const { return slots_.size(); }
  bool empty() const { return slots_.empty(); }
  std::size_t memory() const { return slots_.capacity() * sizeof(Slot); }

  // The item due first. REQUIRES: not empty.
  Item& top() const { return *slots_.front().item; }
  std::int64_t top_ms() const { return slots_.front().when_ms; }

  // REQUIRES: the item is here.
  std::int64_t when_ms(const Item& item) const { return slots_[item.expiry_slot_].when_ms; }
  // For sampling. REQUIRES: index < size().
  std::int64_t when_ms_at(std::size_t index) const { return slots_[index].when_ms; }

  void set(Item& item, std::int64_t when_ms) {  // whether it was here or not
    if (item.expiry_slot_ == kNoExpirySlot) {
      slots_.push_back({when_ms, &item});
      item.expiry_slot_ = static_cast<std::uint32_t>(slots_.size() - 1);
      rise(slots_.size() - 1);
      return;
    }
    const std::size_t index = item.expiry_slot_;
    slots_[index].when_ms = when_ms;
    rise(index);
    sink(item.expiry_slot_);
  }

  void clear(Item& item) {  // nothing when it was not here
    if (item.expiry_slot_ == kNoExpirySlot) return;
    const std::size_t index = item.expiry_slot_;
    item.expiry_slot_ = kNoExpirySlot;
    const Slot last = slots_.back();
    slots_.pop_back();
    if (index == slots_.size()) return;
    place(index, last);
    rise(index);
    sink(last.item->expiry_slot_);
  }

  // The item has moved in memory.
  void moved(Item& item) {
    if (item.expiry_slot_ != kNoExpirySlot) slots_[item.expiry_slot_].item = &item;
  }

 private:
  struct Slot {
    std::int64_t when_ms;
    Item* item;
  };
  static constexpr std::size_t kWidth = 4;

  void rise(std::size_t index) {
    const Slot slot = slots_[index];
    while (index > 0) {
      const std::size_t parent = (index - 1) / kWidth;
      if (slots_[parent].when_ms <= slot.when_ms) break;
      place(index, slots_[parent]);
      index = parent;
    }
    place(index, slot);
  }

  void sink(std::size_t index) {
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

  void place(std::size_t index, Slot slot) {
    slots_[index] = slot;
    slot.item->expiry_slot_ = static_cast<std::uint32_t>(index);
  }

  std::vector<Slot> slots_;
};

}  // namespace bodega::keyspace
