#include "protocol/redis/scripts/guards.h"

#include <ctime>
#include <lua.hpp>

#include "protocol/redis/scripts/lua_libraries.h"
#include "protocol/redis/scripts/script_errors.h"

namespace bodega::redis {
namespace {

constexpr const char* kReadonly = "Attempt to modify a readonly table";

// Its address is what protected tables are known by: a key that no script can make.
char protected_tag;

// ---- Protected tables ----

int refuse_write(lua_State* lua) { return luaL_error(lua, kReadonly); }

int missing_global(lua_State* lua) {
  if (lua_gettop(lua) != 2) return luaL_error(lua, "wrong number of arguments");
  const char* name = lua_tostring(lua, 2);
  return luaL_error(lua, "Script attempted to access nonexistent global variable '%s'",
                    name == nullptr ? luaL_typename(lua, 2) : name);
}

void push_tag(lua_State* lua) { lua_pushlightuserdata(lua, &protected_tag); }

void check_not_protected(lua_State* lua, int index) {
  if (!push_protected(lua, index)) return;
  lua_pushstring(lua, kReadonly);
  lua_error(lua);
}

// ---- Functions of the base library ----

int base_rawget(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  luaL_checkany(lua, 2);
  lua_settop(lua, 2);
  if (push_protected(lua, 1)) lua_replace(lua, 1);
  lua_rawget(lua, 1);
  return 1;
}

int base_rawset(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  luaL_checkany(lua, 2);
  luaL_checkany(lua, 3);
  lua_settop(lua, 3);
  check_not_protected(lua, 1);
  lua_rawset(lua, 1);
  return 1;
}

int base_next(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_settop(lua, 2);
  if (push_protected(lua, 1)) lua_replace(lua, 1);
  if (lua_next(lua, 1) != 0) return 2;
  lua_pushnil(lua);
  return 1;
}

int base_pairs(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_pushvalue(lua, 1);
  lua_pushnil(lua);
  return 3;
}

int base_setmetatable(lua_State* lua) {
  const int type = lua_type(lua, 2);
  luaL_checktype(lua, 1, LUA_TTABLE);
  luaL_argcheck(lua, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
  check_not_protected(lua, 1);
  if (luaL_getmetafield(lua, 1, "__metatable") != 0) {
    return luaL_error(lua, "cannot change a protected metatable");
  }
  lua_settop(lua, 2);
  lua_setmetatable(lua, 1);
  return 1;
}

// Redis's pcall: an error of redis.call, which is a table, is given as its text.
int base_pcall(lua_State* lua) {
  luaL_checkany(lua, 1);
  const int count = lua_gettop(lua);
  if (lua_pcall(lua, count - 1, LUA_MULTRET, 0) == 0) {
    lua_pushboolean(lua, 1);
    lua_insert(lua, 1);
    return lua_gettop(lua);
  }
  if (lua_istable(lua, -1)) {
    lua_pushliteral(lua, "err");
    lua_rawget(lua, -2);
    if (lua_isstring(lua, -1)) {
      lua_replace(lua, -2);
    } else {
      lua_pop(lua, 1);
    }
  }
  lua_pushboolean(lua, 0);
  lua_insert(lua, -2);
  return 2;
}

// Collecting cannot be stopped, nor made lazier.
int base_collectgarbage(lua_State* lua) {
  static const char* const kOptions[] = {"collect", "count",    "step",       "stop",
                                         "restart", "setpause", "setstepmul", nullptr};
  switch (luaL_checkoption(lua, 1, "collect", kOptions)) {
    case 0: lua_pushnumber(lua, lua_gc(lua, LUA_GCCOLLECT, 0)); break;
    case 1: {
      const int kilobytes = lua_gc(lua, LUA_GCCOUNT, 0);
      lua_pushnumber(lua, kilobytes + lua_gc(lua, LUA_GCCOUNTB, 0) / 1024.0);
      break;
    }
    case 2: lua_pushboolean(lua, lua_gc(lua, LUA_GCSTEP, luaL_optint(lua, 2, 0))); break;
    default: lua_pushnumber(lua, 0); break;
  }
  return 1;
}

int finish_load(lua_State* lua, int status) {
  if (status == 0) return 1;
  lua_pushnil(lua);
  lua_insert(lua, -2);
  return 2;
}

int base_loadstring(lua_State* lua) {
  std::size_t size = 0;
  const char* code = luaL_checklstring(lua, 1, &size);
  return finish_load(lua, load_text(lua, {code, size}, luaL_optstring(lua, 2, code)));
}

// The pieces are put together first, since what they begin with must be known.
int base_load(lua_State* lua) {
  const char* name = luaL_optstring(lua, 2, "=(load)");
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  lua_settop(lua, 2);
  luaL_Buffer buffer;
  luaL_buffinit(lua, &buffer);
  while (true) {
    lua_pushvalue(lua, 1);
    lua_call(lua, 0, 1);
    if (lua_isnil(lua, -1)) break;
    if (!lua_isstring(lua, -1)) return luaL_error(lua, "reader function must return a string");
    const bool last = lua_objlen(lua, -1) == 0;
    luaL_addvalue(&buffer);
    if (!last) continue;
    lua_pushnil(lua);
    break;
  }
  lua_pop(lua, 1);
  luaL_pushresult(&buffer);
  std::size_t size = 0;
  const char* code = lua_tolstring(lua, -1, &size);
  return finish_load(lua, load_text(lua, {code, size}, name));
}

// As Lua's own, but the count is computed in more than an int, which it may exceed.
int base_unpack(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  const long long first = luaL_optint(lua, 2, 1);
  const long long last = luaL_opt(lua, luaL_checkint, 3, static_cast<int>(lua_objlen(lua, 1)));
  if (first > last) return 0;
  const long long count = last - first + 1;
  if (count >= LUAI_MAXCSTACK || lua_checkstack(lua, static_cast<int>(count)) == 0) {
    return luaL_error(lua, "too many results to unpack");
  }
  for (long long i = first; i <= last; ++i) lua_rawgeti(lua, 1, static_cast<int>(i));
  return static_cast<int>(count);
}

// ---- Functions that change their first argument, whatever its metatable ----

int guarded(lua_State* lua) {
  check_not_protected(lua, 1);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

// ---- Functions of strings whose cost or depth the arguments could drive out of bounds ----

int string_rep(lua_State* lua) {
  std::size_t size = 0;
  luaL_checklstring(lua, 1, &size);
  const lua_Number count = luaL_checknumber(lua, 2);
  constexpr lua_Number kMostBytes = 512.0 * 1024 * 1024;  // Redis's largest string
  if (size == 0 || !(count >= 1)) {
    lua_pushliteral(lua, "");
    return 1;
  }
  if (static_cast<lua_Number>(size) * count > kMostBytes) {
    return luaL_error(lua, "resulting string too large");
  }
  lua_settop(lua, 2);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, 2, 1);
  return 1;
}

// Lua matches by recursion, one level for each item of the pattern.
int matching(lua_State* lua) {
  constexpr std::size_t kMostPatternBytes = 10'000;
  if (lua_type(lua, 2) == LUA_TSTRING && lua_objlen(lua, 2) > kMostPatternBytes &&
      lua_toboolean(lua, 4) == 0) {
    return luaL_error(lua, "pattern too complex");
  }
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

int os_clock(lua_State* lua) {
  lua_pushnumber(lua, static_cast<lua_Number>(std::clock()) / CLOCKS_PER_SEC);
  return 1;
}

// ---- Putting it together ----

constexpr luaL_Reg kBase[] = {
    {"rawget", base_rawget}, {"rawset", base_rawset},
    {"next", base_next},     {"setmetatable", base_setmetatable},
    {"pcall", base_pcall},   {"collectgarbage", base_collectgarbage},
    {"load", base_load},     {"loadstring", base_loadstring},
    {"unpack", base_unpack},
};

// What Lua has and scripts have not: files, and functions whose environment can be changed.
constexpr const char* kRemoved[] = {"dofile",   "loadfile", "print",
                                    "newproxy", "getfenv",  "setfenv"};

void open_library(lua_State* lua, const char* name, lua_CFunction open) {
  lua_pushcfunction(lua, open);
  lua_pushstring(lua, name);
  lua_call(lua, 1, 0);
}

// Puts `wrapper` around a function of a global table; the function becomes its upvalue.
void wrap(lua_State* lua, const char* table, const char* name, lua_CFunction wrapper) {
  lua_getglobal(lua, table);
  lua_getfield(lua, -1, name);
  lua_pushcclosure(lua, wrapper, 1);
  lua_setfield(lua, -2, name);
  lua_pop(lua, 1);
}

// What getmetatable("") shows is protected; the metatable itself stays out of reach.
void hide_string_metatable(lua_State* lua) {
  lua_pushliteral(lua, "");
  lua_getmetatable(lua, -1);
  lua_newtable(lua);
  protect_table(lua);
  lua_setfield(lua, -2, "__metatable");
  lua_pop(lua, 2);
}

}  // namespace

// What getmetatable() shows of it is a protected table as well.
void protect_table(lua_State* lua) {
  lua_newtable(lua);
  lua_newtable(lua);  // stack: real, outer, meta
  push_tag(lua);
  lua_pushvalue(lua, -4);
  lua_rawset(lua, -3);
  lua_pushvalue(lua, -3);
  lua_setfield(lua, -2, "__index");
  lua_pushcfunction(lua, refuse_write);
  lua_setfield(lua, -2, "__newindex");
  lua_newtable(lua);
  lua_newtable(lua);  // stack: real, outer, meta, shown, meta of shown
  push_tag(lua);
  lua_newtable(lua);
  lua_rawset(lua, -3);
  lua_pushcfunction(lua, refuse_write);
  lua_setfield(lua, -2, "__newindex");
  lua_pushvalue(lua, -2);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
  lua_replace(lua, -2);
}

bool push_protected(lua_State* lua, int index) {
  if (!lua_istable(lua, index) || lua_getmetatable(lua, index) == 0) return false;
  push_tag(lua);
  lua_rawget(lua, -2);
  if (lua_istable(lua, -1)) {
    lua_remove(lua, -2);
    return true;
  }
  lua_pop(lua, 2);
  return false;
}

void redirect_protected(lua_State* lua, int index) {
  lua_getmetatable(lua, index);
  lua_insert(lua, -2);  // stack: meta, real
  lua_pushvalue(lua, -1);
  lua_setfield(lua, -3, "__index");
  push_tag(lua);
  lua_insert(lua, -2);
  lua_rawset(lua, -3);
  lua_pop(lua, 1);
}

void refuse_missing(lua_State* lua) {
  lua_newtable(lua);
  lua_pushcfunction(lua, missing_global);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
}

void open_libraries(lua_State* lua) {
  open_library(lua, "", luaopen_base);
  open_library(lua, LUA_TABLIBNAME, luaopen_table);
  open_library(lua, LUA_STRLIBNAME, luaopen_string);
  open_library(lua, LUA_MATHLIBNAME, luaopen_math);
  open_lua_libraries(lua);
  for (const char* name : kRemoved) {
    lua_pushnil(lua);
    lua_setglobal(lua, name);
  }
  for (const luaL_Reg& function : kBase) {
    lua_pushcfunction(lua, function.func);
    lua_setglobal(lua, function.name);
  }
  lua_getglobal(lua, "next");
  lua_pushcclosure(lua, base_pairs, 1);
  lua_setglobal(lua, "pairs");
  for (const char* name : {"insert", "remove", "sort", "setn"}) wrap(lua, "table", name, guarded);
  wrap(lua, "string", "rep", string_rep);
  for (const char* name : {"find", "match", "gmatch", "gsub"}) wrap(lua, "string", name, matching);
  hide_string_metatable(lua);
  lua_newtable(lua);
  lua_pushcfunction(lua, os_clock);
  lua_setfield(lua, -2, "clock");
  lua_setglobal(lua, "os");
}

// Lua refers to the chunk's name while it compiles without holding on to it, so it is held here.
int load_text(lua_State* lua, std::string_view code, const char* chunk_name) {
  lua_pushstring(lua, chunk_name);
  if (code.starts_with(LUA_SIGNATURE[0])) {
    lua_pop(lua, 1);
    lua_pushliteral(lua, "compiled code is not allowed");
    return LUA_ERRSYNTAX;
  }
  const int status = luaL_loadbuffer(lua, code.data(), code.size(), lua_tostring(lua, -1));
  lua_remove(lua, -2);
  return status;
}

}  // namespace bodega::redis
