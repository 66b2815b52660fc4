// What --help prints: commands and settings in groups, wrapped for a terminal.
#pragma once

#include <string>

#include "server/command/commands.h"

namespace bodega::server {

// Lines, each with its end.
std::string help_text();

// How one command is used.
std::string help_text(const Command& command);

}  // namespace bodega::server
