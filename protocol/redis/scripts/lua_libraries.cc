#include "protocol/redis/scripts/lua_libraries.h"

#include <lua.hpp>

#include "protocol/redis/scripts/sandbox.h"

extern "C" {
#include <lua-bitop.h>
#include <lua-cjson.h>
}

namespace bodega::redis {
namespace {

constexpr std::size_t kKeptBufferBytes = 1024 * 1024;

// cjson puts texts together in memory of its own, and ends the process when that does not suffice.
// So what it would write is measured before: a table that is small may stand in another many times.
constexpr std::size_t kMostJsonBytes = 512 * 1024 * 1024;
constexpr std::size_t kEscapedBytes = 6;  // of one byte, at most
constexpr std::size_t kScalarBytes = 32;  // of a number, at most

class JsonMeasure {
 public:
  explicit JsonMeasure(lua_State* lua) : lua_(lua) {}

  bool fits() const { return bytes_ <= kMostJsonBytes; }

  // The value on top, which is taken off.
  void add() {
    switch (lua_type(lua_, -1)) {
      case LUA_TSTRING: bytes_ += lua_objlen(lua_, -1) * kEscapedBytes + kScalarBytes; break;
      case LUA_TTABLE: add_table(); break;
      default: bytes_ += kScalarBytes;
    }
    lua_pop(lua_, 1);
  }

 private:
  // Where this ends for want of depth cjson ends as well, with its own error.
  void add_table() {
    if (too_deep_ || lua_checkstack(lua_, 3) == 0) {
      too_deep_ = true;
      return;
    }
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      if (lua_type(lua_, -2) == LUA_TSTRING) bytes_ += lua_objlen(lua_, -2) * kEscapedBytes;
      bytes_ += kScalarBytes;
      add();
      if (!too_deep_ && fits()) continue;
      lua_pop(lua_, 1);
      return;
    }
  }

  lua_State* lua_;
  std::size_t bytes_ = 0;
  bool too_deep_ = false;
};

int json_encode(lua_State* lua) {
  if (lua_gettop(lua) == 1) {
    JsonMeasure measure(lua);
    lua_pushvalue(lua, 1);
    measure.add();
    if (!measure.fits()) return luaL_error(lua, "Cannot serialise: the text would be too large");
  }
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, 1);
  return 1;
}

void push_json(lua_State* lua) {
  lua_pushcfunction(lua, luaopen_cjson);
  lua_call(lua, 0, 1);
  lua_getfield(lua, -1, "encode");
  lua_pushcclosure(lua, json_encode, 1);
  lua_setfield(lua, -2, "encode");
  lua_pushnil(lua);  // it would make more of them
  lua_setfield(lua, -2, "new");
}

}  // namespace

void give_back(std::string& buffer) noexcept {
  buffer.clear();
  if (buffer.capacity() > kKeptBufferBytes) std::string().swap(buffer);
}

PackedText::PackedText(lua_State* lua) : bytes_(Sandbox::of(lua).packed) { bytes_.clear(); }

void PackedText::append(const char* bytes, std::size_t count) noexcept {
  try {
    bytes_.append(bytes, count);
  } catch (...) {
    failed_ = true;
  }
}

void PackedText::finish(lua_State* lua) {
  if (failed_) luaL_error(lua, "not enough memory");
  lua_pushlstring(lua, bytes_.data(), bytes_.size());
  give_back(bytes_);
}

void open_lua_libraries(lua_State* lua) {
  push_json(lua);
  lua_setglobal(lua, "cjson");
  lua_pushcfunction(lua, luaopen_bit);
  lua_call(lua, 0, 0);
  push_msgpack(lua);
  lua_setglobal(lua, "cmsgpack");
  push_struct(lua);
  lua_setglobal(lua, "struct");
}

}  // namespace bodega::redis
