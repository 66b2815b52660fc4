// The table `redis` of scripts: redis.call and what else Redis gives them, and its math.random.
#pragma once

#include "protocol/redis/scripts/sandbox.h"

struct lua_State;

namespace bodega::redis {

// Pushes the table that scripts or functions see.
void push_redis_library(lua_State* lua, Sandbox::Kind kind);

// Pushes the table that the code of a library sees while it is being loaded: redis.log and
// constants.
void push_loading_library(lua_State* lua);

// Replaces math.random and math.randomseed by Redis's, which give the same numbers everywhere.
void replace_random(lua_State* lua);

}  // namespace bodega::redis
