// The hash slots of Redis Cluster: which of the 16,384 a key belongs to, and SlotIndex, which finds
// the entries of a slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/entry.h"

namespace bodega::keyspace {

inline constexpr unsigned kSlots = 16384;

// CRC16 (XMODEM) of the key, or of what stands between its first '{' and the next '}' unless that
// is nothing, modulo the number of slots.
unsigned slot_of(std::string_view key);

// The entries of one database by slot. It holds pointers, so it is told of every entry that comes
// or goes, and of one that moves as of two; a database has one only while its keyspace is shown as
// a cluster.
class SlotIndex {
 public:
  void add(Entry& entry) { slots_[slot_of(entry.key())].insert(&entry); }
  void remove(Entry& entry);

  std::size_t count(unsigned slot) const;
  // Ends when `visit` returns false. It must not change the database.
  void for_each(unsigned slot, base::FunctionRef<bool(const Entry&)> visit) const;

 private:
  std::unordered_map<unsigned, std::unordered_set<const Entry*>> slots_;
};

}  // namespace bodega::keyspace
