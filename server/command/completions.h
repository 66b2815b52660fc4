// What the shells complete after "bodega", made from the tables of settings and subcommands.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bodega::server {

// The script for "bash", "zsh" or "fish"; nullopt for another shell.
std::optional<std::string> completion_script(std::string_view shell);

}  // namespace bodega::server
