// The arguments that LMPOP, BLMPOP, ZMPOP and BZMPOP share: from the first of several keys that has
// something, so many from one end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engines/keyspace/structures/types.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

struct MultiPop {
  Args keys;
  keyspace::End end = keyspace::End::kFront;
  std::int64_t count = 1;
};

// numkeys key [key ...] <front>|<back> [COUNT count], from args[at] on; the words are the family's
// names for the two ends. Throws Error.
MultiPop parse_multi_pop(const Call& call, std::size_t at, std::string_view front,
                         std::string_view back);

}  // namespace bodega::redis
