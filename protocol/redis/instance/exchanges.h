// What gates and observers are told of a command.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/observe/exchange.h"
#include "protocol/redis/instance/session.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// Before it runs. Its resource is the first key that its row points at.
observe::Exchange exchange_of(const Session& session, const Command& command, Args args,
                              std::int64_t now_us);

// Adds the answer. `failure`: the error text; empty: it succeeded.
void add_answer(observe::Exchange& exchange, std::string_view failure, std::int64_t elapsed_us);

// The command with its arguments as the log may show them, of a bounded length: without secrets
// (redaction.h), long values cut.
std::string loggable_command(const Command& command, Args args);

// A command or subcommand that is not there, by as many of its words as name it. What else was sent
// with it may be a secret and is left out.
observe::Exchange exchange_of_unknown(const Session& session, Args words, std::int64_t now_us);

}  // namespace bodega::redis
