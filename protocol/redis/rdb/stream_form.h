// Streams in the RDB format: three kinds, each with more than the one before (object_type.h).
//
//   count, then for each run of entries: id of the first, 16 bytes as a string | a listpack
//     listpack: entries, tombstones, fields, their names, 0, then for each entry:
//       flags, ms and seq less those of the first, [fields, names and values | values], elements
//   entries, last id
//   from the second kind: first id, largest removed id, entries ever added
//   groups, each: name, last id, [entries read], pending entries, each: id, instant, deliveries;
//     consumers, each: name, seen, [from the third kind: active], pending ids
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engines/keyspace/structures/stream.h"
#include "protocol/redis/rdb/input.h"
#include "protocol/redis/rdb/object_type.h"
#include "protocol/redis/rdb/primitives.h"
#include "protocol/redis/rdb/strings.h"

namespace bodega::keyspace {
class Engine;
}

namespace bodega::redis {

// A stream as it was read.
struct RdbStream {
  struct Entry {
    keyspace::StreamId id;
    std::size_t strings_end;  // its fields and values end there among `strings`
  };
  struct Pending {
    keyspace::StreamId id;
    std::int64_t delivered_ms;
    std::uint64_t deliveries;
  };
  struct Consumer {
    std::string name;
    std::int64_t seen_ms;
    std::int64_t active_ms;
    std::vector<std::size_t> pending;  // indexes into the group's
  };
  struct Group {
    std::string name;
    keyspace::StreamId last_id;
    std::optional<std::int64_t> entries_read;  // nothing: kStream1 does not say
    std::vector<Pending> pending;              // in the order of their ids
    std::vector<Consumer> consumers;
  };

  RdbStrings strings;
  std::vector<Entry> entries;
  keyspace::StreamCounters counters;
  std::vector<Group> groups;
};

// What cannot be read makes `input` fail. stream_reader.cc
void read_stream(RdbInput& input, ObjectType kind, RdbStream& out);
void store_stream(keyspace::Engine& keyspace, unsigned db, std::string_view key,
                  const RdbStream& stream);

// `kind` is kStream2 or kStream3. stream_writer.cc
void put_stream(std::string& out, const keyspace::Stream& stream, ObjectType kind,
                Compression compression);

// Of an entry in a listpack.
inline constexpr std::int64_t kTombstoneFlag = 1;
inline constexpr std::int64_t kSameFieldsFlag = 2;

}  // namespace bodega::redis
