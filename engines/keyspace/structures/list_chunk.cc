#include "engines/keyspace/structures/list_chunk.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "engines/base/process/allocator.h"

namespace bodega::keyspace {
struct ListChunk::Block {
  std::uint64_t first_position = 0;
  std::vector<std::uint64_t>* positions = nullptr;  // null: kGap apart, from first_position on
  std::uint32_t capacity = 0;                       // behind this header
  std::uint32_t head = 0;                           // where the bytes begin
  std::uint32_t size = 0;                           // how many there are
  std::uint32_t count = 0;
};

ListChunk ListChunk::make(std::size_t length) {
  const std::size_t capacity = capacity_for(length + sizeof(std::uint16_t));
  void* memory = std::malloc(sizeof(Block) + capacity);
  if (memory == nullptr) throw std::bad_alloc();
  ListChunk made(new (memory) Block);
  made.block_->capacity = static_cast<std::uint32_t>(capacity);
  return made;
}

// Even, as the table needs it.
std::size_t ListChunk::capacity_for(std::size_t bytes) {
  return base::allocated_bytes(sizeof(Block) + (bytes + 1) / 2 * 2) - sizeof(Block);
}

void ListChunk::destroy() {
  delete block_->positions;
  std::free(block_);
}

std::size_t ListChunk::count() const { return block_->count; }

char* ListChunk::bytes() const { return reinterpret_cast<char*>(block_ + 1) + block_->head; }

// The table of beginnings is written backwards from the end of the block.
std::uint16_t& ListChunk::start(std::size_t index) const {
  char* end = reinterpret_cast<char*>(block_ + 1) + block_->capacity;
  return *(reinterpret_cast<std::uint16_t*>(end) - 1 - index);
}

std::size_t ListChunk::offset(std::size_t index) const {
  if (index == 0) return 0;
  if (index == block_->count) return block_->size;
  return static_cast<std::uint16_t>(start(index) - start(0));
}

std::string_view ListChunk::at(std::size_t index) const {
  const std::size_t from = offset(index);
  return {bytes() + from, offset(index + 1) - from};
}

std::uint64_t ListChunk::position(std::size_t index) const {
  if (block_->positions != nullptr) return (*block_->positions)[index];
  return block_->first_position + index * kGap;
}

void ListChunk::set_position(std::size_t index, std::uint64_t position) {
  if (this->position(index) == position) return;
  make_positions_explicit();
  (*block_->positions)[index] = position;
}

void ListChunk::make_positions_explicit() {
  if (block_->positions != nullptr) return;
  auto made = std::make_unique<std::vector<std::uint64_t>>(block_->count);
  for (std::size_t i = 0; i < block_->count; ++i) (*made)[i] = position(i);
  block_->positions = made.release();
}

bool ListChunk::takes(std::size_t length) const {
  return block_->count == 0 || (block_->count < kMaxElements && block_->size + length <= kMaxBytes);
}

bool ListChunk::takes_instead(std::size_t index, std::size_t length) const {
  return block_->count == 1 || block_->size - at(index).size() + length <= kMaxBytes;
}

bool ListChunk::is_sparse_with(ListChunk next) const {
  return block_->count + next.count() <= kMaxElements / 2 &&
         block_->size + next.block_->size <= kMaxBytes / 2;
}

std::size_t ListChunk::needed(std::size_t more_bytes, std::size_t more_elements) const {
  return block_->size + more_bytes + (block_->count + more_elements) * sizeof(std::uint16_t);
}

// Makes the room that an element of this length needs before `index`.
void ListChunk::reserve(std::size_t index, std::size_t length) {
  const bool at_front = index == 0 && block_->count > 0;
  const std::size_t table = (block_->count + 1) * sizeof(std::uint16_t);
  const std::size_t behind = block_->head + block_->size;
  const bool table_fits = behind + table <= block_->capacity;
  const bool fits = at_front ? table_fits && block_->head >= length
                             : table_fits && behind + length + table <= block_->capacity;
  if (fits) return;
  const std::size_t wanted = needed(length, 1);
  std::size_t capacity = block_->capacity;
  if (wanted > capacity) {
    capacity = capacity_for(wanted);
  } else if (wanted + capacity / 8 > capacity) {
    // Moving what is there within the block would free so little that it were to be done often.
    capacity = capacity_for(wanted + capacity / 8);
  }
  const std::size_t room = capacity - wanted;
  resize(capacity, at_front ? length + room : 0);
}

// Moves the contents into a block of this capacity, the bytes to `head`.
void ListChunk::resize(std::size_t capacity, std::size_t head) {
  const std::size_t table = block_->count * sizeof(std::uint16_t);
  if (capacity == block_->capacity) {
    std::memmove(reinterpret_cast<char*>(block_ + 1) + head, bytes(), block_->size);
    block_->head = static_cast<std::uint32_t>(head);
    return;
  }
  void* memory = std::malloc(sizeof(Block) + capacity);
  if (memory == nullptr) throw std::bad_alloc();
  ListChunk other(new (memory) Block(*block_));
  other.block_->capacity = static_cast<std::uint32_t>(capacity);
  other.block_->head = static_cast<std::uint32_t>(head);
  std::memcpy(other.bytes(), bytes(), block_->size);
  if (table > 0) {
    std::memcpy(&other.start(block_->count - 1), &start(block_->count - 1), table);
  }
  std::free(block_);
  block_ = other.block_;
}

// Makes a hole for an element and enters it into the table. Whichever side is shorter is moved, as
// far as there is room before it.
char* ListChunk::open(std::size_t index, std::size_t length) {
  reserve(index, length);
  const std::size_t at = offset(index);
  const std::size_t count = block_->count;
  const auto moved = static_cast<std::uint16_t>(length);
  const bool to_front = index < count && index <= count / 2 && block_->head >= length;
  std::uint16_t begin = 0;
  if (count > 0) begin = static_cast<std::uint16_t>(start(0) + at);
  if (to_front) {
    std::memmove(bytes() - length, bytes(), at);
    block_->head -= static_cast<std::uint32_t>(length);
    for (std::size_t i = 0; i < index; ++i) start(i) = static_cast<std::uint16_t>(start(i) - moved);
    begin = static_cast<std::uint16_t>(begin - moved);
  } else {
    std::memmove(bytes() + at + length, bytes() + at, block_->size - at);
    for (std::size_t i = index; i < count; ++i) {
      start(i) = static_cast<std::uint16_t>(start(i) + moved);
    }
  }
  if (index < count) {
    std::memmove(&start(count), &start(count - 1), (count - index) * sizeof(std::uint16_t));
  }
  ++block_->count;
  block_->size += static_cast<std::uint32_t>(length);
  start(index) = begin;
  return bytes() + at;
}

void ListChunk::insert_position(std::size_t index, std::uint64_t position) {
  if (block_->count == 0 && block_->positions == nullptr) {
    block_->first_position = position;
    return;
  }
  if (block_->positions == nullptr) {
    const std::uint64_t first = block_->first_position;
    if (index == block_->count && position == first + index * kGap) return;
    if (index == 0 && position == first - kGap) {
      block_->first_position = position;
      return;
    }
    make_positions_explicit();
  }
  auto& positions = *block_->positions;
  positions.insert(positions.begin() + static_cast<std::ptrdiff_t>(index), position);
}

void ListChunk::insert(std::size_t index, std::uint64_t position, std::string_view value) {
  reserve(index, value.size());
  insert_position(index, position);
  char* at = open(index, value.size());
  if (!value.empty()) std::memcpy(at, value.data(), value.size());
}

void ListChunk::assign(std::size_t index, std::string_view value) {
  if (block_->count == 1) {
    ListChunk other = make(value.size());
    other.push_back(position(0), value);
    std::swap(block_, other.block_);
    return other.destroy();
  }
  if (at(index).size() != value.size()) {
    open(index, value.size());
    close(index + 1, 1);
  }
  if (!value.empty()) std::memcpy(bytes() + offset(index), value.data(), value.size());
}

void ListChunk::erase_positions(std::size_t index, std::size_t count) {
  if (block_->positions == nullptr) {
    if (index == 0) block_->first_position += count * kGap;
    if (index == 0 || index + count == block_->count) return;
    make_positions_explicit();
  }
  auto& positions = *block_->positions;
  const auto first = positions.begin() + static_cast<std::ptrdiff_t>(index);
  positions.erase(first, first + static_cast<std::ptrdiff_t>(count));
}

void ListChunk::erase(std::size_t index, std::size_t erased) {
  if (erased == 0) return;
  erase_positions(index, erased);
  close(index, erased);
  // What a long row of pops has left of a full chunk is moved into a smaller one.
  if (block_->capacity > 4 * needed(0, 0) + 64) fit();
}

// The counterpart of open().
void ListChunk::close(std::size_t index, std::size_t erased) {
  const std::size_t from = offset(index);
  const std::size_t to = offset(index + erased);
  const std::size_t count = block_->count;
  const std::size_t behind = index + erased;
  const auto gone = static_cast<std::uint16_t>(to - from);
  if (from < block_->size - to) {
    std::memmove(bytes() + (to - from), bytes(), from);
    block_->head += static_cast<std::uint32_t>(to - from);
    for (std::size_t i = 0; i < index; ++i) start(i) = static_cast<std::uint16_t>(start(i) + gone);
  } else {
    std::memmove(bytes() + from, bytes() + to, block_->size - to);
    for (std::size_t i = behind; i < count; ++i) {
      start(i) = static_cast<std::uint16_t>(start(i) - gone);
    }
  }
  if (behind < count) {
    std::memmove(&start(count - erased - 1), &start(count - 1),
                 (count - behind) * sizeof(std::uint16_t));
  }
  block_->count -= static_cast<std::uint32_t>(erased);
  block_->size -= static_cast<std::uint32_t>(to - from);
}

// Where there is no memory for the smaller block, the larger one stays.
void ListChunk::fit() {
  const std::size_t capacity = capacity_for(needed(0, 0));
  if (capacity >= block_->capacity) return;
  try {
    resize(capacity, 0);
  } catch (const std::bad_alloc&) {
  }
}

std::size_t ListChunk::memory() const {
  std::size_t total = sizeof(Block) + block_->capacity;
  if (block_->positions != nullptr) {
    total += sizeof(*block_->positions) + block_->positions->capacity() * sizeof(std::uint64_t);
  }
  return total;
}

}  // namespace bodega::keyspace
