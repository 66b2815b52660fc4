// The HELP sub-command of a container: its lines, framed as Redis frames them.
#pragma once

#include <initializer_list>
#include <string_view>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// `lines`: what each sub-command is called with, and indented, what it does.
void reply_help(Call& call, std::initializer_list<std::string_view> lines);

}  // namespace bodega::redis
