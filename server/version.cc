#include "server/version.h"

namespace bodega::server {

std::string version_text() { return "bodega " BODEGA_VERSION "\n"; }

}  // namespace bodega::server
