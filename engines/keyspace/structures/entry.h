// Entry: a key with its value, in one allocation for short strings. It is the node of the
// keyspace's hash table, so a lookup costs one miss for the bucket and one for the entry.
//
//   header (40 bytes) | key bytes | room for a short string value
//
// Entries are made, moved and freed by the Engine alone; everyone else reads them. A pointer or
// reference to an Entry, and every view taken from it, is valid until the next call that changes
// the keyspace (any non-const function of Engine or of an edit, including lookups that expire
// keys).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/expiry_heap.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::kv {
class Batch;
}

namespace bodega::keyspace {

class Engine;
class Hash;
class List;
class Set;
class SortedSet;
class Stream;

// How a long string is stored (see format.h), and which pieces differ from what is on disk.
struct StringPieces {
  struct Range {
    std::uint64_t from, to;  // piece numbers, [from, to)
  };
  std::uint64_t object_id = 0;
  std::uint64_t pieces_on_disk = 0;  // pieces from this number on are not in the store
  std::vector<Range> dirty = {};
  bool go_ahead = false;  // they are written ahead of the key's record, incrementally

  std::uint64_t dirty_bytes() const;  // at most so many
};

// How far the writing of the dirty pieces of a string has come.
struct PiecesWalk {
  std::size_t range = 0;   // the one in dirty that is next …
  std::uint64_t next = 0;  // … and the first piece that may still have to be written
};

// A string in an allocation of its own: this header, then the bytes.
struct HeapString {
  std::uint64_t length;
  std::uint64_t capacity;
  StringPieces* pieces;  // null unless the string is stored in pieces

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
};

// Room for the digits of an integer string while its view is in use.
using TextBuffer = std::array<char, 24>;

class Entry {
 public:
  std::string_view key() const { return {bytes(), key_length_}; }
  Type type() const { return type_; }
  bool is(Type type) const { return type_ == type; }

  // As OBJECT ENCODING reports it.
  Encoding encoding() const;

  // REQUIRES for the next four: a string. text() is the value as clients see it; an integer's
  // digits are written into `buffer`, which the view may then point into.
  std::string_view text(TextBuffer& buffer) const;
  std::string str() const;
  bool is_integer() const { return storage_ == Storage::kInteger; }
  std::int64_t integer() const { return integer_; }  // REQUIRES: is_integer()

  // REQUIRES: of that type. Collections are never empty while they are in the keyspace, but for
  // streams.
  const List& list() const { return *list_; }
  const Hash& hash() const { return *hash_; }
  const Set& set() const { return *set_; }
  const SortedSet& sorted_set() const { return *sorted_set_; }
  const Stream& stream() const { return *stream_; }

  // Length of a string in bytes, or the number of elements (fields, members) of a collection.
  std::size_t length() const;

  // Whether the key has a time to live; the instant is Engine::expiry_of(entry).
  bool has_expiry() const { return expiry_slot_ != kNoExpirySlot; }

  // What the hash table's nodes must offer.
  Entry* next = nullptr;
  std::uint32_t hash32 = 0;

 private:
  friend class Engine;
  friend class Database;
  friend class ExpiryHeap<Entry>;
  friend class ChangeLog;
  friend class Edit;
  friend class HashEdit;
  friend class ListEdit;
  friend class SetEdit;
  friend class SortedSetEdit;
  friend class StreamEdit;
  friend class Loader;
  friend void put_key_record(kv::Batch&, std::uint32_t, Entry&, std::int64_t);
  friend std::uint64_t put_some_pieces(kv::Batch&, Entry&, PiecesWalk&, std::uint64_t);

  enum class Storage : std::uint8_t { kInteger, kEmbedded, kHeap, kCollection };
  static constexpr std::uint32_t kNoSlot = 0xFFFFFFFF;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }

  std::uint64_t object_id() const;   // REQUIRES: a collection
  std::size_t value_memory() const;  // of what is outside this allocation
  std::size_t record_count() const;  // of a collection: how many elements the store has of it
  std::size_t own_memory() const { return sizeof(Entry) + key_length_ + embedded_capacity_; }

  std::uint32_t key_length_ = 0;
  std::uint32_t expiry_slot_ = kNoExpirySlot;  // place in the expiry heap
  std::uint32_t dirty_slot_ = kNoSlot;         // place in the list of what this tick changed
  std::uint32_t access_ = 0;                   // when (LRU) or how often (LFU) it was last used
  Type type_ = Type::kString;
  Storage storage_ = Storage::kInteger;
  std::uint8_t embedded_length_ = 0;
  std::uint8_t embedded_capacity_ = 0;
  union {
    std::int64_t integer_ = 0;
    HeapString* heap_;
    List* list_;
    Hash* hash_;
    Set* set_;
    SortedSet* sorted_set_;
    Stream* stream_;
  };
};

}  // namespace bodega::keyspace
