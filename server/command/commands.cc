#include "server/command/commands.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "server/command/ca_command.h"
#include "server/command/check_command.h"
#include "server/command/completions.h"
#include "server/command/health_command.h"
#include "server/command/help.h"
#include "server/command/manual_page.h"
#include "server/command/operations_page.h"
#include "server/command/seed_command.h"
#include "server/command/settings.h"
#include "server/command/suggest.h"
#include "server/command/verify_command.h"
#include "server/command/version.h"

namespace bodega::server {
namespace {

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return 0;
}

int help_command(Arguments arguments) {
  if (arguments.empty()) return print(help_text());
  const Command* command = find_command(arguments.front());
  if (command != nullptr) return print(help_text(*command));
  std::vector<std::string> known;
  for (const Command& one : commands()) known.emplace_back(one.name);
  throw UsageError("there is no command \"" + std::string(arguments.front()) + "\"" +
                   did_you_mean(arguments.front(), known));
}

int version_command(Arguments) { return print(version_text()); }
int settings_page(Arguments) { return print(settings_as_markdown()); }
int operations_page(Arguments) { return print(operations_as_markdown()); }
int whole_help(Arguments) { return print(help_text()); }

int manual_command(Arguments arguments) {
  if (!arguments.empty()) throw UsageError("usage: bodega manual");
  return print(manual_page());
}

int completion_command(Arguments arguments) {
  const auto script = arguments.size() == 1 ? completion_script(arguments.front()) : std::nullopt;
  if (!script) throw UsageError("usage: bodega completion bash|zsh|fish");
  return print(*script);
}

constexpr Command kCommands[] = {
    {"check", "[SETTINGS]",
     "Says what would be served with these settings, and whether it can be: the data folder, the "
     "ports. Status 1 when it cannot.",
     check_command},
    {"health", "[SETTINGS]",
     "Asks the server with these settings whether it is well. Status 1 when it is not, or does not "
     "answer.",
     health_command},
    {"seed", "DIR FILE",
     "Makes what a seed file asks for in a data folder that is not in use. Status 1 when it is "
     "refused.",
     seed_command},
    {"verify", "DIR",
     "Reads a data folder that is not in use against its checksums. Status 1 when it is damaged.",
     verify_command},
    {"ca", "--data DIR",
     "Prints the certificate authority of the server, for TLS clients to trust; made when absent.",
     ca_command},
    {"help", "[COMMAND]", "Shows this text, or how a command is used.", help_command},
    {"version", "", "Shows the version.", version_command},
    {"manual", "", "Prints the manual page, for man -l -.", manual_command},
    {"completion", "SHELL", "Prints what bash, zsh or fish read to complete the command line.",
     completion_command},
    {"--help", "", "", whole_help},
    {"-h", "", "", whole_help},
    {"--version", "", "", version_command},
    {"-V", "", "", version_command},
    {"--help-markdown", "", "", settings_page},
    {"--operations-markdown", "", "", operations_page},
};

bool asks_for_help(std::string_view word) { return word == "--help" || word == "-h"; }

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const auto* found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                   [name](const Command& one) { return one.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

// --help and --version count wherever they stand: people add them to a line that they have.
ChosenCommand choose_command(Arguments arguments) {
  if (arguments.empty()) return {};
  const Arguments rest = arguments.subspan(1);
  if (const Command* named = find_command(arguments.front())) {
    if (std::none_of(rest.begin(), rest.end(), asks_for_help)) return {named, rest};
    return {find_command("help"), arguments.first(1)};
  }
  for (const std::string_view word : rest) {
    if (!word.starts_with('-')) continue;
    if (const Command* flag = find_command(word)) return {flag, {}};
  }
  return {};
}

}  // namespace bodega::server
