// SkipList: the ordered half of a large sorted set. Nodes stand in order of (score, member) on a
// bottom level, and each is with probability 1/4 also on the level above; every forward link knows
// how many bottom steps it spans, so ranks cost O(log n) as well. Nodes belong to the SortedSet.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engines/base/process/allocator.h"

namespace bodega::keyspace {

// A member with its score: the header, the levels, the member's bytes. Also a node of HashTable.
struct SkipNode {
  struct Level {
    SkipNode* forward;
    std::size_t span;  // bottom steps to `forward`; on the last node: to the end
  };

  SkipNode* next;
  std::uint32_t hash32;
  std::uint32_t length;
  double score;
  SkipNode* backward;
  std::size_t level_count;

  Level* levels() { return reinterpret_cast<Level*>(this + 1); }
  const Level* levels() const { return reinterpret_cast<const Level*>(this + 1); }
  std::string_view key() const {
    return {reinterpret_cast<const char*>(levels() + level_count), length};
  }
  std::size_t bytes() const {
    return base::allocated_bytes(sizeof *this + level_count * sizeof(Level) + length);
  }
  SkipNode* after() const { return levels()[0].forward; }
};

// Makes a node of random height. Freed with std::free.
SkipNode* make_skip_node(std::string_view member, std::uint32_t hash, double score);

class SkipList {
 public:
  SkipList();

  std::size_t size() const { return size_; }
  void insert(SkipNode* node);
  void remove(SkipNode* node);  // REQUIRES: it is in the list, its score is as it was inserted
  void set_score(SkipNode* node, double score);

  std::size_t rank(const SkipNode* node) const;
  SkipNode* at(std::size_t rank) const;  // REQUIRES: rank < size()

  // How many leading nodes `precedes` holds for. REQUIRES: it holds for a prefix of the list.
  template <class Precedes>
  std::size_t count_while(Precedes precedes) const {
    std::size_t count = 0;
    const SkipNode::Level* levels = head_.data();
    for (std::size_t level = height_; level-- > 0;) {
      while (levels[level].forward != nullptr && precedes(*levels[level].forward)) {
        count += levels[level].span;
        levels = levels[level].forward->levels();
      }
    }
    return count;
  }

 private:
  static constexpr std::size_t kMaxHeight = 32;

  std::array<SkipNode::Level, kMaxHeight> head_{};
  SkipNode* tail_ = nullptr;
  std::size_t height_ = 1;
  std::size_t size_ = 0;

  friend SkipNode* make_skip_node(std::string_view, std::uint32_t, double);
};

}  // namespace bodega::keyspace
