// As what a command is told to replicas: in a form that does the same to another copy of the keys,
// at another time. What depends on the clock becomes an instant, what was chosen at random or by
// waiting is named, what computes with floats becomes its result.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

using ReplicatedCommand = std::vector<std::string>;

// Whether the command is told although it changes no key (PUBLISH, FLUSHALL of nothing).
bool is_always_replicated(const Command& command);

// The commands that say what `call` has done, and has answered by `reply`. None: nothing.
std::vector<ReplicatedCommand> replicated(const Call& call, std::string_view reply);

// The RESP of a command.
void put_command(std::string& out, const ReplicatedCommand& command);

}  // namespace bodega::redis
