// The table of settings. A new setting is a row in settings.cc and a member of Config; what group
// of the help it belongs to is said in help.cc.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/command/config.h"

namespace bodega::server {

// Whether a setting's value may be shown to everybody on this machine.
enum class Secrecy : std::uint8_t { kPlain, kSecret };

struct Setting {
  std::string_view name;      // --name, BODEGA_NAME, and name in the file
  std::string_view value;     // what stands for its value in the help; none: a switch, on or off
  std::string_view standard;  // default, as one would write it
  std::string_view help;
  // Throws std::invalid_argument, whose text continues "--name: ", when the text makes no sense.
  void (*apply)(Config& config, const std::string& text);
  Secrecy secrecy = Secrecy::kPlain;

  bool is_switch() const { return value.empty(); }
};

std::span<const Setting> settings();

// Returns nullptr when there is none of that name.
const Setting* find_setting(std::string_view name);

// BODEGA_MAX_CONNECTIONS for max-connections.
std::string environment_name(const Setting& setting);

// All names, each behind `prefix`.
std::vector<std::string> setting_names(std::string_view prefix);

// What can be named in --services.
std::span<const std::string_view> http_services();

// Those that a configuration serves; none where HTTP is off.
std::vector<std::string> served_over_http(const Config& config);

// Whether a Redis may have this name: it is a label of metrics and a key in the data folder.
bool is_redis_name(std::string_view text);

// "3x1": how many masters, and how many replicas of each. Throws std::invalid_argument.
std::pair<unsigned, unsigned> redis_cluster_shape(const std::string& text);

// The items between commas, without blanks around them and without empty ones.
std::vector<std::string> split_list(const std::string& text);

// The settings as a Markdown table, for the documents.
std::string settings_as_markdown();

// A setting's text and who said it, for the message when it makes no sense.
struct Given {
  std::string text;
  std::string source;
};

using GivenSettings = std::map<std::string, Given, std::less<>>;

}  // namespace bodega::server
