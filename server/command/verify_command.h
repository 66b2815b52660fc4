// "bodega verify DIR": reads a data folder that no process has open against its sums and prints
// what is wrong, a line each, and a summary.
#pragma once

#include "server/command/commands.h"

namespace bodega::server {

// Returns the status: 0 all is well, 1 damaged or not to be read.
int verify_command(Arguments arguments);

}  // namespace bodega::server
