// Conversion: replies of commands into values of Lua, and what a script returns into a reply, by
// the rules of Redis's manual ("Lua and RESP data type conversion").
//
// Both may raise Lua errors, for want of memory, so that nothing on their stack has a destructor.
#pragma once

#include <string_view>

#include "protocol/redis/wire/reply.h"

struct lua_State;

namespace bodega::redis {

class Instance;

// Pushes the value of a reply, as the class Reply writes it. An error is a table with `err`.
void push_reply(lua_State* lua, std::string_view reply);

// Writes the value on top of the stack to `reply` and takes it off. `script_protocol` is what the
// script speaks, which decides what a Boolean is. Throws std::bad_alloc. Error replies are counted
// in `instance` unless they were already.
void append_value(lua_State* lua, Reply& reply, int script_protocol, Instance& instance);

// The text of the error table on top: its `err`, in full.
std::string_view error_text(lua_State* lua, int index);
// Whether its error was counted where it arose.
bool error_is_counted(lua_State* lua, int index);

}  // namespace bodega::redis
