#include "protocol/redis/scripts/script_errors.h"

#include <lua.hpp>

#include "protocol/redis/scripts/guards.h"

namespace bodega::redis {
namespace {

std::string_view without_line_ends(std::string_view text) {
  while (text.ends_with('\r') || text.ends_with('\n')) text.remove_suffix(1);
  while (text.starts_with('\r') || text.starts_with('\n')) text.remove_prefix(1);
  return text;
}

// Leaves a table with `err` on top, made of whatever is there.
void wrap_error(lua_State* lua) {
  if (lua_istable(lua, -1)) {
    if (!push_protected(lua, -1)) return;
    lua_pop(lua, 2);
    lua_pushliteral(lua, "readonly table");
  }
  const char* text = lua_tostring(lua, -1);
  if (text == nullptr) text = luaL_typename(lua, -1);
  if (lua_isboolean(lua, -1)) text = lua_toboolean(lua, -1) != 0 ? "true" : "false";
  lua_newtable(lua);
  lua_pushliteral(lua, "err");
  lua_pushfstring(lua, "ERR %s", text);
  lua_rawset(lua, -3);
  lua_replace(lua, -2);
}

}  // namespace

void push_coded_error(lua_State* lua, std::string_view text, Counted counted) {
  const std::size_t space = text.find(' ');
  const bool has_code = space != std::string_view::npos;
  const std::string_view code = has_code ? text.substr(0, space) : "ERR";
  const std::string_view rest = without_line_ends(has_code ? text.substr(space + 1) : text);
  lua_createtable(lua, 0, 2);
  lua_pushliteral(lua, "err");
  lua_pushlstring(lua, code.data(), code.size());
  lua_pushliteral(lua, " ");
  lua_pushlstring(lua, rest.data(), rest.size());
  lua_concat(lua, 3);
  lua_rawset(lua, -3);
  if (counted == Counted::kNo) return;
  lua_pushliteral(lua, "ignore_error_stats_update");
  lua_pushboolean(lua, 1);
  lua_rawset(lua, -3);
}

int raise_error(lua_State* lua, const char* text) {
  lua_createtable(lua, 0, 3);
  lua_pushliteral(lua, "err");
  lua_pushfstring(lua, "ERR %s", text);
  lua_rawset(lua, -3);
  return lua_error(lua);
}

// Of an error in a function of C the place is where it was called.
int error_handler(lua_State* lua) {
  lua_settop(lua, 1);
  wrap_error(lua);
  lua_Debug place;
  if (lua_getstack(lua, 1, &place) == 0) return 1;
  lua_getinfo(lua, "Sl", &place);
  if (*place.what == 'C') {
    if (lua_getstack(lua, 2, &place) == 0) return 1;
    lua_getinfo(lua, "Sl", &place);
  }
  lua_pushliteral(lua, "source");
  lua_pushstring(lua, place.source);
  lua_rawset(lua, -3);
  lua_pushliteral(lua, "line");
  lua_pushinteger(lua, place.currentline);
  lua_rawset(lua, -3);
  return 1;
}

}  // namespace bodega::redis
