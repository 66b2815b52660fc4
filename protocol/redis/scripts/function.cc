// FCALL and FUNCTION.
#include <string>
#include <vector>

#include "engines/keyspace/engine.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/rdb_form.h"
#include "protocol/redis/rdb/footer.h"
#include "protocol/redis/rdb/input.h"
#include "protocol/redis/rdb/primitives.h"
#include "protocol/redis/rdb/snapshot.h"
#include "protocol/redis/scripts/functions.h"
#include "protocol/redis/scripts/scripts.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/glob.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

Functions& functions_of(const Call& call) { return Scripts::of(call.instance).functions(); }

// ---- FCALL ----

void fcall_by(Call& call, Scripts::Access access) {
  show_to_monitors(call);
  Functions& functions = functions_of(call);
  const Function* const function = functions.find(call.arg(1));
  if (function == nullptr) throw Error("ERR Function not found");
  const std::size_t keys = to_key_count(call, "ERR Bad number of keys provided");
  functions.run(call, call.arg(1), *function, keys, access);
}

void fcall(Call& call) { fcall_by(call, Scripts::Access::kWrite); }
void fcall_ro(Call& call) { fcall_by(call, Scripts::Access::kReadOnly); }

CommandFlags flags_of_function(Instance& instance, const Command& command, Args args) {
  const Function* const function = Scripts::of(instance).functions().find(args[1]);
  return function == nullptr ? command.flags : flags_with(command.flags, function->flags);
}

// ---- FUNCTION ----

void function_load(Call& call) {
  auto existing = Functions::Existing::kIsAnError;
  for (const auto option : call.args.subspan(2, call.size() - 3)) {
    if (!is_word(option, "replace")) {
      throw Error("ERR Unknown option given: " + std::string(option));
    }
    existing = Functions::Existing::kIsReplaced;
  }
  call.reply.bulk(functions_of(call).load(call.args.back(), existing));
}

void function_delete(Call& call) {
  if (!functions_of(call).remove(call.arg(2))) throw Error("ERR Library not found");
  call.reply.ok();
}

void function_flush(Call& call) {
  if (call.size() > 3) throw errors::wrong_subcommand("FUNCTION", call.arg(1));
  ArgumentCursor args(call.args, 2);
  if (!args.take("SYNC")) args.take("ASYNC");
  if (args.more()) throw Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  functions_of(call).flush();
  call.reply.ok();
}

// The libraries as an RDB file has them, with the footer of DUMP.
void function_dump(Call& call) {
  const RdbForm form = rdb_form_of(call.instance);
  std::string payload;
  for (const auto& [name, code] : call.keyspace.libraries()) {
    payload.push_back(static_cast<char>(SnapshotCode::kFunction2));
    put_text(payload, code, form.compression);
  }
  put_footer(payload, form.version);
  call.reply.bulk(payload);
}

std::vector<std::string> libraries_of(std::string_view body) {
  std::vector<std::string> out;
  RdbInput input(body);
  while (!input.at_end()) {
    const auto code = static_cast<SnapshotCode>(input.u8());
    if (code != SnapshotCode::kFunction2) throw Error("ERR given type is not a function");
    out.push_back(input.text());
    if (!input.ok()) throw Error("ERR Failed loading library code");
  }
  return out;
}

enum class Policy : std::uint8_t { kAppend, kReplace, kFlush };
constexpr Choice<Policy> kPolicies[] = {
    {"append", Policy::kAppend}, {"replace", Policy::kReplace}, {"flush", Policy::kFlush}};

void function_restore(Call& call) {
  if (call.size() > 4) throw errors::wrong_subcommand("FUNCTION", call.arg(1));
  const Policy policy =
      call.size() == 3 ? Policy::kAppend
                       : to_choice(call.arg(3), kPolicies,
                                   "ERR Wrong restore policy given, value should be either FLUSH, "
                                   "APPEND or REPLACE.");
  const auto body = checked_body(call.arg(2));
  if (!body) throw Error("ERR DUMP payload version or checksum are wrong");
  const std::vector<std::string> libraries = libraries_of(*body);
  functions_of(call).restore(
      {libraries.begin(), libraries.end()},
      policy == Policy::kReplace ? Functions::Existing::kIsReplaced
                                 : Functions::Existing::kIsAnError,
      policy == Policy::kFlush ? Functions::Others::kGo : Functions::Others::kStay);
  call.reply.ok();
}

void function_kill(Call& call) {
  Scripts::of(call.instance).kill(Run::Kind::kFunction);
  call.reply.ok();
}

struct ListOptions {
  std::optional<std::string_view> pattern;
  bool with_code = false;
};

ListOptions parse_list_options(Args args) {
  ListOptions out;
  for (std::size_t i = 2; i < args.size(); ++i) {
    if (!out.with_code && is_word(args[i], "withcode")) {
      out.with_code = true;
    } else if (!out.pattern && is_word(args[i], "libraryname")) {
      if (i + 1 == args.size()) throw Error("ERR library name argument was not given");
      out.pattern = args[++i];
    } else {
      throw Error("ERR Unknown argument " + std::string(args[i]));
    }
  }
  return out;
}

void reply_function(Reply& reply, std::string_view name, const Function& function) {
  reply.map(3);
  reply.bulk("name");
  reply.bulk(name);
  reply.bulk("description");
  if (function.description) {
    reply.bulk(*function.description);
  } else {
    reply.null();
  }
  reply.bulk("flags");
  const Reply::Deferred flags = reply.defer(Reply::Shape::kSet);
  std::size_t count = 0;
  for (const ScriptFlagName& flag : script_flag_names()) {
    if (!function.flags.has(flag.flag)) continue;
    reply.simple(flag.name);
    ++count;
  }
  reply.close(flags, count);
}

void function_list(Call& call) {
  const ListOptions options = parse_list_options(call.args);
  Reply& reply = call.reply;
  const Reply::Deferred libraries = reply.defer();
  std::size_t count = 0;
  for (const auto& [name, library] : functions_of(call).libraries()) {
    if (options.pattern && !glob_match(*options.pattern, name, Case::kInsensitive)) continue;
    ++count;
    reply.map(options.with_code ? 4 : 3);
    reply.bulk("library_name");
    reply.bulk(name);
    reply.bulk("engine");
    reply.bulk("LUA");
    reply.bulk("functions");
    reply.array(library->functions.size());
    for (const auto& [function_name, function] : library->functions) {
      reply_function(reply, function_name, function);
    }
    if (!options.with_code) continue;
    reply.bulk("library_code");
    reply.bulk(library->code);
  }
  reply.close(libraries, count);
}

void function_stats(Call& call) {
  const Run* const running = Scripts::of(call.instance).running();
  if (running != nullptr && running->kind == Run::Kind::kScript) {
    throw Error(errors::kBusyWithScript);
  }
  const Functions& functions = functions_of(call);
  Reply& reply = call.reply;
  reply.map(2);
  reply.bulk("running_script");
  if (running == nullptr) {
    reply.null();
  } else {
    reply.map(3);
    reply.bulk("name");
    reply.bulk(running->name);
    reply.bulk("command");
    reply.array(running->call.size());
    for (const auto arg : running->call.args) reply.bulk(arg);
    reply.bulk("duration_ms");
    reply.integer((call.instance.clock().now_us() - running->started_us) / 1000);
  }
  reply.bulk("engines");
  reply.map(1);
  reply.bulk("LUA");
  reply.map(2);
  reply.bulk("libraries_count");
  reply.integer(static_cast<std::int64_t>(functions.libraries().size()));
  reply.bulk("functions_count");
  reply.integer(static_cast<std::int64_t>(functions.function_count()));
}

void function_help(Call& call) {
  reply_help(call,
             {"DELETE <library name>", "    Delete a library.", "DUMP",
              "    All libraries as bytes that RESTORE takes.", "FLUSH [ASYNC|SYNC]",
              "    Delete all libraries.", "KILL", "    End the function that is running.",
              "LIST [LIBRARYNAME <pattern>] [WITHCODE]", "    The libraries.",
              "LOAD [REPLACE] <code>", "    Load a library.",
              "RESTORE <payload> [FLUSH|APPEND|REPLACE]", "    Load the libraries of a payload.",
              "STATS", "    What is running, and how many libraries and functions there are."});
}

constexpr CommandFlags kRunning =
    kNoscript | kStale | kSkipMonitor | kNoMandatoryKeys | kMovableKeys;
constexpr CommandFlags kChanging = kNoscript | kWrite;
constexpr CommandTraits kTraits = kRunsScript | kFindsKeys;

// clang-format off
constexpr Command kFunctionCommands[] = {
    {.name = "function|delete", .arity = 3, .flags = kChanging, .group = Group::kScripting,
     .since = "7.0.0", .summary = "Deletes a library.", .run = function_delete},
    {.name = "function|dump", .arity = 2, .flags = kNoscript, .group = Group::kScripting,
     .since = "7.0.0", .summary = "Serializes all libraries.", .run = function_dump},
    {.name = "function|flush", .arity = -2, .flags = kChanging, .group = Group::kScripting,
     .since = "7.0.0", .summary = "Deletes all libraries.", .run = function_flush},
    {.name = "function|help", .arity = 2, .flags = kLoading | kStale, .group = Group::kScripting,
     .since = "7.0.0", .summary = "Lists the sub-commands.", .run = function_help},
    {.name = "function|kill", .arity = 2, .flags = kNoscript | kAllowBusy,
     .group = Group::kScripting, .since = "7.0.0", .summary = "Ends the function that is running.",
     .run = function_kill},
    {.name = "function|list", .arity = -2, .flags = kNoscript, .group = Group::kScripting,
     .since = "7.0.0", .summary = "Lists the libraries.", .run = function_list},
    {.name = "function|load", .arity = -3, .flags = kChanging | kDenyOom,
     .group = Group::kScripting, .since = "7.0.0", .summary = "Loads a library.",
     .run = function_load},
    {.name = "function|restore", .arity = -3, .flags = kChanging | kDenyOom,
     .group = Group::kScripting, .since = "7.0.0",
     .summary = "Loads libraries that FUNCTION DUMP has serialized.", .run = function_restore},
    {.name = "function|stats", .arity = 2, .flags = kNoscript | kAllowBusy,
     .group = Group::kScripting, .since = "7.0.0", .summary = "Tells which function is running.",
     .run = function_stats},
};

constexpr Command kCommands[] = {
    {.name = "fcall", .arity = -3, .flags = kRunning | kMayReplicate, .group = Group::kScripting,
     .keys = {3, -1, 1, kKeyRW | kKeyAccess | kKeyUpdate, 2}, .since = "7.0.0",
     .summary = "Runs a function.", .run = fcall, .traits = kTraits,
     .find_flags = flags_of_function},
    {.name = "fcall_ro", .arity = -3, .flags = kRunning | kReadonly, .group = Group::kScripting,
     .keys = {3, -1, 1, kKeyRO | kKeyAccess, 2}, .since = "7.0.0",
     .summary = "Runs a function that only reads.", .run = fcall_ro, .traits = kTraits,
     .find_flags = flags_of_function},
    {.name = "function", .arity = -2, .group = Group::kScripting, .since = "7.0.0",
     .summary = "Looks after functions.", .subcommands = kFunctionCommands},
};
// clang-format on

}  // namespace

std::span<const Command> function_commands() { return kCommands; }

}  // namespace bodega::redis
