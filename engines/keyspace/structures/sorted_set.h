// SortedSet: members with scores, in order of score and then of member. Small ones are a flat run
// of bytes in that order ("listpack"), large ones a skip list with ranks whose nodes also hang in a
// hash table by member. Every range question comes down to ranks: count_before() finds where a
// range starts or ends, for_range() walks it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/hash_table.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

class SkipList;
struct SkipNode;

class SortedSet {
 public:
  explicit SortedSet(std::uint64_t object_id);
  ~SortedSet();
  SortedSet(const SortedSet&) = delete;
  SortedSet& operator=(const SortedSet&) = delete;

  std::uint64_t object_id() const { return object_id_; }
  std::size_t size() const;
  Encoding encoding() const;

  std::optional<double> score(std::string_view member) const;
  std::optional<std::size_t> rank(std::string_view member) const;  // from the lowest score

  // How many members lie before a bound: score < bound (kBefore), or <= bound (kUpTo).
  enum class Bound : std::uint8_t { kBefore, kUpTo };
  std::size_t count_before(double score, Bound bound) const;
  // The same by member, for the LEX commands. All scores are taken to be the same, as Redis does.
  std::size_t count_before(std::string_view member, Bound bound) const;

  // Visits `count` members going `order` from rank `first`, until `visit` answers false.
  // REQUIRES: that many are there. Views end with the call.
  using Visit = base::FunctionRef<bool(std::string_view member, double score)>;
  void for_range(std::size_t first, std::size_t count, Order order, Visit visit) const;

  // As Engine::scan. A flat one is visited whole, with 0 as the next cursor.
  std::uint64_t scan(std::uint64_t cursor, std::size_t count,
                     base::FunctionRef<void(std::string_view member, double score)> visit) const;

  enum class Added : std::uint8_t { kNew, kMoved, kSame };
  Added set(std::string_view member, double score, const Limits& limits);
  bool remove(std::string_view member);
  void erase_ranks(std::size_t first, std::size_t count);

  bool free_some(std::size_t budget);
  void step_rehash(std::size_t buckets);
  std::size_t memory() const;

 private:
  void convert();

  std::uint64_t object_id_;
  std::uint32_t flat_count_ = 0;
  std::size_t node_bytes_ = 0;
  std::string flat_;  // the score's 8 bytes, then the packed member, again and again
  std::unique_ptr<SkipList> ordered_;
  std::unique_ptr<HashTable<SkipNode>> table_;
};

}  // namespace bodega::keyspace
