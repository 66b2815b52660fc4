// Reads one value of the RDB format, whole and checked before any of it is put into the keyspace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engines/keyspace/structures/types.h"
#include "protocol/redis/rdb/input.h"
#include "protocol/redis/rdb/stream_form.h"
#include "protocol/redis/rdb/strings.h"

namespace bodega::keyspace {
class Engine;
}

namespace bodega::redis {

struct RdbValue {
  keyspace::Type type = keyspace::Type::kString;
  std::string text;            // of a string
  RdbStrings items;            // elements or members; fields and values in turn
  std::vector<double> scores;  // of the members of a sorted set
  // When the fields of a hash expire, or kNoExpiry; empty when none does.
  std::vector<std::int64_t> expiries_ms;
  RdbStream stream;

  // A collection without elements, which Redis passes over in files and refuses in payloads.
  bool is_empty() const {
    return type != keyspace::Type::kString && type != keyspace::Type::kStream && items.size() == 0;
  }
};

// The value whose kind was read already (object_type.h). What cannot be read makes `input` fail.
RdbValue read_value(RdbInput& input, std::uint8_t object_type);

// Puts it under the key. REQUIRES: there is no such key; the value is not empty.
void store_value(keyspace::Engine& keyspace, unsigned db, std::string_view key,
                 const RdbValue& value);

}  // namespace bodega::redis
