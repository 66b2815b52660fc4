// Stream: a Redis stream: entries in the order of their ids, packed in nodes (stream_node.h), and
// the consumer groups that read it. A stream may be empty and stay.
//
// Nodes stand in a row in the order of their ids: appending and trimming work at its ends, an id is
// found by bisection. What is pending stands in a map of its group, by id, and once more in one of
// its consumer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/stream_id.h"
#include "engines/keyspace/structures/stream_node.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

struct StreamConsumer;

// An entry that was delivered to a consumer, which has not acknowledged it.
struct StreamPending {
  StreamConsumer* consumer;
  std::int64_t delivered_ms;
  std::uint64_t deliveries;
};

struct StreamConsumer {
  std::string_view name = {};    // its key in the group
  std::uint32_t number = 0;      // in its group, for the store
  std::int64_t seen_ms = 0;      // when it last asked for something …
  std::int64_t active_ms = -1;   // … and when it last got something; -1: never
  std::int64_t written_ms = -1;  // the later of the two as the store has it
  std::map<StreamId, StreamPending*> pending = {};
};

inline constexpr std::int64_t kUnknownEntriesRead = -1;

struct StreamGroup {
  using Consumers = std::map<std::string, StreamConsumer, std::less<>>;

  std::string_view name = {};  // its key in the stream
  std::uint32_t number = 0;    // in its stream, for the store
  StreamId last_id = {};       // the last one delivered
  std::int64_t entries_read = kUnknownEntriesRead;
  std::uint32_t next_consumer_number = 1;
  Consumers consumers = {};
  std::map<StreamId, StreamPending> pending = {};

  const StreamConsumer* consumer(std::string_view wanted) const;  // null: there is none
};

// What a stream remembers beside its entries.
struct StreamCounters {
  StreamId last_id = {};
  StreamId max_deleted_id = {};  // the largest one that was removed by itself, not trimmed
  std::uint64_t entries_added = 0;
};

// What to trim: all but the newest max_length entries, or those with ids below min_id.
struct StreamTrim {
  enum class By : std::uint8_t { kLength, kId };
  enum class Exactness : std::uint8_t { kExact, kWholeNodes };

  By by = By::kLength;
  Exactness exactness = Exactness::kExact;
  std::uint64_t max_length = 0;
  StreamId min_id = {};
  std::uint64_t limit = 0;  // entries to remove at most, unless 0
};

// What was trimmed: the ids of the first few, and the ends of the range.
struct StreamTrimmed {
  static constexpr std::size_t kMostIds = 16;

  std::size_t count = 0;
  StreamId first = {}, last = {};
  std::array<StreamId, kMostIds> ids = {};
};

class Stream {
 public:
  using Groups = std::map<std::string, StreamGroup, std::less<>>;

  explicit Stream(std::uint64_t object_id) : object_id_(object_id) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  std::uint64_t object_id() const { return object_id_; }
  std::size_t size() const { return size_; }
  const StreamCounters& counters() const { return counters_; }
  StreamId last_id() const { return counters_.last_id; }  // ever given, also when it is gone
  StreamId first_id() const { return first_id_; }         // of the entries there are; 0-0: none
  StreamId newest_id() const { return newest_id_; }       // likewise

  // Visits the entries with ids in [first, last], in order, until `visit` answers false.
  using Visit = StreamNode::Visit;
  void for_range(StreamId first, StreamId last, Order order, Visit visit) const;
  bool contains(StreamId id) const;

  const Groups& groups() const { return groups_; }
  const StreamGroup* group(std::string_view name) const;

  // How many entries were ever added up to `id`, this one included; absent when that cannot be
  // told, since entries in between may be gone.
  std::optional<std::uint64_t> entries_read_at(StreamId id) const;
  // Whether entries behind `id` may have been removed one by one.
  bool has_gaps_from(StreamId id) const;
  // How many entries the group has yet to read, if that can be told.
  std::optional<std::int64_t> lag(const StreamGroup& group) const;

  // As XINFO shows them: nodes, and the nodes of the radix tree that Redis would keep them in.
  std::size_t node_count() const { return nodes_.size(); }
  std::size_t radix_node_count() const;

  // ---- For StreamEdit and the loader; others change a stream through edits. ----

  // REQUIRES: id is larger than that of any entry.
  void append(StreamId id, StreamFields fields, const Limits& limits);
  bool remove(StreamId id);
  StreamTrimmed trim(const StreamTrim& trim);
  void set_counters(const StreamCounters& counters) { counters_ = counters; }
  // Takes over the entries of another, node by node, and its counters. REQUIRES: it is empty.
  void copy_entries(const Stream& other);

  // Up to which id the store has counted the entries: those behind it are counted when they are
  // read back. See storage/stream_records.h.
  StreamId counted_id() const { return counted_id_; }
  void set_counted(StreamId id) { counted_id_ = id; }

  StreamGroup* group(std::string_view name);
  // REQUIRES, here and for consumers: there is none of this name. Number 0: the next one that is
  // free.
  StreamGroup& add_group(std::string_view name, StreamId last_id, std::int64_t entries_read,
                         std::uint32_t number = 0);
  void remove_group(std::string_view name);
  StreamConsumer* consumer(StreamGroup& group, std::string_view name);
  StreamConsumer& add_consumer(StreamGroup& group, std::string_view name, std::uint32_t number = 0);
  void remove_consumer(StreamGroup& group, StreamConsumer& consumer);
  // Makes the entry pending, or gives it to another consumer.
  void put_pending(StreamGroup& group, StreamId id, const StreamPending& pending);
  bool remove_pending(StreamGroup& group, StreamId id);

  // How many records the store has of it, about.
  std::size_t record_count() const { return size_ + 1 + groups_.size() + consumers_ + pending_; }
  bool free_some(std::size_t budget);
  std::size_t memory() const;

 private:
  using Nodes = std::deque<StreamNode>;

  // The node that `id` would be in: the last one that starts at or before it. nodes_.size(): none.
  std::size_t node_of(StreamId id) const;
  void drop_node(std::size_t index);
  StreamId end_of(Order order) const;
  std::size_t trim_first_node(const StreamTrim& trim, StreamNode::Removed removed);

  std::uint64_t object_id_;
  std::size_t size_ = 0;
  StreamCounters counters_;
  StreamId first_id_;
  StreamId newest_id_;
  StreamId counted_id_;
  Nodes nodes_;
  std::size_t node_bytes_ = 0;
  Groups groups_;
  std::uint32_t next_group_number_ = 1;
  std::size_t consumers_ = 0;
  std::size_t pending_ = 0;
  std::size_t name_bytes_ = 0;  // of groups and consumers
};

}  // namespace bodega::keyspace
