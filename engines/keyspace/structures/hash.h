// Hash: fields and values of one Redis hash. Small ones are a flat run of bytes in order of
// insertion ("listpack"), large ones a hash table; conversion goes one way and follows Limits.
//
// Fields may have a time to live (field_expiry.h). Those past it are removed by the engine before
// anyone looks; while it may not remove them they are hidden, which all but for_each_stored()
// heeds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/field_expiry.h"
#include "engines/keyspace/structures/hash_table.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

// A field with its value in one allocation: the header, the field, the value.
struct FieldNode {
  FieldNode* next;
  std::uint32_t hash32;
  std::uint32_t field_length;
  std::uint32_t value_length;
  std::uint32_t value_capacity;

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  std::string_view key() const { return {bytes(), field_length}; }
  std::string_view value() const { return {bytes() + field_length, value_length}; }
};

class Hash {
 public:
  explicit Hash(std::uint64_t object_id) : object_id_(object_id) {}
  ~Hash();
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  std::uint64_t object_id() const { return object_id_; }
  std::size_t size() const {
    const std::size_t stored = table_ ? table_->nodes.size() : flat_count_;
    return hides_any() ? stored - expiry_->hidden_count() : stored;
  }
  Encoding encoding() const {
    if (table_) return Encoding::kHashtable;
    return expiry_ ? Encoding::kListpackEx : Encoding::kListpack;
  }

  // The value, or nothing; the view is valid until the next change.
  std::optional<std::string_view> get(std::string_view field) const;

  using Visit = base::FunctionRef<void(std::string_view field, std::string_view value)>;
  void for_each(Visit visit) const;

  // Every field with the instant at which it expires or kNoExpiry, hidden ones too: for what writes
  // the hash elsewhere.
  using VisitStored = base::FunctionRef<void(std::string_view field, std::string_view value,
                                             std::int64_t expiry_ms)>;
  void for_each_stored(VisitStored visit) const;

  // As Engine::scan. A flat hash is visited whole, with 0 as the next cursor.
  std::uint64_t scan(std::uint64_t cursor, std::size_t count, Visit visit) const;

  // A field chosen at random with its value. REQUIRES: not empty.
  std::pair<std::string_view, std::string_view> random() const;

  // Sets the value and the time to live, if any; true: the field is new.
  bool set(std::string_view field, std::string_view value, const Limits& limits,
           std::int64_t expiry_ms = kNoExpiry);
  bool remove(std::string_view field);

  // When the field expires; kNoExpiry: never, or there is no such field.
  std::int64_t expiry_ms(std::string_view field) const {
    return expiry_ ? expiry_->when_ms(field) : kNoExpiry;
  }
  // When the first of them expires; kNoExpiry: none does.
  std::int64_t next_expiry_ms() const {
    return expiry_ && !expiry_->empty() ? expiry_->next_ms() : kNoExpiry;
  }
  // Gives the field a time to live, or with kNoExpiry none. REQUIRES: it is there.
  void set_expiry(std::string_view field, std::int64_t expiry_ms);
  bool hides(std::string_view field) const { return hides_any() && expiry_->hides(field); }

  // The engine's; null for a hash whose fields never had a time to live.
  FieldExpiry* field_expiry() { return expiry_.get(); }

  // Frees up to `budget` elements; true while there are more.
  bool free_some(std::size_t budget);
  void step_rehash(std::size_t buckets) {
    if (table_) table_->nodes.step(buckets);
  }
  std::size_t memory() const;

 private:
  struct Table {
    HashTable<FieldNode> nodes;
    std::size_t node_bytes = 0;
  };

  bool hides_any() const { return expiry_ != nullptr && expiry_->hides_any(); }
  bool put(std::string_view field, std::string_view value, const Limits& limits);
  bool put_in_table(std::string_view field, std::string_view value);
  void convert();

  std::uint64_t object_id_;
  std::string flat_;  // pairs of packed strings (packed.h)
  std::uint32_t flat_count_ = 0;
  std::unique_ptr<Table> table_;
  std::unique_ptr<FieldExpiry> expiry_;
};

}  // namespace bodega::keyspace
