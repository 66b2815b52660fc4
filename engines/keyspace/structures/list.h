// List: a Redis list as a row of chunks of elements, each chunk an array that grows at both ends.
// Ends are O(1); an index is found by walking chunks, of which there is one per 128 elements;
// insertion in the middle moves at most a chunk. Short elements stand in the array itself.
//
// Each element has a position, a 64-bit number that grows along the list with gaps between
// neighbours: its key in the store. Pushes take the next number outwards, an insertion the middle
// of its gap; when a gap is used up the elements around it are renumbered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/two_ended_array.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

class ListElement {
 public:
  static constexpr std::size_t kInlineLength = 12;

  std::uint64_t position;
  std::uint32_t length;

  std::string_view text() const;
  void assign(std::string_view text);  // REQUIRES: holds nothing yet, or was released
  void release();

 private:
  char bytes_[kInlineLength];  // the bytes, or a pointer to them
};

class List {
 public:
  explicit List(std::uint64_t object_id) : object_id_(object_id) {}
  ~List();
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  std::uint64_t object_id() const { return object_id_; }
  std::size_t size() const { return size_; }
  Encoding encoding() const { return quicklist_ ? Encoding::kQuicklist : Encoding::kListpack; }

  // REQUIRES: index < size(). The view is valid until the next change.
  std::string_view at(std::size_t index) const;

  // Visits `count` elements, going `order` from `first`, until `visit` answers false.
  // REQUIRES: that many are there.
  using Visit = base::FunctionRef<bool(std::string_view value)>;
  void for_range(std::size_t first, std::size_t count, Order order, Visit visit) const;

  // Every element with its position, from the front.
  void for_each_stored(
      base::FunctionRef<void(std::uint64_t position, std::string_view value)> visit) const;

  // The functions below return the position that the element has or had.
  std::uint64_t push(End end, std::string_view value, const Limits& limits);
  std::uint64_t pop(End end, std::string& value, const Limits& limits);
  std::uint64_t set(std::size_t index, std::string_view value, const Limits& limits);
  std::uint64_t position_of(std::size_t index) const;

  // Inserts before `index`. When numbers had to change, `renumbered` holds first the positions that
  // are given up and then those to be written, besides the new element's own.
  struct Renumbered {
    std::vector<std::uint64_t> removed;
    std::vector<std::pair<std::uint64_t, std::string>> put;
  };
  std::uint64_t insert(std::size_t index, std::string_view value, const Limits& limits,
                       Renumbered& renumbered);
  void erase(std::size_t index, std::size_t count, const Limits& limits);

  // Removes elements equal to `value`, going `order`, at most `limit` (0: all). Their positions.
  std::vector<std::uint64_t> remove_equal(std::string_view value, Order order, std::size_t limit,
                                          const Limits& limits);

  // For loading: appends an element with its position. REQUIRES: larger than the last.
  void restore(std::uint64_t position, std::string_view value, const Limits& limits);

  bool free_some(std::size_t budget);
  std::size_t memory() const;

 private:
  using Chunk = TwoEndedArray<ListElement>;
  struct ChunkRef {
    Chunk* chunk;
    std::size_t count;
  };
  struct Place {
    std::size_t chunk;
    std::size_t offset;
  };

  Place locate(std::size_t index) const;
  void drop_chunk(std::size_t index);
  void join_sparse(std::size_t index);
  void maybe_unquicklist(const Limits& limits);
  Place split_if_full(Place place);
  Chunk& add_chunk(End end);
  void renumber(std::size_t chunk, Renumbered& renumbered);
  ListElement make(std::uint64_t position, std::string_view value, const Limits& limits);
  void forget(ListElement& element);
  bool exceeds(const Limits& limits, std::size_t divisor) const;

  std::uint64_t object_id_;
  std::size_t size_ = 0;
  std::size_t packed_bytes_ = 0;  // what a listpack of the elements would take
  std::size_t heap_bytes_ = 0;
  bool quicklist_ = false;
  TwoEndedArray<ChunkRef> chunks_;
};

}  // namespace bodega::keyspace
