// What a browser is told a file is, by its name.
#pragma once

#include <string>
#include <string_view>

namespace bodega::server {

// Empty when the name says nothing.
std::string media_type_of(std::string_view name);

}  // namespace bodega::server
