// SLOWLOG.
#include <algorithm>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

void slowlog_get(Call& call) {
  const auto& records = call.instance.slow_commands().records();
  std::int64_t wanted = 10;
  if (call.size() == 3) {
    wanted = to_integer(call.arg(2), "ERR count should be greater than or equal to -1");
    if (wanted < -1) throw Error("ERR count should be greater than or equal to -1");
  } else if (call.size() > 3) {
    throw errors::wrong_subcommand("SLOWLOG", call.arg(1));
  }
  const std::size_t count =
      wanted < 0 ? records.size() : std::min(records.size(), static_cast<std::size_t>(wanted));
  call.reply.array(count);
  for (std::size_t i = 0; i < count; ++i) {
    const SlowCommand& record = records[i];
    call.reply.array(6);
    call.reply.integer(record.id);
    call.reply.integer(record.time_s);
    call.reply.integer(record.duration_us);
    call.reply.array(record.args.size());
    for (const auto& arg : record.args) call.reply.bulk(arg);
    call.reply.bulk(record.address);
    call.reply.bulk(record.client_name);
  }
}

void slowlog_len(Call& call) {
  call.reply.integer(static_cast<std::int64_t>(call.instance.slow_commands().records().size()));
}

void slowlog_reset(Call& call) {
  call.instance.slow_commands().reset();
  call.reply.ok();
}

void slowlog_help(Call& call) {
  reply_help(call, {"GET [<count>]", "    The newest slow commands: id, time, microseconds,",
                    "    arguments, client. The default count is 10, -1 means all.", "LEN",
                    "    How many are kept.", "RESET", "    Forget them."});
}

constexpr CommandFlags kLook = kAdmin | kLoading | kStale;

// clang-format off
constexpr Command kSlowlogCommands[] = {
    {.name = "slowlog|get", .arity = -2, .flags = kLook, .since = "2.2.12",
     .summary = "Returns slow commands.", .run = slowlog_get},
    {.name = "slowlog|help", .arity = 2, .flags = kLoading | kStale, .since = "6.2.0",
     .summary = "Lists the sub-commands.", .run = slowlog_help},
    {.name = "slowlog|len", .arity = 2, .flags = kLook, .since = "2.2.12",
     .summary = "Counts slow commands.", .run = slowlog_len},
    {.name = "slowlog|reset", .arity = 2, .flags = kLook, .since = "2.2.12",
     .summary = "Forgets slow commands.", .run = slowlog_reset},
};

constexpr Command kCommands[] = {
    {.name = "slowlog", .arity = -2, .since = "2.2.12", .summary = "What took long.",
     .subcommands = kSlowlogCommands},
};
// clang-format on

}  // namespace

std::span<const Command> slowlog_commands() { return kCommands; }

}  // namespace bodega::redis
