// Strings of the keyspace engine. A value is kept as an integer when it is one, inside the entry
// when it is short, and in an allocation of its own otherwise or once it was changed in place. From
// format::kMaxInlineString on it is stored in pieces, so that small changes of a long string are
// small writes.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "engines/base/check.h"
#include "engines/base/large_memory.h"
#include "engines/base/process/allocator.h"
#include "engines/keyspace/engine.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/storage/format.h"
#include "engines/keyspace/structures/database.h"
#include "engines/keyspace/structures/hashing.h"
#include "engines/keyspace/structures/integer_text.h"

namespace bodega::keyspace {
namespace {

// Longer values do not stand inside the entry.
constexpr std::size_t kMaxEmbedded = 192;

// From so many bytes on, those that will be written anyway are not made zero before.
constexpr std::size_t kLargeFill = 1024 * 1024;

}  // namespace

void Engine::set_string(unsigned db, std::string_view key, std::string_view value, Expiry expiry) {
  Entry** link = put_text(db, key, value);
  if (expiry == Expiry::kClear) at(db).expiry.clear(**link);
}

void Engine::set_text(unsigned db, std::string_view key, std::string_view value) {
  put_text(db, key, value, Form::kText);
}

void Engine::set_string(unsigned db, std::string_view key, std::string_view value,
                        std::int64_t expiry_ms) {
  Entry** link = put_text(db, key, value);
  at(db).expiry.set(**link, expiry_ms);
}

Entry** Engine::put_text(unsigned db, std::string_view key, std::string_view value, Form form) {
  const std::uint32_t hash = hash_of(key);
  Entry** link = find_live(db, key, hash);
  const bool is_new = link == nullptr;
  if (is_new) {
    const bool embed =
        value.size() <= kMaxEmbedded && (form == Form::kText || !base::canonical_integer(value));
    link = create(db, key, hash, Type::kString, embed ? value.size() : 0);
  } else {
    note_access(**link);
  }
  if ((*link)->storage_ == Entry::Storage::kCollection) {
    // Only the value is replaced; a large one is freed later, in an entry of its own.
    const std::int64_t expiry_ms = expiry_of(db, **link);
    erase(db, link);
    link = create(db, key, hash, Type::kString, value.size() <= kMaxEmbedded ? value.size() : 0);
    if (expiry_ms != kNoExpiry) at(db).expiry.set(**link, expiry_ms);
  }
  try {
    assign_text(db, link, value, form);
  } catch (const std::bad_alloc&) {
    if (is_new) forget_new(db, link);
    throw;
  }
  mark_dirty(db, **link);
  pending_string_bytes_ += value.size();
  if (is_new) created(db, **link);
  touched(db, key);
  return link;
}

// Takes back an entry that could not be given its value: it never was there.
void Engine::forget_new(unsigned db, Entry** link) {
  Database& database = at(db);
  Entry* entry = database.table.remove_at(link);
  if (database.slots != nullptr) database.slots->remove(*entry);
  database.expiry.clear(*entry);
  database.forget_dirty(*entry);
  clear_value(*entry);
  memory_ -= entry->own_memory();
  std::free(entry);
}

void Engine::assign_text(unsigned db, Entry** link, std::string_view value, Form form) {
  Entry* entry = *link;
  if (const auto integer = form == Form::kText ? std::nullopt : base::canonical_integer(value)) {
    if (entry->storage_ == Entry::Storage::kHeap) drop_heap(*entry);
    entry->storage_ = Entry::Storage::kInteger;
    entry->integer_ = *integer;
    return;
  }
  if (value.size() <= kMaxEmbedded) {
    if (entry->storage_ == Entry::Storage::kHeap) {
      drop_heap(*entry);
      entry->storage_ = Entry::Storage::kInteger;
      entry->integer_ = 0;
    }
    if (value.size() > entry->embedded_capacity_) {
      relocate(at(db), link, value.size());
      entry = *link;
    }
    entry->storage_ = Entry::Storage::kEmbedded;
    entry->embedded_length_ = static_cast<std::uint8_t>(value.size());
    if (!value.empty())
      std::memcpy(entry->bytes() + entry->key_length_, value.data(), value.size());
    return;
  }
  const bool reuse = entry->storage_ == Entry::Storage::kHeap &&
                     entry->heap_->capacity >= value.size() &&
                     entry->heap_->capacity / 2 <= value.size();
  if (!reuse) {
    // The new value first: when there is no memory for it, the old one stays.
    HeapString* const fresh = allocate_heap(value.size());
    if (entry->storage_ == Entry::Storage::kHeap) drop_heap(*entry);
    entry->storage_ = Entry::Storage::kHeap;
    entry->heap_ = fresh;
  }
  HeapString& heap = *entry->heap_;
  base::will_be_filled(heap.bytes(), value.size());
  std::memcpy(heap.bytes(), value.data(), value.size());
  const std::size_t before = std::exchange(heap.length, value.size());
  if (value.size() <= format::kMaxInlineString && heap.pieces != nullptr) {
    log_->drop_object(heap.pieces->object_id);
    delete std::exchange(heap.pieces, nullptr);
  }
  // Up to where it reached before: if it grows again before it is written, what is stale is known.
  note_pieces(heap, 0, std::max(before, value.size()), before);
}

void Engine::set_integer(unsigned db, std::string_view key, std::int64_t value) {
  const std::uint32_t hash = hash_of(key);
  Entry** link = find_live(db, key, hash);
  const bool is_new = link == nullptr;
  if (is_new) link = create(db, key, hash, Type::kString, 0);
  Entry& entry = **link;
  BODEGA_CHECK(entry.type_ == Type::kString);
  if (entry.storage_ == Entry::Storage::kHeap) drop_heap(entry);
  entry.storage_ = Entry::Storage::kInteger;
  entry.integer_ = value;
  mark_dirty(db, entry);
  if (is_new) created(db, entry);
  touched(db, key);
}

std::size_t Engine::append(unsigned db, std::string_view key, std::string_view bytes) {
  const std::uint32_t hash = hash_of(key);
  Entry** link = find_live(db, key, hash);
  if (link == nullptr) {
    set_string(db, key, bytes);
    return bytes.size();
  }
  const std::size_t length = link == nullptr ? 0 : (*link)->length();
  const std::span<char> place = edit_string(db, key, length, bytes.size(), Fill::kWhole);
  if (!bytes.empty()) std::memcpy(place.data(), bytes.data(), bytes.size());
  return length + bytes.size();
}

std::span<char> Engine::edit_string(unsigned db, std::string_view key, std::size_t offset,
                                    std::size_t length, Fill fill) {
  const std::uint32_t hash = hash_of(key);
  Entry** link = find_live(db, key, hash);
  const bool is_new = link == nullptr;
  if (is_new) link = create(db, key, hash, Type::kString, 0);
  Entry& entry = **link;
  BODEGA_CHECK(entry.type_ == Type::kString);
  const std::size_t before = is_new ? 0 : entry.length();
  const std::size_t after = std::max(before, offset + length);
  if (is_new) {
    entry.storage_ = Entry::Storage::kEmbedded;
    entry.embedded_length_ = 0;
  }
  try {
    const bool is_filled = fill == Fill::kWhole && length >= kLargeFill && offset + length == after;
    make_heap(entry, after, before, is_filled ? std::max(offset, before) : after);
  } catch (const std::bad_alloc&) {
    if (is_new) forget_new(db, link);
    throw;
  }
  HeapString& heap = *entry.heap_;
  heap.length = after;
  if (fill == Fill::kWhole) base::will_be_filled(heap.bytes() + offset, length);
  // Zero bytes that fill a gap need not be written: what is not in the store reads as zeros.
  note_pieces(heap, offset, offset + length, before);
  pending_string_bytes_ += length;
  mark_dirty(db, entry);
  if (is_new) created(db, entry);
  touched(db, key);
  return {heap.bytes() + offset, length};
}

void Engine::make_raw(unsigned db, std::string_view key) {
  Entry** link = find_live(db, key, hash_of(key));
  BODEGA_CHECK(link != nullptr && (*link)->type_ == Type::kString);
  const std::size_t length = (*link)->length();
  make_heap(**link, length, length, length);
}

// Gives the entry more room inside, at a new address.
void Engine::relocate(Database& database, Entry** link, std::size_t embedded_capacity) {
  Entry* entry = *link;
  memory_ -= entry->own_memory();
  const std::size_t size =
      base::allocated_bytes(sizeof(Entry) + entry->key_length_ + embedded_capacity);
  if (database.slots != nullptr) database.slots->remove(*entry);
  void* memory = std::realloc(static_cast<void*>(entry), size);
  if (memory != nullptr) *link = static_cast<Entry*>(memory);
  if (database.slots != nullptr) database.slots->add(**link);
  if (memory == nullptr) throw std::bad_alloc();
  entry = *link;
  entry->embedded_capacity_ = static_cast<std::uint8_t>(
      std::min<std::size_t>(size - sizeof(Entry) - entry->key_length_, 255));
  database.moved(*entry);
  memory_ += entry->own_memory();
}

// A heap string of at least this capacity and no length, all of it zero bytes. Large ones come from
// the system as zeros that take no memory before they are touched.
HeapString* Engine::allocate_heap(std::size_t capacity) {
  capacity = base::allocated_bytes(sizeof(HeapString) + capacity) - sizeof(HeapString);
  void* memory = std::calloc(1, sizeof(HeapString) + capacity);
  if (memory == nullptr) throw std::bad_alloc();
  memory_ += sizeof(HeapString) + capacity;
  return new (memory) HeapString{0, capacity, nullptr};
}

// Makes the value a heap string of at least this capacity, keeping its bytes; those from `length`
// up to `zero_until` are zero. Growth is by doubling, so that appending is cheap.
void Engine::make_heap(Entry& entry, std::size_t capacity, std::size_t length,
                       std::size_t zero_until) {
  if (entry.storage_ != Entry::Storage::kHeap) {
    TextBuffer buffer;
    const std::string_view text =
        entry.storage_ == Entry::Storage::kCollection ? std::string_view() : entry.text(buffer);
    HeapString* const heap = allocate_heap(std::max(capacity, text.size()));
    if (!text.empty()) std::memcpy(heap->bytes(), text.data(), text.size());
    heap->length = text.size();
    entry.storage_ = Entry::Storage::kHeap;
    entry.heap_ = heap;
    return;
  }
  HeapString* heap = entry.heap_;
  if (heap->capacity < capacity) {
    constexpr std::size_t kMostSlack = 1 << 20;
    const std::size_t wanted = sizeof(HeapString) + capacity + std::min(capacity, kMostSlack);
    const std::size_t grown = base::allocated_bytes(wanted) - sizeof(HeapString);
    heap = static_cast<HeapString*>(std::realloc(heap, sizeof(HeapString) + grown));
    if (heap == nullptr) throw std::bad_alloc();
    memory_ += grown - heap->capacity;
    heap->capacity = grown;
    entry.heap_ = heap;
  }
  if (zero_until > length) std::memset(heap->bytes() + length, 0, zero_until - length);
}

// Notes that the bytes [from, to) changed, when the string is long enough to be stored in pieces.
// `before`: how long it was.
void Engine::note_pieces(HeapString& heap, std::size_t from, std::size_t to, std::size_t before) {
  if (heap.length <= format::kMaxInlineString || !options_.log_changes) return;
  if (heap.pieces == nullptr) {
    heap.pieces = new StringPieces{.object_id = log_->new_object_id()};
    // What stood in the key's record so far moves as well.
    if (before > 0 && from > 0) note_range(*heap.pieces, 0, std::min(before, from));
  }
  note_range(*heap.pieces, from, to);
}

void Engine::note_range(StringPieces& pieces, std::size_t from, std::size_t to) {
  const std::uint64_t first = from / kPieceLength;
  const std::uint64_t behind = (to + kPieceLength - 1) / kPieceLength;
  auto& dirty = pieces.dirty;
  if (!dirty.empty() && dirty.back().from <= first && first <= dirty.back().to) {
    dirty.back().to = std::max(dirty.back().to, behind);
  } else if (first < behind) {
    dirty.push_back({first, behind});
  }
}

void Engine::drop_heap(Entry& entry) {
  HeapString* heap = entry.heap_;
  if (heap->pieces != nullptr) {
    if (options_.log_changes) log_->drop_object(heap->pieces->object_id);
    delete heap->pieces;
  }
  memory_ -= sizeof(HeapString) + heap->capacity;
  std::free(heap);
}

}  // namespace bodega::keyspace
