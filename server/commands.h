// The subcommands of the program, "bodega verify DIR" and its like: one table. A new one is a
// function and a row in commands.cc. Without a subcommand the program serves.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bodega::server {

// What follows the word of the subcommand.
using Arguments = std::span<const char* const>;

struct Command {
  std::string_view name;
  std::string_view arguments;  // as the help shows them, e.g. "DIR"
  std::string_view help;       // one line
  // Returns the status of the process: 0, 1 for what went wrong, 2 for a mistake in the usage. What
  // it throws is printed in one line, and the status is 1.
  int (*run)(Arguments arguments);
};

std::span<const Command> commands();

// Returns nullptr when there is none of that name.
const Command* find_command(std::string_view name);

// The list of subcommands for --help, a line each.
std::string commands_help();

}  // namespace bodega::server
