#include "engines/keyspace/structures/list.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "engines/base/check.h"

namespace bodega::keyspace {
namespace {

constexpr std::size_t kChunkElements = 128;
constexpr std::uint64_t kMiddle = std::uint64_t{1} << 63;
constexpr std::uint64_t kGap = std::uint64_t{1} << 16;
// After renumbering there is at least this much between neighbours.
constexpr std::uint64_t kSmallestNewGap = 16;

// Bytes that a listpack would take for an element, about.
std::size_t packed_bytes_of(std::size_t length) {
  return length + (length < 64 ? 2 : length < 4096 ? 4 : 10);
}

}  // namespace

std::string_view ListElement::text() const {
  if (length <= kInlineLength) return {bytes_, length};
  const char* heap;
  std::memcpy(&heap, bytes_, sizeof heap);
  return {heap, length};
}

void ListElement::assign(std::string_view text) {
  length = static_cast<std::uint32_t>(text.size());
  if (text.empty()) return;
  if (text.size() <= kInlineLength) {
    std::memcpy(bytes_, text.data(), text.size());
    return;
  }
  char* heap = static_cast<char*>(std::malloc(text.size()));
  if (heap == nullptr) throw std::bad_alloc();
  std::memcpy(heap, text.data(), text.size());
  std::memcpy(bytes_, &heap, sizeof heap);
}

void ListElement::release() {
  if (length > kInlineLength) {
    char* heap;
    std::memcpy(&heap, bytes_, sizeof heap);
    std::free(heap);
  }
  length = 0;
}

List::~List() {
  while (free_some(1u << 20)) {
  }
}

List::Place List::locate(std::size_t index) const {
  if (index < size_ / 2) {
    std::size_t chunk = 0;
    while (index >= chunks_[chunk].count) index -= chunks_[chunk++].count;
    return {chunk, index};
  }
  std::size_t behind = size_ - index;  // elements from here to the end
  std::size_t chunk = chunks_.size() - 1;
  while (behind > chunks_[chunk].count) behind -= chunks_[chunk--].count;
  return {chunk, chunks_[chunk].count - behind};
}

std::string_view List::at(std::size_t index) const {
  const Place place = locate(index);
  return (*chunks_[place.chunk].chunk)[place.offset].text();
}

std::uint64_t List::position_of(std::size_t index) const {
  const Place place = locate(index);
  return (*chunks_[place.chunk].chunk)[place.offset].position;
}

void List::for_range(std::size_t first, std::size_t count, Order order, Visit visit) const {
  if (count == 0) return;
  Place place = locate(first);
  while (true) {
    const Chunk& chunk = *chunks_[place.chunk].chunk;
    if (!visit(chunk[place.offset].text()) || --count == 0) return;
    if (order == Order::kForward) {
      if (++place.offset == chunk.size()) {
        ++place.chunk;
        place.offset = 0;
      }
    } else if (place.offset-- == 0) {
      place.offset = chunks_[--place.chunk].count - 1;
    }
  }
}

bool List::exceeds(const Limits& limits, std::size_t divisor) const {
  const std::int64_t limit = limits.list_max_listpack_size;
  if (limit > 0) return size_ > static_cast<std::size_t>(limit) / divisor;
  if (limit == 0) return size_ > 1;
  const std::int64_t step = limit < -5 ? 5 : -limit;
  return packed_bytes_ > (std::size_t{2048} << step) / divisor;
}

ListElement List::make(std::uint64_t position, std::string_view value, const Limits& limits) {
  ListElement element;
  element.position = position;
  element.assign(value);
  ++size_;
  packed_bytes_ += packed_bytes_of(value.size());
  if (value.size() > ListElement::kInlineLength) heap_bytes_ += value.size();
  if (!quicklist_ && (!limits.list_reports_listpack || exceeds(limits, 1))) quicklist_ = true;
  return element;
}

// The counterpart of make().
void List::forget(ListElement& element) {
  --size_;
  packed_bytes_ -= packed_bytes_of(element.length);
  if (element.length > ListElement::kInlineLength) heap_bytes_ -= element.length;
  element.release();
}

List::Chunk& List::add_chunk(End end) {
  auto* chunk = new Chunk;
  if (end == End::kFront) {
    chunks_.push_front({chunk, 0});
  } else {
    chunks_.push_back({chunk, 0});
  }
  return *chunk;
}

void List::drop_chunk(std::size_t index) {
  delete chunks_[index].chunk;
  chunks_.erase(index);
}

std::uint64_t List::push(End end, std::string_view value, const Limits& limits) {
  std::uint64_t position = kMiddle;
  if (end == End::kFront) {
    if (size_ > 0) position = chunks_.front().chunk->front().position - kGap;
    if (chunks_.empty() || chunks_.front().count == kChunkElements) add_chunk(End::kFront);
    ChunkRef& ref = chunks_.front();
    ref.chunk->push_front(make(position, value, limits));
    ++ref.count;
  } else {
    if (size_ > 0) position = chunks_.back().chunk->back().position + kGap;
    if (chunks_.empty() || chunks_.back().count == kChunkElements) add_chunk(End::kBack);
    ChunkRef& ref = chunks_.back();
    ref.chunk->push_back(make(position, value, limits));
    ++ref.count;
  }
  return position;
}

std::uint64_t List::pop(End end, std::string& value, const Limits& limits) {
  const std::size_t index = end == End::kFront ? 0 : chunks_.size() - 1;
  ChunkRef& ref = chunks_[index];
  ListElement element = end == End::kFront ? ref.chunk->front() : ref.chunk->back();
  value = element.text();
  if (end == End::kFront) {
    ref.chunk->pop_front();
  } else {
    ref.chunk->pop_back();
  }
  if (--ref.count == 0) drop_chunk(index);
  forget(element);
  maybe_unquicklist(limits);
  return element.position;
}

std::uint64_t List::set(std::size_t index, std::string_view value, const Limits& limits) {
  const Place place = locate(index);
  ListElement& element = (*chunks_[place.chunk].chunk)[place.offset];
  forget(element);
  element = make(element.position, value, limits);
  return element.position;
}

List::Place List::split_if_full(Place place) {
  if (chunks_[place.chunk].count < kChunkElements) return place;
  auto* right = new Chunk;
  Chunk& left = *chunks_[place.chunk].chunk;
  constexpr std::size_t kHalf = kChunkElements / 2;
  for (std::size_t i = kHalf; i < left.size(); ++i) right->push_back(left[i]);
  left.erase(kHalf, left.size() - kHalf);
  chunks_[place.chunk].count = left.size();
  chunks_.insert(place.chunk + 1, {right, right->size()});
  if (place.offset > kHalf) return {place.chunk + 1, place.offset - kHalf};
  return place;
}

std::uint64_t List::insert(std::size_t index, std::string_view value, const Limits& limits,
                           Renumbered& renumbered) {
  if (index == 0) return push(End::kFront, value, limits);
  if (index == size_) return push(End::kBack, value, limits);
  Place before = locate(index - 1);
  const auto position_at = [this](Place place) {
    return (*chunks_[place.chunk].chunk)[place.offset].position;
  };
  if (position_of(index) - position_at(before) < 2) renumber(before.chunk, renumbered);
  const std::uint64_t low = position_at(before);
  const std::uint64_t position = low + (position_of(index) - low) / 2;
  const Place place = split_if_full({before.chunk, before.offset + 1});
  ChunkRef& ref = chunks_[place.chunk];
  ref.chunk->insert(place.offset, make(position, value, limits));
  ++ref.count;
  return position;
}

// Spreads the elements around `chunk` evenly over the numbers between their neighbours, taking in
// more chunks until there is room enough. At an end of the list there always is.
void List::renumber(std::size_t chunk, Renumbered& renumbered) {
  std::size_t first = chunk;
  std::size_t last = chunk + 1;  // behind the window
  while (true) {
    std::uint64_t count = 0;
    for (std::size_t i = first; i < last; ++i) count += chunks_[i].count;
    const bool open_front = first == 0;
    const bool open_back = last == chunks_.size();
    std::uint64_t low = open_front ? 0 : chunks_[first - 1].chunk->back().position;
    const std::uint64_t high = open_back ? 0 : chunks_[last].chunk->front().position;
    std::uint64_t step = kGap;
    if (open_front && open_back) {
      low = kMiddle - count / 2 * kGap;
    } else if (open_front) {
      low = high - (count + 1) * kGap;
    } else if (!open_back) {
      step = (high - low) / (count + 1);
    }
    if (step < kSmallestNewGap) {
      if (first > 0) --first;
      if (last < chunks_.size()) ++last;
      continue;
    }
    for (std::size_t i = first; i < last; ++i) {
      Chunk& elements = *chunks_[i].chunk;
      for (std::size_t j = 0; j < elements.size(); ++j) {
        low += step;
        renumbered.removed.push_back(elements[j].position);
        elements[j].position = low;
        renumbered.put.emplace_back(low, std::string(elements[j].text()));
      }
    }
    return;
  }
}

void List::erase(std::size_t index, std::size_t count, const Limits& limits) {
  while (count > 0) {
    const Place place = locate(index);
    ChunkRef& ref = chunks_[place.chunk];
    const std::size_t here = std::min(count, ref.count - place.offset);
    for (std::size_t i = 0; i < here; ++i) forget((*ref.chunk)[place.offset + i]);
    ref.chunk->erase(place.offset, here);
    ref.count -= here;
    if (ref.count == 0) {
      drop_chunk(place.chunk);
    } else {
      join_sparse(place.chunk);
    }
    count -= here;
  }
  maybe_unquicklist(limits);
}

std::vector<std::uint64_t> List::remove_equal(std::string_view value, Order order,
                                              std::size_t limit, const Limits& limits) {
  std::vector<std::uint64_t> removed;
  if (limit == 0) limit = size_;
  for (std::size_t turn = 0, chunks = chunks_.size(); turn < chunks && removed.size() < limit;
       ++turn) {
    const std::size_t index = order == Order::kForward ? turn : chunks - 1 - turn;
    Chunk& chunk = *chunks_[index].chunk;
    std::size_t kept = 0;  // elements that stay are moved together, from the side that is walked
    const std::size_t count = chunk.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = order == Order::kForward ? i : count - 1 - i;
      ListElement element = chunk[at];
      if (removed.size() < limit && element.text() == value) {
        removed.push_back(element.position);
        forget(element);
      } else {
        chunk[order == Order::kForward ? kept : count - 1 - kept] = element;
        ++kept;
      }
    }
    chunk.erase(order == Order::kForward ? kept : 0, count - kept);
    chunks_[index].count = kept;
  }
  for (std::size_t index = chunks_.size(); index-- > 0;) {
    if (chunks_[index].count == 0) {
      drop_chunk(index);
    } else {
      join_sparse(index);
    }
  }
  maybe_unquicklist(limits);
  return removed;
}

// Joins the chunk with the next one when both together are no more than half full, so that removals
// in the middle leave no long row of nearly empty chunks.
void List::join_sparse(std::size_t index) {
  if (index + 1 >= chunks_.size()) return;
  ChunkRef& left = chunks_[index];
  const ChunkRef& right = chunks_[index + 1];
  if (left.count + right.count > kChunkElements / 2) return;
  for (std::size_t i = 0; i < right.count; ++i) left.chunk->push_back((*right.chunk)[i]);
  left.count += right.count;
  drop_chunk(index + 1);
}

void List::maybe_unquicklist(const Limits& limits) {
  if (quicklist_ && limits.list_reports_listpack && !exceeds(limits, 2)) quicklist_ = false;
}

void List::for_each_stored(
    base::FunctionRef<void(std::uint64_t position, std::string_view value)> visit) const {
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const Chunk& chunk = *chunks_[i].chunk;
    for (std::size_t j = 0; j < chunk.size(); ++j) visit(chunk[j].position, chunk[j].text());
  }
}

void List::restore(std::uint64_t position, std::string_view value, const Limits& limits) {
  BODEGA_CHECK(size_ == 0 || chunks_.back().chunk->back().position < position);
  if (chunks_.empty() || chunks_.back().count == kChunkElements) add_chunk(End::kBack);
  ChunkRef& ref = chunks_.back();
  ref.chunk->push_back(make(position, value, limits));
  ++ref.count;
}

bool List::free_some(std::size_t budget) {
  while (!chunks_.empty()) {
    if (budget == 0) return true;
    Chunk& chunk = *chunks_.back().chunk;
    for (std::size_t i = 0; i < chunk.size(); ++i) forget(chunk[i]);
    budget -= std::min(budget, chunk.size());
    drop_chunk(chunks_.size() - 1);
  }
  return false;
}

std::size_t List::memory() const {
  return sizeof *this + heap_bytes_ + size_ * sizeof(ListElement) +
         chunks_.size() * (sizeof(Chunk) + sizeof(ChunkRef));
}

}  // namespace bodega::keyspace
