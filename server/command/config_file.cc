#include "server/command/config_file.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <string>
#include <string_view>

#include "engines/base/text.h"
#include "server/command/suggest.h"

namespace bodega::server {
namespace {

// "FILE:LINE" of the first line with that name: CLI11 does not keep where an item was.
std::string place_of(std::string_view name, const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view text = base::trim(line);
    if (!text.starts_with(name)) continue;
    const std::string_view rest = base::trim(text.substr(name.size()));
    if (rest.empty() || rest.front() == '=') return path.string() + ":" + std::to_string(number);
  }
  return path.string();
}

std::vector<CLI::ConfigItem> items_of(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw UsageError(path.string() + " is a folder, and should be a file with settings");
  }
  std::ifstream file(path);
  if (!file) throw UsageError("the file " + path.string() + " cannot be read");
  try {
    return CLI::ConfigTOML().from_config(file);
  } catch (const CLI::Error& wrong) {
    throw UsageError(path.string() + ": " + wrong.what());
  }
}

}  // namespace

GivenSettings read_config_file(const std::filesystem::path& path) {
  GivenSettings found;
  for (const CLI::ConfigItem& item : items_of(path)) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks of sections
    const std::string place = place_of(item.name, path);
    if (item.name == "config" || find_setting(item.name) == nullptr || !item.parents.empty()) {
      const bool is_yaml = item.name.find(':') != std::string::npos;
      throw UsageError(
          place + ": there is no setting \"" + item.fullname() + "\"" +
          (is_yaml ? "; a line is name = value" : did_you_mean(item.name, setting_names(""))));
    }
    std::string text;
    for (const std::string& input : item.inputs) text += (text.empty() ? "" : ",") + input;
    found[item.name] = {text, place + ": " + item.name};
  }
  return found;
}

}  // namespace bodega::server
