#include "server/command/manual_page.h"

#include <string_view>

#include "server/command/commands.h"
#include "server/command/settings.h"

namespace bodega::server {
namespace {

// Text as roff shows it: a hyphen that can be copied, and no line that reads as a request.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
      out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + shown(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + shown(text) + "\\fR"; }

void add_item(std::string& out, const std::string& tag, std::string_view text) {
  out.append(".TP\n").append(tag).append("\n").append(shown(text)).append("\n");
}

void add_settings(std::string& out) {
  for (const Setting& setting : settings()) {
    std::string tag = bold("--" + std::string(setting.name));
    if (!setting.value.empty()) tag += " " + italic(setting.value);
    std::string text(setting.help);
    text += "\nEnvironment: " + environment_name(setting) + ".";
    if (!setting.standard.empty()) text += " Default: " + std::string(setting.standard) + ".";
    add_item(out, tag, text);
  }
}

void add_commands(std::string& out) {
  for (const Command& command : commands()) {
    if (command.help.empty()) continue;
    std::string tag = bold("bodega " + std::string(command.name));
    if (!command.arguments.empty()) tag += " " + italic(command.arguments);
    add_item(out, tag, command.help);
  }
}

constexpr std::string_view kHead =
    ".TH BODEGA 1 \"\" \"bodega " BODEGA_VERSION
    "\" \"User Commands\"\n"
    ".SH NAME\n"
    "bodega \\- S3, DynamoDB, KMS, STS and Redis on one machine, in one program\n"
    ".SH SYNOPSIS\n"
    ".B bodega\n"
    "[\\fIOPTION\\fR]...\n"
    ".br\n"
    ".B bodega\n"
    "\\fICOMMAND\\fR [\\fIARGUMENT\\fR]...\n"
    ".SH DESCRIPTION\n"
    "Without a command it serves: S3, DynamoDB, KMS and STS over HTTP, and Redis on a port of its\n"
    "own, until it is told to stop. What is stored lives in one folder.\n";

constexpr std::string_view kFlags[][2] = {
    {"--repair",
     "Open a damaged data folder: drop what cannot be read, and keep the damaged files in its "
     "folder damaged-N."},
    {"--help", "Print the options and exit."},
    {"--version", "Print the version, the commit, the build and the libraries, and exit."},
};

constexpr std::string_view kTail =
    ".SH SETTINGS\n"
    "Each option with a value is also an environment variable, as named above, and a line\n"
    "\\fIname = value\\fR of the file that \\fB\\-\\-config\\fR names. The command line overrides "
    "the\n"
    "environment, the environment the file, the file the default.\n"
    ".SH SIGNALS\n"
    "SIGTERM, SIGINT and SIGHUP stop the server: it answers the requests in flight and writes "
    "what\n"
    "it holds. Under systemd (\\fIType=notify\\fR) it says when it is ready and when it stops.\n"
    ".SH EXIT STATUS\n"
    "0 after a clean end, 1 when it could not start or a command found something wrong, 2 for a\n"
    "mistake in the usage.\n"
    ".SH EXAMPLES\n"
    ".nf\n"
    "bodega \\-\\-data ./data\n"
    "aws \\-\\-endpoint\\-url http://127.0.0.1:4566 s3 mb s3://photos\n"
    "redis\\-cli SET greeting hello\n"
    "bodega verify ./data\n"
    ".fi\n";

}  // namespace

std::string manual_page() {
  std::string out(kHead);
  out += ".SH COMMANDS\n";
  add_commands(out);
  out += ".SH OPTIONS\n";
  add_settings(out);
  for (const auto& [flag, text] : kFlags) add_item(out, bold(flag), text);
  return out.append(kTail);
}

}  // namespace bodega::server
