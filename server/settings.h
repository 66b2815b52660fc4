// The table of settings. A new setting is a row in settings.cc and a member of Config.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/config.h"

namespace bodega::server {

// Whether a setting's value may be shown to everybody on this machine.
enum class Secrecy : std::uint8_t { kPlain, kSecret };

struct Setting {
  std::string_view name;      // --name, BODEGA_NAME, and name in the file
  std::string_view value;     // what stands for its value in the help
  std::string_view standard;  // default, as one would write it
  std::string_view help;
  // Throws std::invalid_argument, whose text continues "--name: ", when the text makes no sense.
  void (*apply)(Config& config, const std::string& text);
  Secrecy secrecy = Secrecy::kPlain;
};

std::span<const Setting> settings();

}  // namespace bodega::server
