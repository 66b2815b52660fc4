// Writing streams (stream_form.h).
#include <vector>

#include "engines/base/bytes.h"
#include "protocol/redis/rdb/packed_forms.h"
#include "protocol/redis/rdb/stream_form.h"

namespace bodega::redis {
namespace {

using keyspace::StreamId;

// A run has so many entries, or bytes, at most, unless one entry alone is longer.
constexpr std::size_t kRunEntries = 100;
constexpr std::size_t kRunBytes = 4096;

std::string raw(StreamId id) {
  std::string out;
  base::put_u64(out, id.ms);
  base::put_u64(out, id.seq);
  return out;
}

void put_id(std::string& out, StreamId id) {
  put_length(out, id.ms);
  put_length(out, id.seq);
}

void put_ms(std::string& out, std::int64_t ms) {
  put_little_endian(out, static_cast<std::uint64_t>(ms), sizeof ms);
}

// Gathers entries and writes them as runs.
class Runs {
 public:
  explicit Runs(Compression compression) : compression_(compression) {}

  void add(const keyspace::StreamEntry& entry) {
    std::size_t bytes = 0;
    RdbStrings strings;
    entry.for_each([&](std::string_view field, std::string_view value) {
      strings.add(field);
      strings.add(value);
      bytes += field.size() + value.size();
    });
    if (entries_.size() == kRunEntries || (!entries_.empty() && bytes_ + bytes > kRunBytes)) {
      close();
    }
    entries_.push_back({entry.id(), std::move(strings)});
    bytes_ += bytes;
  }

  void finish(std::string& out) {
    close();
    put_length(out, runs_);
    out += written_;
  }

 private:
  struct Gathered {
    StreamId id;
    RdbStrings strings;
  };

  static bool has_same_fields(const RdbStrings& one, const RdbStrings& other) {
    if (one.size() != other.size()) return false;
    for (std::size_t i = 0; i < one.size(); i += 2) {
      if (one[i] != other[i]) return false;
    }
    return true;
  }

  void close() {
    if (entries_.empty()) return;
    const Gathered& first = entries_.front();
    ListpackWriter packed;
    packed.add(std::to_string(entries_.size()));
    packed.add("0");  // no tombstones
    packed.add(std::to_string(first.strings.size() / 2));
    for (std::size_t i = 0; i < first.strings.size(); i += 2) packed.add(first.strings[i]);
    packed.add("0");
    for (const Gathered& one : entries_) put_entry(packed, first, one);
    put_text(written_, raw(first.id), Compression::kNone);
    put_text(written_, packed.finish(), compression_);
    ++runs_;
    entries_.clear();
    bytes_ = 0;
  }

  static void put_entry(ListpackWriter& packed, const Gathered& first, const Gathered& one) {
    const std::size_t start = packed.count();
    const bool same = has_same_fields(one.strings, first.strings);
    const auto difference = [](std::uint64_t to, std::uint64_t from) {
      return std::to_string(static_cast<std::int64_t>(to - from));
    };
    packed.add(std::to_string(same ? kSameFieldsFlag : 0));
    packed.add(difference(one.id.ms, first.id.ms));
    packed.add(difference(one.id.seq, first.id.seq));
    if (!same) packed.add(std::to_string(one.strings.size() / 2));
    for (std::size_t i = 0; i < one.strings.size(); i += 2) {
      if (!same) packed.add(one.strings[i]);
      packed.add(one.strings[i + 1]);
    }
    packed.add(std::to_string(packed.count() - start));
  }

  Compression compression_;
  std::vector<Gathered> entries_;
  std::size_t bytes_ = 0;
  std::string written_;
  std::uint64_t runs_ = 0;
};

void put_consumer(std::string& out, const keyspace::StreamConsumer& consumer, ObjectType kind,
                  Compression compression) {
  put_text(out, consumer.name, compression);
  put_ms(out, consumer.seen_ms);
  if (kind == ObjectType::kStream3) put_ms(out, consumer.active_ms);
  put_length(out, consumer.pending.size());
  for (const auto& [id, pending] : consumer.pending) out += raw(id);
}

void put_group(std::string& out, const keyspace::StreamGroup& group, ObjectType kind,
               Compression compression) {
  put_text(out, group.name, compression);
  put_id(out, group.last_id);
  put_length(out, static_cast<std::uint64_t>(group.entries_read));
  put_length(out, group.pending.size());
  for (const auto& [id, pending] : group.pending) {
    out += raw(id);
    put_ms(out, pending.delivered_ms);
    put_length(out, pending.deliveries);
  }
  put_length(out, group.consumers.size());
  for (const auto& [name, consumer] : group.consumers)
    put_consumer(out, consumer, kind, compression);
}

}  // namespace

void put_stream(std::string& out, const keyspace::Stream& stream, ObjectType kind,
                Compression compression) {
  Runs runs(compression);
  stream.for_range(keyspace::kFirstStreamId, keyspace::kLastStreamId, keyspace::Order::kForward,
                   [&](const keyspace::StreamEntry& entry) {
                     runs.add(entry);
                     return true;
                   });
  runs.finish(out);
  put_length(out, stream.size());
  put_id(out, stream.last_id());
  put_id(out, stream.first_id());
  put_id(out, stream.counters().max_deleted_id);
  put_length(out, stream.counters().entries_added);
  put_length(out, stream.groups().size());
  for (const auto& [name, group] : stream.groups()) put_group(out, group, kind, compression);
}

}  // namespace bodega::redis
