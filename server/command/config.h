// The settings of the process. One table (settings.h) says of each its flag, value, default and
// help; from it come the command line, the environment (BODEGA_ and the flag's name), the --config
// file, --help and the table in the documents. What is nearer wins: command line, environment, the
// environment of the servers that Bodega stands in for (peers.h), file, default.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
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
  std::string unix_path = {};  // of a socket in the file system, besides; empty: none
};

// The place of that name is shown as a cluster of so many masters, each with so many replicas.
struct RedisClusterPlan {
  std::string name;
  unsigned shards = 0;
  unsigned replicas = 0;
};

struct Config {
  std::vector<Address> http;      // none: not served
  std::vector<RedisPlace> redis;  // none: not served
  std::vector<RedisClusterPlan> redis_clusters;
  std::string redis_announce;         // host that clusters name to clients; empty: where they came
  std::vector<std::string> services;  // of HTTP; none: all
  std::filesystem::path data;         // empty: a scratch folder
  base::Durability durability = base::Durability::kProcess;
  unsigned threads = 0;  // 0: one per core
  unsigned verify_reads_percent = 0;
  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kText;
  bool verify_signatures = false;
  std::filesystem::path credentials;
  std::string root_user;  // a key besides those of the credentials file
  std::string root_password;
  bool shared_db = false;
  std::vector<std::string> domains;
  std::vector<std::string> cors_origins;
  bool tls = true;
  bool tls_only = false;                  // plain clients are turned away
  std::filesystem::path tls_certificate;  // with its key: instead of those of our own authority
  std::filesystem::path tls_key;
  // Whether clients are asked for certificates, which these authorities signed.
  enum class ClientCertificates : std::uint8_t { kNo, kOptional, kRequired };
  ClientCertificates client_certificates = ClientCertificates::kNo;
  std::filesystem::path tls_client_authorities;
  unsigned redis_socket_mode = 0;  // of the sockets in the file system
  std::string redis_password;
  std::filesystem::path redis_password_file;
  // By the names of RedisPlace.
  std::map<std::string, std::filesystem::path, std::less<>> redis_acl_files;
  std::filesystem::path settings_file;  // of --config, when the password stands in it
  std::uint64_t max_connections = 0;
  std::chrono::seconds idle_timeout{};
  std::chrono::seconds stop_timeout{};
  std::filesystem::path seed;               // empty: none
  std::filesystem::path redis_import;       // likewise
  std::vector<std::filesystem::path> init;  // folders of scripts and seed files
  bool repair = false;                      // a flag of one start, and no setting
  bool says_as_minio = false;               // the command line was MinIO's

  // What a person should be told before the start, a sentence each: first what was taken from the
  // environment of other servers, then what looks like a mistake.
  std::vector<std::string> taken;
  std::vector<std::string> warnings;
};

// A mistake in the usage. main() prints it in one line and exits with status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The command line without the program's name and subcommand.
using Arguments = std::span<const char* const>;

using Environment = std::map<std::string, std::string, std::less<>>;

// The environment of this process.
Environment process_environment();

// Throws UsageError.
Config read_config(Arguments arguments, const Environment& environment);

// Overwrites the values of secret settings in the arguments themselves, where the process list
// shows them to everybody. After read_config().
void hide_secrets(int argc, char** argv);

}  // namespace bodega::server
