#include "server/settings.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string>

#include "engines/base/number_text.h"
#include "protocol/http/browser.h"

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

std::optional<Address> address(const std::string& text) {
  if (text == "off") return std::nullopt;
  const auto parsed = Address::parse(text);
  if (!parsed) {
    throw std::invalid_argument("\"" + text +
                                "\" is not ADDR:PORT, such as 127.0.0.1:4566, or off");
  }
  return parsed;
}

template <class Value, std::size_t kCount>
Value one_of(const std::string& text,
             const std::array<std::pair<std::string_view, Value>, kCount>& words) {
  std::string known;
  for (const auto& [word, value] : words) {
    if (text == word) return value;
    known += (known.empty() ? "" : ", ") + std::string(word);
  }
  throw std::invalid_argument("\"" + text + "\" is none of " + known);
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

constexpr std::array<std::pair<std::string_view, bool>, 2> kAuthModes{{
    {"off", false},
    {"verify", true},
}};

std::vector<std::string> list(const std::string& text) {
  std::vector<std::string> items;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    if (end > start) items.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return items;
}

// A name is a label of metrics and a key in the data folder.
bool is_redis_name(std::string_view text) {
  constexpr std::size_t kMaxCharacters = 64;
  return !text.empty() && text.size() <= kMaxCharacters &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::vector<RedisPlace> redis_places(const std::string& text) {
  std::vector<RedisPlace> places;
  if (text == "off") return places;
  for (const std::string& item : list(text)) {
    const std::size_t mark = item.find('=');
    const std::string name = mark == std::string::npos ? "" : item.substr(0, mark);
    if (mark != std::string::npos && !is_redis_name(name)) {
      throw std::invalid_argument("\"" + name + "\" is no name: 1 to 64 of a to z, 0 to 9 and -");
    }
    for (const RedisPlace& other : places) {
      if (other.name != name) continue;
      throw std::invalid_argument(name.empty() ? "there can be one address without a name only"
                                               : "\"" + name + "\" is there twice");
    }
    const auto parsed = address(name.empty() ? item : item.substr(mark + 1));
    if (!parsed) throw std::invalid_argument("off stands alone");
    places.push_back({name, *parsed});
  }
  if (places.empty()) address(text);  // which says what is wrong with it
  return places;
}

std::vector<std::string> origins(const std::string& text) {
  std::vector<std::string> items = list(text);
  for (const std::string& item : items) {
    if (http::is_origin_pattern(item)) continue;
    throw std::invalid_argument("\"" + item +
                                "\" is no origin, such as https://app.example.com:3000, "
                                "app.example.com or *.example.com");
  }
  return items;
}

constexpr Setting kSettings[] = {
    {"http", "ADDR:PORT", "127.0.0.1:4566",
     "Where S3, DynamoDB, KMS and STS answer; port 0 takes a free one, off serves none of them.",
     [](Config& config, const std::string& text) { config.http = address(text); }},
    {"redis", "[NAME=]ADDR:PORT,...", "127.0.0.1:6379",
     "Where Redis answers; port 0 takes a free one, off serves it not. "
     "Each NAME is a Redis of its own, with its own data; SHUTDOWN ends that one alone.",
     [](Config& config, const std::string& text) { config.redis = redis_places(text); }},
    {"data", "DIR", "",
     "Folder of the data, created when absent. "
     "Without it: a scratch folder that goes away at exit.",
     [](Config& config, const std::string& text) { config.data = text; }},
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
    {"auth", "MODE", "off",
     "off accepts any access key; verify checks every signature against --credentials.",
     [](Config& config, const std::string& text) {
       config.verify_signatures = one_of(text, kAuthModes);
     }},
    {"credentials", "FILE", "", "Access keys for --auth verify, in the form of ~/.aws/credentials.",
     [](Config& config, const std::string& text) { config.credentials = text; }},
    {"domains", "NAME,...", "",
     "More host names under which BUCKET.NAME means a bucket, "
     "besides localhost and the usual ones.",
     [](Config& config, const std::string& text) { config.domains = list(text); }},
    {"cors-origins", "NAME,...", "",
     "Web pages that may use the server while --auth is off, besides this machine's own: "
     "origins or host names; * is every page there is.",
     [](Config& config, const std::string& text) { config.cors_origins = origins(text); }},
    {"redis-password", "TEXT", "", "Password that Redis clients must give (requirepass).",
     [](Config& config, const std::string& text) { config.redis_password = text; },
     Secrecy::kSecret},
    {"redis-password-file", "FILE", "", "File whose first line is that password.",
     [](Config& config, const std::string& text) { config.redis_password_file = text; }},
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
    out.append("| `--").append(setting.name).append(" ").append(setting.value).append("` | `");
    out.append(environment_name(setting)).append("` | ");
    if (!setting.standard.empty()) out.append("`").append(setting.standard).append("`");
    out.append(" | ").append(setting.help).append(" |\n");
  }
  return out;
}

}  // namespace bodega::server
