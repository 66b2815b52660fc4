#include "protocol/redis/scripts/sandbox.h"

#include <cstdlib>
#include <lua.hpp>
#include <new>

#include "engines/base/clock.h"
#include "protocol/redis/scripts/conversion.h"
#include "protocol/redis/scripts/guards.h"
#include "protocol/redis/scripts/library.h"
#include "protocol/redis/scripts/redis_library.h"
#include "protocol/redis/scripts/run.h"
#include "protocol/redis/scripts/script_errors.h"

namespace bodega::redis {
namespace {

// Instructions between two looks at the time, as in Redis.
constexpr int kCountedInstructions = 100'000;
// What the code of a library may take to register its functions.
constexpr std::int64_t kLoadLimitUs = 500'000;

constexpr const char* kLibraries[] = {"string", "table",    "math",   "coroutine", "cjson",
                                      "bit",    "cmsgpack", "struct", "os",        "redis"};

struct Source {
  std::string_view code;
  const char* chunk_name;
  int function;  // its number in the registry, 0: it does not compile
};

struct Start {
  Run& run;
  int function;
};

void push_texts(lua_State* lua, Args texts) {
  lua_createtable(lua, static_cast<int>(texts.size()), 0);
  int index = 0;
  for (const std::string_view text : texts) {
    lua_pushlstring(lua, text.data(), text.size());
    lua_rawseti(lua, -2, ++index);
  }
}

// The error on top, as the client is told it. A table, unless there was no memory for one.
void note_failure(lua_State* lua, Run& run) noexcept {
  try {
    if (!lua_istable(lua, -1)) {
      const char* text = lua_isstring(lua, -1) != 0 ? lua_tostring(lua, -1) : "execution failure";
      run.failure = "ERR Error running script " + std::string(run.name) + ", " +
                    std::string(text).substr(0, 100);
      return;
    }
    run.failure = error_text(lua, -1);
    run.failure_counted = error_is_counted(lua, -1);
    lua_pushliteral(lua, "source");
    lua_rawget(lua, -2);
    lua_pushliteral(lua, "line");
    lua_rawget(lua, -3);
    if (lua_type(lua, -2) == LUA_TSTRING && lua_isnumber(lua, -1) != 0) {
      run.failure += " script: " + std::string(run.name) + ", on " + lua_tostring(lua, -2) + ":" +
                     std::to_string(lua_tointeger(lua, -1)) + ".";
    }
    lua_pop(lua, 2);
  } catch (const std::bad_alloc&) {
    run.failure.assign(errors::kOutOfMemory);  // shorter than what failed
  }
}

bool note_result(lua_State* lua, Run& run) {
  try {
    append_value(lua, run.call.reply, run.protocol, run.call.instance);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

// What is called in protected mode, with a pointer to what it works on.
struct SandboxEntries {
  static int initialize(lua_State* lua) {
    auto& sandbox = *static_cast<Sandbox*>(lua_touserdata(lua, 1));
    lua_settop(lua, 0);
    open_libraries(lua);
    replace_random(lua);
    push_redis_library(lua, sandbox.kind());
    lua_setglobal(lua, "redis");
    for (const char* name : kLibraries) {
      lua_getglobal(lua, name);
      protect_table(lua);
      lua_setglobal(lua, name);
    }
    lua_pushvalue(lua, LUA_GLOBALSINDEX);
    sandbox.entries_.globals = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_pushvalue(lua, LUA_GLOBALSINDEX);
    refuse_missing(lua);
    protect_table(lua);
    lua_pushvalue(lua, -1);
    lua_setglobal(lua, "_G");
    lua_replace(lua, LUA_GLOBALSINDEX);
    sandbox.entries_.compile = keep(lua, compile);
    sandbox.entries_.run = keep(lua, run);
    sandbox.entries_.collect = keep(lua, collect);
    if (sandbox.kind() == Sandbox::Kind::kFunctions) {
      sandbox.entries_.load = keep(lua, load);
      push_loading_globals(lua);
      sandbox.entries_.loading_globals = luaL_ref(lua, LUA_REGISTRYINDEX);
    }
    sandbox.entries_.error_handler = keep(lua, error_handler);
    return 0;
  }

  // What the code of a library sees, as in Redis: nothing but the table `redis` with what it needs.
  static void push_loading_globals(lua_State* lua) {
    lua_newtable(lua);
    push_loading_library(lua);
    lua_pushcfunction(lua, register_function);
    lua_setfield(lua, -2, "register_function");
    refuse_missing(lua);
    protect_table(lua);
    lua_setfield(lua, -2, "redis");
    refuse_missing(lua);
  }

  static void see(lua_State* lua, int globals) {
    lua_pushvalue(lua, LUA_GLOBALSINDEX);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, globals);
    redirect_protected(lua, -2);
    lua_pop(lua, 1);
  }

  static int load(lua_State* lua) {
    const int function = *static_cast<const int*>(lua_touserdata(lua, 1));
    const Sandbox& sandbox = Sandbox::of(lua);
    see(lua, sandbox.entries_.loading_globals);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, function);
    const int status = lua_pcall(lua, 0, 0, 0);
    see(lua, sandbox.entries_.globals);
    return status == 0 ? 0 : lua_error(lua);
  }

  static int keep(lua_State* lua, lua_CFunction function) {
    lua_pushcfunction(lua, function);
    return luaL_ref(lua, LUA_REGISTRYINDEX);
  }

  static int collect(lua_State* lua) {
    lua_gc(lua, LUA_GCCOLLECT, 0);
    return 0;
  }

  static int compile(lua_State* lua) {
    auto& source = *static_cast<Source*>(lua_touserdata(lua, 1));
    if (load_text(lua, source.code, source.chunk_name) != 0) return lua_error(lua);
    source.function = luaL_ref(lua, LUA_REGISTRYINDEX);
    return 0;
  }

  static int run(lua_State* lua) {
    const auto& start = *static_cast<Start*>(lua_touserdata(lua, 1));
    Sandbox& sandbox = Sandbox::of(lua);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, sandbox.entries_.error_handler);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, start.function);
    push_texts(lua, start.run.keys);
    push_texts(lua, start.run.args);
    int arguments = 2;
    if (sandbox.kind() == Sandbox::Kind::kScripts) {
      lua_rawgeti(lua, LUA_REGISTRYINDEX, sandbox.entries_.globals);
      lua_insert(lua, -3);
      lua_setfield(lua, -3, "ARGV");
      lua_setfield(lua, -2, "KEYS");
      lua_pop(lua, 1);
      arguments = 0;
    }
    if (lua_pcall(lua, arguments, 1, 2) != 0) {
      note_failure(lua, start.run);
    } else if (!note_result(lua, start.run)) {
      lua_pushliteral(lua, "not enough memory");
      return lua_error(lua);
    }
    return 0;
  }
};

Sandbox::Sandbox(Kind kind, const base::Clock& clock, std::size_t limit_bytes)
    : kind_(kind), clock_(clock), limit_bytes_(limit_bytes) {
  lua_ = lua_newstate(allocate, this);
  if (lua_ == nullptr) throw std::bad_alloc();
  // Coroutines inherit it.
  lua_sethook(lua_, on_count, LUA_MASKCOUNT, kCountedInstructions);
  if (lua_cpcall(lua_, SandboxEntries::initialize, this) == 0) return;
  lua_close(lua_);
  throw std::bad_alloc();
}

Sandbox::~Sandbox() { lua_close(lua_); }

Sandbox& Sandbox::of(lua_State* lua) {
  void* self = nullptr;
  lua_getallocf(lua, &self);
  return *static_cast<Sandbox*>(self);
}

void* Sandbox::allocate(void* self, void* block, std::size_t before, std::size_t wanted) {
  auto& sandbox = *static_cast<Sandbox*>(self);
  if (wanted == 0) {
    std::free(block);
    sandbox.used_bytes_ -= before;
    return nullptr;
  }
  if (wanted > before && sandbox.used_bytes_ - before + wanted > sandbox.limit_bytes_) {
    return nullptr;
  }
  void* const made = std::realloc(block, wanted);
  if (made != nullptr) sandbox.used_bytes_ += wanted - before;
  return made;
}

// The message of what was raised last is on top.
void Sandbox::keep_error(lua_State* lua) noexcept {
  try {
    if (lua_istable(lua, -1)) {
      error_ = error_text(lua, -1);
    } else {
      error_ = lua_isstring(lua, -1) != 0 ? lua_tostring(lua, -1) : "unknown error";
      if (loading != nullptr) error_.insert(0, "ERR ");
    }
  } catch (const std::bad_alloc&) {
    error_.clear();
  }
}

bool Sandbox::protected_call(int entry, void* argument) {
  lua_rawgeti(lua_, LUA_REGISTRYINDEX, entry);
  lua_pushlightuserdata(lua_, argument);
  const int status = lua_pcall(lua_, 1, 0, 0);
  if (status == 0) return true;
  keep_error(lua_);
  lua_settop(lua_, 0);
  return false;
}

int Sandbox::compile(std::string_view code, const char* chunk_name) {
  Source source{code, chunk_name, 0};
  return protected_call(entries_.compile, &source) ? source.function : 0;
}

bool Sandbox::load_library(Library& library, int function) {
  loading = &library;
  loading_since_us = clock_.now_us();
  const bool loaded = protected_call(entries_.load, &function);
  loading = nullptr;
  lua_sethook(lua_, on_count, LUA_MASKCOUNT, kCountedInstructions);  // it may have taken too long
  collect_if_full();
  return loaded;
}

void Sandbox::collect_if_full() {
  if (used_bytes_ > limit_bytes_ / 2) protected_call(entries_.collect, nullptr);
}

void Sandbox::release(int function) { luaL_unref(lua_, LUA_REGISTRYINDEX, function); }

// Called between instructions of whatever runs. What has been ended raises its error at every line
// from then on, so that it cannot be caught for long.
void Sandbox::on_count(lua_State* lua, lua_Debug*) {
  Sandbox& sandbox = Sandbox::of(lua);
  if (sandbox.goes_on()) return;
  lua_sethook(lua, on_count, LUA_MASKLINE, 0);
  raise_error(lua, sandbox.run == nullptr ? "FUNCTION LOAD timeout"
                                          : "Script killed by user with SCRIPT KILL...");
}

bool Sandbox::goes_on() noexcept {
  if (run == nullptr) {
    return loading == nullptr || clock_.now_us() - loading_since_us < kLoadLimitUs;
  }
  try {
    return attend_to_others(*run);
  } catch (const std::bad_alloc&) {
    return true;  // it is asked again soon
  }
}

void Sandbox::run_function(Run& started, int function) {
  Start start{started, function};
  run = &started;
  const bool whole = protected_call(entries_.run, &start);
  run = nullptr;
  if (started.killed) lua_sethook(lua_, on_count, LUA_MASKCOUNT, kCountedInstructions);
  if (!whole) {
    started.failure = "ERR Error running script " + std::string(started.name) + ", " + error_;
  }
  collect_if_full();
}

}  // namespace bodega::redis
