// quoted: a string as redis-cli, MONITOR and COMMAND show it: "a\n\x01".
#pragma once

#include <string>
#include <string_view>

namespace bodega::redis {

std::string quoted(std::string_view text);

}  // namespace bodega::redis
