// The bytes of a node:
//
//   number of fields, varint | packed names | entries
//   entry:  flags u8 | length of the rest, varint | ms and seq, varints | then
//           with kSameNames:  packed values
//           without:          number of fields, varint | packed names and values, in turn
//
// ms is the difference to the node's first id; so is seq when that is 0.
#include "engines/keyspace/structures/stream_node.h"

#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/number_text.h"
#include "engines/keyspace/structures/packed.h"

namespace bodega::keyspace {
namespace {

constexpr unsigned char kTombstone = 1;
constexpr unsigned char kSameNames = 2;

// What a listpack would take (listpack.c of Redis): where a node is full is told in its bytes.
constexpr std::size_t kListpackFrameBytes = 7;
constexpr std::size_t kMaxListpackBytes = std::size_t{1} << 30;

std::size_t with_back_length(std::size_t size) {
  if (size <= 127) return size + 1;
  if (size < 16383) return size + 2;
  if (size < 2097151) return size + 3;
  return size + (size < 268435455 ? 4 : 5);
}

std::size_t listpack_size(std::int64_t value) {
  if (value >= 0 && value <= 127) return 2;
  if (value >= -4096 && value <= 4095) return 3;
  if (value >= INT16_MIN && value <= INT16_MAX) return 4;
  if (value >= -(1 << 23) && value < (1 << 23)) return 5;
  if (value >= INT32_MIN && value <= INT32_MAX) return 6;
  return 10;
}

std::size_t listpack_size(std::string_view text) {
  if (const auto integer = base::canonical_integer(text)) return listpack_size(*integer);
  if (text.size() < 64) return with_back_length(1 + text.size());
  return with_back_length((text.size() < 4096 ? 2 : 5) + text.size());
}

std::size_t listpack_count(std::size_t count) {
  return listpack_size(static_cast<std::int64_t>(count));
}

std::uint64_t stored_seq(StreamId id, StreamId first) {
  return id.ms == first.ms ? id.seq - first.seq : id.seq;
}

}  // namespace

void StreamEntry::for_each(
    base::FunctionRef<void(std::string_view field, std::string_view value)> visit) const {
  const char* name = names_;
  const char* value = values_;
  for (std::size_t i = 0; i < field_count_; ++i) {
    const std::string_view field = take_packed(names_ == nullptr ? value : name);
    visit(field, take_packed(value));
  }
}

// An entry that a walk has come to.
struct StreamNode::Place {
  StreamId id;
  const char* flags;
  const char* fields;  // behind the id
  const char* behind;  // where the next entry begins

  bool is_tombstone() const { return (*flags & kTombstone) != 0; }
};

StreamNode::StreamNode(StreamId id, StreamFields fields) : first_id_(id), last_id_(id) {
  base::put_varint(bytes_, fields.size() / 2);
  listpack_bytes_ = static_cast<std::uint32_t>(listpack_count(fields.size() / 2) + 2);
  for (std::size_t i = 0; i < fields.size(); i += 2) {
    append_packed(bytes_, fields[i]);
    listpack_bytes_ += static_cast<std::uint32_t>(listpack_size(fields[i]));
  }
  entries_at_ = static_cast<std::uint32_t>(bytes_.size());
  append(id, fields);
}

bool StreamNode::takes(std::size_t field_bytes, const Limits& limits) const {
  std::size_t most = limits.stream_node_max_bytes;
  if (most == 0 || most > kMaxListpackBytes) most = kMaxListpackBytes;
  const std::size_t bytes =
      kListpackFrameBytes + listpack_count(live_) + listpack_count(tombstones_) + listpack_bytes_;
  if (bytes + field_bytes >= most) return false;
  return limits.stream_node_max_entries == 0 ||
         live_ + tombstones_ < limits.stream_node_max_entries;
}

bool StreamNode::has_names(StreamFields fields) const {
  const char* name = bytes_.data();
  if (take_varint(name) != fields.size() / 2) return false;
  for (std::size_t i = 0; i < fields.size(); i += 2) {
    if (take_packed(name) != fields[i]) return false;
  }
  return true;
}

void StreamNode::append(StreamId id, StreamFields fields) {
  const bool same = has_names(fields);
  const std::size_t count = fields.size() / 2;
  const std::uint64_t ms = id.ms - first_id_.ms;
  const std::uint64_t seq = stored_seq(id, first_id_);
  std::size_t length = varint_size(ms) + varint_size(seq) + (same ? 0 : varint_size(count));
  // Flags, the two parts of the id and the number of pieces are integers of the listpack.
  std::size_t listpack = 2 + listpack_size(static_cast<std::int64_t>(ms)) +
                         listpack_size(static_cast<std::int64_t>(id.seq - first_id_.seq)) +
                         listpack_count(same ? count + 3 : 2 * count + 4) +
                         (same ? 0 : listpack_count(count));
  for (std::size_t i = same ? 1 : 0; i < fields.size(); i += same ? 2 : 1) {
    length += packed_size(fields[i]);
    listpack += listpack_size(fields[i]);
  }
  bytes_.reserve(bytes_.size() + 1 + varint_size(length) + length);
  bytes_.push_back(static_cast<char>(same ? kSameNames : 0));
  base::put_varint(bytes_, length);
  base::put_varint(bytes_, ms);
  base::put_varint(bytes_, seq);
  if (!same) base::put_varint(bytes_, count);
  for (std::size_t i = same ? 1 : 0; i < fields.size(); i += same ? 2 : 1) {
    append_packed(bytes_, fields[i]);
  }
  listpack_bytes_ += static_cast<std::uint32_t>(listpack);
  last_id_ = id;
  ++live_;
}

StreamNode::Place StreamNode::read(const char* at) const {
  Place place;
  place.flags = at++;
  const std::uint64_t length = take_varint(at);
  place.behind = at + length;
  const std::uint64_t ms = take_varint(at);
  const std::uint64_t seq = take_varint(at);
  place.id = {first_id_.ms + ms, ms == 0 ? first_id_.seq + seq : seq};
  place.fields = at;
  return place;
}

StreamEntry StreamNode::entry_at(const Place& place) const {
  StreamEntry entry;
  entry.id_ = place.id;
  entry.values_ = place.fields;
  if ((*place.flags & kSameNames) == 0) {
    entry.field_count_ = take_varint(entry.values_);
  } else {
    entry.names_ = bytes_.data();
    entry.field_count_ = take_varint(entry.names_);
  }
  return entry;
}

void StreamNode::bury(const Place& place) {
  bytes_[static_cast<std::size_t>(place.flags - bytes_.data())] |= static_cast<char>(kTombstone);
  --live_;
  ++tombstones_;
}

bool StreamNode::remove(StreamId id) {
  for (const char* at = begin(); at != end();) {
    const Place place = read(at);
    if (place.id > id) return false;
    if (place.id == id) {
      if (place.is_tombstone()) return false;
      bury(place);
      return true;
    }
    at = place.behind;
  }
  return false;
}

void StreamNode::remove_first(std::size_t most, Removed removed) {
  for (const char* at = begin(); at != end() && most > 0;) {
    const Place place = read(at);
    at = place.behind;
    if (place.is_tombstone()) continue;
    bury(place);
    removed(place.id);
    --most;
  }
}

void StreamNode::remove_below(StreamId id, Removed removed) {
  for (const char* at = begin(); at != end();) {
    const Place place = read(at);
    at = place.behind;
    if (place.id >= id) return;
    if (place.is_tombstone()) continue;
    bury(place);
    removed(place.id);
  }
}

bool StreamNode::for_range(StreamId first, StreamId last, Order order, Visit visit) const {
  std::vector<Place> backward;
  for (const char* at = begin(); at != end();) {
    const Place place = read(at);
    at = place.behind;
    if (place.id > last) break;
    if (place.id < first || place.is_tombstone()) continue;
    if (order == Order::kBackward) {
      backward.push_back(place);
    } else if (!visit(entry_at(place))) {
      return false;
    }
  }
  for (auto place = backward.rbegin(); place != backward.rend(); ++place) {
    if (!visit(entry_at(*place))) return false;
  }
  return true;
}

bool StreamNode::contains(StreamId id) const {
  return !for_range(id, id, Order::kForward, [](const StreamEntry&) { return false; });
}

std::size_t StreamNode::memory() const {
  constexpr std::size_t kInString = 15;  // what a std::string holds without an allocation
  return sizeof *this + (bytes_.capacity() > kInString ? bytes_.capacity() : 0);
}

}  // namespace bodega::keyspace
