// The subcommands of the program, "bodega verify DIR" and its like: one table. A new one is a
// function and a row in commands.cc. Without a subcommand the program serves.
#pragma once

#include <span>
#include <string_view>

#include "server/command/config.h"

namespace bodega::server {

struct Command {
  std::string_view name;
  std::string_view arguments;  // as the help shows them, e.g. "DIR"
  std::string_view help;       // a sentence or two; none: the help does not show it
  // What follows the command's name is its argument. Returns the status of the process: 0, 1 for
  // what went wrong, 2 for a mistake in the usage. What it throws is printed in one line, and the
  // status is 2 for a UsageError and else 1.
  int (*run)(Arguments arguments);
};

std::span<const Command> commands();

// Returns nullptr when there is none of that name.
const Command* find_command(std::string_view name);

// The command that a line asks for, with what follows its name. Null: to serve.
struct ChosenCommand {
  const Command* command = nullptr;
  Arguments arguments;
};
ChosenCommand choose_command(Arguments arguments);

}  // namespace bodega::server
