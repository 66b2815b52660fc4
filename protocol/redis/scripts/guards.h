// Guards: tables that scripts cannot change, and the functions of Lua's own libraries that are
// replaced so that a script can neither change what it shares with others nor leave the sandbox.
// See sandbox.h for how a table is protected.
#pragma once

#include <string_view>

struct lua_State;

namespace bodega::redis {

// Replaces the table on top by a protected one that leads to it.
void protect_table(lua_State* lua);

// Whether the value at `index` is a protected table; if so, the table that it leads to is pushed.
bool push_protected(lua_State* lua, int index);

// Makes the protected table at `index` lead to the table on top, which is taken off.
void redirect_protected(lua_State* lua, int index);

// Reads of what is not there raise Redis's error for unknown globals: for the table on top.
void refuse_missing(lua_State* lua);

// Opens base, table, string, math, cjson, struct, cmsgpack, bit and os.clock in the globals,
// guarded.
void open_libraries(lua_State* lua);

// Pushes the function that `code` compiles to and returns 0, or pushes the message and returns
// Lua's status. Text only: compiled code is refused, since Lua believes what it says.
int load_text(lua_State* lua, std::string_view code, const char* chunk_name);

}  // namespace bodega::redis
