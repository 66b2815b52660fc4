// Reading streams (stream_form.h).
#include <algorithm>
#include <optional>

#include "engines/base/bytes.h"
#include "engines/base/number_text.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/rdb/packed_forms.h"
#include "protocol/redis/rdb/stream_form.h"

namespace bodega::redis {
namespace {

using keyspace::StreamId;

constexpr std::size_t kRawIdBytes = 16;
constexpr std::string_view kDamaged = "a damaged stream";

StreamId id_of(std::string_view raw) {
  if (raw.size() != kRawIdBytes) return {};
  return {base::read_u64(raw), base::read_u64(raw.substr(8))};
}

StreamId read_id(RdbInput& input) {
  const std::uint64_t ms = input.length();
  return {ms, input.length()};
}

std::int64_t read_ms(RdbInput& input) {
  return static_cast<std::int64_t>(input.little_endian(sizeof(std::int64_t)));
}

// Goes through the strings of a listpack; fails as RdbInput does.
class Strings {
 public:
  explicit Strings(const RdbStrings& strings) : strings_(strings) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == strings_.size(); }
  std::size_t place() const { return at_; }
  void fail() { ok_ = false; }
  std::string_view text() {
    if (!ok_ || at_end()) {
      ok_ = false;
      return {};
    }
    return strings_[at_++];
  }
  std::int64_t integer() {
    const auto value = base::canonical_integer(text());
    ok_ = ok_ && value;
    return value.value_or(0);
  }
  // A number of strings that follow.
  std::size_t count() {
    const std::int64_t value = integer();
    ok_ = ok_ && value >= 0 && static_cast<std::uint64_t>(value) <= strings_.size() - at_;
    return ok_ ? static_cast<std::size_t>(value) : 0;
  }

 private:
  const RdbStrings& strings_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

// Reads one run of entries.
class RunReader {
 public:
  RunReader(const RdbStrings& strings, StreamId first, RdbStream& out)
      : strings_(strings), first_(first), out_(out) {}

  bool read() {
    const std::int64_t live = strings_.integer();
    const std::int64_t tombstones = strings_.integer();
    for (std::size_t left = strings_.count(); left > 0; --left) names_.push_back(strings_.text());
    if (strings_.integer() != 0) strings_.fail();
    while (strings_.ok() && !strings_.at_end()) read_entry();
    return strings_.ok() && live_ == live && tombstones_ == tombstones;
  }

 private:
  void read_entry() {
    const std::size_t start = strings_.place();
    const std::int64_t flags = strings_.integer();
    // Differences wrap around, as they were made.
    StreamId id = first_;
    id.ms += static_cast<std::uint64_t>(strings_.integer());
    id.seq += static_cast<std::uint64_t>(strings_.integer());
    const bool is_live = (flags & kTombstoneFlag) == 0;
    const bool same = (flags & kSameFieldsFlag) != 0;
    const std::size_t fields = same ? names_.size() : strings_.count();
    if (fields == 0) strings_.fail();
    for (std::size_t i = 0; i < fields && strings_.ok(); ++i) {
      const std::string_view name = same ? names_[i] : strings_.text();
      const std::string_view value = strings_.text();
      if (!is_live) continue;
      out_.strings.add(name);
      out_.strings.add(value);
    }
    const auto elements = static_cast<std::int64_t>(strings_.place() - start);
    if (strings_.integer() != elements) strings_.fail();
    ++(is_live ? live_ : tombstones_);
    if (!is_live) return;
    if (!out_.entries.empty() && id <= out_.entries.back().id) strings_.fail();
    out_.entries.push_back({id, out_.strings.size()});
  }

  Strings strings_;
  StreamId first_;
  RdbStream& out_;
  std::vector<std::string_view> names_;
  std::int64_t live_ = 0;
  std::int64_t tombstones_ = 0;
};

void read_runs(RdbInput& input, RdbStream& out) {
  const std::uint64_t runs = input.count(2);
  for (std::uint64_t i = 0; i < runs && input.ok(); ++i) {
    const std::string first = input.text();
    const std::string packed = input.text();
    RdbStrings strings;
    if (!input.ok()) return;
    const bool whole = first.size() == kRawIdBytes && read_listpack(packed, strings) &&
                       RunReader(strings, id_of(first), out).read();
    if (!whole) input.fail(kDamaged);
  }
}

void read_counters(RdbInput& input, ObjectType kind, RdbStream& out) {
  const std::uint64_t entries = input.length();
  out.counters.last_id = read_id(input);
  out.counters.entries_added = entries;
  if (kind != ObjectType::kStream1) {
    read_id(input);  // of the first entry, which is known
    out.counters.max_deleted_id = read_id(input);
    out.counters.entries_added = input.length();
  }
  if (entries != out.entries.size() ||
      (entries > 0 && out.counters.last_id < out.entries.back().id)) {
    input.fail(kDamaged);
  }
}

void read_consumer(RdbInput& input, ObjectType kind, RdbStream::Group& group,
                   std::vector<bool>& owned) {
  RdbStream::Consumer consumer{input.text(), read_ms(input), 0, {}};
  consumer.active_ms = kind == ObjectType::kStream3 ? read_ms(input) : consumer.seen_ms;
  const std::uint64_t count = input.count(kRawIdBytes);
  for (std::uint64_t i = 0; i < count && input.ok(); ++i) {
    const StreamId id = id_of(input.take(kRawIdBytes));
    const auto place = std::lower_bound(
        group.pending.begin(), group.pending.end(), id,
        [](const RdbStream::Pending& one, StreamId wanted) { return one.id < wanted; });
    const auto index = static_cast<std::size_t>(place - group.pending.begin());
    // Each belongs to one consumer.
    if (place == group.pending.end() || place->id != id || owned[index]) {
      return input.fail(kDamaged);
    }
    owned[index] = true;
    consumer.pending.push_back(index);
  }
  for (const RdbStream::Consumer& other : group.consumers) {
    if (other.name == consumer.name) input.fail(kDamaged);
  }
  group.consumers.push_back(std::move(consumer));
}

void read_group(RdbInput& input, ObjectType kind, RdbStream& out) {
  RdbStream::Group group{input.text(), read_id(input), std::nullopt, {}, {}};
  if (kind != ObjectType::kStream1) group.entries_read = static_cast<std::int64_t>(input.length());
  const std::uint64_t pending = input.count(kRawIdBytes);
  for (std::uint64_t i = 0; i < pending && input.ok(); ++i) {
    const StreamId id = id_of(input.take(kRawIdBytes));
    if (!group.pending.empty() && id <= group.pending.back().id) input.fail(kDamaged);
    const std::int64_t delivered_ms = read_ms(input);
    group.pending.push_back({id, delivered_ms, input.length()});
  }
  std::vector<bool> owned(group.pending.size());
  const std::uint64_t consumers = input.count(1);
  for (std::uint64_t i = 0; i < consumers && input.ok(); ++i) {
    read_consumer(input, kind, group, owned);
  }
  if (std::find(owned.begin(), owned.end(), false) != owned.end()) input.fail(kDamaged);
  for (const RdbStream::Group& other : out.groups) {
    if (other.name == group.name) input.fail(kDamaged);
  }
  out.groups.push_back(std::move(group));
}

// As Redis does for streams from before 7.0: counted where the entries tell.
std::int64_t count_read(const keyspace::Stream& stream, keyspace::StreamId last_id) {
  const auto count = stream.entries_read_at(last_id);
  return count ? static_cast<std::int64_t>(*count) : keyspace::kUnknownEntriesRead;
}

void store_group(keyspace::StreamEdit& edit, const RdbStream::Group& group) {
  const std::int64_t entries_read =
      group.entries_read ? *group.entries_read : count_read(*edit, group.last_id);
  keyspace::StreamGroup* made = edit.create_group(group.name, group.last_id, entries_read);
  for (const RdbStream::Consumer& consumer : group.consumers) {
    keyspace::StreamConsumer& owner =
        edit.create_consumer(*made, consumer.name, consumer.seen_ms, consumer.active_ms);
    for (const std::size_t index : consumer.pending) {
      const RdbStream::Pending& pending = group.pending[index];
      edit.put_pending(*made, pending.id, {&owner, pending.delivered_ms, pending.deliveries});
    }
  }
}

}  // namespace

void read_stream(RdbInput& input, ObjectType kind, RdbStream& out) {
  read_runs(input, out);
  read_counters(input, kind, out);
  const std::uint64_t groups = input.count(1);
  for (std::uint64_t i = 0; i < groups && input.ok(); ++i) read_group(input, kind, out);
}

void store_stream(keyspace::Engine& keyspace, unsigned db, std::string_view key,
                  const RdbStream& stream) {
  auto edit = keyspace.edit_stream(db, key);
  edit.touch();
  std::vector<std::string_view> fields;
  std::size_t at = 0;
  for (const RdbStream::Entry& entry : stream.entries) {
    fields.clear();
    for (; at < entry.strings_end; ++at) fields.push_back(stream.strings[at]);
    edit.append(entry.id, fields);
  }
  edit.set_counters(stream.counters);
  for (const RdbStream::Group& group : stream.groups) store_group(edit, group);
}

}  // namespace bodega::redis
