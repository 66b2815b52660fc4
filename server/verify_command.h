// "bodega verify DIR": reads a data folder that no process has open against its sums and prints
// what is wrong, a line each, and a summary.
#pragma once

#include <span>
#include <string_view>

namespace bodega::server {

// The first word of the command line, and what --help says of it.
inline constexpr std::string_view kVerifyCommand = "verify";
inline constexpr std::string_view kVerifyHelp =
    "bodega verify DIR reads a data folder that is not in use against its checksums: status 0 when "
    "all is well, 1 when not.";

// `arguments`: what follows the word. Returns the status: 0 all is well, 1 damaged or not to be
// read, 2 a mistake in the usage.
int verify_command(std::span<const char* const> arguments);

}  // namespace bodega::server
