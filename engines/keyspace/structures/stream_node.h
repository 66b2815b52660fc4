// StreamNode: a run of a stream's entries, packed one after another. Ids are stored as differences
// to the node's first; entries with the same field names as that one store values alone.
//
// Nodes are cut where Redis cuts those of its radix tree (stream-node-max-bytes and -entries),
// since trimming with `~` removes whole nodes. A removed entry stays as a tombstone until its node
// goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/stream_id.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

// Fields and values, one after another: an even number.
using StreamFields = std::span<const std::string_view>;

// An entry as it stands in its node. Valid until the stream is changed.
class StreamEntry {
 public:
  StreamId id() const { return id_; }
  std::size_t field_count() const { return field_count_; }
  void for_each(
      base::FunctionRef<void(std::string_view field, std::string_view value)> visit) const;

 private:
  friend class StreamNode;
  StreamId id_;
  std::size_t field_count_ = 0;
  const char* names_ = nullptr;  // of the node's first entry; null: they stand among the values
  const char* values_ = nullptr;
};

class StreamNode {
 public:
  // Starts with this entry.
  StreamNode(StreamId id, StreamFields fields);

  StreamId first_id() const { return first_id_; }  // of the entry that it started with …
  StreamId last_id() const { return last_id_; }    // … and of the last one, tombstones included
  std::uint32_t live() const { return live_; }
  std::uint32_t tombstones() const { return tombstones_; }

  // Whether an entry with so many bytes of fields and values still belongs into this node.
  bool takes(std::size_t field_bytes, const Limits& limits) const;
  // REQUIRES: id > last_id().
  void append(StreamId id, StreamFields fields);
  void shrink() { bytes_.shrink_to_fit(); }

  bool remove(StreamId id);  // false: it is not there, or no more
  // Removes the first `most` entries, or those below `id`; calls `removed` with the id of each.
  using Removed = base::FunctionRef<void(StreamId id)>;
  void remove_first(std::size_t most, Removed removed);
  void remove_below(StreamId id, Removed removed);

  // Visits the entries with ids in [first, last]; false: `visit` answered so, and the walk ended.
  using Visit = base::FunctionRef<bool(const StreamEntry&)>;
  bool for_range(StreamId first, StreamId last, Order order, Visit visit) const;
  bool contains(StreamId id) const;

  std::size_t memory() const;

 private:
  struct Place;

  const char* begin() const { return bytes_.data() + entries_at_; }
  const char* end() const { return bytes_.data() + bytes_.size(); }
  Place read(const char* at) const;
  StreamEntry entry_at(const Place& place) const;
  void bury(const Place& place);

  bool has_names(StreamFields fields) const;

  StreamId first_id_;
  StreamId last_id_;
  std::uint32_t live_ = 0;
  std::uint32_t tombstones_ = 0;
  std::uint32_t entries_at_ = 0;      // where the entries begin, behind the names
  std::uint32_t listpack_bytes_ = 0;  // what Redis would take for names and entries
  std::string bytes_;
};

}  // namespace bodega::keyspace
