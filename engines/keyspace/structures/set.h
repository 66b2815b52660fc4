// Set: the members of one Redis set. All integers: a sorted array ("intset"); small: a flat run of
// bytes ("listpack"); else a hash table. Conversion goes one way and follows Limits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/entry.h"
#include "engines/keyspace/structures/hash_table.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

struct MemberNode {
  MemberNode* next;
  std::uint32_t hash32;
  std::uint32_t length;

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  std::string_view key() const { return {bytes(), length}; }
};

class Set {
 public:
  explicit Set(std::uint64_t object_id) : object_id_(object_id) {}
  ~Set();
  Set(const Set&) = delete;
  Set& operator=(const Set&) = delete;

  std::uint64_t object_id() const { return object_id_; }
  std::size_t size() const;
  Encoding encoding() const { return encoding_; }

  bool contains(std::string_view member) const;

  // Stops when `visit` answers false. Views end with the call.
  using Visit = base::FunctionRef<bool(std::string_view member)>;
  void for_each(Visit visit) const;

  // As Engine::scan. A set that is not a table is visited whole, with 0 as the next cursor.
  std::uint64_t scan(std::uint64_t cursor, std::size_t count,
                     base::FunctionRef<void(std::string_view member)> visit) const;

  // A member chosen at random. REQUIRES: not empty.
  std::string random() const;

  bool add(std::string_view member, const Limits& limits);  // false: it was there
  bool remove(std::string_view member);

  bool free_some(std::size_t budget);
  void step_rehash(std::size_t buckets) {
    if (table_) table_->step(buckets);
  }
  std::size_t memory() const;

 private:
  void convert_to_flat();
  void convert_to_table();

  std::uint64_t object_id_;
  Encoding encoding_ = Encoding::kIntset;
  std::uint32_t flat_count_ = 0;
  std::size_t node_bytes_ = 0;
  std::vector<std::int64_t> integers_;
  std::string flat_;  // packed strings (packed.h)
  std::unique_ptr<HashTable<MemberNode>> table_;
};

}  // namespace bodega::keyspace
