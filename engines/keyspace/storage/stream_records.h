// The records of a stream in the family of elements, and how it is made of them again. All integers
// are big-endian. The suffix behind the object id begins with a tag, so that a reader meets groups
// before their consumers and both before what is pending:
//
//   00                              -> last id | largest id removed by itself | entries added u64
//   01 | id                         -> for each field: field text | value text
//   02 | group u32                  -> last id | entries read u64 (all ones: unknown) | name
//   03 | group u32 | consumer u32   -> seen ms u64 | active ms u64 (all ones: never) | name
//   04 | group u32 | id             -> consumer u32 | delivered ms u64 | deliveries u64
//
//   id = ms u64 | seq u64, text = length varint | bytes
//
// Adding an entry writes nothing but the entry: whoever reads counts those behind the last id of
// record 00, which is written when entries are removed that it does not cover. Without it, the
// counting starts at nothing.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/stream.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace::format {

// A suffix, without an allocation.
class StreamSuffix {
 public:
  static StreamSuffix counters();
  static StreamSuffix entry(StreamId id);
  static StreamSuffix behind_entries();
  // Without a number: before the first one of its kind.
  static StreamSuffix group(std::uint32_t group);
  static StreamSuffix consumer(std::uint32_t group, std::uint32_t consumer = 0);
  static StreamSuffix pending(std::uint32_t group, StreamId id = {});

  operator std::string_view() const { return {bytes_.data(), size_}; }

 private:
  explicit StreamSuffix(char tag) { bytes_[size_++] = tag; }
  void add_u32(std::uint32_t value);
  void add_u64(std::uint64_t value);

  std::array<char, 21> bytes_;
  std::size_t size_ = 0;
};

// Values, appended to `out`.
void put_counters(std::string& out, const StreamCounters& counters);
void put_entry(std::string& out, StreamFields fields);
void put_entry(std::string& out, const StreamEntry& entry);
void put_group(std::string& out, const StreamGroup& group);
void put_consumer(std::string& out, const StreamConsumer& consumer);
void put_pending(std::string& out, const StreamPending& pending);

// Every record of a stream, in order.
void for_each_record(
    const Stream& stream,
    base::FunctionRef<void(std::string_view suffix, std::string_view value)> visit);

// Makes a stream of its records, which come in order.
class StreamReader {
 public:
  // Throws StorageFault.
  void add(Stream& stream, std::string_view suffix, std::string_view value, const Limits& limits);

 private:
  void start(const Stream& stream);
  StreamGroup& group(std::uint32_t number);
  void add_entry(Stream& stream, StreamId id, std::string_view value, const Limits& limits);

  const Stream* stream_ = nullptr;  // the one that was read last
  std::map<std::uint32_t, StreamGroup*> groups_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, StreamConsumer*> consumers_;
  std::vector<std::string_view> fields_;
};

}  // namespace bodega::keyspace::format
