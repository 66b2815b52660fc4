#include "protocol/redis/scripts/library.h"

#include <lua.hpp>

#include "protocol/redis/scripts/sandbox.h"
#include "protocol/redis/scripts/script_errors.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/library_header.h"

namespace bodega::redis {
namespace {

// ---- redis.register_function ----

// What a call of it gives: views and places on Lua's stack.
struct Given {
  std::optional<std::string_view> name = {};
  std::optional<std::string_view> description = {};
  int callback = 0;  // its index on the stack
  ScriptFlags flags = {};
};

std::string_view text_at(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* text = lua_tolstring(lua, index, &size);
  return {text, size};
}

// Of the table on top: whether it holds flags only.
bool read_flags(lua_State* lua, ScriptFlags& flags) {
  for (int i = 1;; ++i) {
    lua_rawgeti(lua, -1, i);
    if (lua_isnil(lua, -1)) break;
    const char* word = lua_isstring(lua, -1) != 0 ? lua_tostring(lua, -1) : "";
    bool known = false;
    for (const ScriptFlagName& flag : script_flag_names()) {
      if (!is_word(word, flag.name)) continue;
      flags |= flag.flag;
      known = true;
    }
    lua_pop(lua, 1);
    if (!known) return false;
  }
  lua_pop(lua, 1);
  return true;
}

// One named argument, whose name and value are on top; what is wrong with it, or null. A callback
// stays on the stack, at index 2.
const char* read_named(lua_State* lua, Given& given) {
  if (lua_type(lua, -2) != LUA_TSTRING) {
    return "named argument key given to redis.register_function is not a string";
  }
  const std::string_view key = lua_tostring(lua, -2);
  std::optional<std::string_view> text;
  if (lua_type(lua, -1) == LUA_TSTRING) text = text_at(lua, -1);
  if (is_word(key, "function_name")) {
    given.name = text;
    return text ? nullptr
                : "function_name argument given to redis.register_function must be a string";
  }
  if (is_word(key, "description")) {
    given.description = text;
    return text ? nullptr
                : "description argument given to redis.register_function must be a string";
  }
  if (is_word(key, "callback")) {
    if (!lua_isfunction(lua, -1)) {
      return "callback argument given to redis.register_function must be a function";
    }
    lua_pushvalue(lua, -1);
    lua_replace(lua, 2);
    given.callback = 2;
    return nullptr;
  }
  if (!is_word(key, "flags")) return "unknown argument given to redis.register_function";
  if (!lua_istable(lua, -1)) {
    return "flags argument to redis.register_function must be a table representing function flags";
  }
  return read_flags(lua, given.flags) ? nullptr : "unknown flag given";
}

const char* read_table(lua_State* lua, Given& given) {
  if (!lua_istable(lua, 1)) {
    return "calling redis.register_function with a single argument is only applicable to Lua table "
           "(representing named arguments).";
  }
  lua_pushnil(lua);  // index 2, for the callback
  lua_pushnil(lua);
  while (lua_next(lua, 1) != 0) {
    if (const char* wrong = read_named(lua, given)) return wrong;
    lua_pop(lua, 1);
  }
  if (!given.name) return "redis.register_function must get a function name argument";
  if (given.callback == 0) return "redis.register_function must get a callback argument";
  return nullptr;
}

const char* read_pair(lua_State* lua, Given& given) {
  if (lua_isstring(lua, 1) == 0)
    return "first argument to redis.register_function must be a string";
  given.name = text_at(lua, 1);
  if (!lua_isfunction(lua, 2)) {
    return "second argument to redis.register_function must be a function";
  }
  given.callback = 2;
  return nullptr;
}

enum class Registered : std::uint8_t { kYes, kTwice, kNoMemory };

Registered add(Library& library, const Given& given, int reference) noexcept {
  try {
    Function function{reference, std::nullopt, given.flags};
    if (given.description) function.description = *given.description;
    const bool is_new = library.functions.emplace(*given.name, std::move(function)).second;
    return is_new ? Registered::kYes : Registered::kTwice;
  } catch (...) {
    return Registered::kNoMemory;
  }
}

}  // namespace

int register_function(lua_State* lua) {
  Library* const library = Sandbox::of(lua).loading;
  if (library == nullptr) {
    return raise_error(lua, "redis.register_function can only be called on FUNCTION LOAD command");
  }
  const int count = lua_gettop(lua);
  if (count < 1 || count > 2) {
    return raise_error(lua, "wrong number of arguments to redis.register_function");
  }
  Given given;
  const char* const wrong = count == 1 ? read_table(lua, given) : read_pair(lua, given);
  if (wrong != nullptr) return raise_error(lua, wrong);
  if (!is_library_name(*given.name)) return raise_error(lua, kBadLibraryName);
  lua_pushvalue(lua, given.callback);
  const int reference = luaL_ref(lua, LUA_REGISTRYINDEX);
  switch (add(*library, given, reference)) {
    case Registered::kYes: return 0;
    case Registered::kTwice:
      luaL_unref(lua, LUA_REGISTRYINDEX, reference);
      return raise_error(lua, "Function already exists in the library");
    case Registered::kNoMemory: luaL_unref(lua, LUA_REGISTRYINDEX, reference);
  }
  return raise_error(lua, "out of memory");
}

}  // namespace bodega::redis
