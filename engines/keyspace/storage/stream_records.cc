#include "engines/keyspace/storage/stream_records.h"

#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"

namespace bodega::keyspace::format {
namespace {

constexpr char kCountersTag = 0x00;
constexpr char kEntryTag = 0x01;
constexpr char kGroupTag = 0x02;
constexpr char kConsumerTag = 0x03;
constexpr char kPendingTag = 0x04;

[[noreturn]] void damaged(const char* what) {
  throw base::StorageFault(std::string("keyspace: damaged ") + what + " of a stream");
}

void put_id(std::string& out, StreamId id) {
  base::put_u64(out, id.ms);
  base::put_u64(out, id.seq);
}

StreamId read_id(base::ByteReader& in) {
  const std::uint64_t ms = in.u64();
  return {ms, in.u64()};
}

template <class Integer>
void put_bytes(char* at, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    at[i] = static_cast<char>(value >> (8 * (sizeof value - 1 - i)));
  }
}

}  // namespace

void StreamSuffix::add_u32(std::uint32_t value) {
  put_bytes(bytes_.data() + size_, value);
  size_ += sizeof value;
}

void StreamSuffix::add_u64(std::uint64_t value) {
  put_bytes(bytes_.data() + size_, value);
  size_ += sizeof value;
}

StreamSuffix StreamSuffix::counters() { return StreamSuffix(kCountersTag); }

StreamSuffix StreamSuffix::entry(StreamId id) {
  StreamSuffix out(kEntryTag);
  out.add_u64(id.ms);
  out.add_u64(id.seq);
  return out;
}

StreamSuffix StreamSuffix::behind_entries() { return StreamSuffix(kGroupTag); }

StreamSuffix StreamSuffix::group(std::uint32_t group) {
  StreamSuffix out(kGroupTag);
  out.add_u32(group);
  return out;
}

StreamSuffix StreamSuffix::consumer(std::uint32_t group, std::uint32_t consumer) {
  StreamSuffix out(kConsumerTag);
  out.add_u32(group);
  out.add_u32(consumer);
  return out;
}

StreamSuffix StreamSuffix::pending(std::uint32_t group, StreamId id) {
  StreamSuffix out(kPendingTag);
  out.add_u32(group);
  out.add_u64(id.ms);
  out.add_u64(id.seq);
  return out;
}

void put_counters(std::string& out, const StreamCounters& counters) {
  put_id(out, counters.last_id);
  put_id(out, counters.max_deleted_id);
  base::put_u64(out, counters.entries_added);
}

void put_entry(std::string& out, StreamFields fields) {
  for (const std::string_view text : fields) base::put_string(out, text);
}

void put_entry(std::string& out, const StreamEntry& entry) {
  entry.for_each([&out](std::string_view field, std::string_view value) {
    base::put_string(out, field);
    base::put_string(out, value);
  });
}

void put_group(std::string& out, const StreamGroup& group) {
  put_id(out, group.last_id);
  base::put_u64(out, static_cast<std::uint64_t>(group.entries_read));
  out.append(group.name);
}

void put_consumer(std::string& out, const StreamConsumer& consumer) {
  base::put_u64(out, static_cast<std::uint64_t>(consumer.seen_ms));
  base::put_u64(out, static_cast<std::uint64_t>(consumer.active_ms));
  out.append(consumer.name);
}

void put_pending(std::string& out, const StreamPending& pending) {
  base::put_u32(out, pending.consumer->number);
  base::put_u64(out, static_cast<std::uint64_t>(pending.delivered_ms));
  base::put_u64(out, pending.deliveries);
}

void for_each_record(
    const Stream& stream,
    base::FunctionRef<void(std::string_view suffix, std::string_view value)> visit) {
  std::string value;
  const auto visit_value = [&](const StreamSuffix& suffix) {
    visit(suffix, value);
    value.clear();
  };
  put_counters(value, stream.counters());
  visit_value(StreamSuffix::counters());
  stream.for_range(kFirstStreamId, kLastStreamId, Order::kForward, [&](const StreamEntry& entry) {
    put_entry(value, entry);
    visit_value(StreamSuffix::entry(entry.id()));
    return true;
  });
  for (const auto& [name, group] : stream.groups()) {
    put_group(value, group);
    visit_value(StreamSuffix::group(group.number));
    for (const auto& [consumer_name, consumer] : group.consumers) {
      put_consumer(value, consumer);
      visit_value(StreamSuffix::consumer(group.number, consumer.number));
    }
    for (const auto& [id, pending] : group.pending) {
      put_pending(value, pending);
      visit_value(StreamSuffix::pending(group.number, id));
    }
  }
}

// ---- Reading ----

void StreamReader::start(const Stream& stream) {
  stream_ = &stream;
  groups_.clear();
  consumers_.clear();
}

StreamGroup& StreamReader::group(std::uint32_t number) {
  const auto place = groups_.find(number);
  if (place == groups_.end()) damaged("group");
  return *place->second;
}

void StreamReader::add_entry(Stream& stream, StreamId id, std::string_view value,
                             const Limits& limits) {
  fields_.clear();
  base::ByteReader in(value);
  while (in.ok() && !in.at_end()) fields_.push_back(in.string());
  if (!in.ok() || fields_.empty() || fields_.size() % 2 != 0) damaged("entry");
  const StreamCounters counted = stream.counters();
  stream.append(id, fields_, limits);
  if (id <= counted.last_id) stream.set_counters(counted);
}

void StreamReader::add(Stream& stream, std::string_view suffix, std::string_view value,
                       const Limits& limits) {
  if (stream_ != &stream) start(stream);
  base::ByteReader key(suffix);
  base::ByteReader in(value);
  const auto tag = static_cast<char>(key.u8());
  if (tag == kCountersTag) {
    StreamCounters counters;
    counters.last_id = read_id(in);
    counters.max_deleted_id = read_id(in);
    counters.entries_added = in.u64();
    stream.set_counters(counters);
    stream.set_counted(counters.last_id);
  } else if (tag == kEntryTag) {
    const StreamId id = read_id(key);
    if (key.ok()) add_entry(stream, id, value, limits);
  } else if (tag == kGroupTag) {
    const std::uint32_t number = key.u32();
    const StreamId last_id = read_id(in);
    const auto entries_read = static_cast<std::int64_t>(in.u64());
    if (key.ok() && in.ok() && stream.group(in.rest()) == nullptr) {
      groups_[number] = &stream.add_group(in.rest(), last_id, entries_read, number);
    } else {
      damaged("group");
    }
  } else if (tag == kConsumerTag) {
    const std::uint32_t group_number = key.u32();
    const std::uint32_t number = key.u32();
    const auto seen_ms = static_cast<std::int64_t>(in.u64());
    const auto active_ms = static_cast<std::int64_t>(in.u64());
    StreamGroup& owner = group(group_number);
    if (!key.ok() || !in.ok() || owner.consumer(in.rest()) != nullptr) damaged("consumer");
    StreamConsumer& consumer = stream.add_consumer(owner, in.rest(), number);
    consumer.seen_ms = seen_ms;
    consumer.active_ms = active_ms;
    consumer.written_ms = std::max(seen_ms, active_ms);
    consumers_[{group_number, number}] = &consumer;
  } else if (tag == kPendingTag) {
    const std::uint32_t group_number = key.u32();
    const StreamId id = read_id(key);
    const auto consumer = consumers_.find({group_number, in.u32()});
    if (consumer == consumers_.end()) damaged("pending entry");
    const auto delivered_ms = static_cast<std::int64_t>(in.u64());
    stream.put_pending(group(group_number), id, {consumer->second, delivered_ms, in.u64()});
  } else {
    damaged("record");
  }
  if (!key.ok() || !in.ok()) damaged("record");
}

}  // namespace bodega::keyspace::format
