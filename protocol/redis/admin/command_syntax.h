// The arguments of commands, as COMMAND DOCS tells them and redis-cli hints at them while a person
// types. The table (command_syntax_table.cc) has them in a short notation:
//
//   key value [NX|XX] [EX=seconds:i|KEEPTTL] {field value}* (LEFT|RIGHT)
//
// A name is a value that the client gives; its type follows a colon: i integer, d double, p
// pattern, u Unix time, k key; else it is a string, and "key" itself a key. Capitals, and what
// stands between apostrophes, are words of the command. WORD=name is a word with its value behind
// it. [] may be left out, {} belong together, of what | separates there is one. Behind it, * is
// once or more often, + the same with the word each time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::redis {

struct CommandArgument {
  enum class Type : std::uint8_t {
    kString,
    kInteger,
    kDouble,
    kKey,
    kPattern,
    kUnixTime,
    kPureToken,
    kOneOf,
    kBlock,
  };

  std::string name;
  Type type = Type::kString;
  std::string_view token = {};
  bool optional = false;
  bool multiple = false;
  bool multiple_token = false;
  std::vector<CommandArgument> parts = {};  // of a block or a choice
};

// What the notation says. REQUIRES: it is well-formed; a malformed one is a bug and aborts.
std::vector<CommandArgument> parse_syntax(std::string_view notation);

// The notation of a command; empty when it takes nothing.
std::string_view syntax_of(std::string_view command);

}  // namespace bodega::redis
