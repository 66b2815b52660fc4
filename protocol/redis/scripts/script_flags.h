// Script flags: what a script says of itself in its first line ("#!lua flags=no-writes,allow-oom"),
// or a function when it is registered.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engines/base/flags.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// In the order in which FUNCTION LIST names them.
enum class ScriptFlag : std::uint32_t {
  kNoWrites = 1u << 0,
  kAllowOom = 1u << 1,
  kAllowStale = 1u << 2,
  kNoCluster = 1u << 3,
  kAllowCrossSlotKeys = 1u << 4,
  kUndeclared = 1u << 5,  // there is no such line: the rules of Redis before 7 hold
};
using enum ScriptFlag;
using ScriptFlags = base::Flags<ScriptFlag>;
constexpr ScriptFlags operator|(ScriptFlag one, ScriptFlag other) {
  return ScriptFlags(one) | other;
}

struct ScriptFlagName {
  ScriptFlag flag;
  std::string_view name;
};

std::span<const ScriptFlagName> script_flag_names();
// In lower case.
std::optional<ScriptFlag> find_script_flag(std::string_view name);

// The first line of a script.
struct Shebang {
  ScriptFlags flags;
  std::size_t bytes;  // its length without the line end; 0: there is none
};

// Throws Error with Redis's texts.
Shebang parse_shebang(std::string_view script);

// The flags of the command that runs it: what the script declares takes the place of the worst.
CommandFlags flags_with(CommandFlags command, ScriptFlags script);

}  // namespace bodega::redis
