// "bodega health": asks the server of these settings whether it is well. Needs no shell and no
// other program, so it is the health check of containers.
#pragma once

#include "server/command/commands.h"

namespace bodega::server {

// The settings are read as the server reads them; without arguments those of the first process
// count, when that is this program: a container's server may have its settings from there. Where
// HTTP is off, Redis is asked. Returns the status: 0 well, 1 not well or not to be reached.
int health_command(Arguments arguments);

}  // namespace bodega::server
