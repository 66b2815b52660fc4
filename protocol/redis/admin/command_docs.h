// COMMAND DOCS: what a person reads of a command, and what redis-cli hints at while one is typed.
#pragma once

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// A map.
void reply_docs(Call& call, const Command& row);

}  // namespace bodega::redis
