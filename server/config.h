// The settings of the process. One table (settings.h) says of each its flag, value, default and
// help; from it come the command line, the environment (BODEGA_ and the flag's name), the --config
// file, --help and the table in the README. What is nearer wins: command line, environment, file,
// default.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engines/base/durability.h"
#include "engines/base/log.h"
#include "server/net/address.h"

namespace bodega::server {

// Where Redis answers, and which keyspace it has there: the one of that name, or, without a name,
// the one that is always there.
struct RedisPlace {
  std::string name;
  Address address;
};

struct Config {
  std::optional<Address> http;    // nothing: not served
  std::vector<RedisPlace> redis;  // none: not served
  std::filesystem::path data;     // empty: a scratch folder
  base::Durability durability = base::Durability::kProcess;
  unsigned threads = 0;  // 0: one per core
  unsigned verify_reads_percent = 0;
  log::Level log_level = log::Level::kInfo;
  bool verify_signatures = false;
  std::filesystem::path credentials;
  std::vector<std::string> domains;
  std::vector<std::string> cors_origins;
  std::string redis_password;
  std::filesystem::path redis_password_file;
  std::filesystem::path settings_file;  // of --config, when the password stands in it
  std::uint64_t max_connections = 0;
  std::chrono::seconds idle_timeout{};
  std::chrono::seconds stop_timeout{};
  bool repair = false;  // a flag of one start, and no setting
};

struct Setting;

// BODEGA_MAX_CONNECTIONS for max-connections.
std::string environment_name(const Setting& setting);

// What to print instead of starting.
struct Farewell {
  int status;  // 0, or 2 for a mistake in the usage
  std::string text;
};

using Environment = std::function<const char*(const char* name)>;  // as std::getenv

// `arguments`: the command line without the program's name.
std::variant<Config, Farewell> read_config(std::span<const char* const> arguments,
                                           const Environment& environment);

// Overwrites the values of secret settings in the arguments themselves, where the process list
// shows them to everybody. After read_config().
void hide_secrets(int argc, char** argv);

// The settings as a Markdown table, for the README.
std::string settings_as_markdown();

}  // namespace bodega::server
