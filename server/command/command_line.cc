#include "server/command/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "server/command/commands.h"
#include "server/command/suggest.h"

namespace bodega::server {
namespace {

constexpr const char* kRepair = "--repair";

// What people try first because another server calls it so.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kOtherNames{{
    {"--port", "--http"},
    {"--address", "--http"},
    {"--dir", "--data"},
    {"--requirepass", "--redis-password"},
    {"--loglevel", "--log-level"},
}};

UsageError unknown(const std::string& word) {
  if (find_command(word) != nullptr) {
    return UsageError("a command comes before the settings: bodega " + word);
  }
  const std::string name = word.substr(0, word.find('='));
  for (const auto& [other, ours] : kOtherNames) {
    if (name != other) continue;
    return UsageError("there is no " + name + " here; " + std::string(ours) +
                      " is what it is called");
  }
  std::vector<std::string> known;
  if (name.starts_with('-')) {
    known = setting_names("--");
    known.emplace_back(kRepair);
  } else {
    for (const Command& command : commands()) known.emplace_back(command.name);
  }
  const std::string what = name.starts_with('-') ? "flag" : "command";
  const std::string hint = did_you_mean(name, known);
  return UsageError("there is no " + what + " \"" + name + "\"" +
                    (hint.empty() ? "; see bodega --help" : hint));
}

UsageError without_value(const Setting& setting) {
  return UsageError("--" + std::string(setting.name) +
                    " needs a value: " + std::string(setting.value));
}

// CLI11 would take the next word for the value of "--data=", as for that of "--data".
void refuse_empty_values(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (!word.starts_with("--") || word.find('=') != word.size() - 1) continue;
    const Setting* setting = find_setting(std::string_view(word).substr(2, word.size() - 3));
    if (setting != nullptr) throw without_value(*setting);
  }
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& words) {
  refuse_empty_values(words);
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  CommandLine line;
  app.add_flag(kRepair, line.repair);
  std::map<std::string_view, std::string> texts;
  for (const Setting& setting : settings()) {
    const std::string flag = "--" + std::string(setting.name);
    CLI::Option* const option = setting.is_switch()
                                    ? app.add_flag(flag + "{on}", texts[setting.name])
                                    : app.add_option(flag, texts[setting.name]);
    option->type_name(std::string(setting.value))->take_last();
  }
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  for (const Setting& setting : settings()) {
    const std::string flag = "--" + std::string(setting.name);
    if (app.count(flag) == 0) continue;
    const std::string& text = texts[setting.name];
    if (text.starts_with("--")) throw without_value(setting);
    line.given[std::string(setting.name)] = {text, flag};
  }
  if (const auto extras = app.remaining(); !extras.empty()) throw unknown(extras.front());
  return line;
}

}  // namespace bodega::server
