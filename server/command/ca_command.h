// "bodega ca": prints the certificate of the authority whose certificates the server shows to TLS
// clients, for them to trust. It is made when the data folder has none yet.
#pragma once

#include "server/command/commands.h"

namespace bodega::server {

// `arguments`: the settings that the server is started with; --data is what counts. Returns the
// status: 0, or 1 when there is no authority. Throws UsageError, or StorageFault when the authority
// cannot be had.
int ca_command(Arguments arguments);

}  // namespace bodega::server
