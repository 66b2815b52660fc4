#include "server/command/config.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "server/command/command_line.h"
#include "server/command/config_file.h"
#include "server/command/peers.h"
#include "server/command/settings.h"
#include "server/command/suggest.h"

namespace bodega::server {
namespace {

constexpr std::string_view kPrefix = "BODEGA_";

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

// --redis-password-file takes the place of --redis-password.
void read_password_file(Config& config) {
  if (config.redis_password_file.empty()) return;
  if (!config.redis_password.empty()) {
    throw UsageError("give --redis-password or --redis-password-file, not both");
  }
  const auto password = first_line_of(config.redis_password_file);
  if (!password || password->empty()) {
    throw UsageError("--redis-password-file: " + config.redis_password_file.string() +
                     (password ? " begins with an empty line" : " cannot be read"));
  }
  config.redis_password = *password;
}

GivenSettings read_environment(const Environment& environment) {
  GivenSettings given;
  for (const Setting& setting : settings()) {
    const std::string name = environment_name(setting);
    const auto found = environment.find(name);
    // Compose files like to pass empty variables; they mean "not set".
    if (found == environment.end() || found->second.empty()) continue;
    given[std::string(setting.name)] = {found->second, name};
  }
  return given;
}

// Kubernetes tells every container where the service "bodega" is, in variables of its name.
bool is_of_kubernetes(std::string_view name, std::string_view value) {
  return name.starts_with("BODEGA_SERVICE_") || name.starts_with("BODEGA_PORT_") ||
         (name == "BODEGA_PORT" && value.find("://") != std::string_view::npos);
}

void warn_of_unknown_variables(const Environment& environment, Config& config) {
  std::vector<std::string> known;
  for (const Setting& setting : settings()) known.push_back(environment_name(setting));
  for (auto one = environment.lower_bound(kPrefix);
       one != environment.end() && one->first.starts_with(kPrefix); ++one) {
    const auto& [name, value] = *one;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (is_of_kubernetes(name, value)) continue;
    config.warnings.push_back("the environment variable " + name + " is no setting and is ignored" +
                              did_you_mean(name, known));
  }
}

// The file that the first of `sources` with a --config names.
GivenSettings read_file_of(std::initializer_list<const GivenSettings*> sources, Config& config) {
  for (const GivenSettings* source : sources) {
    const auto path = source->find("config");
    if (path == source->end()) continue;
    try {
      GivenSettings file = read_config_file(path->second.text);
      if (file.contains("redis-password")) config.settings_file = path->second.text;
      return file;
    } catch (const UsageError& error) {
      throw UsageError(path->second.source + ": " + error.what());
    }
  }
  return {};
}

void check_cluster(const Config& config, const RedisClusterPlan& plan) {
  const auto place = std::find_if(config.redis.begin(), config.redis.end(),
                                  [&](const RedisPlace& one) { return one.name == plan.name; });
  if (place == config.redis.end()) {
    throw UsageError("--redis-cluster: --redis has no address " +
                     (plan.name.empty() ? "without a name" : "with the name " + plan.name));
  }
  constexpr unsigned kMaxPort = 65535;
  if (place->address.port + plan.shards * (plan.replicas + 1) - 1 > kMaxPort) {
    throw UsageError("--redis-cluster: there are not so many ports behind " +
                     std::to_string(place->address.port));
  }
}

// What looks at more than one setting.
void check(const Config& config) {
  if (config.http.empty() && config.redis.empty()) {
    throw UsageError("--http off and --redis off together leave nothing to serve");
  }
  for (const RedisClusterPlan& plan : config.redis_clusters) check_cluster(config, plan);
  if (config.root_user.empty() != config.root_password.empty()) {
    throw UsageError("--root-user and --root-password go together");
  }
  if (config.client_certificates != Config::ClientCertificates::kNo &&
      config.tls_client_authorities.empty()) {
    throw UsageError("--tls-auth-clients needs the authorities of the clients: --tls-ca FILE");
  }
  if (config.client_certificates == Config::ClientCertificates::kRequired && !config.tls_only) {
    throw UsageError(
        "--tls-auth-clients required would not hold for plain connections: it needs --tls only");
  }
  if (!config.redis_acl_files.empty() && !config.redis_password.empty()) {
    throw UsageError(
        "give --redis-password or --redis-acl-file, not both: the passwords stand in the file "
        "then");
  }
  for (const auto& [name, file] : config.redis_acl_files) {
    const bool served = std::any_of(config.redis.begin(), config.redis.end(),
                                    [&](const RedisPlace& place) { return place.name == name; });
    if (served) continue;
    throw UsageError("--redis-acl-file: no --redis " +
                     (name.empty() ? "without a name" : name + "=ADDR:PORT") + " is there for " +
                     file.string());
  }
  if (config.verify_signatures && config.credentials.empty() && config.root_user.empty()) {
    throw UsageError(
        "--auth verify needs the keys it accepts: --credentials FILE, or --root-user "
        "and --root-password");
  }
}

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** one = ::environ; one != nullptr && *one != nullptr; ++one) {
    const std::string_view text = *one;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

Config read_config(Arguments arguments, const Environment& environment) {
  const PeerCommandLine peer =
      translate_command_line(std::vector<std::string>(arguments.begin(), arguments.end()));
  const CommandLine line = parse_command_line(peer.words);
  Config config;
  config.repair = line.repair;
  config.says_as_minio = peer.is_minio;
  config.warnings = peer.warnings;
  const GivenSettings ours = read_environment(environment);
  const GivenSettings peers = read_peer_environment(environment, config.warnings);
  const GivenSettings file = read_file_of({&line.given, &ours}, config);
  for (const Setting& setting : settings()) {
    Given chosen{std::string(setting.standard), "--" + std::string(setting.name)};
    for (const GivenSettings* from : {&peer.standards, &file, &peers, &ours, &line.given}) {
      if (const auto found = from->find(setting.name); found != from->end()) chosen = found->second;
    }
    try {
      setting.apply(config, chosen.text);
    } catch (const std::invalid_argument& error) {
      throw UsageError(chosen.source + ": " + error.what());
    }
    if (const auto found = peers.find(setting.name);
        found != peers.end() && found->second.source == chosen.source) {
      config.taken.push_back(taken_sentence(setting, chosen));
    }
  }
  read_password_file(config);
  check(config);
  warn_of_unknown_variables(environment, config);
  return config;
}

void hide_secrets(int argc, char** argv) {
  std::vector<std::string> flags{std::string(kRedisPasswordFlag)};
  for (const Setting& setting : settings()) {
    if (setting.secrecy == Secrecy::kSecret) flags.push_back("--" + std::string(setting.name));
  }
  for (const std::string& flag : flags) {
    for (int i = 1; i < argc; ++i) {
      const std::string_view argument = argv[i];
      char* value = nullptr;
      if (argument == flag && i + 1 < argc) value = argv[i + 1];
      if (argument.starts_with(flag + "=") || argument.starts_with(flag + " ")) {
        value = argv[i] + flag.size() + 1;
      }
      if (value != nullptr) std::memset(value, 'x', std::strlen(value));
    }
  }
}

}  // namespace bodega::server
