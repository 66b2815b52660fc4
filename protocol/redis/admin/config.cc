// CONFIG.
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/eviction.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

void config_get(Call& call) {
  const auto found = call.instance.parameters().matching(call.args.subspan(2));
  call.reply.map(found.size());
  for (const auto& [name, value] : found) {
    call.reply.bulk(name);
    call.reply.bulk(value);
  }
}

void config_set(Call& call) {
  if (call.size() % 2 != 0) throw Error(errors::kSyntax);
  call.instance.parameters().set(call.args.subspan(2));
  call.instance.apply_parameters();
  // Whenever it is set: ACL SETUSER may have changed the password since.
  for (std::size_t i = 2; i < call.size(); i += 2) {
    if (is_word(call.arg(i), "requirepass")) {
      call.instance.users().set_default_password(call.arg(i + 1));
    }
  }
  evict_if_needed(call.instance);
  call.reply.ok();
}

bool is_secret(std::string_view name) {
  return is_word(name, "requirepass") || is_word(name, "masterauth") ||
         is_word(name, "masteruser") || is_word(name, "tls-key-file-pass") ||
         is_word(name, "tls-client-key-file-pass");
}

// Wherever the name stands: a value that was forgotten before it moves the pairs.
void hide_secrets(Args args, std::vector<std::string_view>& shown) {
  for (std::size_t i = 2; i + 1 < args.size(); ++i) {
    if (is_secret(args[i])) shown[i + 1] = kRedacted;
  }
}

void config_resetstat(Call& call) {
  Statistics& statistics = call.instance.statistics();
  statistics = Statistics{};
  call.instance.commands().reset_statistics();
  call.reply.ok();
}

// Parameters live in Bodega's own flags and file: there is nothing of Redis's to rewrite.
void config_rewrite(Call&) { throw Error("ERR The server is running without a config file"); }

void config_help(Call& call) {
  reply_help(call,
             {"GET <pattern> [<pattern> ...]", "    Parameters that match, with values.",
              "SET <directive> <value> [<directive> <value> ...]",
              "    Change parameters, all or none.", "RESETSTAT", "    Reset the counters of INFO.",
              "REWRITE", "    Write the parameters to the configuration file."});
}

constexpr CommandFlags kRule = kAdmin | kNoscript | kLoading | kStale;

// clang-format off
constexpr Command kConfigCommands[] = {
    {.name = "config|get", .arity = -3, .flags = kRule, .since = "2.0.0",
     .summary = "Returns parameters.", .run = config_get},
    {.name = "config|help", .arity = 2, .flags = kLoading | kStale, .since = "5.0.0",
     .summary = "Lists the sub-commands.", .run = config_help},
    {.name = "config|resetstat", .arity = 2, .flags = kRule, .since = "2.0.0",
     .summary = "Resets the counters of INFO.", .run = config_resetstat},
    {.name = "config|rewrite", .arity = 2, .flags = kRule, .since = "2.8.0",
     .summary = "Writes the parameters to the configuration file.", .run = config_rewrite},
    {.name = "config|set", .arity = -4, .flags = kRule, .since = "2.0.0",
     .summary = "Changes parameters.", .run = config_set, .redact = hide_secrets},
};

constexpr Command kCommands[] = {
    {.name = "config", .arity = -2, .since = "2.0.0", .summary = "Reads and changes parameters.",
     .subcommands = kConfigCommands},
};
// clang-format on

}  // namespace

std::span<const Command> config_commands() { return kCommands; }

}  // namespace bodega::redis
