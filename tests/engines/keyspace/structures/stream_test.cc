// Streams against a naive model, under random operations and with small nodes. Where the model
// says how Redis counts, redis-server 7.0.15 was asked.
#include "engines/keyspace/structures/stream.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engines/base/random.h"
#include "tests/catch.h"

namespace bodega::keyspace {
namespace {

using base::random_below;

using Fields = std::vector<std::string>;
using Model = std::map<StreamId, Fields>;

std::vector<std::string_view> views(const Fields& fields) { return {fields.begin(), fields.end()}; }

std::vector<std::pair<StreamId, Fields>> entries(const Stream& stream, StreamId first,
                                                 StreamId last, Order order) {
  std::vector<std::pair<StreamId, Fields>> out;
  stream.for_range(first, last, order, [&](const StreamEntry& entry) {
    Fields fields;
    entry.for_each([&](std::string_view field, std::string_view value) {
      fields.emplace_back(field);
      fields.emplace_back(value);
    });
    CHECK(fields.size() == entry.field_count() * 2);
    out.emplace_back(entry.id(), fields);
    return true;
  });
  return out;
}

std::vector<std::pair<StreamId, Fields>> entries(const Model& model, StreamId first, StreamId last,
                                                 Order order) {
  std::vector<std::pair<StreamId, Fields>> out;
  for (const auto& item : model) {
    if (item.first >= first && item.first <= last) out.push_back(item);
  }
  if (order == Order::kBackward) std::reverse(out.begin(), out.end());
  return out;
}

Fields random_fields() {
  Fields out;
  const bool usual = random_below(3) > 0;
  const std::uint64_t count = usual ? 2 : 1 + random_below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    out.push_back("field" + std::to_string(usual ? i : random_below(9)));
    out.push_back(random_below(4) == 0 ? std::to_string(random_below(1 << 20))
                                       : std::string(random_below(300), 'v'));
  }
  return out;
}

StreamId behind(StreamId id) {
  if (random_below(2) == 0) return {id.ms, id.seq + 1 + random_below(3)};
  return {id.ms + 1 + random_below(200), random_below(3)};
}

void check(const Stream& stream, const Model& model) {
  REQUIRE(stream.size() == model.size());
  REQUIRE(stream.first_id() == (model.empty() ? StreamId() : model.begin()->first));
  REQUIRE(stream.newest_id() == (model.empty() ? StreamId() : model.rbegin()->first));
}

void check_ranges(const Stream& stream, const Model& model) {
  const std::uint64_t most_ms = model.empty() ? 10 : model.rbegin()->first.ms + 10;
  for (const Order order : {Order::kForward, Order::kBackward}) {
    const StreamId first{random_below(most_ms), random_below(3)};
    const StreamId last{random_below(most_ms), random_below(3)};
    REQUIRE(entries(stream, first, last, order) == entries(model, first, last, order));
    REQUIRE(entries(stream, {}, kLastStreamId, order) == entries(model, {}, kLastStreamId, order));
  }
}

StreamId some_id(const Model& model) {
  if (model.empty() || random_below(8) == 0) return {random_below(1000), random_below(3)};
  auto place = model.begin();
  std::advance(place, static_cast<std::ptrdiff_t>(random_below(model.size())));
  return place->first;
}

// Trims exactly, and says what must be left.
void trim(Stream& stream, Model& model) {
  StreamTrim trim;
  if (random_below(2) == 0) {
    trim.max_length = random_below(model.size() + 5);
    while (model.size() > trim.max_length) model.erase(model.begin());
  } else {
    trim.by = StreamTrim::By::kId;
    trim.min_id = some_id(model);
    model.erase(model.begin(), model.lower_bound(trim.min_id));
  }
  const std::size_t before = stream.size();
  const StreamTrimmed trimmed = stream.trim(trim);
  REQUIRE(trimmed.count == before - model.size());
  if (trimmed.count > 0) REQUIRE(trimmed.ids[0] == trimmed.first);
}

}  // namespace

TEST_CASE("Stream: random operations agree with std::map") {
  base::seed_random_for_test(31);
  for (const std::size_t most : {1u, 7u, 100u}) {
    Limits limits;
    limits.stream_node_max_entries = most;
    Stream stream(1);
    Model model;
    std::uint64_t added = 0;
    for (int i = 0; i < 6000; ++i) {
      const std::uint64_t what = random_below(100);
      if (what < 60) {
        const StreamId id = behind(stream.last_id());
        const Fields fields = random_fields();
        stream.append(id, views(fields), limits);
        model[id] = fields;
        ++added;
      } else if (what < 97) {
        const StreamId id = some_id(model);
        REQUIRE(stream.contains(id) == model.contains(id));
        REQUIRE(stream.remove(id) == (model.erase(id) > 0));
      } else {
        trim(stream, model);
      }
      check(stream, model);
      if (random_below(50) == 0) check_ranges(stream, model);
    }
    CHECK(stream.counters().entries_added == added);
    CHECK(stream.memory() > sizeof(Stream));
    while (stream.free_some(100)) {
    }
    CHECK(stream.node_count() == 0);
  }
}

TEST_CASE("Stream: a trim by whole nodes leaves those that are not wholly too much") {
  Limits limits;
  limits.stream_node_max_entries = 10;
  Stream stream(1);
  const Fields fields{"f", "v"};
  for (std::uint64_t ms = 1; ms <= 100; ++ms) stream.append({ms, 0}, views(fields), limits);
  CHECK(stream.node_count() == 10);
  StreamTrim trim;
  trim.exactness = StreamTrim::Exactness::kWholeNodes;
  trim.max_length = 85;
  CHECK(stream.trim(trim).count == 10);
  CHECK(stream.size() == 90);
  trim.limit = 25;
  trim.max_length = 0;
  const StreamTrimmed trimmed = stream.trim(trim);
  CHECK(trimmed.count == 20);
  CHECK(trimmed.first == StreamId{11, 0});
  CHECK(trimmed.last == StreamId{30, 0});
  trim.by = StreamTrim::By::kId;
  trim.limit = 0;
  trim.min_id = {45, 0};
  CHECK(stream.trim(trim).count == 10);
  CHECK(stream.first_id() == StreamId{41, 0});
}

// Counted by redis-server 7.0.15 (XINFO STREAM) for the same entries.
TEST_CASE("Stream: nodes are cut at the bytes and entries at which Redis cuts them") {
  Stream stream(1);
  const Limits limits;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    const Fields fields{"name", "value-" + std::to_string(i), "number", std::to_string(i * 1000)};
    stream.append({1'700'000'000'000 + i * 7, i % 3}, views(fields), limits);
  }
  CHECK(stream.node_count() == 10);
  CHECK(stream.radix_node_count() == 22);
  Stream wide(2);
  for (std::uint64_t i = 1; i <= 300; ++i) {
    const Fields fields{"k" + std::to_string(i % 5), std::string(40 + i % 90, 'x')};
    wide.append({i, 0}, views(fields), limits);
  }
  CHECK(wide.node_count() == 8);
  CHECK(wide.radix_node_count() == 19);
}

TEST_CASE("Stream: pending entries move between consumers and go with them") {
  Stream stream(1);
  StreamGroup& group = stream.add_group("g", {}, 0);
  StreamConsumer& one = stream.add_consumer(group, "one");
  StreamConsumer& two = stream.add_consumer(group, "two");
  const std::size_t empty = stream.memory();
  for (std::uint64_t ms = 1; ms <= 10; ++ms) stream.put_pending(group, {ms, 0}, {&one, 5, 1});
  stream.put_pending(group, {3, 0}, {&two, 6, 2});
  CHECK(one.pending.size() == 9);
  CHECK(two.pending.size() == 1);
  CHECK(two.pending.at({3, 0})->deliveries == 2);
  CHECK(stream.remove_pending(group, {1, 0}));
  CHECK_FALSE(stream.remove_pending(group, {1, 0}));
  stream.remove_consumer(group, one);
  CHECK(group.pending.size() == 1);
  CHECK(group.pending.at({3, 0}).consumer == &two);
  stream.remove_consumer(group, two);
  CHECK(group.pending.empty());
  CHECK(stream.memory() < empty);
  stream.remove_group("g");
  CHECK(stream.group("g") == nullptr);
  CHECK(stream.record_count() == 1);
}

TEST_CASE("Stream: the lag of a group is told while no gaps are ahead of it") {
  const Limits limits;
  Stream stream(1);
  const Fields fields{"f", "v"};
  for (std::uint64_t ms = 1; ms <= 5; ++ms) stream.append({ms, 0}, views(fields), limits);
  StreamGroup& group = stream.add_group("g", {2, 0}, 2);
  CHECK(stream.lag(group) == 3);
  stream.remove({4, 0});
  CHECK_FALSE(stream.lag(group).has_value());
  group.last_id = {4, 1};
  CHECK(stream.lag(group) == 3);  // what it has read is known, and the gap is behind it
  group.entries_read = kUnknownEntriesRead;
  CHECK_FALSE(stream.lag(group).has_value());
  group.last_id = {5, 0};
  CHECK(stream.lag(group) == 0);
}

}  // namespace bodega::keyspace
