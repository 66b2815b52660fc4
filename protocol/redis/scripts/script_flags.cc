#include "protocol/redis/scripts/script_flags.h"

#include <string>
#include <vector>

#include "protocol/redis/wire/errors.h"
#include "protocol/redis/wire/resp_parser.h"

namespace bodega::redis {
namespace {

constexpr ScriptFlagName kNames[] = {
    {kNoWrites, "no-writes"},
    {kAllowOom, "allow-oom"},
    {kAllowStale, "allow-stale"},
    {kNoCluster, "no-cluster"},
    {kAllowCrossSlotKeys, "allow-cross-slot-keys"},
};

ScriptFlags parse_flags(std::string_view list) {
  ScriptFlags flags;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view name = list.substr(0, comma);
    const auto flag = find_script_flag(name);
    if (!flag) throw Error("ERR Unexpected flag in script shebang: " + std::string(name));
    flags |= *flag;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return flags;
}

}  // namespace

std::span<const ScriptFlagName> script_flag_names() { return kNames; }

std::optional<ScriptFlag> find_script_flag(std::string_view name) {
  for (const ScriptFlagName& known : kNames) {
    if (known.name == name) return known.flag;
  }
  return std::nullopt;
}

Shebang parse_shebang(std::string_view script) {
  if (!script.starts_with("#!")) return {kUndeclared, 0};
  const std::size_t end = script.find('\n');
  if (end == std::string_view::npos) throw Error("ERR Invalid script shebang");
  std::vector<std::string> words;
  if (!split_arguments(script.substr(0, end), words) || words.empty()) {
    throw Error("ERR Invalid engine in script shebang");
  }
  if (words[0] != "#!lua") throw Error("ERR Unexpected engine in script shebang: " + words[0]);
  Shebang out{{}, end};
  for (std::size_t i = 1; i < words.size(); ++i) {
    constexpr std::string_view kFlags = "flags=";
    if (!words[i].starts_with(kFlags)) {
      throw Error("ERR Unknown lua shebang option: " + words[i]);
    }
    out.flags |= parse_flags(std::string_view(words[i]).substr(kFlags.size()));
  }
  return out;
}

CommandFlags flags_with(CommandFlags command, ScriptFlags script) {
  if (script.has(kUndeclared)) return command;
  CommandFlags out = command.without(kStale | kDenyOom | kWrite | kMayReplicate);
  if (!script.has_any(kAllowOom | kNoWrites)) out |= kDenyOom;
  if (!script.has(kNoWrites)) out |= kWrite;
  if (script.has(kAllowStale)) out |= kStale;
  return out;
}

}  // namespace bodega::redis
