// The file of --config: a setting a line, "name = value".
#pragma once

#include <filesystem>

#include "server/command/settings.h"

namespace bodega::server {

// TOML or INI without sections, as CLI11 reads it. Each source is "FILE:LINE: name". Throws
// UsageError when the file cannot be read, and for a line that is no setting.
GivenSettings read_config_file(const std::filesystem::path& path);

}  // namespace bodega::server
