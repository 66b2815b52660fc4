// EVAL, EVALSHA and their read-only forms; SCRIPT.
#include <string>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/scripts/scripts.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

constexpr std::string_view kNoSuchScript = "NOSCRIPT No matching script. Please use EVAL.";

void run_text(Call& call, Scripts::Access access) {
  show_to_monitors(call);
  const std::size_t keys = to_key_count(call, errors::kNotAnInteger);
  Scripts& scripts = Scripts::of(call.instance);
  scripts.run(call, scripts.load(call.arg(1), Scripts::Keep::kForNow), keys, access);
}

void run_sha(Call& call, Scripts::Access access) {
  show_to_monitors(call);
  Scripts& scripts = Scripts::of(call.instance);
  Scripts::Script* const script = scripts.find(call.arg(1));
  constexpr std::size_t kShaDigits = 40;
  if (call.arg(1).size() != kShaDigits) throw Error(kNoSuchScript);
  const std::size_t keys = to_key_count(call, errors::kNotAnInteger);
  if (script == nullptr) throw Error(kNoSuchScript);
  scripts.keep(*script);
  scripts.run(call, *script, keys, access);
}

void eval(Call& call) { run_text(call, Scripts::Access::kWrite); }
void eval_ro(Call& call) { run_text(call, Scripts::Access::kReadOnly); }
void evalsha(Call& call) { run_sha(call, Scripts::Access::kWrite); }
void evalsha_ro(Call& call) { run_sha(call, Scripts::Access::kReadOnly); }

CommandFlags flags_of_text(Instance&, const Command& command, Args args) {
  try {
    return flags_with(command.flags, parse_shebang(args[1]).flags);
  } catch (const Error&) {
    return command.flags;
  }
}

CommandFlags flags_of_sha(Instance& instance, const Command& command, Args args) {
  const Scripts::Script* const script = Scripts::of(instance).find(args[1]);
  return script == nullptr ? command.flags : flags_with(command.flags, script->flags);
}

// ---- SCRIPT ----

void script_load(Call& call) {
  call.reply.bulk(Scripts::of(call.instance).load(call.arg(2), Scripts::Keep::kForGood).sha);
}

void script_exists(Call& call) {
  Scripts& scripts = Scripts::of(call.instance);
  call.reply.array(call.size() - 2);
  for (const auto sha : call.args.subspan(2)) {
    call.reply.integer(scripts.find(sha) == nullptr ? 0 : 1);
  }
}

void script_flush(Call& call) {
  ArgumentCursor args(call.args, 2);
  if (!args.take("SYNC")) args.take("ASYNC");
  if (args.more()) throw Error("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
  Scripts::of(call.instance).flush();
  call.reply.ok();
}

void script_kill(Call& call) {
  Scripts::of(call.instance).kill(Run::Kind::kScript);
  call.reply.ok();
}

// There is no debugger, so that it can only be off.
void script_debug(Call& call) {
  if (is_word(call.arg(2), "no")) return call.reply.ok();
  if (is_word(call.arg(2), "yes") || is_word(call.arg(2), "sync")) {
    throw Error("ERR SCRIPT DEBUG is not supported");
  }
  throw Error("ERR Use SCRIPT DEBUG YES/SYNC/NO");
}

void script_help(Call& call) {
  reply_help(call, {"DEBUG (YES|SYNC|NO)", "    The debugger of scripts; here it is off.",
                    "EXISTS <sha1> [<sha1> ...]", "    Whether the scripts are known.",
                    "FLUSH [ASYNC|SYNC]", "    Forget all scripts.", "KILL",
                    "    End the script that is running.", "LOAD <script>",
                    "    Make a script known without running it."});
}

constexpr CommandFlags kRunning =
    kNoscript | kStale | kSkipMonitor | kNoMandatoryKeys | kMovableKeys;
constexpr CommandFlags kRunningWrites = kRunning | kMayReplicate;
constexpr CommandFlags kRunningReads = kRunning | kReadonly;
constexpr CommandTraits kTraits = kRunsScript | kFindsKeys;
constexpr KeySpec kKeys{3, -1, 1, kKeyRW | kKeyAccess | kKeyUpdate, 2};
constexpr KeySpec kReadKeys{3, -1, 1, kKeyRO | kKeyAccess, 2};

// clang-format off
constexpr Command kScriptCommands[] = {
    {.name = "script|debug", .arity = 3, .flags = kNoscript, .group = Group::kScripting,
     .since = "3.2.0", .summary = "Sets the debug mode of scripts.", .run = script_debug},
    {.name = "script|exists", .arity = -3, .flags = kNoscript, .group = Group::kScripting,
     .since = "2.6.0", .summary = "Tells which scripts are known.", .run = script_exists},
    {.name = "script|flush", .arity = -2, .flags = kNoscript, .group = Group::kScripting,
     .since = "2.6.0", .summary = "Forgets all scripts.", .run = script_flush},
    {.name = "script|help", .arity = 2, .flags = kLoading | kStale, .group = Group::kScripting,
     .since = "5.0.0", .summary = "Lists the sub-commands.", .run = script_help},
    {.name = "script|kill", .arity = 2, .flags = kNoscript | kAllowBusy,
     .group = Group::kScripting, .since = "2.6.0", .summary = "Ends the script that is running.",
     .run = script_kill},
    {.name = "script|load", .arity = 3, .flags = kNoscript | kStale, .group = Group::kScripting,
     .since = "2.6.0", .summary = "Makes a script known.", .run = script_load},
};

constexpr Command kCommands[] = {
    {.name = "eval", .arity = -3, .flags = kRunningWrites, .group = Group::kScripting,
     .keys = kKeys, .since = "2.6.0", .summary = "Runs a script.", .run = eval, .traits = kTraits,
     .find_flags = flags_of_text},
    {.name = "evalsha", .arity = -3, .flags = kRunningWrites, .group = Group::kScripting,
     .keys = kKeys, .since = "2.6.0", .summary = "Runs a script by its SHA-1.", .run = evalsha,
     .traits = kTraits, .find_flags = flags_of_sha},
    {.name = "eval_ro", .arity = -3, .flags = kRunningReads, .group = Group::kScripting,
     .keys = kReadKeys, .since = "7.0.0", .summary = "Runs a script that only reads.",
     .run = eval_ro, .traits = kTraits, .find_flags = flags_of_text},
    {.name = "evalsha_ro", .arity = -3, .flags = kRunningReads, .group = Group::kScripting,
     .keys = kReadKeys, .since = "7.0.0", .summary = "Runs a script that only reads by its SHA-1.",
     .run = evalsha_ro, .traits = kTraits, .find_flags = flags_of_sha},
    {.name = "script", .arity = -2, .group = Group::kScripting, .since = "2.6.0",
     .summary = "Looks after scripts.", .subcommands = kScriptCommands},
};
// clang-format on

}  // namespace

std::span<const Command> eval_commands() { return kCommands; }

}  // namespace bodega::redis
