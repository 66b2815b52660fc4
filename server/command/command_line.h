// The command line, taken apart: flags and their values, as text.
#pragma once

#include <string>
#include <vector>

#include "server/command/settings.h"

namespace bodega::server {

struct CommandLine {
  GivenSettings given;
  bool repair = false;
};

// --name value, --name=value, and --name alone for a switch; of a repeated one the last counts.
// Throws UsageError.
CommandLine parse_command_line(const std::vector<std::string>& words);

}  // namespace bodega::server
