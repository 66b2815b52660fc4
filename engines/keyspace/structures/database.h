// Database: one of the numbered databases, as the engine keeps it. Not for users of the engine.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engines/keyspace/structures/entry.h"
#include "engines/keyspace/structures/expiry_heap.h"
#include "engines/keyspace/structures/field_expiry.h"
#include "engines/keyspace/structures/hash_table.h"
#include "engines/keyspace/structures/slots.h"

namespace bodega::keyspace {

class Database {
 public:
  std::uint32_t storage_id = 0;
  bool owns_elements = true;  // in the store; not when it is freed for being read back
  HashTable<Entry> table;
  ExpiryHeap<Entry> expiry;
  ExpiryHeap<FieldExpiry> field_expiry;  // hashes, by the first of their fields to expire
  std::unique_ptr<SlotIndex> slots;      // null: nothing asks for slots
  std::vector<Entry*> dirty;             // what this tick changed; null where an entry went again

  void mark_dirty(Entry& entry) {
    if (entry.dirty_slot_ != Entry::kNoSlot) return;
    dirty.push_back(&entry);
    entry.dirty_slot_ = static_cast<std::uint32_t>(dirty.size() - 1);
  }
  void forget_all_dirty() {
    for (Entry* entry : dirty) {
      if (entry != nullptr) entry->dirty_slot_ = Entry::kNoSlot;
    }
    dirty.clear();
  }
  void forget_dirty(Entry& entry) {
    if (entry.dirty_slot_ == Entry::kNoSlot) return;
    dirty[entry.dirty_slot_] = nullptr;
    entry.dirty_slot_ = Entry::kNoSlot;
  }
  void moved(Entry& entry) {
    expiry.moved(entry);
    if (entry.dirty_slot_ != Entry::kNoSlot) dirty[entry.dirty_slot_] = &entry;
  }
  bool is_expired(const Entry& entry, std::int64_t now_ms) const {
    return entry.has_expiry() && expiry.when_ms(entry) < now_ms;
  }
};

}  // namespace bodega::keyspace
