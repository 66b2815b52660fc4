#include "protocol/redis/scripts/redis_library.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <lua.hpp>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/log.h"
#include "protocol/redis/instance/access.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/scripts/conversion.h"
#include "protocol/redis/scripts/lua_libraries.h"
#include "protocol/redis/scripts/run.h"
#include "protocol/redis/scripts/script_errors.h"

namespace bodega::redis {
namespace {

// ---- Arguments of commands ----

// A whole number is written as one where a double holds it exactly; others in the shortest form.
std::string_view number_text(double value, std::array<char, 40>& buffer) {
  constexpr double kExact = 9007199254740992.0;
  char* const begin = buffer.data();
  if (value > -kExact && value < kExact && std::trunc(value) == value) {
    const auto end = std::to_chars(begin, begin + buffer.size(), static_cast<std::int64_t>(value));
    return {begin, static_cast<std::size_t>(end.ptr - begin)};
  }
  const std::string text = format_double(value);
  return {begin, text.copy(begin, buffer.size())};
}

enum class Gathered : std::uint8_t { kYes, kNotText, kNoMemory };

// Views of what the script has handed over: the texts stay on Lua's stack until the command has
// run.
Gathered gather(Sandbox& sandbox, lua_State* lua, int count) noexcept {
  try {
    sandbox.args.clear();
    sandbox.numbers.resize(static_cast<std::size_t>(count));
    for (int i = 1; i <= count; ++i) {
      const int type = lua_type(lua, i);
      if (type == LUA_TNUMBER) {
        sandbox.args.push_back(
            number_text(lua_tonumber(lua, i), sandbox.numbers[static_cast<std::size_t>(i - 1)]));
      } else if (type == LUA_TSTRING) {
        std::size_t size = 0;
        const char* text = lua_tolstring(lua, i, &size);
        sandbox.args.emplace_back(text, size);
      } else {
        return Gathered::kNotText;
      }
    }
    return Gathered::kYes;
  } catch (...) {
    return Gathered::kNoMemory;
  }
}

// ---- redis.call and redis.pcall ----

CommandTable::Slot* find_command(Instance& instance, Args args, std::string_view& refusal) {
  CommandTable::Slot* slot = instance.commands().find(args);
  const bool unknown = slot == nullptr || (!slot->row->subcommands.empty() && args.size() > 1);
  if (unknown) {
    refusal = "ERR Unknown Redis command called from script";
    return nullptr;
  }
  const auto given = static_cast<int>(args.size());
  const int arity = slot->row->arity;
  if (arity >= 0 ? given != arity : given < -arity) {
    refusal = "ERR Wrong number of args calling Redis command from script";
    return nullptr;
  }
  return slot;
}

// Runs what is in sandbox.args; the reply is in sandbox.reply. False: there was no memory.
bool execute(Sandbox& sandbox) noexcept {
  try {
    Run& run = *sandbox.run;
    Instance& instance = run.call.instance;
    sandbox.reply.clear();
    Reply reply(sandbox.reply, run.protocol);
    std::string_view refusal;
    CommandTable::Slot* const slot = find_command(instance, sandbox.args, refusal);
    if (slot == nullptr) {
      instance.count_error(refusal);
      reply.error(refusal);
      return true;
    }
    instance.execute_inside(run.call.session, run.call.execution, Execution::Origin::kScript, *slot,
                            sandbox.args, reply);
    if (sandbox.reply.empty()) reply.null();  // of what answers by other ways, or not at all
    return true;
  } catch (...) {
    return false;
  }
}

enum class OnError : std::uint8_t { kReturn, kRaise };

int fail(lua_State* lua, const char* text, OnError on_error) {
  lua_createtable(lua, 0, 1);
  lua_pushliteral(lua, "err");
  lua_pushfstring(lua, "ERR %s", text);
  lua_rawset(lua, -3);
  return on_error == OnError::kRaise ? lua_error(lua) : 1;
}

int call_command(lua_State* lua, OnError on_error) {
  Sandbox& sandbox = Sandbox::of(lua);
  if (sandbox.run == nullptr) {
    return raise_error(lua, "redis.call/pcall can only be called inside a script invocation");
  }
  const int count = lua_gettop(lua);
  if (count == 0) {
    return fail(lua, "Please specify at least one argument for this redis lib call", on_error);
  }
  const Gathered gathered = gather(sandbox, lua, count);
  if (gathered == Gathered::kNotText) {
    return fail(lua, "Lua redis lib command arguments must be strings or integers", on_error);
  }
  if (gathered == Gathered::kNoMemory || !execute(sandbox)) {
    return fail(lua, "out of memory", on_error);
  }
  lua_settop(lua, 0);
  push_reply(lua, sandbox.reply);
  const bool failed = sandbox.reply.front() == '-';
  give_back(sandbox.reply);
  return failed && on_error == OnError::kRaise ? lua_error(lua) : 1;
}

int redis_call(lua_State* lua) { return call_command(lua, OnError::kRaise); }
int redis_pcall(lua_State* lua) { return call_command(lua, OnError::kReturn); }

// ---- The rest ----

int redis_error_reply(lua_State* lua) {
  if (lua_gettop(lua) != 1 || lua_type(lua, 1) != LUA_TSTRING) {
    return fail(lua, "wrong number or type of arguments", OnError::kReturn);
  }
  std::string_view text = lua_tostring(lua, 1);
  if (text.starts_with('-')) text.remove_prefix(1);
  push_coded_error(lua, text, Counted::kNo);
  return 1;
}

int redis_status_reply(lua_State* lua) {
  if (lua_gettop(lua) != 1 || lua_type(lua, 1) != LUA_TSTRING) {
    return fail(lua, "wrong number or type of arguments", OnError::kReturn);
  }
  lua_createtable(lua, 0, 1);
  lua_pushvalue(lua, 1);
  lua_setfield(lua, -2, "ok");
  return 1;
}

bool hash_into(std::string_view text, std::array<char, 40>& out) noexcept {
  try {
    base::to_hex(base::sha1(text)).copy(out.data(), out.size());
    return true;
  } catch (...) {
    return false;
  }
}

int redis_sha1hex(lua_State* lua) {
  if (lua_gettop(lua) != 1) return raise_error(lua, "wrong number of arguments");
  std::size_t size = 0;
  const char* text = lua_tolstring(lua, 1, &size);
  std::array<char, 40> digest;
  if (!hash_into({text == nullptr ? "" : text, size}, digest)) {
    return raise_error(lua, "out of memory");
  }
  lua_pushlstring(lua, digest.data(), digest.size());
  return 1;
}

int redis_setresp(lua_State* lua) {
  Sandbox& sandbox = Sandbox::of(lua);
  if (sandbox.run == nullptr) {
    return raise_error(lua, "redis.setresp can only be called inside a script invocation");
  }
  if (lua_gettop(lua) != 1) return raise_error(lua, "redis.setresp() requires one argument.");
  const auto protocol = lua_tonumber(lua, 1);
  if (!(protocol >= 2 && protocol < 4)) return raise_error(lua, "RESP version must be 2 or 3.");
  sandbox.run->protocol = static_cast<int>(protocol);
  return 0;
}

// REPL_AOF is for Redis's own file, which is not here: whatever a script changes is stored.
int redis_set_repl(lua_State* lua) {
  Run* const run = Sandbox::of(lua).run;
  if (run == nullptr) {
    return raise_error(lua, "redis.set_repl can only be called inside a script invocation");
  }
  if (lua_gettop(lua) != 1) return raise_error(lua, "redis.set_repl() requires one argument.");
  const auto flags = lua_tonumber(lua, 1);
  if (!(flags >= 0 && flags < 4)) {
    return raise_error(lua,
                       "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or "
                       "REPL_NONE.");
  }
  constexpr unsigned kReplicas = 2;
  run->state.replicated = (static_cast<unsigned>(flags) & kReplicas) != 0;
  return 0;
}

void log_script(int level, std::string_view text) noexcept {
  try {
    const std::string line = "redis script: " + std::string(text);
    if (level >= 3) return log::warn(line);
    if (level == 2) return log::info(line);
    log::debug(line);
  } catch (...) {
    // What cannot be written is lost.
  }
}

int redis_log(lua_State* lua) {
  const int count = lua_gettop(lua);
  if (count < 2) return raise_error(lua, "redis.log() requires two arguments or more.");
  if (lua_isnumber(lua, 1) == 0) {
    return raise_error(lua, "First argument must be a number (log level).");
  }
  const lua_Number level = lua_tonumber(lua, 1);
  if (!(level >= 0 && level < 4)) return raise_error(lua, "Invalid debug level.");
  luaL_Buffer buffer;
  luaL_buffinit(lua, &buffer);
  for (int i = 2; i <= count; ++i) {
    if (lua_isstring(lua, i) == 0) continue;
    if (i > 2) luaL_addchar(&buffer, ' ');
    lua_pushvalue(lua, i);
    luaL_addvalue(&buffer);
  }
  luaL_pushresult(&buffer);
  log_script(static_cast<int>(level), lua_tostring(lua, -1));
  return 0;
}

enum class Allowed : std::uint8_t { kYes, kNo, kNoSuchCommand };

Allowed check(Sandbox& sandbox) noexcept {
  try {
    Session& session = sandbox.run->call.session;
    std::string_view refusal;
    const CommandTable::Slot* const slot = find_command(session.instance(), sandbox.args, refusal);
    if (slot == nullptr) return Allowed::kNoSuchCommand;
    return check_access(session, *slot->row, sandbox.args).allowed() ? Allowed::kYes : Allowed::kNo;
  } catch (...) {
    return Allowed::kNo;
  }
}

int redis_acl_check_cmd(lua_State* lua) {
  Sandbox& sandbox = Sandbox::of(lua);
  if (sandbox.run == nullptr) {
    return raise_error(lua, "redis.acl_check_cmd can only be called inside a script invocation");
  }
  const int count = lua_gettop(lua);
  if (count == 0) {
    return fail(lua, "Please specify at least one argument for this redis lib call",
                OnError::kRaise);
  }
  switch (gather(sandbox, lua, count)) {
    case Gathered::kNoMemory: return raise_error(lua, "out of memory");
    case Gathered::kNotText:
      return raise_error(lua, "Lua redis lib command arguments must be strings or integers");
    case Gathered::kYes: break;
  }
  const Allowed allowed = check(sandbox);
  if (allowed == Allowed::kNoSuchCommand) {
    return raise_error(lua, "Invalid command passed to redis.acl_check_cmd()");
  }
  lua_pushboolean(lua, allowed == Allowed::kYes ? 1 : 0);
  return 1;
}

int redis_breakpoint(lua_State* lua) {
  lua_pushboolean(lua, 0);
  return 1;
}
int redis_debug(lua_State*) { return 0; }
int redis_replicate_commands(lua_State* lua) {
  lua_pushboolean(lua, 1);
  return 1;
}

// ---- math.random: drand48 of POSIX ----

constexpr std::uint64_t kRandomMask = (1ull << 48) - 1;

double next_random(Sandbox& sandbox) {
  sandbox.random = (sandbox.random * 0x5DEECE66Dull + 0xB) & kRandomMask;
  constexpr std::uint64_t kMost = (1ull << 31) - 1;
  return static_cast<double>((sandbox.random >> 17) % kMost) / static_cast<double>(kMost);
}

int math_random(lua_State* lua) {
  const double random = next_random(Sandbox::of(lua));
  switch (lua_gettop(lua)) {
    case 0: lua_pushnumber(lua, random); return 1;
    case 1: {
      const int most = luaL_checkint(lua, 1);
      luaL_argcheck(lua, 1 <= most, 1, "interval is empty");
      lua_pushnumber(lua, std::floor(random * most) + 1);
      return 1;
    }
    case 2: {
      const int least = luaL_checkint(lua, 1);
      const int most = luaL_checkint(lua, 2);
      luaL_argcheck(lua, least <= most, 2, "interval is empty");
      const double width = static_cast<double>(most) - least + 1;
      lua_pushnumber(lua, std::floor(random * width) + least);
      return 1;
    }
    default: return luaL_error(lua, "wrong number of arguments");
  }
}

int math_randomseed(lua_State* lua) {
  const auto seed = static_cast<std::uint32_t>(luaL_checkint(lua, 1));
  Sandbox::of(lua).random = (static_cast<std::uint64_t>(seed) << 16) | 0x330E;
  return 0;
}

// ---- The tables ----

constexpr luaL_Reg kFunctions[] = {
    {"call", redis_call},
    {"pcall", redis_pcall},
    {"log", redis_log},
    {"setresp", redis_setresp},
    {"sha1hex", redis_sha1hex},
    {"error_reply", redis_error_reply},
    {"status_reply", redis_status_reply},
    {"set_repl", redis_set_repl},
    {"acl_check_cmd", redis_acl_check_cmd},
};

// Of the debugger, which is not here, and of a choice that Redis no longer gives.
constexpr luaL_Reg kScriptFunctions[] = {
    {"breakpoint", redis_breakpoint},
    {"debug", redis_debug},
    {"replicate_commands", redis_replicate_commands},
};

struct Constant {
  const char* name;
  int value;
};

constexpr Constant kLevels[] = {
    {"LOG_DEBUG", 0}, {"LOG_VERBOSE", 1}, {"LOG_NOTICE", 2}, {"LOG_WARNING", 3}};
constexpr Constant kReplication[] = {
    {"REPL_NONE", 0}, {"REPL_AOF", 1}, {"REPL_SLAVE", 2}, {"REPL_REPLICA", 2}, {"REPL_ALL", 3}};

void add(lua_State* lua, const luaL_Reg& function) {
  lua_pushcfunction(lua, function.func);
  lua_setfield(lua, -2, function.name);
}

void add(lua_State* lua, const Constant& constant) {
  lua_pushinteger(lua, constant.value);
  lua_setfield(lua, -2, constant.name);
}

// 7.2.5 is 0x00070205.
constexpr int version_number() {
  int number = 0;
  int part = 0;
  for (const char c : Instance::kVersion) {
    if (c == '.') {
      number = number * 256 + part;
      part = 0;
    } else {
      part = part * 10 + (c - '0');
    }
  }
  return number * 256 + part;
}

void add_version(lua_State* lua) {
  lua_pushlstring(lua, Instance::kVersion.data(), Instance::kVersion.size());
  lua_setfield(lua, -2, "REDIS_VERSION");
  add(lua, Constant{"REDIS_VERSION_NUM", version_number()});
}

}  // namespace

void push_redis_library(lua_State* lua, Sandbox::Kind kind) {
  lua_newtable(lua);
  for (const luaL_Reg& function : kFunctions) add(lua, function);
  for (const Constant& level : kLevels) add(lua, level);
  for (const Constant& flag : kReplication) add(lua, flag);
  add_version(lua);
  if (kind == Sandbox::Kind::kFunctions) return;
  for (const luaL_Reg& function : kScriptFunctions) add(lua, function);
}

void push_loading_library(lua_State* lua) {
  lua_newtable(lua);
  add(lua, {"log", redis_log});
  for (const Constant& level : kLevels) add(lua, level);
  add_version(lua);
}

void replace_random(lua_State* lua) {
  lua_getglobal(lua, "math");
  add(lua, {"random", math_random});
  add(lua, {"randomseed", math_randomseed});
  lua_pop(lua, 1);
}

}  // namespace bodega::redis
