// Scripting: there is no Lua yet, so EVAL, SCRIPT and FCALL are unknown commands. Of FUNCTION only
// what is true without it is here: there are no functions, and flushing them is done at once.
#include "protocol/redis/families.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

void function_flush(Call& call) {
  ArgumentCursor args(call.args, 2);
  if (!args.take("SYNC")) args.take("ASYNC");
  if (args.more()) {
    throw Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  }
  call.reply.ok();
}

void function_list(Call& call) { call.reply.array(0); }

void function_help(Call& call) {
  reply_help(call, {"FLUSH [ASYNC|SYNC]", "    Remove all functions.", "LIST",
                    "    The functions; here there are none."});
}

// clang-format off
constexpr Command kFunctionCommands[] = {
    {.name = "function|flush", .arity = -2, .flags = kNoscript | kWrite,
     .group = Group::kScripting, .since = "7.0.0", .summary = "Removes all functions.",
     .run = function_flush},
    {.name = "function|help", .arity = 2, .flags = kLoading | kStale, .group = Group::kScripting,
     .since = "7.0.0", .summary = "Lists the sub-commands.", .run = function_help},
    {.name = "function|list", .arity = -2, .flags = kNoscript, .group = Group::kScripting,
     .since = "7.0.0", .summary = "Lists the functions; here there are none.",
     .run = function_list},
};

constexpr Command kCommands[] = {
    {.name = "function", .arity = -2, .group = Group::kScripting, .since = "7.0.0",
     .summary = "Looks at functions.", .subcommands = kFunctionCommands},
};
// clang-format on

}  // namespace

std::span<const Command> scripting_commands() { return kCommands; }

}  // namespace bodega::redis
