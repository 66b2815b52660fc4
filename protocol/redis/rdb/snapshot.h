// Snapshots: whole RDB files, as bytes that go out (snapshot_writer.cc) or come in
// (snapshot_reader.cc) piece by piece.
//
//   "REDIS" version, 4 digits
//   kAuxiliary name value        facts about the writer, again and again
//   kFunction2 code              the libraries of functions
//   kSelectDb n, kResizeDb keys expiring, then for each key:
//     [kExpiryMs 8 bytes] [kIdle seconds] [kFrequency 1 byte] kind (object_type.h) key value
//   kEnd, CRC-64/REDIS of all before, 8 bytes little-endian (0: none; absent before version 5)
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/function_ref.h"
#include "protocol/redis/rdb/input.h"
#include "protocol/redis/rdb/value_writer.h"

namespace bodega::keyspace {
class Engine;
}

namespace bodega::redis {

enum class SnapshotCode : std::uint8_t {
  kSlotInfo = 244,
  kFunction2 = 245,
  kFunctionPreGa = 246,
  kModuleAuxiliary = 247,
  kIdle = 248,
  kFrequency = 249,
  kAuxiliary = 250,
  kResizeDb = 251,
  kExpiryMs = 252,
  kExpirySeconds = 253,
  kSelectDb = 254,
  kEnd = 255,
};

// What a snapshot says of the use of its keys, as Redis does by its maxmemory-policy.
enum class UseShown : std::uint8_t { kNone, kIdle, kFrequency };

struct SnapshotFacts {
  RdbForm form;
  UseShown use = UseShown::kNone;
  std::vector<std::pair<std::string, std::string>> auxiliary;  // "redis-ver" and the like
  std::vector<std::string> libraries;                          // the code of each
};

// Writes all keys that are not past their time. `sink` is handed the bytes in order; what it throws
// passes through.
void put_snapshot(const keyspace::Engine& keyspace, const SnapshotFacts& facts,
                  base::FunctionRef<void(std::string_view)> sink);

struct SnapshotRead {
  std::uint64_t keys = 0;
  std::uint64_t expired = 0;  // not taken, since their time is past
  std::uint64_t empty = 0;    // collections without elements, not taken either
  std::string failure;        // why it ended early, in words; empty: it did not
};

// Reads a snapshot into the keyspace, which has none of its keys. After a failure the keyspace
// holds what was read before. `take_library` is given the code of each library of functions, and
// says why it cannot take it, or nothing.
SnapshotRead read_snapshot(RdbInput& input, keyspace::Engine& keyspace,
                           base::FunctionRef<std::string(std::string_view code)> take_library);

}  // namespace bodega::redis
