#include "server/command/peers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "engines/base/text.h"

namespace bodega::server {
namespace {

// ---- MinIO's command line ----

constexpr std::string_view kMinioServer = "server";

// Its flags that take a value and are none of ours.
constexpr std::array<std::string_view, 2> kMinioFlags{"--address", "--console-address"};

void add_minio_flag(const std::string& name, const std::string& value, PeerCommandLine& line) {
  if (name == "--address") {
    line.words.push_back("--http=" + value);
    return;
  }
  // Test libraries always give it, so it cannot be refused.
  line.warnings.push_back("--console-address " + value +
                          " has no effect: nothing answers there; what Bodega says of itself is at "
                          "/_bodega/ of its HTTP addresses");
}

PeerCommandLine translate_minio(const std::vector<std::string>& words) {
  PeerCommandLine line;
  line.is_minio = true;
  line.standards["http"] = {"127.0.0.1:9000", "server"};
  std::vector<std::string> folders;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string name = words[i].substr(0, equals);
    const bool is_minio =
        std::find(kMinioFlags.begin(), kMinioFlags.end(), name) != kMinioFlags.end();
    const Setting* ours = name.starts_with("--") ? find_setting(name.substr(2)) : nullptr;
    const bool takes_next = (is_minio || (ours != nullptr && !ours->is_switch())) &&
                            equals == std::string::npos && i + 1 < words.size();
    if (is_minio && !takes_next && equals == std::string::npos) {
      throw UsageError(name + " needs a value");
    }
    if (is_minio) {
      add_minio_flag(name, takes_next ? words[++i] : words[i].substr(equals + 1), line);
    } else if (words[i].starts_with('-')) {
      if (ours == nullptr && name != "--repair") {
        throw UsageError(name + " of bodega server is not carried out");
      }
      line.words.push_back(words[i]);
      if (takes_next) line.words.push_back(words[++i]);
    } else {
      folders.push_back(words[i]);
    }
  }
  if (folders.size() != 1) {
    throw UsageError("bodega server takes one folder: bodega server DIR [--address :9000]");
  }
  line.words.push_back("--data=" + folders.front());
  return line;
}

// ---- DynamoDB Local's command line ----

enum class Takes : std::uint8_t { kNothing, kValue };

struct LocalFlag {
  std::string_view name;
  Takes takes;
  std::string_view ours;     // what it is here; a value follows it. Empty: it needs no doing
  std::string_view refusal;  // why it is not carried out
};

constexpr LocalFlag kLocalFlags[] = {
    {"-sharedDb", Takes::kNothing, "--shared-db", ""},
    {"-inMemory", Takes::kNothing, "--data=off", ""},
    {"-port", Takes::kValue, "--http=", ""},
    {"-dbPath", Takes::kValue, "--data=", ""},
    {"-cors", Takes::kValue, "--cors-origins=", ""},
    {"-jar", Takes::kValue, "", ""},                 // its program
    {"-disableTelemetry", Takes::kNothing, "", ""},  // there is none here
    {"-delayTransientStatuses", Takes::kNothing, "",
     "tables change their state without delay here"},
    {"-optimizeDbBeforeStartup", Takes::kNothing, "", "the data folder needs no optimizing"},
};

const LocalFlag* find_local_flag(std::string_view word) {
  const auto* found = std::find_if(std::begin(kLocalFlags), std::end(kLocalFlags),
                                   [word](const LocalFlag& one) { return one.name == word; });
  return found == std::end(kLocalFlags) ? nullptr : found;
}

PeerCommandLine translate_dynamodb_local(const std::vector<std::string>& words) {
  PeerCommandLine line;
  line.standards["http"] = {"127.0.0.1:8000", "-port"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with("-Djava.library.path=")) continue;
    const LocalFlag* flag = find_local_flag(words[i]);
    if (flag == nullptr) {
      line.words.push_back(words[i]);
      continue;
    }
    if (!flag->refusal.empty()) {
      throw UsageError(words[i] + " is not carried out: " + std::string(flag->refusal));
    }
    std::string value;
    if (flag->takes == Takes::kValue) {
      if (i + 1 == words.size()) throw UsageError(words[i] + " needs a value");
      value = words[++i];
    }
    if (flag->name == "-jar" && !value.ends_with("DynamoDBLocal.jar")) {
      throw UsageError("-jar " + value + ": only DynamoDBLocal.jar is understood");
    }
    if (!flag->ours.empty()) line.words.push_back(std::string(flag->ours) + value);
  }
  const auto has = [&words](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (has("-inMemory") && has("-dbPath")) throw UsageError("give -inMemory or -dbPath, not both");
  return line;
}

// ---- Redis's command line ----

constexpr std::array<std::string_view, 2> kRedisServers{"redis-server", "valkey-server"};

struct RedisFlag {
  std::string_view name;
  std::string_view ours;  // the value follows it. Empty: it needs no doing
};

constexpr RedisFlag kRedisFlags[] = {
    {kRedisPasswordFlag, "--redis-password="},
    {"--aclfile", "--redis-acl-file="},
    {"--port", "--redis="},
    {"--dir", "--data="},
    {"--tls-cert-file", "--tls-cert="},
    {"--tls-key-file", "--tls-key="},
    {"--tls-ca-cert-file", "--tls-ca="},
    // What is acknowledged is stored, as --durability says, in whatever folder there is.
    {"--save", ""},
    {"--appendonly", ""},
};

// Some test libraries give a flag and its value in one word, the value in quotes or not.
std::vector<std::string> split_at_blanks(const std::vector<std::string>& words) {
  std::vector<std::string> parts;
  for (const std::string& word : words) {
    const std::size_t blank = word.starts_with("--") ? word.find(' ') : std::string::npos;
    parts.push_back(word.substr(0, blank));
    if (blank == std::string::npos) continue;
    std::string_view value = base::trim(std::string_view(word).substr(blank));
    const bool is_quoted = value.size() > 1 && value.front() == '"' && value.back() == '"';
    parts.emplace_back(is_quoted ? value.substr(1, value.size() - 2) : value);
  }
  return parts;
}

PeerCommandLine translate_redis(const std::vector<std::string>& all) {
  PeerCommandLine line;
  const std::vector<std::string> words = split_at_blanks(all);
  for (std::size_t i = 1; i < words.size();) {
    const std::string& name = words[i];
    const auto* flag = std::find_if(std::begin(kRedisFlags), std::end(kRedisFlags),
                                    [&name](const RedisFlag& one) { return one.name == name; });
    if (flag == std::end(kRedisFlags)) {
      throw UsageError("\"" + name + "\" of " + words.front() + " is not carried out");
    }
    std::vector<std::string> values;
    for (++i; i < words.size() && !words[i].starts_with("--"); ++i) values.push_back(words[i]);
    if (values.empty()) throw UsageError(name + " needs a value");
    if (flag->ours.empty()) continue;
    line.words.push_back(std::string(flag->ours) + values.front());
  }
  return line;
}

// ---- Variables ----

using Warnings = std::vector<std::string>;
using Translated = std::optional<std::string>;

bool is_yes(std::string_view text) { return text == "1" || base::to_lower(text) == "true"; }

Translated as_it_is(const std::string& value, const Environment&, Warnings&) { return value; }

Translated if_yes(const std::string& value, std::string_view meaning) {
  return is_yes(value) ? Translated(meaning) : std::nullopt;
}

// LocalStack lets the port be left out.
Translated gateway(const std::string& value, const Environment&, Warnings&) {
  std::string addresses;
  for (const std::string& item : split_list(value)) {
    const bool complete = item.find_first_not_of("0123456789") == std::string::npos ||
                          item.find(':') != std::string::npos;
    addresses += (addresses.empty() ? "" : ",") + item + (complete ? "" : ":4566");
  }
  return addresses;
}

Translated host_alone(const std::string& value, const Environment&, Warnings&) {
  return value.substr(0, value.find(':'));
}

Translated folder(const std::string& value, const Environment&, Warnings&) {
  return if_yes(value, "/var/lib/localstack");
}

Translated shared_db(const std::string& value, const Environment&, Warnings&) {
  return if_yes(value, "on");
}

Translated debug(const std::string& value, const Environment&, Warnings&) {
  return if_yes(value, "debug");
}

Translated log_level(const std::string& value, const Environment&, Warnings&) {
  const std::string word = base::to_lower(value);
  if (word == "warning") return "warn";
  if (word == "trace-internal") return "trace";
  const bool known =
      word == "trace" || word == "debug" || word == "info" || word == "warn" || word == "error";
  return known ? Translated(word) : std::nullopt;
}

// As LocalStack has it, what is not named is not served, unless STRICT_SERVICE_LOADING is 0. When
// nothing that is named is here, the variable is for somebody else.
Translated services(const std::string& value, const Environment& environment, Warnings& warnings) {
  const auto strict = environment.find("STRICT_SERVICE_LOADING");
  if (strict != environment.end() && (strict->second == "0" || strict->second == "false")) {
    return std::nullopt;
  }
  std::string here;
  std::string missing;
  for (const std::string& item : split_list(value)) {
    const std::string name = base::to_lower(item.substr(0, item.find(':')));
    const auto known = http_services();
    std::string& names =
        std::find(known.begin(), known.end(), name) != known.end() ? here : missing;
    names += (names.empty() ? "" : ",") + name;
  }
  if (!missing.empty()) {
    warnings.push_back("SERVICES asks for what is not here: " + missing);
  }
  return here.empty() ? std::nullopt : Translated(here);
}

struct PeerVariable {
  std::string_view name;
  std::string_view setting;
  // Nothing: it means nothing here.
  Translated (*translate)(const std::string& value, const Environment&, Warnings&);
};

// Of several for a setting, the first that is there and means something counts.
constexpr PeerVariable kVariables[] = {
    // LocalStack
    {"GATEWAY_LISTEN", "http", gateway},
    {"LOCALSTACK_HOST", "domains", host_alone},
    {"HOSTNAME_EXTERNAL", "domains", host_alone},  // its name until version 2
    {"PERSISTENCE", "data", folder},
    {"SERVICES", "services", services},
    {"DYNAMODB_SHARE_DB", "shared-db", shared_db},
    {"LS_LOG", "log-level", log_level},
    {"DEBUG", "log-level", debug},
    // MinIO; the second names are those until 2021
    {"MINIO_ROOT_USER", "root-user", as_it_is},
    {"MINIO_ROOT_PASSWORD", "root-password", as_it_is},
    {"MINIO_ACCESS_KEY", "root-user", as_it_is},
    {"MINIO_SECRET_KEY", "root-password", as_it_is},
    {"MINIO_DOMAIN", "domains", as_it_is},
};

}  // namespace

PeerCommandLine translate_command_line(std::vector<std::string> words) {
  if (!words.empty() && words.front() == kMinioServer) return translate_minio(words);
  if (!words.empty() &&
      std::find(kRedisServers.begin(), kRedisServers.end(), words.front()) != kRedisServers.end()) {
    return translate_redis(words);
  }
  const bool is_local = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return find_local_flag(word) != nullptr;
  });
  if (is_local) return translate_dynamodb_local(words);
  PeerCommandLine line;
  line.words = std::move(words);
  return line;
}

GivenSettings read_peer_environment(const Environment& environment, Warnings& warnings) {
  GivenSettings given;
  for (const PeerVariable& variable : kVariables) {
    const auto found = environment.find(variable.name);
    if (found == environment.end() || found->second.empty()) continue;
    if (given.contains(variable.setting)) continue;
    const Translated text = variable.translate(found->second, environment, warnings);
    if (!text) continue;
    given[std::string(variable.setting)] = {*text, std::string(variable.name)};
  }
  // Half a key is none.
  if (given.contains("root-user") != given.contains("root-password")) {
    given.erase("root-user");
    given.erase("root-password");
  }
  return given;
}

std::string taken_sentence(const Setting& setting, const Given& given) {
  std::string sentence(setting.name);
  if (setting.secrecy == Secrecy::kPlain) sentence += " = " + given.text;
  return sentence + " (" + given.source + ")";
}

}  // namespace bodega::server
