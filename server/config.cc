#include "server/config.h"

#include <CLI/CLI.hpp>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>

#include "server/commands.h"
#include "server/operations_page.h"
#include "server/settings.h"
#include "server/version.h"

namespace bodega::server {
namespace {

constexpr int kUsageStatus = 2;

// A setting's text and who said it, for the message when it makes no sense.
struct Given {
  std::string text;
  std::string source;
};

std::string help_of(const Setting& setting) {
  std::string help(setting.help);
  help += " [" + environment_name(setting) + "]";
  if (!setting.standard.empty()) help += " (default " + std::string(setting.standard) + ")";
  return help;
}

// Returns nullopt when the file cannot be read.
std::optional<std::string> first_line_of(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) return std::nullopt;
  std::string line;
  std::getline(stream, line);
  if (stream.bad()) return std::nullopt;
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// The file is INI or TOML without sections, as CLI11 reads it. Throws std::invalid_argument.
std::map<std::string, Given, std::less<>> read_file(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw std::invalid_argument("the file " + path + " cannot be read");
  std::map<std::string, Given, std::less<>> found;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(stream)) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks of sections
    bool known = false;
    for (const Setting& setting : settings()) {
      known = known || (setting.name == item.name && item.name != "config");
    }
    if (!known || !item.parents.empty()) {
      throw std::invalid_argument(path + ": there is no setting \"" + item.fullname() + "\"");
    }
    std::string text;
    for (const std::string& input : item.inputs) text += (text.empty() ? "" : ",") + input;
    found[item.name] = {text, path + ": " + item.name};
  }
  return found;
}

// Returns what to print where no start is asked for, or none is possible.
std::optional<Farewell> parse_arguments(CLI::App& app, std::span<const char* const> arguments) {
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return Farewell{0, app.help()};
  } catch (const CLI::CallForVersion&) {
    return Farewell{0, version_text()};
  } catch (const CLI::ParseError& error) {
    return Farewell{kUsageStatus, std::string(error.what()) + "; see bodega --help"};
  }
  return std::nullopt;
}

// --redis-password-file takes the place of --redis-password. Returns what is wrong with it.
std::optional<Farewell> read_password_file(Config& config) {
  if (config.redis_password_file.empty()) return std::nullopt;
  if (!config.redis_password.empty()) {
    return Farewell{kUsageStatus, "give --redis-password or --redis-password-file, not both"};
  }
  const auto password = first_line_of(config.redis_password_file);
  if (!password || password->empty()) {
    return Farewell{kUsageStatus,
                    "--redis-password-file: " + config.redis_password_file.string() +
                        (password ? " begins with an empty line" : " cannot be read")};
  }
  config.redis_password = *password;
  return std::nullopt;
}

}  // namespace

std::variant<Config, Farewell> read_config(std::span<const char* const> arguments,
                                           const Environment& environment) {
  CLI::App app(
      "One small server that speaks S3, DynamoDB, KMS, STS and Redis and stores everything in one "
      "folder.\n"
      "Each setting is also an environment variable and a line of the --config file.");
  app.name("bodega");
  app.set_version_flag("--version", version_text());
  app.footer("Subcommands:\n" + commands_help());
  bool wants_markdown = false;
  app.add_flag("--help-markdown", wants_markdown)->group("");
  bool wants_operations = false;
  app.add_flag("--operations-markdown", wants_operations)->group("");
  bool repair = false;
  app.add_flag("--repair", repair,
               "Open a damaged data folder: drop what cannot be read, "
               "and keep the damaged files in its folder damaged-N.");
  std::map<std::string_view, std::string> flags;
  for (const Setting& setting : settings()) {
    app.add_option("--" + std::string(setting.name), flags[setting.name], help_of(setting))
        ->type_name(std::string(setting.value))
        ->take_last();
  }
  if (auto farewell = parse_arguments(app, arguments)) return *std::move(farewell);
  if (wants_markdown) return Farewell{0, settings_as_markdown()};
  if (wants_operations) return Farewell{0, operations_as_markdown()};

  const auto given = [&](const Setting& setting) -> std::optional<Given> {
    const std::string flag = "--" + std::string(setting.name);
    if (app.count(flag) > 0) return Given{flags[setting.name], flag};
    const std::string name = environment_name(setting);
    const char* text = environment(name.c_str());
    // Compose files like to pass empty variables; they mean "not set".
    if (text != nullptr && *text != '\0') return Given{text, name};
    return std::nullopt;
  };

  Config config;
  config.repair = repair;
  std::string source;
  try {
    std::map<std::string, Given, std::less<>> file;
    for (const Setting& setting : settings()) {
      if (setting.name != "config") continue;
      source = "--config";
      if (const auto path = given(setting)) {
        file = read_file(path->text);
        if (file.contains("redis-password")) config.settings_file = path->text;
      }
    }
    for (const Setting& setting : settings()) {
      Given chosen{std::string(setting.standard), "--" + std::string(setting.name)};
      if (const auto found = file.find(setting.name); found != file.end()) chosen = found->second;
      if (const auto nearer = given(setting)) chosen = *nearer;
      source = chosen.source;
      setting.apply(config, chosen.text);
    }
  } catch (const std::invalid_argument& error) {
    return Farewell{kUsageStatus, source + ": " + error.what()};
  } catch (const CLI::Error& error) {
    return Farewell{kUsageStatus, source + ": " + error.what()};
  }
  if (config.verify_signatures && config.credentials.empty()) {
    return Farewell{kUsageStatus, "--auth verify needs the keys it accepts: --credentials FILE"};
  }
  if (auto farewell = read_password_file(config)) return *std::move(farewell);
  return config;
}

void hide_secrets(int argc, char** argv) {
  for (const Setting& setting : settings()) {
    if (setting.secrecy == Secrecy::kPlain) continue;
    const std::string flag = "--" + std::string(setting.name);
    for (int i = 1; i < argc; ++i) {
      const std::string_view argument = argv[i];
      char* value = nullptr;
      if (argument == flag && i + 1 < argc) value = argv[i + 1];
      if (argument.starts_with(flag + "=")) value = argv[i] + flag.size() + 1;
      if (value != nullptr) std::memset(value, 'x', std::strlen(value));
    }
  }
}

}  // namespace bodega::server
