// The libraries that Redis adds to Lua: cjson and bit, which the distribution packages, and
// cmsgpack and struct, which are ours.
#pragma once

#include <cstddef>
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

// What cmsgpack.pack and struct.pack put together, in a buffer that belongs to the sandbox: an
// error of Lua may pass over it (rule 2 of sandbox.h).
class PackedText {
 public:
  explicit PackedText(lua_State* lua);

  std::size_t size() const { return bytes_.size(); }
  void append(const char* bytes, std::size_t count) noexcept;
  // Pushes it; raises an error when there was no memory for it.
  void finish(lua_State* lua);

 private:
  std::string& bytes_;
  bool failed_ = false;
};

}  // namespace bodega::redis
