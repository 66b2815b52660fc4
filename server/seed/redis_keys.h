// The keys of a seed, made in a Redis by its own commands.
#pragma once

#include <cstddef>
#include <vector>

#include "protocol/redis/instance/instance.h"
#include "server/seed/seed.h"

namespace bodega::server {

// Makes those that are not there, and commits; how many. Throws SeedError with what Redis answers.
// To be called on the thread of the instance, between two commands.
std::size_t make_keys(redis::Instance& instance, const std::vector<KeySeed>& keys);

}  // namespace bodega::server
