#include "protocol/redis/scripts/conversion.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <lua.hpp>

#include "protocol/redis/instance/instance.h"
#include "protocol/redis/scripts/script_errors.h"

namespace bodega::redis {
namespace {

// ---- Replies into values ----

// The replies are our own, so that they are well formed.
class ReplyReader {
 public:
  ReplyReader(lua_State* lua, std::string_view reply) : lua_(lua), at_(reply.data()) {
    end_ = at_ + reply.size();
  }

  void push() {
    luaL_checkstack(lua_, 6, "reply is nested too deeply");
    const char type = *at_++;
    switch (type) {
      case ':': return lua_pushnumber(lua_, static_cast<lua_Number>(integer()));
      case '$': return push_bulk();
      case '+': return push_field("ok", line());
      case '-': return push_coded_error(lua_, line(), Counted::kYes);
      case '*': return push_array();
      case '%': return push_map();
      case '~': return push_set();
      case '_': line(); return lua_pushnil(lua_);
      case '#': return lua_pushboolean(lua_, line() == "t" ? 1 : 0);
      case ',': return push_double();
      case '(': return push_field("big_number", line());
      case '=': return push_verbatim();
      case '|': return skip_attribute();
      default: lua_pushnil(lua_);
    }
  }

 private:
  std::string_view line() {
    const char* const begin = at_;
    while (*at_ != '\r') ++at_;
    const std::string_view text(begin, static_cast<std::size_t>(at_ - begin));
    at_ += 2;
    return text;
  }

  std::int64_t integer() {
    std::int64_t value = 0;
    at_ = std::from_chars(at_, end_, value).ptr + 2;
    return value;
  }

  std::string_view bytes(std::int64_t length) {
    const std::string_view text(at_, static_cast<std::size_t>(length));
    at_ += length + 2;
    return text;
  }

  void push_text(std::string_view text) { lua_pushlstring(lua_, text.data(), text.size()); }

  void push_field(const char* name, std::string_view text) {
    lua_createtable(lua_, 0, 1);
    push_text(text);
    lua_setfield(lua_, -2, name);
  }

  void push_bulk() {
    const std::int64_t length = integer();
    if (length < 0) return lua_pushboolean(lua_, 0);
    push_text(bytes(length));
  }

  void push_array() {
    const std::int64_t count = integer();
    if (count < 0) return lua_pushboolean(lua_, 0);
    lua_createtable(lua_, static_cast<int>(count), 0);
    for (int i = 1; i <= count; ++i) {
      push();
      lua_rawseti(lua_, -2, i);
    }
  }

  void push_map() {
    const std::int64_t count = integer();
    lua_createtable(lua_, 0, 1);
    lua_createtable(lua_, 0, static_cast<int>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      push();
      push();
      store();
    }
    lua_setfield(lua_, -2, "map");
  }

  void push_set() {
    const std::int64_t count = integer();
    lua_createtable(lua_, 0, 1);
    lua_createtable(lua_, 0, static_cast<int>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      push();
      lua_pushboolean(lua_, 1);
      store();
    }
    lua_setfield(lua_, -2, "set");
  }

  // Sets what is on top of the stack under the key below it, unless that cannot be one.
  void store() {
    if (lua_isnil(lua_, -2)) return lua_pop(lua_, 2);
    lua_rawset(lua_, -3);
  }

  void push_double() {
    const std::string_view text = line();
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    lua_createtable(lua_, 0, 1);
    lua_pushnumber(lua_, value);
    lua_setfield(lua_, -2, "double");
  }

  void push_verbatim() {
    const std::string_view text = bytes(integer());
    lua_createtable(lua_, 0, 1);
    lua_createtable(lua_, 0, 2);
    push_text(text.substr(0, 3));
    lua_setfield(lua_, -2, "format");
    push_text(text.substr(4));
    lua_setfield(lua_, -2, "string");
    lua_setfield(lua_, -2, "verbatim_string");
  }

  // Scripts are not shown attributes.
  void skip_attribute() {
    for (std::int64_t left = integer() * 2; left > 0; --left) {
      push();
      lua_pop(lua_, 1);
    }
    push();
  }

  lua_State* lua_;
  const char* at_;
  const char* end_;
};

// ---- Values into replies ----

// Tables may contain themselves. (Redis goes on to the end of Lua's stack, some 8,000 deep.)
constexpr int kMaxDepth = 2000;

// A text as C would print it: to the first zero byte.
std::string_view printed(lua_State* lua, int index) { return lua_tostring(lua, index); }

std::string_view whole(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* text = lua_tolstring(lua, index, &size);
  return {text, size};
}

// Redis converts by a C cast: what does not fit becomes the least integer.
std::int64_t to_integer(double value) {
  constexpr double kBeyond = 9223372036854775808.0;
  if (!(value >= -kBeyond && value < kBeyond)) return INT64_MIN;
  return static_cast<std::int64_t>(value);
}

class ValueWriter {
 public:
  ValueWriter(lua_State* lua, Reply& reply, int script_protocol, Instance& instance)
      : lua_(lua), reply_(reply), script_protocol_(script_protocol), instance_(instance) {}

  void append() {
    if (depth_ >= kMaxDepth || lua_checkstack(lua_, 5) == 0) {
      reply_.error("ERR reached lua stack limit");
      instance_.count_error("ERR reached lua stack limit");
      return lua_pop(lua_, 1);
    }
    ++depth_;
    switch (lua_type(lua_, -1)) {
      case LUA_TSTRING: reply_.bulk(whole(lua_, -1)); break;
      case LUA_TNUMBER: reply_.integer(to_integer(lua_tonumber(lua_, -1))); break;
      case LUA_TBOOLEAN: append_boolean(); break;
      case LUA_TTABLE: append_table(); break;
      default: reply_.null();
    }
    --depth_;
    lua_pop(lua_, 1);
  }

 private:
  void append_boolean() {
    const bool value = lua_toboolean(lua_, -1) != 0;
    if (script_protocol_ == 3) return reply_.boolean(value);
    if (value) return reply_.integer(1);
    reply_.null();
  }

  // Pushes the field when it has this type.
  bool push_field(const char* name, int type) {
    lua_pushstring(lua_, name);
    lua_rawget(lua_, -2);
    if (lua_type(lua_, -1) == type) return true;
    lua_pop(lua_, 1);
    return false;
  }

  // Leaves the stack as it was.
  void append_table() {
    if (push_field("err", LUA_TSTRING)) {
      lua_pop(lua_, 1);
      const std::string_view text = error_text(lua_, -1);
      if (!error_is_counted(lua_, -1)) instance_.count_error(text);
      return reply_.error(text);
    }
    if (push_field("ok", LUA_TSTRING)) {
      push_line();
      reply_.simple(printed(lua_, -1));
      lua_pop(lua_, 1);
    } else if (push_field("double", LUA_TNUMBER)) {
      reply_.number(lua_tonumber(lua_, -1));
    } else if (push_field("big_number", LUA_TSTRING)) {
      push_line();
      reply_.big_number(printed(lua_, -1));
      lua_pop(lua_, 1);
    } else if (push_field("verbatim_string", LUA_TTABLE)) {
      if (!append_verbatim()) {
        lua_pop(lua_, 1);
        return append_containers();
      }
    } else {
      return append_containers();
    }
    lua_pop(lua_, 1);
  }

  void append_containers() {
    if (push_field("map", LUA_TTABLE)) {
      append_pairs(Reply::Shape::kMap);
    } else if (push_field("set", LUA_TTABLE)) {
      append_pairs(Reply::Shape::kSet);
    } else {
      return append_array();
    }
    lua_pop(lua_, 1);
  }

  // Pushes the text on top with spaces for line ends.
  void push_line() {
    luaL_gsub(lua_, lua_tostring(lua_, -1), "\r", " ");
    luaL_gsub(lua_, lua_tostring(lua_, -1), "\n", " ");
    lua_remove(lua_, -2);
  }

  // The table on top; false, and nothing is written: it lacks something.
  bool append_verbatim() {
    if (!push_field("format", LUA_TSTRING)) return false;
    lua_insert(lua_, -2);
    const bool complete = push_field("string", LUA_TSTRING);
    if (complete) {
      const std::string_view format = whole(lua_, -3);
      reply_.verbatim(whole(lua_, -1), format.size() < 3 ? "txt" : format);
      lua_pop(lua_, 1);
    }
    lua_remove(lua_, -2);
    return complete;
  }

  // The table on top, whose keys are the members of a set.
  void append_pairs(Reply::Shape shape) {
    const Reply::Deferred header = reply_.defer(shape);
    std::size_t count = 0;
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      lua_pushvalue(lua_, -2);
      append();
      if (shape == Reply::Shape::kMap) {
        append();
      } else {
        lua_pop(lua_, 1);
      }
      ++count;
    }
    reply_.close(header, count);
  }

  void append_array() {
    const Reply::Deferred header = reply_.defer();
    int count = 0;
    while (true) {
      lua_rawgeti(lua_, -1, count + 1);
      if (lua_isnil(lua_, -1)) break;
      append();
      ++count;
    }
    lua_pop(lua_, 1);
    reply_.close(header, static_cast<std::size_t>(count));
  }

  lua_State* lua_;
  Reply& reply_;
  int depth_ = 0;
  const int script_protocol_;
  Instance& instance_;
};

}  // namespace

void push_reply(lua_State* lua, std::string_view reply) { ReplyReader(lua, reply).push(); }

void append_value(lua_State* lua, Reply& reply, int script_protocol, Instance& instance) {
  ValueWriter(lua, reply, script_protocol, instance).append();
}

std::string_view error_text(lua_State* lua, int index) {
  lua_pushvalue(lua, index);
  lua_pushliteral(lua, "err");
  lua_rawget(lua, -2);
  // The table holds on to the text.
  std::string_view text = lua_type(lua, -1) == LUA_TSTRING ? printed(lua, -1) : "ERR unknown error";
  lua_pop(lua, 2);
  while (text.ends_with('\r') || text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

bool error_is_counted(lua_State* lua, int index) {
  lua_pushvalue(lua, index);
  lua_pushliteral(lua, "ignore_error_stats_update");
  lua_rawget(lua, -2);
  const bool counted = lua_toboolean(lua, -1) != 0;
  lua_pop(lua, 2);
  return counted;
}

}  // namespace bodega::redis
