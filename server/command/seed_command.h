// "bodega seed DIR FILE": carries out a seed file in a data folder that no server has open.
#pragma once

#include "server/command/commands.h"

namespace bodega::server {

int seed_command(Arguments arguments);

}  // namespace bodega::server
