// cmsgpack: MessagePack in scripts. pack() gives the shortest form of every value; a table whose
// keys are 1 to its length is an array, any other a map.
//
// Texts are put together in a buffer of the sandbox; see sandbox.h for why.
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <lua.hpp>

#include "protocol/redis/scripts/lua_libraries.h"
#include "protocol/redis/scripts/sandbox.h"

namespace bodega::redis {
namespace {

// Deeper tables are packed as nil, as in Redis.
constexpr int kMaxPackedDepth = 16;
// Unpacking ends where Lua's stack does; the bound here is for ours.
constexpr int kMaxUnpackedDepth = 2000;
constexpr double kIntegers = 9223372036854775808.0;  // 2^63

// ---- Packing ----

class Packer {
 public:
  explicit Packer(lua_State* lua) : lua_(lua), out_(lua) {}

  // The value on top, which is taken off.
  void pack(int depth) {
    switch (lua_type(lua_, -1)) {
      case LUA_TSTRING: pack_string(); break;
      case LUA_TBOOLEAN: byte(lua_toboolean(lua_, -1) != 0 ? 0xC3 : 0xC2); break;
      case LUA_TNUMBER: pack_number(lua_tonumber(lua_, -1)); break;
      case LUA_TTABLE: pack_table(depth); break;
      default: byte(0xC0);
    }
    lua_pop(lua_, 1);
  }

  // Pushes what was packed; raises an error when there was no memory for it.
  void finish() { out_.finish(lua_); }

 private:
  void byte(unsigned value) {
    const auto one = static_cast<char>(value);
    out_.append(&one, 1);
  }

  void big_endian(std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) byte(static_cast<unsigned>(value >> (8 * i)) & 0xFF);
  }

  void tagged(unsigned tag, std::uint64_t value, int bytes) {
    byte(tag);
    big_endian(value, bytes);
  }

  void pack_string() {
    std::size_t size = 0;
    const char* text = lua_tolstring(lua_, -1, &size);
    if (size < 32) {
      byte(0xA0 | static_cast<unsigned>(size));
    } else if (size <= 0xFF) {
      tagged(0xD9, size, 1);
    } else if (size <= 0xFFFF) {
      tagged(0xDA, size, 2);
    } else {
      tagged(0xDB, size, 4);
    }
    out_.append(text, size);
  }

  void pack_number(double value) {
    const bool whole = value >= -kIntegers && value < kIntegers && std::trunc(value) == value;
    if (whole) return pack_integer(static_cast<std::int64_t>(value));
    const auto narrow = static_cast<float>(value);
    if (static_cast<double>(narrow) == value) {
      return tagged(0xCA, std::bit_cast<std::uint32_t>(narrow), 4);
    }
    tagged(0xCB, std::bit_cast<std::uint64_t>(value), 8);
  }

  void pack_integer(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    if (value >= 0) {
      if (value <= 0x7F) return byte(static_cast<unsigned>(value));
      if (value <= 0xFF) return tagged(0xCC, bits, 1);
      if (value <= 0xFFFF) return tagged(0xCD, bits, 2);
      if (value <= 0xFFFFFFFFll) return tagged(0xCE, bits, 4);
      return tagged(0xCF, bits, 8);
    }
    if (value >= -32) return byte(static_cast<unsigned>(bits & 0xFF));
    if (value >= -0x80) return tagged(0xD0, bits, 1);
    if (value >= -0x8000) return tagged(0xD1, bits, 2);
    if (value >= -0x80000000ll) return tagged(0xD2, bits, 4);
    tagged(0xD3, bits, 8);
  }

  void pack_count(unsigned small, unsigned tag, std::size_t count) {
    if (count < 16) return byte(small | static_cast<unsigned>(count));
    if (count <= 0xFFFF) return tagged(tag, count, 2);
    tagged(tag + 1, count, 4);
  }

  void pack_table(int depth) {
    if (depth == kMaxPackedDepth) return byte(0xC0);
    luaL_checkstack(lua_, 4, "table is nested too deeply");
    std::size_t count = 0;
    if (is_array(count)) {
      pack_count(0x90, 0xDC, count);
      for (std::size_t i = 1; i <= count; ++i) {
        lua_rawgeti(lua_, -1, static_cast<int>(i));
        pack(depth + 1);
      }
      return;
    }
    pack_count(0x80, 0xDE, count);
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      lua_pushvalue(lua_, -2);
      pack(depth + 1);
      pack(depth + 1);
    }
  }

  // Counts the entries of the table on top; whether their keys are 1 to this number.
  bool is_array(std::size_t& count) {
    lua_Number most = 0;
    bool array = true;
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      lua_pop(lua_, 1);
      ++count;
      if (lua_type(lua_, -1) != LUA_TNUMBER) {
        array = false;
        continue;
      }
      const lua_Number key = lua_tonumber(lua_, -1);
      if (!(key > 0 && key <= std::numeric_limits<int>::max()) || std::trunc(key) != key) {
        array = false;
      }
      if (key > most) most = key;
    }
    return array && most == static_cast<lua_Number>(count);
  }

  lua_State* lua_;
  PackedText out_;
};

// ---- Unpacking ----

class Unpacker {
 public:
  Unpacker(lua_State* lua, std::string_view input) : lua_(lua), rest_(input) {}

  std::size_t left() const { return rest_.size(); }

  void push(int depth) {
    luaL_checkstack(lua_, 4, "data is nested too deeply");
    if (depth == kMaxUnpackedDepth) luaL_error(lua_, "data is nested too deeply");
    const unsigned tag = static_cast<unsigned>(unsigned_of(1));
    if (tag <= 0x7F) return lua_pushnumber(lua_, tag);
    if (tag <= 0x8F) return push_map(tag & 0x0F, depth);
    if (tag <= 0x9F) return push_array(tag & 0x0F, depth);
    if (tag <= 0xBF) return push_string(tag & 0x1F);
    if (tag >= 0xE0) return lua_pushnumber(lua_, static_cast<std::int8_t>(tag));
    switch (tag) {
      case 0xC0: return lua_pushnil(lua_);
      case 0xC2: return lua_pushboolean(lua_, 0);
      case 0xC3: return lua_pushboolean(lua_, 1);
      case 0xCA:
        return lua_pushnumber(lua_,
                              std::bit_cast<float>(static_cast<std::uint32_t>(unsigned_of(4))));
      case 0xCB: return lua_pushnumber(lua_, std::bit_cast<double>(unsigned_of(8)));
      case 0xCC:
      case 0xCD:
      case 0xCE:
      case 0xCF:
        return lua_pushnumber(lua_, static_cast<lua_Number>(unsigned_of(1u << (tag - 0xCC))));
      case 0xD0: return push_signed(static_cast<std::int8_t>(unsigned_of(1)));
      case 0xD1: return push_signed(static_cast<std::int16_t>(unsigned_of(2)));
      case 0xD2: return push_signed(static_cast<std::int32_t>(unsigned_of(4)));
      case 0xD3: return push_signed(static_cast<std::int64_t>(unsigned_of(8)));
      case 0xD9: return push_string(unsigned_of(1));
      case 0xDA: return push_string(unsigned_of(2));
      case 0xDB: return push_string(unsigned_of(4));
      case 0xDC: return push_array(unsigned_of(2), depth);
      case 0xDD: return push_array(unsigned_of(4), depth);
      case 0xDE: return push_map(unsigned_of(2), depth);
      case 0xDF: return push_map(unsigned_of(4), depth);
      default: luaL_error(lua_, "Bad data format in input.");
    }
  }

 private:
  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) luaL_error(lua_, "Missing bytes in input.");
    const std::string_view out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }

  std::uint64_t unsigned_of(std::size_t count) {
    std::uint64_t value = 0;
    for (const char c : bytes(count)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  void push_signed(std::int64_t value) { lua_pushnumber(lua_, static_cast<lua_Number>(value)); }

  void push_string(std::size_t size) {
    const std::string_view text = bytes(size);
    lua_pushlstring(lua_, text.data(), text.size());
  }

  // The count is not believed: the table grows with what is there.
  void push_array(std::size_t count, int depth) {
    lua_newtable(lua_);
    for (std::size_t i = 1; i <= count; ++i) {
      push(depth + 1);
      lua_rawseti(lua_, -2, static_cast<int>(i));
    }
  }

  void push_map(std::size_t count, int depth) {
    lua_newtable(lua_);
    for (std::size_t i = 0; i < count; ++i) {
      push(depth + 1);
      push(depth + 1);
      if (lua_isnil(lua_, -2)) luaL_error(lua_, "table index is nil");
      if (lua_type(lua_, -2) == LUA_TNUMBER && std::isnan(lua_tonumber(lua_, -2))) {
        luaL_error(lua_, "table index is NaN");
      }
      lua_rawset(lua_, -3);
    }
  }

  lua_State* lua_;
  std::string_view rest_;
};

// ---- The functions ----

int msgpack_pack(lua_State* lua) {
  const int count = lua_gettop(lua);
  if (count == 0) return luaL_argerror(lua, 0, "MessagePack pack needs input.");
  luaL_checkstack(lua, 4, "too many values");
  Packer packer(lua);
  for (int i = 1; i <= count; ++i) {
    lua_pushvalue(lua, i);
    packer.pack(0);
  }
  packer.finish();
  return 1;
}

// Up to `limit` values from `offset`; unless all are meant, in front of them the offset behind
// them, -1 at the end.
int unpack(lua_State* lua, int limit, int offset) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(lua, 1, &size);
  const bool all = limit == 0 && offset == 0;
  if (offset < 0 || limit < 0) {
    return luaL_error(lua, "Invalid request to unpack with offset of %d and limit of %d.", offset,
                      static_cast<int>(size));
  }
  const auto from = static_cast<std::size_t>(offset);
  if (from > size) {
    return luaL_error(lua, "Start offset %d greater than input length %d.", offset,
                      static_cast<int>(size));
  }
  lua_settop(lua, 1);
  Unpacker unpacker(lua, {text + from, size - from});
  int count = 0;
  while (unpacker.left() > 0 && (all || count < limit)) {
    unpacker.push(0);
    ++count;
  }
  if (all) return count;
  luaL_checkstack(lua, 1, "too many values");
  lua_pushinteger(lua, unpacker.left() == 0 ? -1 : static_cast<int>(size - unpacker.left()));
  lua_insert(lua, 2);
  return count + 1;
}

int msgpack_unpack(lua_State* lua) { return unpack(lua, 0, 0); }

int msgpack_unpack_one(lua_State* lua) {
  return unpack(lua, 1, static_cast<int>(luaL_optinteger(lua, 2, 0)));
}

int msgpack_unpack_limit(lua_State* lua) {
  const auto limit = static_cast<int>(luaL_checkinteger(lua, 2));
  return unpack(lua, limit, static_cast<int>(luaL_optinteger(lua, 3, 0)));
}

constexpr luaL_Reg kFunctions[] = {
    {"pack", msgpack_pack},
    {"unpack", msgpack_unpack},
    {"unpack_one", msgpack_unpack_one},
    {"unpack_limit", msgpack_unpack_limit},
};

}  // namespace

void push_msgpack(lua_State* lua) {
  lua_newtable(lua);
  for (const luaL_Reg& function : kFunctions) {
    lua_pushcfunction(lua, function.func);
    lua_setfield(lua, -2, function.name);
  }
  lua_pushliteral(lua, "cmsgpack");
  lua_setfield(lua, -2, "_NAME");
  lua_pushliteral(lua, "lua-cmsgpack 0.4.0");
  lua_setfield(lua, -2, "_VERSION");
}

}  // namespace bodega::redis
