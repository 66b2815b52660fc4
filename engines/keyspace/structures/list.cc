#include "engines/keyspace/structures/list.h"

#include <algorithm>

#include "engines/base/check.h"

namespace bodega::keyspace {
namespace {

constexpr std::uint64_t kMiddle = std::uint64_t{1} << 63;
constexpr std::uint64_t kGap = ListChunk::kGap;
// After renumbering there is at least this much between neighbours.
constexpr std::uint64_t kSmallestNewGap = 16;

// Bytes that a listpack would take for an element, about.
std::size_t packed_bytes_of(std::size_t length) {
  return length + (length < 64 ? 2 : length < 4096 ? 4 : 10);
}

}  // namespace

List::~List() {
  while (free_some(1u << 20)) {
  }
}

// ---- Looking ----

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
  return chunks_[place.chunk].chunk.at(place.offset);
}

std::uint64_t List::position_of(std::size_t index) const { return position_at(locate(index)); }

std::uint64_t List::last_position() const {
  return chunks_.back().chunk.position(chunks_.back().count - 1);
}

void List::for_range(std::size_t first, std::size_t count, Order order, Visit visit) const {
  if (count == 0) return;
  Place place = locate(first);
  while (count-- > 0) {
    const ChunkRef& ref = chunks_[place.chunk];
    if (!visit(ref.chunk.at(place.offset)) || count == 0) return;
    if (order == Order::kForward) {
      if (++place.offset == ref.count) {
        ++place.chunk;
        place.offset = 0;
      }
    } else if (place.offset-- == 0) {
      place.offset = chunks_[--place.chunk].count - 1;
    }
  }
}

void List::for_each_stored(
    base::FunctionRef<void(std::uint64_t position, std::string_view value)> visit) const {
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const ChunkRef& ref = chunks_[i];
    for (std::size_t j = 0; j < ref.count; ++j) visit(ref.chunk.position(j), ref.chunk.at(j));
  }
}

bool List::exceeds(const Limits& limits, std::size_t divisor) const {
  const std::int64_t limit = limits.list_max_listpack_size;
  if (limit > 0) return size_ > static_cast<std::size_t>(limit) / divisor;
  if (limit == 0) return size_ > 1;
  const std::int64_t step = limit < -5 ? 5 : -limit;
  return packed_bytes_ > (std::size_t{2048} << step) / divisor;
}

std::size_t List::memory() const { return sizeof *this + chunk_bytes_ + chunks_.capacity_bytes(); }

// ---- Chunks ----

void List::add_chunk(std::size_t index, std::size_t length) {
  ListChunk chunk = ListChunk::make(length);
  try {
    chunks_.insert(index, {chunk, 0});
  } catch (const std::bad_alloc&) {
    chunk.destroy();
    throw;
  }
  chunk_bytes_ += chunk.memory();
}

void List::drop_chunk(std::size_t index) {
  chunk_bytes_ -= chunks_[index].chunk.memory();
  chunks_[index].chunk.destroy();
  chunks_.erase(index);
}

// Parts the chunk in two. REQUIRES: the place is inside it.
void List::split(Place place) {
  add_chunk(place.chunk + 1, 0);
  ChunkRef& left = chunks_[place.chunk];
  ChunkRef& right = chunks_[place.chunk + 1];
  chunk_bytes_ -= left.chunk.memory() + right.chunk.memory();
  for (std::size_t i = place.offset; i < left.count; ++i) {
    right.chunk.push_back(left.chunk.position(i), left.chunk.at(i));
  }
  right.count = left.count - place.offset;
  left.chunk.erase(place.offset, right.count);
  left.count = place.offset;
  chunk_bytes_ += left.chunk.memory() + right.chunk.memory();
}

// Joins the chunk with the next one when both together are no more than half full, so that removals
// in the middle leave no long row of nearly empty chunks.
void List::join_sparse(std::size_t index) {
  if (index + 1 >= chunks_.size()) return;
  ChunkRef& left = chunks_[index];
  const ChunkRef& right = chunks_[index + 1];
  if (!left.chunk.is_sparse_with(right.chunk)) return;
  chunk_bytes_ -= left.chunk.memory();
  for (std::size_t i = 0; i < right.count; ++i) {
    left.chunk.push_back(right.chunk.position(i), right.chunk.at(i));
  }
  left.count += right.count;
  chunk_bytes_ += left.chunk.memory();
  drop_chunk(index + 1);
}

// Where an element of this length that is to come before `index` finds room: at the end of one
// chunk, at the front of the next, or in one of its own between them.
List::Place List::place_for(std::size_t index, std::size_t length) {
  if (chunks_.empty()) {
    add_chunk(0, length);
    return {0, 0};
  }
  if (index == 0) {
    if (chunks_.front().chunk.takes(length)) return {0, 0};
    add_chunk(0, length);
    return {0, 0};
  }
  Place place = locate(index - 1);
  ++place.offset;
  ChunkRef& ref = chunks_[place.chunk];
  if (ref.chunk.takes(length)) return place;
  if (place.offset < ref.count) {
    split(place);
    if (chunks_[place.chunk].chunk.takes(length)) return place;
  }
  const std::size_t next = place.chunk + 1;
  if (next < chunks_.size() && chunks_[next].chunk.takes(length)) return {next, 0};
  add_chunk(next, length);
  return {next, 0};
}

// ---- Elements ----

// What is there of the element before it is in a chunk, which cannot fail any more.
void List::count_in(std::size_t length, const Limits& limits) {
  ++size_;
  packed_bytes_ += packed_bytes_of(length);
  if (!quicklist_ && (!limits.list_reports_listpack || exceeds(limits, 1))) quicklist_ = true;
}

void List::put(Place place, std::uint64_t position, std::string_view value, const Limits& limits) {
  ChunkRef& ref = chunks_[place.chunk];
  const std::size_t before = ref.chunk.memory();
  ref.chunk.insert(place.offset, position, value);
  chunk_bytes_ += ref.chunk.memory() - before;
  ++ref.count;
  count_in(value.size(), limits);
}

// Takes out a row of elements of one chunk, and the chunk when it was all of it.
void List::remove(Place place, std::size_t count) {
  ChunkRef& ref = chunks_[place.chunk];
  for (std::size_t i = 0; i < count; ++i) {
    packed_bytes_ -= packed_bytes_of(ref.chunk.at(place.offset + i).size());
  }
  size_ -= count;
  if (count == ref.count) return drop_chunk(place.chunk);
  const std::size_t before = ref.chunk.memory();
  ref.chunk.erase(place.offset, count);
  chunk_bytes_ += ref.chunk.memory() - before;
  ref.count -= count;
}

std::uint64_t List::push(End end, std::string_view value, const Limits& limits) {
  std::uint64_t position = kMiddle;
  Place place{0, 0};
  if (chunks_.empty()) {
    add_chunk(0, value.size());
  } else if (end == End::kFront) {
    position = chunks_.front().chunk.position(0) - kGap;
    if (!chunks_.front().chunk.takes(value.size())) {
      fit(0);
      add_chunk(0, value.size());
    }
  } else {
    position = last_position() + kGap;
    if (!chunks_.back().chunk.takes(value.size())) {
      fit(chunks_.size() - 1);
      add_chunk(chunks_.size(), value.size());
    }
    place = {chunks_.size() - 1, chunks_.back().count};
  }
  put(place, position, value, limits);
  return position;
}

// A chunk that is full keeps no room for more.
void List::fit(std::size_t index) {
  const std::size_t before = chunks_[index].chunk.memory();
  chunks_[index].chunk.fit();
  chunk_bytes_ += chunks_[index].chunk.memory() - before;
}

std::uint64_t List::pop(End end, std::string& value, const Limits& limits) {
  Place place{0, 0};
  if (end == End::kBack) place = {chunks_.size() - 1, chunks_.back().count - 1};
  value = chunks_[place.chunk].chunk.at(place.offset);
  const std::uint64_t position = position_at(place);
  remove(place, 1);
  maybe_unquicklist(limits);
  return position;
}

std::uint64_t List::set(std::size_t index, std::string_view value, const Limits& limits) {
  Place place = locate(index);
  if (!chunks_[place.chunk].chunk.takes_instead(place.offset, value.size())) {
    // It gets a chunk of its own.
    if (place.offset + 1 < chunks_[place.chunk].count) split({place.chunk, place.offset + 1});
    if (place.offset > 0) {
      split(place);
      place = {place.chunk + 1, 0};
    }
  }
  ListChunk& chunk = chunks_[place.chunk].chunk;
  const std::size_t length = chunk.at(place.offset).size();
  const std::size_t before = chunk.memory();
  chunk.assign(place.offset, value);
  chunk_bytes_ += chunk.memory() - before;
  // As Redis does, which looks at the encoding with both there, and again afterwards.
  count_in(value.size(), limits);
  --size_;
  packed_bytes_ -= packed_bytes_of(length);
  maybe_unquicklist(limits);
  return position_at(place);
}

std::uint64_t List::insert(std::size_t index, std::string_view value, const Limits& limits,
                           Renumbered& renumbered) {
  if (index == 0) return push(End::kFront, value, limits);
  if (index == size_) return push(End::kBack, value, limits);
  if (position_of(index) - position_of(index - 1) < 2) {
    renumber(locate(index - 1).chunk, renumbered);
  }
  const std::uint64_t low = position_of(index - 1);
  const std::uint64_t position = low + (position_of(index) - low) / 2;
  put(place_for(index, value.size()), position, value, limits);
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
    std::uint64_t low =
        open_front ? 0 : chunks_[first - 1].chunk.position(chunks_[first - 1].count - 1);
    const std::uint64_t high = open_back ? 0 : chunks_[last].chunk.position(0);
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
      ChunkRef& ref = chunks_[i];
      chunk_bytes_ -= ref.chunk.memory();
      for (std::size_t j = 0; j < ref.count; ++j) {
        low += step;
        renumbered.removed.push_back(ref.chunk.position(j));
        ref.chunk.set_position(j, low);
        renumbered.put.emplace_back(low, std::string(ref.chunk.at(j)));
      }
      chunk_bytes_ += ref.chunk.memory();
    }
    return;
  }
}

void List::erase(std::size_t index, std::size_t count, const Limits& limits) {
  while (count > 0) {
    const Place place = locate(index);
    const std::size_t chunks = chunks_.size();
    const std::size_t here = std::min(count, chunks_[place.chunk].count - place.offset);
    remove(place, here);
    if (chunks_.size() == chunks) join_sparse(place.chunk);
    count -= here;
  }
  maybe_unquicklist(limits);
}

std::vector<std::uint64_t> List::remove_equal(std::string_view value, Order order,
                                              std::size_t limit, const Limits& limits) {
  std::vector<std::uint64_t> removed;
  if (limit == 0) limit = size_;
  const bool forward = order == Order::kForward;
  std::size_t index = forward ? 0 : chunks_.size();
  while (removed.size() < limit && (forward ? index < chunks_.size() : index > 0)) {
    const std::size_t chunk = forward ? index : index - 1;
    const std::size_t chunks = chunks_.size();
    remove_equal_in(chunk, value, order, limit, removed);
    const bool dropped = chunks_.size() < chunks;
    if (!dropped) join_sparse(chunk);
    // What was joined to a chunk is looked at once more, where that is still to come.
    if (!forward) {
      --index;
    } else if (!dropped && chunks_.size() == chunks) {
      ++index;
    }
  }
  maybe_unquicklist(limits);
  return removed;
}

void List::remove_equal_in(std::size_t chunk, std::string_view value, Order order,
                           std::size_t limit, std::vector<std::uint64_t>& removed) {
  std::size_t left = chunks_[chunk].count;  // to be looked at
  std::size_t at = order == Order::kForward ? 0 : left;
  while (left-- > 0 && removed.size() < limit) {
    if (order == Order::kBackward) --at;
    const ListChunk& elements = chunks_[chunk].chunk;
    if (elements.at(at) != value) {
      if (order == Order::kForward) ++at;
      continue;
    }
    removed.push_back(elements.position(at));
    remove({chunk, at}, 1);
  }
}

void List::maybe_unquicklist(const Limits& limits) {
  if (quicklist_ && limits.list_reports_listpack && !exceeds(limits, 2)) quicklist_ = false;
}

void List::restore(std::uint64_t position, std::string_view value, const Limits& limits) {
  BODEGA_CHECK(size_ == 0 || last_position() < position);
  if (chunks_.empty() || !chunks_.back().chunk.takes(value.size())) {
    if (!chunks_.empty()) fit(chunks_.size() - 1);
    add_chunk(chunks_.size(), value.size());
  }
  put({chunks_.size() - 1, chunks_.back().count}, position, value, limits);
}

bool List::free_some(std::size_t budget) {
  while (!chunks_.empty()) {
    if (budget == 0) return true;
    const ChunkRef& last = chunks_.back();
    budget -= std::min(budget, last.count);
    remove({chunks_.size() - 1, 0}, last.count);
  }
  return false;
}

}  // namespace bodega::keyspace
