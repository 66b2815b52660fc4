// FieldExpiry: which fields of a hash have a time to live, and when it ends. It stands beside the
// fields, so that a hash without any pays one null pointer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engines/keyspace/structures/expiry_heap.h"
#include "engines/keyspace/structures/hash_table.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

class Entry;

// A field that has a time to live, in one allocation: this header, then its name.
struct ExpiringField {
  ExpiringField* next;
  std::uint32_t hash32;
  std::uint32_t expiry_slot_;
  std::uint32_t name_length;

  std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), name_length}; }
};

class FieldExpiry {
 public:
  FieldExpiry() = default;
  ~FieldExpiry();
  FieldExpiry(const FieldExpiry&) = delete;
  FieldExpiry& operator=(const FieldExpiry&) = delete;

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  std::size_t memory() const;

  // kNoExpiry when the field has none.
  std::int64_t when_ms(std::string_view field) const;
  void set(std::string_view field, std::int64_t when_ms);
  void clear(std::string_view field);

  // The field due first, and when. REQUIRES: not empty.
  std::string_view next_field() const { return heap_.top().key(); }
  std::int64_t next_ms() const { return heap_.top_ms(); }

  // While fields past their time may not be removed, those due before this instant are hidden.
  void hide_before(std::int64_t now_ms) { hidden_before_ms_ = now_ms; }
  bool hides(std::string_view field) const;
  bool hides_any() const { return !empty() && next_ms() < hidden_before_ms_; }
  std::size_t hidden_count() const;

  // Frees up to `budget` fields; true while there are more.
  bool free_some(std::size_t budget);

  // The place of the hash among those of its database, and the key that it stands under. The
  // engine's.
  std::uint32_t expiry_slot_ = kNoExpirySlot;
  Entry* owner = nullptr;

 private:
  HashTable<ExpiringField> fields_;
  ExpiryHeap<ExpiringField> heap_;
  std::size_t field_bytes_ = 0;
  std::int64_t hidden_before_ms_ = 0;
};

}  // namespace bodega::keyspace
