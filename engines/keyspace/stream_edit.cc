// StreamEdit: how streams are changed, and what of it is logged. Declared in edits.h.
#include <algorithm>
#include <string>

#include "engines/keyspace/edits.h"
#include "engines/keyspace/engine.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/storage/stream_records.h"

namespace bodega::keyspace {
namespace {

using format::StreamSuffix;

// A consumer that comes again and again is not written each time.
constexpr std::int64_t kConsumerWrittenEveryMs = 1000;

}  // namespace

std::string& StreamEdit::value() { return engine_.log_->room(); }

// ---- Entries ----

void StreamEdit::append(StreamId id, StreamFields fields) {
  touch();
  if (logging_) {
    std::string& out = value();
    format::put_entry(out, fields);
    put_element(StreamSuffix::entry(id), out);
  }
  entry_->stream_->append(id, fields, limits());
}

void StreamEdit::put_counters() {
  if (!logging_) return;
  Stream& stream = *entry_->stream_;
  std::string& out = value();
  format::put_counters(out, stream.counters());
  put_element(StreamSuffix::counters(), out);
  stream.set_counted(stream.last_id());
}

std::size_t StreamEdit::remove(std::span<const StreamId> ids) {
  Stream& stream = *entry_->stream_;
  const StreamId max_deleted = stream.counters().max_deleted_id;
  std::size_t removed = 0;
  StreamId largest;
  for (const StreamId id : ids) {
    if (!stream.remove(id)) continue;
    ++removed;
    largest = std::max(largest, id);
    if (logging_) remove_element(StreamSuffix::entry(id));
  }
  if (removed == 0) return 0;
  touch();
  const bool counts = largest > max_deleted || largest > stream.counted_id();
  if (counts) put_counters();
  return removed;
}

std::size_t StreamEdit::trim(const StreamTrim& trim) {
  Stream& stream = *entry_->stream_;
  const StreamTrimmed trimmed = stream.trim(trim);
  if (trimmed.count == 0) return 0;
  touch();
  if (!logging_) return trimmed.count;
  if (trimmed.count < trimmed.ids.size()) {
    for (std::size_t i = 0; i < trimmed.count; ++i) {
      remove_element(StreamSuffix::entry(trimmed.ids[i]));
    }
  } else {
    const auto behind = next_id(trimmed.last);
    engine_.log_->remove_elements(
        object_id_, StreamSuffix::entry(trimmed.first),
        behind ? StreamSuffix::entry(*behind) : StreamSuffix::behind_entries());
  }
  if (trimmed.last > stream.counted_id()) put_counters();
  return trimmed.count;
}

void StreamEdit::set_counters(const StreamCounters& counters) {
  note();
  entry_->stream_->set_counters(counters);
  put_counters();
}

// ---- Groups ----

StreamGroup* StreamEdit::group(std::string_view name) { return entry_->stream_->group(name); }

void StreamEdit::put_group(const StreamGroup& group) {
  if (!logging_) return;
  std::string& out = value();
  format::put_group(out, group);
  put_element(StreamSuffix::group(group.number), out);
}

StreamGroup* StreamEdit::create_group(std::string_view name, StreamId last_id,
                                      std::int64_t entries_read) {
  Stream& stream = *entry_->stream_;
  if (stream.group(name) != nullptr) return nullptr;
  note();
  StreamGroup& group = stream.add_group(name, last_id, entries_read);
  put_group(group);
  return &group;
}

void StreamEdit::set_group(StreamGroup& group, StreamId last_id, std::int64_t entries_read) {
  note();
  group.last_id = last_id;
  group.entries_read = entries_read;
  put_group(group);
}

bool StreamEdit::destroy_group(std::string_view name) {
  const StreamGroup* group = this->group(name);
  if (group == nullptr) return false;
  note();
  if (logging_) {
    const std::uint32_t number = group->number;
    remove_element(StreamSuffix::group(number));
    if (!group->consumers.empty()) {
      engine_.log_->remove_elements(object_id_, StreamSuffix::consumer(number),
                                    StreamSuffix::consumer(number + 1));
    }
    if (!group->pending.empty()) {
      engine_.log_->remove_elements(object_id_, StreamSuffix::pending(number),
                                    StreamSuffix::pending(number + 1));
    }
  }
  entry_->stream_->remove_group(name);
  return true;
}

// ---- Consumers ----

StreamConsumer* StreamEdit::consumer(StreamGroup& group, std::string_view name) {
  return entry_->stream_->consumer(group, name);
}

void StreamEdit::put_consumer(const StreamGroup& group, StreamConsumer& consumer) {
  if (!logging_) return;
  consumer.written_ms = std::max(consumer.seen_ms, consumer.active_ms);
  std::string& out = value();
  format::put_consumer(out, consumer);
  put_element(StreamSuffix::consumer(group.number, consumer.number), out);
}

StreamConsumer& StreamEdit::create_consumer(StreamGroup& group, std::string_view name,
                                            std::int64_t seen_ms, std::int64_t active_ms) {
  note();
  StreamConsumer& consumer = entry_->stream_->add_consumer(group, name);
  consumer.seen_ms = seen_ms;
  consumer.active_ms = active_ms;
  put_consumer(group, consumer);
  return consumer;
}

void StreamEdit::remove_consumer(StreamGroup& group, StreamConsumer& consumer) {
  note();
  if (logging_) {
    for (const auto& [id, pending] : consumer.pending) {
      remove_element(StreamSuffix::pending(group.number, id));
    }
    remove_element(StreamSuffix::consumer(group.number, consumer.number));
  }
  entry_->stream_->remove_consumer(group, consumer);
}

void StreamEdit::set_seen(StreamGroup& group, StreamConsumer& consumer, std::int64_t now_ms) {
  consumer.seen_ms = now_ms;
  if (now_ms - consumer.written_ms >= kConsumerWrittenEveryMs) put_consumer(group, consumer);
}

void StreamEdit::set_active(StreamGroup& group, StreamConsumer& consumer, std::int64_t now_ms) {
  const bool first = consumer.active_ms < 0;
  consumer.active_ms = now_ms;
  if (first || now_ms - consumer.written_ms >= kConsumerWrittenEveryMs) {
    put_consumer(group, consumer);
  }
}

// ---- What is pending ----

void StreamEdit::put_pending(StreamGroup& group, StreamId id, const StreamPending& pending) {
  note();
  if (logging_) {
    std::string& out = value();
    format::put_pending(out, pending);
    put_element(StreamSuffix::pending(group.number, id), out);
  }
  entry_->stream_->put_pending(group, id, pending);
}

bool StreamEdit::remove_pending(StreamGroup& group, StreamId id) {
  if (!entry_->stream_->remove_pending(group, id)) return false;
  note();
  if (logging_) remove_element(StreamSuffix::pending(group.number, id));
  return true;
}

void StreamEdit::copy_from(const Stream& source) {
  touch();
  entry_->stream_->copy_entries(source);
  if (logging_) {
    source.for_range(kFirstStreamId, kLastStreamId, Order::kForward, [&](const StreamEntry& entry) {
      std::string& out = value();
      format::put_entry(out, entry);
      put_element(StreamSuffix::entry(entry.id()), out);
      return true;
    });
  }
  put_counters();
  for (const auto& [name, group] : source.groups()) {
    StreamGroup& copy = *create_group(name, group.last_id, group.entries_read);
    for (const auto& [consumer_name, consumer] : group.consumers) {
      create_consumer(copy, consumer_name, consumer.seen_ms, consumer.active_ms);
    }
    for (const auto& [id, pending] : group.pending) {
      put_pending(
          copy, id,
          {this->consumer(copy, pending.consumer->name), pending.delivered_ms, pending.deliveries});
    }
  }
}

}  // namespace bodega::keyspace
