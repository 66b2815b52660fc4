// The hash of keys, fields and members: fast on short strings, and seeded at random per process so
// that clients cannot choose keys that collide. Never on disk.
#pragma once

#include <cstdint>
#include <string_view>

namespace bodega::keyspace {

// 32 bits of the hash of `bytes` under the process's seed.
std::uint32_t hash_of(std::string_view bytes);

}  // namespace bodega::keyspace
