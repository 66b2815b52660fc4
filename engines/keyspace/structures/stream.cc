#include "engines/keyspace/structures/stream.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

namespace bodega::keyspace {
namespace {

// What the allocations of one pending entry take: a node in the group's map and one in its
// consumer's.
constexpr std::size_t kPendingBytes = 144;
constexpr std::size_t kMapNodeBytes = 32;
constexpr std::size_t kNodeRowBytes = 576;  // what a std::deque takes before it holds anything
constexpr std::size_t kGroupBytes = kMapNodeBytes + sizeof(Stream::Groups::value_type);
constexpr std::size_t kConsumerBytes = kMapNodeBytes + sizeof(StreamGroup::Consumers::value_type);

std::size_t bytes_of(StreamFields fields) {
  std::size_t bytes = 0;
  for (const std::string_view text : fields) bytes += text.size();
  return bytes;
}

// How many bytes two ids have in common when they are written with the most significant one first.
std::size_t common_bytes(StreamId one, StreamId other) {
  const auto common = [](std::uint64_t a, std::uint64_t b) {
    return static_cast<std::size_t>(std::countl_zero(a ^ b)) / 8;
  };
  return one.ms != other.ms ? common(one.ms, other.ms) : 8 + common(one.seq, other.seq);
}

}  // namespace

const StreamConsumer* StreamGroup::consumer(std::string_view wanted) const {
  const auto place = consumers.find(wanted);
  return place == consumers.end() ? nullptr : &place->second;
}

// ---- Entries ----

std::size_t Stream::node_of(StreamId id) const {
  const auto behind =
      std::upper_bound(nodes_.begin(), nodes_.end(), id,
                       [](StreamId wanted, const StreamNode& n) { return wanted < n.first_id(); });
  return behind == nodes_.begin() ? nodes_.size()
                                  : static_cast<std::size_t>(behind - nodes_.begin()) - 1;
}

void Stream::append(StreamId id, StreamFields fields, const Limits& limits) {
  const bool fits = !nodes_.empty() && nodes_.back().takes(bytes_of(fields), limits);
  if (!nodes_.empty()) node_bytes_ -= nodes_.back().memory();
  if (fits) {
    nodes_.back().append(id, fields);
  } else {
    if (!nodes_.empty()) {
      nodes_.back().shrink();
      node_bytes_ += nodes_.back().memory();
    }
    nodes_.emplace_back(id, fields);
  }
  node_bytes_ += nodes_.back().memory();
  if (++size_ == 1) first_id_ = id;
  newest_id_ = id;
  counters_.last_id = id;
  ++counters_.entries_added;
}

void Stream::copy_entries(const Stream& other) {
  nodes_ = other.nodes_;
  for (const StreamNode& node : nodes_) node_bytes_ += node.memory();
  size_ = other.size_;
  counters_ = other.counters_;
  first_id_ = other.first_id_;
  newest_id_ = other.newest_id_;
}

void Stream::drop_node(std::size_t index) {
  node_bytes_ -= nodes_[index].memory();
  nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(index));
}

bool Stream::remove(StreamId id) {
  const std::size_t index = node_of(id);
  if (index == nodes_.size() || !nodes_[index].remove(id)) return false;
  --size_;
  if (nodes_[index].live() == 0) drop_node(index);
  counters_.max_deleted_id = std::max(counters_.max_deleted_id, id);
  if (id == first_id_) first_id_ = end_of(Order::kForward);
  if (id == newest_id_) newest_id_ = end_of(Order::kBackward);
  return true;
}

// The id of the entry that is first in this order; 0-0 when there is none.
StreamId Stream::end_of(Order order) const {
  StreamId out;
  for_range(kFirstStreamId, kLastStreamId, order, [&out](const StreamEntry& entry) {
    out = entry.id();
    return false;
  });
  return out;
}

// Removes what is to go of the first node, but not all; how many entries.
std::size_t Stream::trim_first_node(const StreamTrim& trim, StreamNode::Removed removed) {
  StreamNode& node = nodes_.front();
  const std::uint32_t before = node.live();
  if (trim.by == StreamTrim::By::kLength) {
    node.remove_first(size_ - trim.max_length, removed);
  } else {
    node.remove_below(trim.min_id, removed);
  }
  return before - node.live();
}

StreamTrimmed Stream::trim(const StreamTrim& trim) {
  StreamTrimmed out;
  const auto note = [&out](StreamId id) {
    if (out.count == 0) out.first = id;
    if (out.count < out.ids.size()) out.ids[out.count] = id;
    out.last = id;
    ++out.count;
  };
  while (!nodes_.empty()) {
    StreamNode& node = nodes_.front();
    if (trim.by == StreamTrim::By::kLength && size_ <= trim.max_length) break;
    if (trim.limit > 0 && out.count + node.live() > trim.limit) break;
    const bool whole = trim.by == StreamTrim::By::kLength ? size_ - node.live() >= trim.max_length
                                                          : node.last_id() < trim.min_id;
    if (whole) {
      node.for_range(kFirstStreamId, kLastStreamId, Order::kForward, [&](const StreamEntry& e) {
        note(e.id());
        return true;
      });
      size_ -= node.live();
      drop_node(0);
      continue;
    }
    if (trim.exactness == StreamTrim::Exactness::kExact) size_ -= trim_first_node(trim, note);
    break;
  }
  if (out.count > 0) first_id_ = end_of(Order::kForward);
  if (size_ == 0) newest_id_ = {};
  return out;
}

void Stream::for_range(StreamId first, StreamId last, Order order, Visit visit) const {
  if (nodes_.empty() || first > last) return;
  if (order == Order::kForward) {
    std::size_t index = node_of(first);
    if (index == nodes_.size()) index = 0;
    for (; index < nodes_.size() && nodes_[index].first_id() <= last; ++index) {
      if (!nodes_[index].for_range(first, last, order, visit)) return;
    }
    return;
  }
  for (std::size_t index = node_of(last); index < nodes_.size(); --index) {
    if (nodes_[index].last_id() < first) return;
    if (!nodes_[index].for_range(first, last, order, visit)) return;
  }
}

bool Stream::contains(StreamId id) const {
  const std::size_t index = node_of(id);
  return index < nodes_.size() && nodes_[index].contains(id);
}

// ---- What can be told of entries that are gone ----

std::optional<std::uint64_t> Stream::entries_read_at(StreamId id) const {
  const std::uint64_t added = counters_.entries_added;
  if (added == 0) return 0;
  if (size_ == 0 && id <= counters_.last_id) return added;
  if (id == counters_.last_id) return added;
  if (id > counters_.last_id) return std::nullopt;
  const StreamId deleted = counters_.max_deleted_id;
  if (!deleted.is_zero() && deleted >= first_id_) return std::nullopt;
  if (id < first_id_) return added - size_;
  if (id == first_id_) return added - size_ + 1;
  return std::nullopt;
}

bool Stream::has_gaps_from(StreamId id) const {
  const StreamId deleted = counters_.max_deleted_id;
  if (size_ == 0 || deleted.is_zero() || first_id_ > deleted) return false;
  return id <= deleted;
}

std::optional<std::int64_t> Stream::lag(const StreamGroup& group) const {
  const auto added = static_cast<std::int64_t>(counters_.entries_added);
  if (added == 0) return 0;
  if (group.entries_read != kUnknownEntriesRead && !has_gaps_from(group.last_id)) {
    return added - group.entries_read;
  }
  const auto read = entries_read_at(group.last_id);
  if (!read) return std::nullopt;
  return added - static_cast<std::int64_t>(*read);
}

// A radix tree has a node for each run of bytes that keys share, one for each place where they
// part, and one for each end. Neighbours in the order of keys tell where those are.
std::size_t Stream::radix_node_count() const {
  if (nodes_.empty()) return 1;
  constexpr std::size_t kKeyBytes = 16;
  std::size_t count = nodes_.size();  // the ends
  std::vector<std::size_t> open;      // where keys part on the way to the last one, by depth
  std::size_t below = kKeyBytes;      // the depth at which the subtree read last begins
  const auto count_run = [&](std::size_t from) { count += below > from ? 1 : 0; };
  const auto leave_deeper_than = [&](std::size_t depth) {
    while (!open.empty() && open.back() >= depth) {
      count_run(open.back() + 1);
      below = open.back();
      open.pop_back();
      ++count;
    }
  };
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const std::size_t common = common_bytes(nodes_[i - 1].first_id(), nodes_[i].first_id());
    leave_deeper_than(common + 1);
    count_run(common + 1);
    if (open.empty() || open.back() < common) open.push_back(common);
    below = kKeyBytes;
  }
  leave_deeper_than(0);
  count_run(0);
  return count;
}

// ---- Groups ----

const StreamGroup* Stream::group(std::string_view name) const {
  const auto place = groups_.find(name);
  return place == groups_.end() ? nullptr : &place->second;
}

StreamGroup* Stream::group(std::string_view name) {
  const auto place = groups_.find(name);
  return place == groups_.end() ? nullptr : &place->second;
}

StreamGroup& Stream::add_group(std::string_view name, StreamId last_id, std::int64_t entries_read,
                               std::uint32_t number) {
  if (number == 0) number = next_group_number_;
  next_group_number_ = std::max(next_group_number_, number + 1);
  const auto place = groups_.try_emplace(std::string(name)).first;
  StreamGroup& group = place->second;
  group.name = place->first;
  group.number = number;
  group.last_id = last_id;
  group.entries_read = entries_read;
  name_bytes_ += name.size();
  return group;
}

void Stream::remove_group(std::string_view name) {
  const auto place = groups_.find(name);
  StreamGroup& group = place->second;
  for (const auto& [consumer_name, consumer] : group.consumers) {
    name_bytes_ -= consumer_name.size();
  }
  name_bytes_ -= name.size();
  consumers_ -= group.consumers.size();
  pending_ -= group.pending.size();
  groups_.erase(place);
}

StreamConsumer* Stream::consumer(StreamGroup& group, std::string_view name) {
  const auto place = group.consumers.find(name);
  return place == group.consumers.end() ? nullptr : &place->second;
}

StreamConsumer& Stream::add_consumer(StreamGroup& group, std::string_view name,
                                     std::uint32_t number) {
  if (number == 0) number = group.next_consumer_number;
  group.next_consumer_number = std::max(group.next_consumer_number, number + 1);
  const auto place = group.consumers.try_emplace(std::string(name)).first;
  place->second.name = place->first;
  place->second.number = number;
  name_bytes_ += name.size();
  ++consumers_;
  return place->second;
}

void Stream::remove_consumer(StreamGroup& group, StreamConsumer& consumer) {
  for (const auto& [id, pending] : consumer.pending) group.pending.erase(id);
  pending_ -= consumer.pending.size();
  name_bytes_ -= consumer.name.size();
  --consumers_;
  group.consumers.erase(group.consumers.find(consumer.name));
}

// Most are put behind all others.
void Stream::put_pending(StreamGroup& group, StreamId id, const StreamPending& pending) {
  const std::size_t before = group.pending.size();
  const auto place = group.pending.try_emplace(group.pending.end(), id, pending);
  if (group.pending.size() > before) {
    ++pending_;
  } else {
    if (place->second.consumer != pending.consumer) place->second.consumer->pending.erase(id);
    place->second = pending;
  }
  StreamConsumer& consumer = *pending.consumer;
  consumer.pending.try_emplace(consumer.pending.end(), id, &place->second);
}

bool Stream::remove_pending(StreamGroup& group, StreamId id) {
  const auto place = group.pending.find(id);
  if (place == group.pending.end()) return false;
  place->second.consumer->pending.erase(id);
  group.pending.erase(place);
  --pending_;
  return true;
}

// ---- Memory ----

bool Stream::free_some(std::size_t budget) {
  while (budget > 0 && !nodes_.empty()) {
    const std::size_t entries = nodes_.front().live() + nodes_.front().tombstones();
    size_ -= nodes_.front().live();
    drop_node(0);
    budget -= std::min(budget, entries);
  }
  for (auto& [name, group] : groups_) {
    for (; budget > 0 && !group.pending.empty(); --budget) {
      remove_pending(group, group.pending.begin()->first);
    }
  }
  return !nodes_.empty() || pending_ > 0;
}

std::size_t Stream::memory() const {
  return sizeof *this + kNodeRowBytes + node_bytes_ + groups_.size() * kGroupBytes +
         consumers_ * kConsumerBytes + pending_ * kPendingBytes + name_bytes_;
}

}  // namespace bodega::keyspace
