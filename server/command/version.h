// What --version and "bodega version" print.
#pragma once

#include <string>

namespace bodega::server {

// Lines, each with its end.
std::string version_text();

}  // namespace bodega::server
