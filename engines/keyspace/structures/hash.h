// Hash: fields and values of one Redis hash. Small ones are a flat run of bytes in order of
// insertion
// ("listpack"), large ones a hash table; conversion goes one way and follows Limits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engines/base/function_ref.h"
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
  std::size_t size() const { return table_ ? table_->size() : flat_count_; }
  Encoding encoding() const { return table_ ? Encoding::kHashtable : Encoding::kListpack; }

  // The value, or nothing; the view is valid until the next change.
  std::optional<std::string_view> get(std::string_view field) const;

  using Visit = base::FunctionRef<void(std::string_view field, std::string_view value)>;
  void for_each(Visit visit) const;

  // As Engine::scan. A flat hash is visited whole, with 0 as the next cursor.
  std::uint64_t scan(std::uint64_t cursor, std::size_t count, Visit visit) const;

  // A field chosen at random with its value. REQUIRES: not empty.
  std::pair<std::string_view, std::string_view> random() const;

  bool set(std::string_view field, std::string_view value, const Limits& limits);  // true: new
  bool remove(std::string_view field);

  // Frees up to `budget` elements; true while there are more.
  bool free_some(std::size_t budget);
  void step_rehash(std::size_t buckets) {
    if (table_) table_->step(buckets);
  }
  std::size_t memory() const;

 private:
  void convert();

  std::uint64_t object_id_;
  std::string flat_;  // pairs of packed strings (packed.h)
  std::uint32_t flat_count_ = 0;
  std::size_t node_bytes_ = 0;
  std::unique_ptr<HashTable<FieldNode>> table_;
};

}  // namespace bodega::keyspace
