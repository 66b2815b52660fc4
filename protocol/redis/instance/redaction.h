// Secrets stay out of MONITOR and SLOWLOG: the command's row says which arguments carry them.
#pragma once

#include <string_view>
#include <vector>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// The arguments as they may be shown. Views point into `args` or to static text.
std::vector<std::string_view> redacted(const Command& command, Args args);

}  // namespace bodega::redis
