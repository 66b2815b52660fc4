// Sandbox: one Lua 5.1 interpreter in which scripts run: its memory, its libraries, and globals
// that no script can change.
//
// Lua is linked as the distribution builds it, as C: an error is a longjmp. Two rules follow, and
// everything in this room keeps them.
//   1. No C++ exception crosses a frame of Lua. What may throw stands in a noexcept function of its
//      own, which says by its result what went wrong.
//   2. No longjmp skips a destructor. A function that Lua calls, and whatever it calls that may
//   raise
//      a Lua error, has no object with a destructor on its stack: texts and buffers belong to the
//      Sandbox or to the Run, and what is raised is raised last.
// Interpreters are entered through protected calls only.
//
// Plain Lua has no read-only tables, so what scripts must not change they never hold: a protected
// table is an empty one whose metatable leads reads to the real table and refuses writes, and the
// functions of the base library that would go around metatables know it (guards.cc).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct lua_Debug;
struct lua_State;

namespace bodega::base {
class Clock;
}

namespace bodega::redis {

struct Run;
struct Library;

class Sandbox {
 public:
  // For scripts (EVAL), or for the functions of libraries (FCALL).
  enum class Kind : std::uint8_t { kScripts, kFunctions };

  // Throws std::bad_alloc. `clock` outlives the sandbox.
  Sandbox(Kind kind, const base::Clock& clock, std::size_t limit_bytes);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // The sandbox of an interpreter or of one of its coroutines.
  static Sandbox& of(lua_State* lua);

  lua_State* state() const { return lua_; }
  Kind kind() const { return kind_; }
  std::size_t used_bytes() const { return used_bytes_; }
  std::size_t limit_bytes() const { return limit_bytes_; }
  const base::Clock& clock() const { return clock_; }

  // Compiles `code` and keeps the function; returns its number for run_function() and release().
  // 0: it does not compile, and error() says why.
  int compile(std::string_view code, const char* chunk_name);
  void release(int function);
  const std::string& error() const { return error_; }

  // Runs a compiled function with `run` as what its calls of redis.* refer to. The result is in the
  // run: its reply, or its failure.
  void run_function(Run& run, int function);
  // Runs the code of a library, which registers its functions in `library`. False: error() says
  // why.
  bool load_library(Library& library, int function);

  // ---- For the functions that scripts call ----

  Run* run = nullptr;          // what is running; null while a library is being loaded
  Library* loading = nullptr;  // the library that is being loaded …
  std::int64_t loading_since_us = 0;
  std::uint64_t random =
      0x1234ABCD330E;  // the state of math.random: 48 bits, as drand48() has them

  std::string packed;  // what cmsgpack and struct put together

  // Buffers of redis.call, kept from call to call.
  std::string reply;
  std::vector<std::string_view> args;
  std::vector<std::array<char, 40>> numbers;

 private:
  static void* allocate(void* self, void* block, std::size_t before, std::size_t wanted);
  // Lua collects when its memory has doubled, which may be beyond the limit.
  void collect_if_full();
  void keep_error(lua_State* lua) noexcept;
  bool protected_call(int entry, void* argument);

  const Kind kind_;
  const base::Clock& clock_;
  const std::size_t limit_bytes_;
  std::size_t used_bytes_ = 0;
  lua_State* lua_ = nullptr;
  // In the registry, so that entering the interpreter allocates nothing.
  struct Entries {
    int compile = 0;
    int run = 0;
    int load = 0;
    int collect = 0;
    int error_handler = 0;
    int globals = 0;          // the real table of globals
    int loading_globals = 0;  // the one that is seen while a library is being loaded
  } entries_;
  std::string error_;

  static void on_count(lua_State* lua, lua_Debug* where);
  bool goes_on() noexcept;

  friend struct SandboxEntries;
};

}  // namespace bodega::redis
