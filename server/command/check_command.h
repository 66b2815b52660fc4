// "bodega check": says what would be served with these settings, and whether it can be.
#pragma once

#include "server/command/commands.h"

namespace bodega::server {

// Looks and changes nothing: the ports are bound for a moment, the data folder is neither made nor
// opened. Returns the status: 0 it could start, 1 something is in the way.
int check_command(Arguments arguments);

}  // namespace bodega::server
