// Library: a library of functions: its code, and what the code has registered when it was loaded;
// and redis.register_function, which does so (library.cc).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/redis/scripts/script_flags.h"

struct lua_State;

namespace bodega::redis {

struct Function {
  int reference = 0;  // Sandbox::run_function() knows it by this number
  std::optional<std::string> description = {};
  ScriptFlags flags = {};
};

struct Library {
  std::string name;
  std::string code;
  std::map<std::string, Function, std::less<>> functions = {};
};

// redis.register_function
int register_function(lua_State* lua);

}  // namespace bodega::redis
