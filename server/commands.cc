#include "server/commands.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <variant>

#include "server/config.h"
#include "server/verify_command.h"
#include "server/version.h"

namespace bodega::server {
namespace {

int help_command(Arguments) {
  constexpr const char* kHelp[] = {"--help"};
  const auto shown = read_config(kHelp, [](const char* name) { return std::getenv(name); });
  std::fputs(std::get<Farewell>(shown).text.c_str(), stdout);
  return 0;
}

int version_command(Arguments) {
  std::fputs(version_text().c_str(), stdout);
  return 0;
}

constexpr Command kCommands[] = {
    {"verify", "DIR",
     "Reads a data folder that is not in use against its checksums; status 1 when it is damaged.",
     verify_command},
    {"help", "", "Shows this text.", help_command},
    {"version", "", "Shows the version.", version_command},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const auto* found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                   [name](const Command& one) { return one.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

std::string commands_help() {
  std::string text;
  for (const Command& command : commands()) {
    text.append("  bodega ").append(command.name);
    if (!command.arguments.empty()) text.append(" ").append(command.arguments);
    text.append("\n      ").append(command.help).append("\n");
  }
  return text;
}

}  // namespace bodega::server
