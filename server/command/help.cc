#include "server/command/help.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "server/command/settings.h"

namespace bodega::server {
namespace {

constexpr std::size_t kColumns = 90;
constexpr std::size_t kIndent = 6;

constexpr std::string_view kIntroduction =
    "Bodega speaks S3, DynamoDB, KMS, STS and Redis and stores everything in one folder.\n"
    "\n"
    "Usage: bodega [SETTINGS]    serves until it is told to stop\n"
    "       bodega COMMAND ...\n"
    "\n"
    "Examples:\n"
    "  bodega                                    with a scratch folder, on the usual ports\n"
    "  bodega --data ./data                      keeps the data\n"
    "  bodega --http 4566,8000,9000 --redis off  several ports, and no Redis\n"
    "  bodega --http :4566                       for other machines as well\n"
    "  bodega server ./data --address :9000      in MinIO's words\n"
    "  bodega -sharedDb -port 8000               in DynamoDB Local's words\n"
    "  bodega health                             whether it is up, for scripts and containers\n";

constexpr std::string_view kSources =
    "Each setting is a flag, an environment variable and a line \"name = value\" of the file of\n"
    "--config. A flag overrides the environment, which overrides the file.\n";

constexpr std::string_view kEnd = "docs/configuration.md has more on each, and examples.\n";

struct Group {
  std::string_view title;
  std::array<std::string_view, 8> names;  // the rest is empty
};

// What is in no group comes under kOther.
constexpr Group kGroups[] = {
    {"Where it answers",
     {"http", "redis", "redis-socket-mode", "redis-cluster", "redis-announce", "services",
      "domains"}},
    {"Where the data is", {"data", "durability", "shared-db", "verify-reads"}},
    {"What is there at the start", {"seed", "redis-import", "init"}},
    {"Who may use it",
     {"auth", "credentials", "root-user", "root-password", "redis-password", "redis-password-file",
      "redis-acl-file"}},
    {"What it says", {"log-level", "log-format"}},
    {"TLS: https:// and rediss:// on the same ports",
     {"tls", "tls-cert", "tls-key", "tls-auth-clients", "tls-ca"}},
    {"Limits", {"threads", "max-connections", "idle-timeout", "stop-timeout"}},
};
constexpr std::string_view kOther = "More";

// The words of a text in lines of at most kColumns, each after kIndent blanks.
std::string wrap(std::string_view text) {
  const std::string indent(kIndent, ' ');
  std::string out;
  std::string line = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.size() > kIndent && line.size() + 1 + word.size() > kColumns) {
      out += line + "\n";
      line = indent;
    }
    if (line.size() > kIndent) line += ' ';
    line += word;
  }
  return out + line + "\n";
}

std::string describe(const Setting& setting) {
  std::string head = "  --" + std::string(setting.name);
  if (!setting.is_switch()) head.append(" ").append(setting.value);
  std::string text(setting.help);
  text += " [" + environment_name(setting) + "]";
  if (!setting.standard.empty()) text.append(" (default ").append(setting.standard).append(")");
  return head + "\n" + wrap(text);
}

std::string describe(const Command& command) {
  std::string head = "  bodega " + std::string(command.name);
  if (!command.arguments.empty()) head.append(" ").append(command.arguments);
  return head + "\n" + wrap(command.help);
}

}  // namespace

std::string help_text() {
  std::string text(kIntroduction);
  text += "\nCommands:\n";
  for (const Command& command : commands()) {
    if (!command.help.empty()) text += describe(command);
  }
  text.append("\n").append(kSources);
  std::vector<std::string_view> told;
  for (const Group& group : kGroups) {
    text.append("\n").append(group.title).append(":\n");
    for (const std::string_view name : group.names) {
      if (const Setting* setting = find_setting(name)) text += describe(*setting);
      told.push_back(name);
    }
  }
  text.append("\n").append(kOther).append(":\n");
  for (const Setting& setting : settings()) {
    if (std::find(told.begin(), told.end(), setting.name) == told.end()) text += describe(setting);
  }
  text += "  --repair\n" +
          wrap(
              "Open a damaged data folder: drop what cannot be read, and keep the damaged files "
              "in its folder damaged-N. For one start, so it is a flag alone.");
  return text.append("\n").append(kEnd);
}

std::string help_text(const Command& command) { return "Usage:\n" + describe(command); }

}  // namespace bodega::server
