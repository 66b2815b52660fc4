// Lookups as commands make them: they count hits and misses, tell about misses, and refuse a value
// of another type.
#pragma once

#include <string_view>

#include "engines/keyspace/engine.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// For a command that reads: counts keyspace_hits and keyspace_misses and fires "keymiss". Null:
// absent.
const keyspace::Entry* find_read(Call& call, std::string_view key);
// The same, throwing WRONGTYPE unless the value is of `type`.
const keyspace::Entry* find_read(Call& call, std::string_view key, keyspace::Type type);

// A look that is no use of the key (EXISTS, TYPE, TTL …), otherwise as find_read().
const keyspace::Entry* look(Call& call, std::string_view key);

// For a command that writes: counts nothing.
const keyspace::Entry* find_write(Call& call, std::string_view key);
const keyspace::Entry* find_write(Call& call, std::string_view key, keyspace::Type type);

// Whether the client's node has this key, which the keyspace has: always, but in a cluster.
bool is_shown(const Call& call, std::string_view key);

}  // namespace bodega::redis
