// The libraries that Redis adds to Lua: cjson and bit, which the distribution packages, and
// cmsgpack and struct, which are ours.
#pragma once

#include <string>

struct lua_State;

namespace bodega::redis {

// Opens all of them in the globals.
void open_lua_libraries(lua_State* lua);

// Push the table of one library.
void push_msgpack(lua_State* lua);  // msgpack.cc
void push_struct(lua_State* lua);   // struct.cc

// Gives a buffer back that has grown large.
void give_back(std::string& buffer) noexcept;

}  // namespace bodega::redis
