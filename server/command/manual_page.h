// The manual page bodega(1), made from the tables of settings and subcommands.
#pragma once

#include <string>

namespace bodega::server {

// In the language of man(7).
std::string manual_page();

}  // namespace bodega::server
