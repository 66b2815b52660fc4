// HashTable: an intrusive, chained hash table of a power of two of buckets. It is used for the keys
// of a database and for the elements of large hashes, sets and sorted sets.
//
// It is resized a little at a time: while a resize is under way there are two bucket arrays, and
// every insertion or removal moves a bucket on. Lookups and walks move nothing, so a walk is safe
// as long as nothing is inserted or removed meanwhile.
//
// Cursors of scan() count with their bits reversed: the buckets that one bucket splits into, or is
// joined from, follow each other in that order. So a round from 0 to 0 visits every node that is
// there throughout, at whatever sizes the table is met, and stores nothing in between.
//
// Node offers: `Node* next`, `std::uint32_t hash32`, `std::string_view key() const`. The table owns
// only its buckets; nodes belong to the user.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "engines/base/random.h"

namespace bodega::keyspace {

template <class Node>
class HashTable {
 public:
  HashTable() = default;
  HashTable(const HashTable&) = delete;
  HashTable& operator=(const HashTable&) = delete;

  std::size_t size() const { return arrays_[0].used + arrays_[1].used; }
  std::size_t bucket_count() const { return arrays_[0].size + arrays_[1].size; }
  std::size_t bucket_bytes() const { return bucket_count() * sizeof(Node*); }
  bool resizing() const { return arrays_[1].size != 0; }

  // Where the node with this key hangs (the pointer that points to it), or null. The link is valid
  // until the next insertion or removal.
  Node** find_link(std::string_view key, std::uint32_t hash) const {
    for (const Array& array : arrays_) {
      if (array.size == 0) break;
      for (Node** link = &array.buckets[hash & (array.size - 1)]; *link != nullptr;
           link = &(*link)->next) {
        if ((*link)->hash32 == hash && (*link)->key() == key) return link;
      }
    }
    return nullptr;
  }
  Node* find(std::string_view key, std::uint32_t hash) const {
    Node** link = find_link(key, hash);
    return link == nullptr ? nullptr : *link;
  }

  // Puts the node in and returns where it hangs. REQUIRES: no node with its key is there,
  // node->hash32 is set.
  Node** insert(Node* node) {
    grow_if_full();
    step(1);
    Array& array = resizing() ? arrays_[1] : arrays_[0];
    Node** bucket = &array.buckets[node->hash32 & (array.size - 1)];
    node->next = *bucket;
    *bucket = node;
    ++array.used;
    return bucket;
  }

  // Takes the node at `link` out and returns it.
  Node* remove_at(Node** link) {
    Node* node = *link;
    *link = node->next;
    node->next = nullptr;
    // While resizing, buckets of the old array below the mark are empty, so the node was in the new
    // one if it is not reachable from its old bucket. Counting needs to know which.
    const bool from_new =
        resizing() && ((node->hash32 & (arrays_[0].size - 1)) < mark_ || !from_old(node, link));
    --arrays_[from_new ? 1 : 0].used;
    step(1);
    shrink_if_sparse();
    return node;
  }
  Node* remove(std::string_view key, std::uint32_t hash) {
    Node** link = find_link(key, hash);
    return link == nullptr ? nullptr : remove_at(link);
  }

  // Moves up to `buckets` buckets on when a resize is under way.
  void step(std::size_t buckets) {
    if (!resizing()) return;
    Array& from = arrays_[0];
    Array& to = arrays_[1];
    std::size_t empty_left = buckets * 10;
    while (buckets > 0 && mark_ < from.size) {
      Node* node = from.buckets[mark_];
      if (node == nullptr) {
        ++mark_;
        if (--empty_left == 0) break;
        continue;
      }
      while (node != nullptr) {
        Node* next = node->next;
        Node** bucket = &to.buckets[node->hash32 & (to.size - 1)];
        node->next = *bucket;
        *bucket = node;
        --from.used;
        ++to.used;
        node = next;
      }
      from.buckets[mark_++] = nullptr;
      --buckets;
    }
    if (from.used == 0) {
      from = std::move(to);
      to = Array{};
      mark_ = 0;
    }
  }
  void finish_resize() {
    while (resizing()) step(1024);
  }

  // Makes room for `count` nodes at once, before many insertions.
  void reserve(std::size_t count) {
    finish_resize();
    const std::size_t wanted = std::bit_ceil(std::max<std::size_t>(count, kMinimum));
    if (wanted <= arrays_[0].size) return;
    start_resize(wanted);
    finish_resize();
  }

  // Visits nodes from `cursor` on until about `count` were seen; returns the next cursor, 0 at the
  // end.
  template <class Visit>
  std::uint64_t scan(std::uint64_t cursor, std::size_t count, Visit&& visit) const {
    if (size() == 0) return 0;
    std::size_t seen = 0;
    std::size_t turns_left = count < kMaxTurns / 10 ? count * 10 : kMaxTurns;
    do {
      cursor = scan_bucket(cursor, seen, visit);
    } while (cursor != 0 && seen < count && --turns_left > 0);
    return cursor;
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Array& array : arrays_) {
      for (std::size_t i = 0; i < array.size; ++i) {
        for (Node* node = array.buckets[i]; node != nullptr;) {
          Node* next = node->next;  // `visit` may free the node
          if constexpr (std::is_same_v<decltype(visit(*node)), bool>) {
            if (!visit(*node)) return;
          } else {
            visit(*node);
          }
          node = next;
        }
      }
    }
  }

  // A node chosen at random, each as likely as any other (of chains longer than 8, which hardly
  // occur, nearly so). Null when empty. A place among 8 in a random bucket is drawn until a node is
  // there.
  Node* random() const {
    if (size() == 0) return nullptr;
    constexpr std::size_t kPlaces = 8;
    constexpr int kMaxDraws = 2000;
    const std::size_t total = bucket_count();
    for (int draw = 0; draw < kMaxDraws; ++draw) {
      const std::uint64_t bits = base::random_u64();
      Node* const chain = bucket_at((bits >> 3) % total);
      if (chain == nullptr) continue;
      std::size_t place = bits % kPlaces;
      std::size_t length = 0;
      for (Node* node = chain; node != nullptr; node = node->next) {
        if (length++ == place && place < kPlaces - 1) return node;
      }
      if (length < kPlaces) continue;
      place =
          base::random_below(length - place) + place;  // the last place stands for all behind it
      Node* node = chain;
      for (; place > 0; --place) node = node->next;
      return node;
    }
    for (std::size_t at = base::random_below(total);; at = at + 1 == total ? 0 : at + 1) {
      if (Node* node = bucket_at(at)) return node;  // nearly empty, while a resize is under way
    }
  }

  // Takes up to `budget` nodes out, in any order, handing each to `release`; true while more are
  // left.
  template <class Release>
  bool drain(std::size_t budget, Release&& release) {
    for (Array& array : arrays_) {
      while (array.used > 0 && drained_ < array.size) {
        Node*& bucket = array.buckets[drained_];
        if (bucket == nullptr) {
          ++drained_;
          continue;
        }
        if (budget == 0) return true;
        Node* node = bucket;
        bucket = node->next;
        --array.used;
        --budget;
        release(node);
      }
      if (array.used == 0) {
        array = Array{};
        drained_ = 0;
      }
    }
    mark_ = 0;
    return false;
  }

 private:
  static constexpr std::size_t kMinimum = 4;
  static constexpr std::size_t kMaxTurns = std::size_t{1} << 40;
  static constexpr std::size_t kShrinkBelow = 8;  // one node in so many buckets

  struct Array {
    std::unique_ptr<Node*[]> buckets;
    std::size_t size = 0;
    std::size_t used = 0;

    Array() = default;
    Array(Array&& other) noexcept { *this = std::move(other); }
    Array& operator=(Array&& other) noexcept {
      buckets = std::move(other.buckets);
      size = std::exchange(other.size, 0);
      used = std::exchange(other.used, 0);
      return *this;
    }
  };

  Node* bucket_at(std::size_t index) const {
    return index < arrays_[0].size ? arrays_[0].buckets[index]
                                   : arrays_[1].buckets[index - arrays_[0].size];
  }

  // Whether the link that held `node` belongs to the old array. Only the bucket itself can tell.
  bool from_old(const Node* node, Node* const* link) const {
    for (Node* const* at = &arrays_[0].buckets[node->hash32 & (arrays_[0].size - 1)];;
         at = &(*at)->next) {
      if (at == link) return true;
      if (*at == nullptr) return false;
    }
  }

  void start_resize(std::size_t size) {
    Array array;
    array.buckets = std::make_unique<Node*[]>(size);
    array.size = size;
    if (arrays_[0].used == 0) {
      arrays_[0] = std::move(array);
    } else {
      arrays_[1] = std::move(array);
      mark_ = 0;
    }
  }

  void grow_if_full() {
    if (resizing() || arrays_[0].used < arrays_[0].size) return;
    start_resize(std::max(kMinimum, arrays_[0].size * 2));
  }

  void shrink_if_sparse() {
    if (resizing() || arrays_[0].size <= 64 || arrays_[0].used * kShrinkBelow >= arrays_[0].size) {
      return;
    }
    start_resize(std::bit_ceil(std::max(kMinimum, arrays_[0].used)));
  }

  static std::uint64_t reversed(std::uint64_t bits) {
    bits = ((bits >> 1) & 0x5555555555555555) | ((bits & 0x5555555555555555) << 1);
    bits = ((bits >> 2) & 0x3333333333333333) | ((bits & 0x3333333333333333) << 2);
    bits = ((bits >> 4) & 0x0F0F0F0F0F0F0F0F) | ((bits & 0x0F0F0F0F0F0F0F0F) << 4);
    return __builtin_bswap64(bits);
  }

  // Adds one to the reversed bits under `mask`.
  static std::uint64_t advance(std::uint64_t cursor, std::uint64_t mask) {
    cursor |= ~mask;
    return reversed(reversed(cursor) + 1);
  }

  template <class Visit>
  static void visit_bucket(const Array& array, std::uint64_t cursor, std::size_t& seen,
                           Visit& visit) {
    for (Node* node = array.buckets[cursor & (array.size - 1)]; node != nullptr;) {
      Node* next = node->next;
      visit(*node);
      ++seen;
      node = next;
    }
  }

  template <class Visit>
  std::uint64_t scan_bucket(std::uint64_t cursor, std::size_t& seen, Visit& visit) const {
    if (!resizing()) {
      visit_bucket(arrays_[0], cursor, seen, visit);
      return advance(cursor, arrays_[0].size - 1);
    }
    const bool growing = arrays_[0].size < arrays_[1].size;
    const Array& small = growing ? arrays_[0] : arrays_[1];
    const Array& large = growing ? arrays_[1] : arrays_[0];
    const std::uint64_t small_mask = small.size - 1;
    const std::uint64_t large_mask = large.size - 1;
    visit_bucket(small, cursor, seen, visit);
    do {  // every bucket of the larger array that this one splits into
      visit_bucket(large, cursor, seen, visit);
      cursor = advance(cursor, large_mask);
    } while ((cursor & (small_mask ^ large_mask)) != 0);
    return cursor;
  }

  std::array<Array, 2> arrays_;
  std::size_t mark_ = 0;     // old buckets below it have moved
  std::size_t drained_ = 0;  // see drain()
};

}  // namespace bodega::keyspace
