#include "engines/keyspace/structures/entry.h"

#include "engines/base/check.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/integer_text.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "engines/keyspace/structures/stream.h"

namespace bodega::keyspace {

std::string_view name_of(Type type) {
  switch (type) {
    case Type::kString: return "string";
    case Type::kList: return "list";
    case Type::kSet: return "set";
    case Type::kSortedSet: return "zset";
    case Type::kHash: return "hash";
    case Type::kStream: return "stream";
  }
  return {};
}

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::kInt: return "int";
    case Encoding::kEmbstr: return "embstr";
    case Encoding::kRaw: return "raw";
    case Encoding::kListpack: return "listpack";
    case Encoding::kListpackEx: return "listpackex";
    case Encoding::kQuicklist: return "quicklist";
    case Encoding::kIntset: return "intset";
    case Encoding::kHashtable: return "hashtable";
    case Encoding::kSkiplist: return "skiplist";
    case Encoding::kStream: return "stream";
  }
  return {};
}

std::uint64_t StringPieces::dirty_bytes() const {
  std::uint64_t pieces = 0;
  for (const Range& range : dirty) pieces += range.to - range.from;
  return pieces * kPieceLength;
}

Encoding Entry::encoding() const {
  switch (type_) {
    case Type::kString:
      if (storage_ == Storage::kInteger) return Encoding::kInt;
      if (storage_ == Storage::kEmbedded && embedded_length_ <= kMaxEmbstrLength) {
        return Encoding::kEmbstr;
      }
      return Encoding::kRaw;
    case Type::kList: return list_->encoding();
    case Type::kSet: return set_->encoding();
    case Type::kSortedSet: return sorted_set_->encoding();
    case Type::kHash: return hash_->encoding();
    case Type::kStream: return Encoding::kStream;
  }
  return Encoding::kRaw;
}

std::string_view Entry::text(TextBuffer& buffer) const {
  switch (storage_) {
    case Storage::kInteger: return format_integer(integer_, buffer);
    case Storage::kEmbedded: return {bytes() + key_length_, embedded_length_};
    case Storage::kHeap: return {heap_->bytes(), heap_->length};
    case Storage::kCollection: break;
  }
  BODEGA_CHECK(type_ == Type::kString);
  return {};
}

std::string Entry::str() const {
  TextBuffer buffer;
  return std::string(text(buffer));
}

std::size_t Entry::length() const {
  TextBuffer buffer;
  switch (type_) {
    case Type::kString: return text(buffer).size();
    case Type::kList: return list_->size();
    case Type::kSet: return set_->size();
    case Type::kSortedSet: return sorted_set_->size();
    case Type::kHash: return hash_->size();
    case Type::kStream: return stream_->size();
  }
  return 0;
}

std::size_t Entry::record_count() const {
  return type_ == Type::kStream ? stream_->record_count() : length();
}

std::uint64_t Entry::object_id() const {
  switch (type_) {
    case Type::kString: break;
    case Type::kList: return list_->object_id();
    case Type::kSet: return set_->object_id();
    case Type::kSortedSet: return sorted_set_->object_id();
    case Type::kHash: return hash_->object_id();
    case Type::kStream: return stream_->object_id();
  }
  return 0;
}

std::size_t Entry::value_memory() const {
  switch (type_) {
    case Type::kString:
      return storage_ == Storage::kHeap ? sizeof(HeapString) + heap_->capacity : 0;
    case Type::kList: return list_->memory();
    case Type::kSet: return set_->memory();
    case Type::kSortedSet: return sorted_set_->memory();
    case Type::kHash: return hash_->memory();
    case Type::kStream: return stream_->memory();
  }
  return 0;
}

}  // namespace bodega::keyspace
