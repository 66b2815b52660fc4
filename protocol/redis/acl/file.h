// The ACL file on the disk: read at the start and by ACL LOAD, written by ACL SAVE.
#pragma once

#include <string>
#include <string_view>

namespace bodega::redis {

// Throws Error when it cannot be read.
std::string read_acl_file(const std::string& path);

// The file has the old lines or the new ones, whatever happens meanwhile. Throws Error.
void write_acl_file(const std::string& path, std::string_view lines);

// What is wrong with lines that a server is to start with; empty: nothing.
std::string acl_faults(std::string_view lines, std::string_view path);

}  // namespace bodega::redis
