// ListChunk: a run of a list's elements in one allocation, packed without gaps between them, each
// with its position, the 64-bit number that is its key in the store.
//
//   header | … bytes of the elements, one after another … | room | … where they begin
//
// Where an element begins takes two bytes, counted from a moving origin, so that pushing at the
// front renumbers nothing. Positions that are kGap apart, as pushes make them, take no memory; a
// chunk with others has a table of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bodega::keyspace {

// A plain handle: whoever made the chunk destroys it. Views are valid until the next change.
class ListChunk {
 public:
  // The distance of positions that neighbours get when they are pushed.
  static constexpr std::uint64_t kGap = std::uint64_t{1} << 16;
  static constexpr std::size_t kMaxElements = 512;
  // Of all elements, unless there is only one.
  static constexpr std::size_t kMaxBytes = 8192;

  // Empty, with room for an element of this length.
  static ListChunk make(std::size_t length);
  void destroy();

  std::size_t count() const;
  std::string_view at(std::size_t index) const;  // REQUIRES, here and below: index < count()
  std::uint64_t position(std::size_t index) const;
  void set_position(std::size_t index, std::uint64_t position);

  // Whether an element of this length may be added.
  bool takes(std::size_t length) const;
  // Whether the element may be given this length.
  bool takes_instead(std::size_t index, std::size_t length) const;

  // REQUIRES: takes(value.size()), index <= count(). Both may throw std::bad_alloc and have then
  // changed nothing.
  void insert(std::size_t index, std::uint64_t position, std::string_view value);
  void push_back(std::uint64_t position, std::string_view value) {
    insert(count(), position, value);
  }

  // REQUIRES: takes_instead(index, value.size()).
  void assign(std::size_t index, std::string_view value);
  void erase(std::size_t index, std::size_t count = 1);

  // Whether the elements of both, the next chunk's behind these, would fill no more than half of
  // one.
  bool is_sparse_with(ListChunk next) const;

  // Gives back room that is not in use.
  void fit();
  std::size_t memory() const;

 private:
  struct Block;
  explicit ListChunk(Block* block) : block_(block) {}

  std::size_t offset(std::size_t index) const;  // index == count(): behind the last
  std::uint16_t& start(std::size_t index) const;
  char* bytes() const;
  static std::size_t capacity_for(std::size_t bytes);
  std::size_t needed(std::size_t more_bytes, std::size_t more_elements) const;
  void reserve(std::size_t index, std::size_t length);
  void resize(std::size_t capacity, std::size_t head);
  char* open(std::size_t index, std::size_t length);
  void close(std::size_t index, std::size_t count);
  void make_positions_explicit();
  void insert_position(std::size_t index, std::uint64_t position);
  void erase_positions(std::size_t index, std::size_t count);

  Block* block_;
};

}  // namespace bodega::keyspace
