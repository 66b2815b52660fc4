// The ACL file of a Redis server, as it is read at the start.
#pragma once

#include <filesystem>
#include <string>

namespace bodega::server {

// Its lines. Throws StartError when it cannot be read or would not make users.
std::string acl_lines_of(const std::filesystem::path& file);

}  // namespace bodega::server
