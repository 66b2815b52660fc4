// Errors of scripts: tables with the text in `err`, as redis.call raises them and redis.pcall gives
// them back.
#pragma once

#include <string_view>

struct lua_State;

namespace bodega::redis {

// Whether an error was counted already, where it arose.
enum class Counted : bool { kNo, kYes };

// Pushes the table for `text`, which begins with an error code; a text of one word gets ERR in
// front.
void push_coded_error(lua_State* lua, std::string_view text, Counted counted);

// Pushes the table for a text without a code and raises it.
int raise_error(lua_State* lua, const char* text);

// The handler of the outermost protected call: makes a table of whatever was raised, and notes
// where.
int error_handler(lua_State* lua);

}  // namespace bodega::redis
