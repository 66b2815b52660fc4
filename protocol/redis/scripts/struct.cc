// struct: C structures in scripts, by a format of one letter for each field.
//   b h l T iN   signed integers of 1, 2, 8, 8, N bytes (T is unsigned); capitals: unsigned
//   f d          floating point numbers of 4 and 8 bytes
//   cN s         a text of N bytes (c0: all of it, or as many as the number before it says), and
//   one
//                that ends with a zero byte
//   x > < !N     a zero byte; big endian, little endian, alignment
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <lua.hpp>
#include <string_view>

#include "protocol/redis/scripts/lua_libraries.h"
#include "protocol/redis/scripts/sandbox.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kMostIntegerBytes = 32;
constexpr std::size_t kIntegerBytes = sizeof(std::uint64_t);

// One letter of a format and what belongs to it.
struct Field {
  char letter;
  std::size_t size;     // in bytes; 0 for what only sets something, and for s and c0
  std::size_t padding;  // bytes in front of it
};

// Walks a format. Errors are Lua's.
class Format {
 public:
  Format(lua_State* lua, const char* text) : lua_(lua), at_(text) {}

  bool more() const { return *at_ != '\0'; }
  bool big_endian() const { return big_endian_; }

  // The next field, when so many bytes stand before it.
  Field next(std::size_t position) {
    const char letter = *at_++;
    const std::size_t size = size_of(letter);
    return {letter, size, padding(position, letter, size)};
  }

  // A letter that is no field: it sets something, or is an error.
  void control(char letter) {
    switch (letter) {
      case ' ': return;
      case '>': big_endian_ = true; return;
      case '<': big_endian_ = false; return;
      case '!': {
        alignment_ = number(8);
        if (alignment_ == 0 || (alignment_ & (alignment_ - 1)) != 0) {
          luaL_error(lua_, "alignment %d is not a power of 2", static_cast<int>(alignment_));
        }
        return;
      }
      default: luaL_argerror(lua_, 1, lua_pushfstring(lua_, "invalid format option '%c'", letter));
    }
  }

 private:
  std::size_t number(std::size_t otherwise) {
    const auto is_digit = [this] { return *at_ >= '0' && *at_ <= '9'; };
    if (!is_digit()) return otherwise;
    std::size_t value = 0;
    while (is_digit()) {
      value = value * 10 + static_cast<std::size_t>(*at_++ - '0');
      if (value > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        luaL_error(lua_, "integral size overflow");
      }
    }
    return value;
  }

  std::size_t size_of(char letter) {
    switch (letter) {
      case 'b':
      case 'B':
      case 'x': return 1;
      case 'h':
      case 'H': return sizeof(short);
      case 'l':
      case 'L': return sizeof(long);
      case 'T': return sizeof(std::size_t);
      case 'f': return sizeof(float);
      case 'd': return sizeof(double);
      case 'c': return number(1);
      case 'i':
      case 'I': {
        const std::size_t size = number(sizeof(int));
        if (size > kMostIntegerBytes) {
          luaL_error(lua_, "integral size %d is larger than limit of %d", static_cast<int>(size),
                     static_cast<int>(kMostIntegerBytes));
        }
        return size;
      }
      default: return 0;
    }
  }

  std::size_t padding(std::size_t position, char letter, std::size_t size) const {
    if (size == 0 || letter == 'c') return 0;
    const std::size_t unit = std::min(size, alignment_);
    return (unit - (position & (unit - 1))) & (unit - 1);
  }

  lua_State* lua_;
  const char* at_;
  bool big_endian_ = false;
  std::size_t alignment_ = 1;
};

bool is_integer(char letter) {
  return letter != '\0' && std::strchr("bBhHlLTiI", letter) != nullptr;
}

// ---- Packing ----

class Packer {
 public:
  explicit Packer(lua_State* lua) : lua_(lua), format_(lua, luaL_checkstring(lua, 1)), out_(lua) {
    lua_pushnil(lua);  // what is missing is nil
  }

  void run() {
    while (format_.more()) pack(format_.next(out_.size()));
    out_.finish(lua_);
  }

 private:
  void zeros(std::size_t count) noexcept {
    for (; count > 0; --count) out_.append("", 1);
  }

  void pack(const Field& field) {
    zeros(field.padding);
    if (is_integer(field.letter)) return pack_integer(field.size);
    switch (field.letter) {
      case 'x': return zeros(1);
      case 'f': return pack_real(static_cast<float>(luaL_checknumber(lua_, argument_++)));
      case 'd': return pack_real(luaL_checknumber(lua_, argument_++));
      case 'c':
      case 's': return pack_text(field);
      default: format_.control(field.letter);
    }
  }

  void pack_integer(std::size_t size) {
    const lua_Number number = luaL_checknumber(lua_, argument_++);
    std::uint64_t value =
        number < 0 ? static_cast<std::uint64_t>(clamped(number)) : unsigned_of(number);
    char bytes[kMostIntegerBytes];
    for (std::size_t i = 0; i < size; ++i) {
      bytes[format_.big_endian() ? size - 1 - i : i] = static_cast<char>(value & 0xFF);
      value >>= 8;
    }
    out_.append(bytes, size);
  }

  static std::int64_t clamped(lua_Number number) {
    return number < -9223372036854775808.0 ? INT64_MIN : static_cast<std::int64_t>(number);
  }

  static std::uint64_t unsigned_of(lua_Number number) {
    return number < 18446744073709551616.0 ? static_cast<std::uint64_t>(number) : 0;
  }

  template <class Real>
  void pack_real(Real value) {
    char bytes[sizeof(Real)];
    std::memcpy(bytes, &value, sizeof(Real));
    if (format_.big_endian()) std::reverse(bytes, bytes + sizeof(Real));
    out_.append(bytes, sizeof(Real));
  }

  void pack_text(const Field& field) {
    std::size_t length = 0;
    const char* text = luaL_checklstring(lua_, argument_++, &length);
    const std::size_t size = field.size == 0 ? length : field.size;
    luaL_argcheck(lua_, length >= size, argument_, "string too short");
    out_.append(text, size);
    if (field.letter == 's') zeros(1);
  }

  lua_State* lua_;
  Format format_;
  PackedText out_;
  int argument_ = 2;
};

int struct_pack(lua_State* lua) {
  Packer(lua).run();
  return 1;
}

// ---- Unpacking ----

class Unpacker {
 public:
  explicit Unpacker(lua_State* lua) : lua_(lua), format_(lua, luaL_checkstring(lua, 1)) {
    std::size_t size = 0;
    const char* text = luaL_checklstring(lua, 2, &size);
    data_ = {text, size};
    const lua_Integer position = luaL_optinteger(lua, 3, 1);
    luaL_argcheck(lua, position > 0, 3, "offset must be 1 or greater");
    position_ = static_cast<std::size_t>(position) - 1;
  }

  int run() {
    while (format_.more()) {
      const Field field = format_.next(position_);
      position_ += field.padding;
      check_there(field.size);
      luaL_checkstack(lua_, 2, "too many results");
      position_ += unpack(field);
    }
    lua_pushnumber(lua_, static_cast<lua_Number>(position_ + 1));
    return count_ + 1;
  }

 private:
  void check_there(std::size_t size) {
    luaL_argcheck(lua_, size <= data_.size() && position_ <= data_.size() - size, 2,
                  "data string too short");
  }

  // Returns how many bytes it took.
  std::size_t unpack(const Field& field) {
    if (is_integer(field.letter)) {
      push_integer(field);
    } else if (field.letter == 'f') {
      push_real<float>();
    } else if (field.letter == 'd') {
      push_real<double>();
    } else if (field.letter == 'c') {
      return push_text(field.size == 0 ? size_before() : field.size);
    } else if (field.letter == 's') {
      const std::size_t end = data_.find('\0', position_);
      if (end == std::string_view::npos) luaL_error(lua_, "unfinished string in data");
      return push_text(end - position_) + 1;
    } else if (field.letter != 'x') {
      format_.control(field.letter);
    }
    return field.size;
  }

  void push_integer(const Field& field) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < field.size; ++i) {
      const std::size_t from = format_.big_endian() ? i : field.size - 1 - i;
      value = value << 8 | static_cast<unsigned char>(data_[position_ + from]);
    }
    const bool is_signed = field.letter >= 'a' && field.letter <= 'z';
    if (is_signed && field.size > 0 && field.size < kIntegerBytes) {
      const std::uint64_t sign = std::uint64_t{1} << (field.size * 8 - 1);
      value = (value ^ sign) - sign;
    }
    push(is_signed ? static_cast<lua_Number>(static_cast<std::int64_t>(value))
                   : static_cast<lua_Number>(value));
  }

  template <class Real>
  void push_real() {
    char bytes[sizeof(Real)];
    data_.copy(bytes, sizeof(Real), position_);
    if (format_.big_endian()) std::reverse(bytes, bytes + sizeof(Real));
    Real value;
    std::memcpy(&value, bytes, sizeof(Real));
    push(value);
  }

  void push(lua_Number value) {
    lua_pushnumber(lua_, value);
    ++count_;
  }

  std::size_t push_text(std::size_t size) {
    lua_pushlstring(lua_, data_.data() + position_, size);
    ++count_;
    return size;
  }

  // The size of a c0 is the number that was unpacked before it, which is used up.
  std::size_t size_before() {
    if (count_ == 0 || lua_isnumber(lua_, -1) == 0) {
      luaL_error(lua_, "format 'c0' needs a previous size");
    }
    const lua_Number given = lua_tonumber(lua_, -1);
    lua_pop(lua_, 1);
    --count_;
    luaL_argcheck(lua_, given >= 0 && given <= static_cast<lua_Number>(data_.size()), 2,
                  "data string too short");
    const auto size = static_cast<std::size_t>(given);
    check_there(size);
    return size;
  }

  lua_State* lua_;
  Format format_;
  std::string_view data_;
  std::size_t position_ = 0;
  int count_ = 0;
};

int struct_unpack(lua_State* lua) { return Unpacker(lua).run(); }

int struct_size(lua_State* lua) {
  Format format(lua, luaL_checkstring(lua, 1));
  std::size_t position = 0;
  while (format.more()) {
    const Field field = format.next(position);
    position += field.padding + field.size;
    if (field.letter == 's') luaL_argerror(lua, 1, "option 's' has no fixed size");
    if (field.letter == 'c' && field.size == 0) {
      luaL_argerror(lua, 1, "option 'c0' has no fixed size");
    }
    if (!is_integer(field.letter) && std::strchr("xfdc", field.letter) == nullptr) {
      format.control(field.letter);
    }
  }
  lua_pushnumber(lua, static_cast<lua_Number>(position));
  return 1;
}

constexpr luaL_Reg kFunctions[] = {
    {"pack", struct_pack}, {"unpack", struct_unpack}, {"size", struct_size}};

}  // namespace

void push_struct(lua_State* lua) {
  lua_newtable(lua);
  for (const luaL_Reg& function : kFunctions) {
    lua_pushcfunction(lua, function.func);
    lua_setfield(lua, -2, function.name);
  }
}

}  // namespace bodega::redis
