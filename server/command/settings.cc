#include "server/command/settings.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>

#include "engines/base/number_text.h"
#include "engines/base/text.h"
#include "protocol/http/browser.h"
#include "server/command/suggest.h"

namespace bodega::server {
namespace {

std::uint64_t number(const std::string& text, std::uint64_t least, std::uint64_t most) {
  const auto value = base::parse_integer<std::uint64_t>(text);
  if (!value || *value < least || *value > most) {
    throw std::invalid_argument("\"" + text + "\" is not a number from " + std::to_string(least) +
                                " to " + std::to_string(most));
  }
  return *value;
}

constexpr std::string_view kOff = "off";

// Whether it looks like a host name with a port.
bool has_host_name(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view host = text.substr(0, colon);
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return host.find(':') == std::string_view::npos &&
         std::any_of(host.begin(), host.end(), is_letter) &&
         base::parse_integer<std::uint16_t>(text.substr(colon + 1));
}

Address address(const std::string& text) {
  if (const auto parsed = Address::parse(text)) return *parsed;
  if (has_host_name(text)) {
    throw std::invalid_argument("\"" + text +
                                "\": of host names only localhost is known; give the address, "
                                "such as 127.0.0.1:4566");
  }
  throw std::invalid_argument("\"" + text +
                              "\" is not ADDR:PORT (127.0.0.1:4566), PORT (on 127.0.0.1), :PORT "
                              "(on all addresses) or off");
}

std::vector<Address> addresses(const std::string& text) {
  std::vector<Address> found;
  if (text == kOff) return found;
  for (const std::string& item : split_list(text)) {
    if (item == kOff) throw std::invalid_argument("off stands alone");
    const Address one = address(item);
    for (const Address& other : found) {
      if (other.text() != one.text() || one.port == 0) continue;
      throw std::invalid_argument(one.text() + " is there twice");
    }
    found.push_back(one);
  }
  if (found.empty()) address(text);  // which says what is wrong with it
  return found;
}

template <class Value, std::size_t kCount>
Value one_of(const std::string& text,
             const std::array<std::pair<std::string_view, Value>, kCount>& words) {
  std::string known;
  std::vector<std::string> names;
  for (const auto& [word, value] : words) {
    if (text == word) return value;
    known += (known.empty() ? "" : ", ") + std::string(word);
    names.emplace_back(word);
  }
  throw std::invalid_argument("\"" + text + "\" is none of " + known + did_you_mean(text, names));
}

constexpr std::array<std::pair<std::string_view, base::Durability>, 3> kDurabilities{{
    {"none", base::Durability::kNone},
    {"process", base::Durability::kProcess},
    {"power", base::Durability::kPower},
}};

constexpr std::array<std::pair<std::string_view, log::Level>, 6> kLevels{{
    {"trace", log::Level::kTrace},
    {"debug", log::Level::kDebug},
    {"info", log::Level::kInfo},
    {"warn", log::Level::kWarn},
    {"error", log::Level::kError},
    {"off", log::Level::kOff},
}};

constexpr std::array<std::pair<std::string_view, log::Format>, 2> kFormats{{
    {"text", log::Format::kText},
    {"json", log::Format::kJson},
}};

constexpr std::array<std::pair<std::string_view, bool>, 2> kAuthModes{{
    {"off", false},
    {"verify", true},
}};

// Whether TLS is spoken, and whether nothing else is.
constexpr std::array<std::pair<std::string_view, std::pair<bool, bool>>, 3> kTlsModes{{
    {"auto", {true, false}},
    {"only", {true, true}},
    {"off", {false, false}},
}};

constexpr std::array<std::pair<std::string_view, Config::ClientCertificates>, 3>
    kClientCertificates{{
        {"no", Config::ClientCertificates::kNo},
        {"optional", Config::ClientCertificates::kOptional},
        {"required", Config::ClientCertificates::kRequired},
    }};

constexpr std::array<std::pair<std::string_view, bool>, 6> kSwitch{{
    {"on", true},
    {"off", false},
    {"true", true},
    {"false", false},
    {"1", true},
    {"0", false},
}};

constexpr std::array<std::string_view, 4> kHttpServices{"s3", "dynamodb", "kms", "sts"};

std::vector<std::string> services(const std::string& text) {
  std::vector<std::string> items = split_list(text);
  const std::vector<std::string> known(kHttpServices.begin(), kHttpServices.end());
  for (const std::string& item : items) {
    if (std::find(known.begin(), known.end(), item) != known.end()) continue;
    throw std::invalid_argument("\"" + item + "\" is none of s3, dynamodb, kms, sts" +
                                did_you_mean(item, known));
  }
  return items;
}

std::filesystem::path data_folder(const std::string& text) {
  if (text == kOff) return {};
  if (!text.empty()) return text;
  throw std::invalid_argument(
      "the name is empty; off, or no --data at all, is a scratch folder that goes away at exit");
}

constexpr std::string_view kUnix = "unix:";

// "unix:PATH" beside the address of the same name.
void add_unix_path(std::vector<RedisPlace>& places, const std::string& name,
                   const std::string& path) {
  if (path.empty() || path.front() != '/') {
    throw std::invalid_argument("unix:" + path +
                                " is no absolute path, such as unix:/run/redis.sock");
  }
  const auto place = std::find_if(places.begin(), places.end(),
                                  [&](const RedisPlace& one) { return one.name == name; });
  if (place == places.end()) {
    throw std::invalid_argument("unix:" + path + " goes behind the address of the same Redis: " +
                                (name.empty() ? "" : name + "=") + "6379," +
                                (name.empty() ? "" : name + "=") + "unix:" + path);
  }
  if (!place->unix_path.empty()) throw std::invalid_argument("there can be one unix: of a Redis");
  place->unix_path = path;
}

std::vector<RedisPlace> redis_places(const std::string& text) {
  std::vector<RedisPlace> places;
  if (text == kOff) return places;
  for (const std::string& item : split_list(text)) {
    const std::size_t mark = item.starts_with(kUnix) ? std::string::npos : item.find('=');
    const std::string name = mark == std::string::npos ? "" : item.substr(0, mark);
    if (mark != std::string::npos && !is_redis_name(name)) {
      throw std::invalid_argument("\"" + name + "\" is no name: 1 to 64 of a to z, 0 to 9 and -");
    }
    const std::string where = mark == std::string::npos ? item : item.substr(mark + 1);
    if (where.starts_with(kUnix)) {
      add_unix_path(places, name, where.substr(kUnix.size()));
      continue;
    }
    for (const RedisPlace& other : places) {
      if (other.name != name) continue;
      throw std::invalid_argument(name.empty() ? "there can be one address without a name only"
                                               : "\"" + name + "\" is there twice");
    }
    if (where == kOff) throw std::invalid_argument("off stands alone");
    places.push_back({name, address(where)});
  }
  if (places.empty()) address(text);  // which says what is wrong with it
  return places;
}

unsigned socket_mode(const std::string& text) {
  constexpr std::size_t kMaxDigits = 3;
  const bool octal = !text.empty() && text.size() <= kMaxDigits &&
                     text.find_first_not_of("01234567") == std::string::npos;
  if (!octal) throw std::invalid_argument("\"" + text + "\" is no mode, such as 700 or 770");
  return static_cast<unsigned>(std::stoul(text, nullptr, 8));
}

std::map<std::string, std::filesystem::path, std::less<>> acl_files(const std::string& text) {
  std::map<std::string, std::filesystem::path, std::less<>> files;
  for (const std::string& item : split_list(text)) {
    const std::size_t mark = item.find('=');
    const bool named = mark != std::string::npos && is_redis_name(item.substr(0, mark));
    const std::string name = named ? item.substr(0, mark) : "";
    if (!files.emplace(name, named ? item.substr(mark + 1) : item).second) {
      throw std::invalid_argument(name.empty() ? "there can be one file without a name only"
                                               : "\"" + name + "\" is there twice");
    }
  }
  return files;
}

std::vector<RedisClusterPlan> cluster_plans(const std::string& text) {
  std::vector<RedisClusterPlan> plans;
  if (text == kOff) return plans;
  for (const std::string& item : split_list(text)) {
    const std::size_t mark = item.find('=');
    const std::string name = mark == std::string::npos ? "" : item.substr(0, mark);
    const auto [shards, replicas] =
        redis_cluster_shape(mark == std::string::npos ? item : item.substr(mark + 1));
    plans.push_back({name, shards, replicas});
  }
  return plans;
}

std::vector<std::string> origins(const std::string& text) {
  std::vector<std::string> items = split_list(text);
  for (const std::string& item : items) {
    if (http::is_origin_pattern(item)) continue;
    throw std::invalid_argument("\"" + item +
                                "\" is no origin, such as https://app.example.com:3000, "
                                "app.example.com or *.example.com");
  }
  return items;
}

constexpr Setting kSettings[] = {
    {"http", "ADDR:PORT,...", "127.0.0.1:4566",
     "Where S3, DynamoDB, KMS and STS answer, all of them at each address. A PORT alone is one of "
     "127.0.0.1, :PORT one of all addresses, port 0 a free one; off serves none of them.",
     [](Config& config, const std::string& text) { config.http = addresses(text); }},
    {"redis", "[NAME=]ADDR:PORT,...", "127.0.0.1:6379",
     "Where Redis answers, in the same words; off serves it not. "
     "Each NAME is a Redis of its own, with its own data; SHUTDOWN ends that one alone. "
     "unix:PATH behind an address is a socket in the file system besides.",
     [](Config& config, const std::string& text) { config.redis = redis_places(text); }},
    {"redis-socket-mode", "MODE", "700",
     "Who may use the sockets unix:PATH of --redis: permissions in octal (unixsocketperm).",
     [](Config& config, const std::string& text) { config.redis_socket_mode = socket_mode(text); }},
    {"redis-cluster", "[NAME=]MASTERS[xREPLICAS],...", "off",
     "Shows that Redis as a cluster: a node at each port from the one of --redis on. 3x1 is three "
     "masters with one replica each, six ports.",
     [](Config& config, const std::string& text) { config.redis_clusters = cluster_plans(text); }},
    {"redis-announce", "HOST", "",
     "The host that clusters name to clients: an address, a name, or unknown, so that clients "
     "stay with the host they know. Without it the address at which a client came.",
     [](Config& config, const std::string& text) { config.redis_announce = text; }},
    {"services", "NAME,...", "",
     "Which of s3, dynamodb, kms and sts answer over HTTP; without it all of them.",
     [](Config& config, const std::string& text) { config.services = services(text); }},
    {"data", "DIR", "off",
     "Folder of the data, created when absent; off is a scratch folder that goes away at exit.",
     [](Config& config, const std::string& text) { config.data = data_folder(text); }},
    {"seed", "FILE", "",
     "YAML or JSON file of buckets, tables and keys, which are made at the start where they are "
     "not there.",
     [](Config& config, const std::string& text) { config.seed = text; }},
    {"init", "DIR,...", "/etc/localstack/init,/etc/bodega/init",
     "Folders whose boot.d, start.d, ready.d and shutdown.d have scripts and seed files to be run "
     "then; off: none.",
     [](Config& config, const std::string& text) {
       config.init.clear();
       if (text == "off") return;
       for (std::string& folder : split_list(text)) config.init.emplace_back(std::move(folder));
     }},
    {"redis-import", "FILE", "",
     "RDB file whose keys Redis has from the start, unless it has some already: a copy of another "
     "server's data.",
     [](Config& config, const std::string& text) { config.redis_import = text; }},
    {"durability", "LEVEL", "process",
     "What an acknowledged write survives: "
     "none (a clean exit), process (a kill), power (a power cut).",
     [](Config& config, const std::string& text) {
       config.durability = one_of(text, kDurabilities);
     }},
    {"threads", "N", "0", "Event loops for HTTP; 0 is one per core.",
     [](Config& config, const std::string& text) {
       config.threads = static_cast<unsigned>(number(text, 0, 1024));
     }},
    {"log-level", "LEVEL", "info",
     "trace, debug (each request), info, warn, error or off; the log goes to standard error.",
     [](Config& config, const std::string& text) { config.log_level = one_of(text, kLevels); }},
    {"log-format", "FORM", "text", "text, coloured on a terminal unless NO_COLOR is set, or json.",
     [](Config& config, const std::string& text) { config.log_format = one_of(text, kFormats); }},
    {"auth", "MODE", "off",
     "off accepts any access key; verify checks every signature against --credentials.",
     [](Config& config, const std::string& text) {
       config.verify_signatures = one_of(text, kAuthModes);
     }},
    {"credentials", "FILE", "", "Access keys for --auth verify, in the form of ~/.aws/credentials.",
     [](Config& config, const std::string& text) { config.credentials = text; }},
    {"root-user", "NAME", "", "An access key besides --credentials, which need not be there then.",
     [](Config& config, const std::string& text) { config.root_user = text; }},
    {"root-password", "TEXT", "", "The secret key that goes with --root-user.",
     [](Config& config, const std::string& text) { config.root_password = text; },
     Secrecy::kSecret},
    {"shared-db", "", "off",
     "One set of DynamoDB tables for all regions and access keys, as DynamoDB Local's -sharedDb.",
     [](Config& config, const std::string& text) { config.shared_db = one_of(text, kSwitch); }},
    {"domains", "NAME,...", "",
     "More host names under which BUCKET.NAME means a bucket, "
     "besides localhost and the usual ones.",
     [](Config& config, const std::string& text) { config.domains = split_list(text); }},
    {"cors-origins", "NAME,...", "",
     "Web pages that may use the server while --auth is off, besides this machine's own: "
     "origins or host names; * is every page there is.",
     [](Config& config, const std::string& text) { config.cors_origins = origins(text); }},
    {"tls", "MODE", "auto",
     "auto speaks TLS (HTTPS, rediss) on the same ports to each client that begins with it; "
     "off closes the connections of such clients, only those of all others.",
     [](Config& config, const std::string& text) {
       std::tie(config.tls, config.tls_only) = one_of(text, kTlsModes);
     }},
    {"tls-cert", "FILE", "",
     "Certificate (PEM, with its chain) to show instead of those of the server's own certificate "
     "authority, which bodega ca prints.",
     [](Config& config, const std::string& text) { config.tls_certificate = text; }},
    {"tls-key", "FILE", "", "Private key (PEM, without a password) of that certificate.",
     [](Config& config, const std::string& text) { config.tls_key = text; }},
    {"tls-auth-clients", "MODE", "no",
     "Whether TLS clients must show a certificate that --tls-ca signed: no, optional (one that is "
     "shown must be right) or required.",
     [](Config& config, const std::string& text) {
       config.client_certificates = one_of(text, kClientCertificates);
     }},
    {"tls-ca", "FILE", "", "Certificates (PEM) of the authorities that sign those of clients.",
     [](Config& config, const std::string& text) { config.tls_client_authorities = text; }},
    {"redis-password", "TEXT", "", "Password that Redis clients must give (requirepass).",
     [](Config& config, const std::string& text) { config.redis_password = text; },
     Secrecy::kSecret},
    {"redis-password-file", "FILE", "", "File whose first line is that password.",
     [](Config& config, const std::string& text) { config.redis_password_file = text; }},
    {"redis-acl-file", "[NAME=]FILE,...", "",
     "File of users and what they may do (aclfile), a line \"user NAME RULES...\" each; for the "
     "--redis of that NAME.",
     [](Config& config, const std::string& text) { config.redis_acl_files = acl_files(text); }},
    {"max-connections", "N", "10000", "HTTP connections at a time; more are answered 503.",
     [](Config& config, const std::string& text) {
       config.max_connections = number(text, 1, 1'000'000);
     }},
    {"idle-timeout", "SECONDS", "75", "How long an HTTP connection may wait between two requests.",
     [](Config& config, const std::string& text) {
       config.idle_timeout = std::chrono::seconds(number(text, 1, 86'400));
     }},
    {"stop-timeout", "SECONDS", "8",
     "How long the exit waits for requests in flight (Docker kills after 10).",
     [](Config& config, const std::string& text) {
       config.stop_timeout = std::chrono::seconds(number(text, 1, 86'400));
     }},
    {"verify-reads", "PERCENT", "0",
     "How many of 100 GETs of whole objects are first read against their checksums; "
     "damage answers 500 then.",
     [](Config& config, const std::string& text) {
       config.verify_reads_percent = static_cast<unsigned>(number(text, 0, 100));
     }},
    // Read before all others; see config.cc.
    {"config", "FILE", "", "File with settings, a line each: threads = 4.",
     [](Config&, const std::string&) {}},
};

}  // namespace

std::span<const Setting> settings() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  const auto* found = std::find_if(std::begin(kSettings), std::end(kSettings),
                                   [name](const Setting& one) { return one.name == name; });
  return found == std::end(kSettings) ? nullptr : found;
}

std::vector<std::string> setting_names(std::string_view prefix) {
  std::vector<std::string> names;
  for (const Setting& setting : settings()) {
    names.push_back(std::string(prefix) + std::string(setting.name));
  }
  return names;
}

std::span<const std::string_view> http_services() { return kHttpServices; }

std::vector<std::string> served_over_http(const Config& config) {
  if (config.http.empty()) return {};
  if (!config.services.empty()) return config.services;
  return {kHttpServices.begin(), kHttpServices.end()};
}

bool is_redis_name(std::string_view text) {
  constexpr std::size_t kMaxCharacters = 64;
  return !text.empty() && text.size() <= kMaxCharacters &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::pair<unsigned, unsigned> redis_cluster_shape(const std::string& text) {
  constexpr std::int64_t kMaxShards = 500;  // ElastiCache's limits
  constexpr std::int64_t kMaxReplicas = 5;
  const std::size_t mark = text.find('x');
  const auto shards = base::canonical_integer(text.substr(0, mark));
  const auto replicas = mark == std::string::npos ? std::optional<std::int64_t>(0)
                                                  : base::canonical_integer(text.substr(mark + 1));
  if (!shards || *shards < 1 || *shards > kMaxShards || !replicas || *replicas < 0 ||
      *replicas > kMaxReplicas) {
    throw std::invalid_argument("\"" + text +
                                "\" is no shape such as 3 or 3x1: 1 to 500 masters, and 0 to 5 "
                                "replicas of each");
  }
  return {static_cast<unsigned>(*shards), static_cast<unsigned>(*replicas)};
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> items;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    const std::string_view item = base::trim(std::string_view(text).substr(start, end - start));
    if (!item.empty()) items.emplace_back(item);
    start = end + 1;
  }
  return items;
}

std::string environment_name(const Setting& setting) {
  std::string name = "BODEGA_";
  for (const char c : setting.name) {
    name += c == '-' ? '_' : static_cast<char>(c - (c >= 'a' && c <= 'z' ? 'a' - 'A' : 0));
  }
  return name;
}

std::string settings_as_markdown() {
  std::string out = "| flag | environment | default | |\n|---|---|---|---|\n";
  for (const Setting& setting : settings()) {
    out.append("| `--").append(setting.name);
    if (!setting.is_switch()) out.append(" ").append(setting.value);
    out.append("` | `");
    out.append(environment_name(setting)).append("` | ");
    if (!setting.standard.empty()) out.append("`").append(setting.standard).append("`");
    out.append(" | ").append(setting.help).append(" |\n");
  }
  return out;
}

}  // namespace bodega::server
