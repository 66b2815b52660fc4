// Writes one value in the RDB format, in the form that Redis gives a value of its encoding.
#pragma once

#include <cstdint>
#include <string>

#include "engines/keyspace/structures/entry.h"
#include "protocol/redis/rdb/footer.h"
#include "protocol/redis/rdb/primitives.h"

namespace bodega::redis {

struct RdbForm {
  unsigned version = kRdbVersion72;  // of the format; nothing newer is written
  Compression compression = Compression::kLzf;
  std::int64_t list_max_listpack_size = -2;  // see keyspace::Limits
};

// The kind of its form (object_type.h), a byte, which stands in front of the key in files …
std::uint8_t object_type_of(const keyspace::Entry& entry, const RdbForm& form);
// … and the rest, which stands behind it.
void put_value(std::string& out, const keyspace::Entry& entry, const RdbForm& form);

}  // namespace bodega::redis
