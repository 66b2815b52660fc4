// List: a Redis list as a row of chunks, each a packed run of elements (list_chunk.h). Ends are
// O(1); an index is found by walking chunks, of which there is one for each 8 KiB; an insertion in
// the middle moves at most a chunk.
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
#include "engines/keyspace/structures/list_chunk.h"
#include "engines/keyspace/structures/two_ended_array.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

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
  struct ChunkRef {
    ListChunk chunk;
    std::size_t count;
  };
  struct Place {
    std::size_t chunk;
    std::size_t offset;
  };

  Place locate(std::size_t index) const;
  std::uint64_t position_at(Place place) const {
    return chunks_[place.chunk].chunk.position(place.offset);
  }
  std::uint64_t last_position() const;
  void add_chunk(std::size_t index, std::size_t length);
  void drop_chunk(std::size_t index);
  void split(Place place);
  void join_sparse(std::size_t index);
  void fit(std::size_t index);
  Place place_for(std::size_t index, std::size_t length);
  void renumber(std::size_t chunk, Renumbered& renumbered);
  void put(Place place, std::uint64_t position, std::string_view value, const Limits& limits);
  void remove(Place place, std::size_t count);
  void count_in(std::size_t length, const Limits& limits);
  void remove_equal_in(std::size_t chunk, std::string_view value, Order order, std::size_t limit,
                       std::vector<std::uint64_t>& removed);
  void maybe_unquicklist(const Limits& limits);
  bool exceeds(const Limits& limits, std::size_t divisor) const;

  std::uint64_t object_id_;
  std::size_t size_ = 0;
  std::size_t packed_bytes_ = 0;  // what a listpack of the elements would take
  std::size_t chunk_bytes_ = 0;
  bool quicklist_ = false;
  TwoEndedArray<ChunkRef, 1> chunks_;
};

}  // namespace bodega::keyspace
