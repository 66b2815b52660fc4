#include "server/command/check_command.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "engines/world/folder_lock.h"
#include "server/command/acl_file.h"
#include "server/command/settings.h"
#include "server/net/listen.h"
#include "server/net/start_error.h"

namespace bodega::server {
namespace {

enum class Verdict : std::uint8_t { kFine, kInTheWay };

Verdict report(Verdict verdict, const std::string& subject, const std::string& finding) {
  std::printf("%-6s %s: %s\n", verdict == Verdict::kFine ? "ok" : "FAULT", subject.c_str(),
              finding.c_str());
  return verdict;
}

Verdict check_port(const Address& address, const char* flag, const std::string& subject,
                   const std::string& served) {
  try {
    asio::io_context context;
    listen_on(context, address, flag);
  } catch (const StartError& error) {
    return report(Verdict::kInTheWay, subject, error.what());
  }
  return report(Verdict::kFine, subject, "free, for " + served);
}

Verdict check_acl_file(const std::filesystem::path& file) {
  const std::string subject = "users of Redis in " + file.string();
  try {
    acl_lines_of(file);
  } catch (const StartError& error) {
    return report(Verdict::kInTheWay, subject, error.what());
  }
  return report(Verdict::kFine, subject, "can be used");
}

std::string names_of_services(const Config& config) {
  std::string names;
  for (const std::string& service : served_over_http(config)) {
    names += (names.empty() ? "" : ", ") + service;
  }
  return names;
}

bool is_writable(const std::filesystem::path& folder) {
  return ::access(folder.c_str(), W_OK | X_OK) == 0;
}

Verdict check_data(const std::filesystem::path& data) {
  if (data.empty()) return report(Verdict::kFine, "data", "in a scratch folder that goes away");
  const std::string subject = "data in " + data.string();
  std::error_code error;
  if (std::filesystem::is_directory(data, error)) {
    if (!is_writable(data)) return report(Verdict::kInTheWay, subject, "cannot be written to");
    if (world::FolderLock::is_held(data)) {
      return report(Verdict::kInTheWay, subject, "in use by another Bodega");
    }
    return report(Verdict::kFine, subject, "can be used");
  }
  if (std::filesystem::exists(data, error)) {
    return report(Verdict::kInTheWay, subject, "is no folder");
  }
  std::filesystem::path parent = std::filesystem::absolute(data, error).parent_path();
  while (!std::filesystem::exists(parent, error) && parent.has_relative_path()) {
    parent = parent.parent_path();
  }
  if (!std::filesystem::is_directory(parent, error) || !is_writable(parent)) {
    return report(Verdict::kInTheWay, subject, "cannot be made in " + parent.string());
  }
  return report(Verdict::kFine, subject, "will be made");
}

// Of a cluster the address of each node.
std::vector<Address> node_addresses(const Config& config, const RedisPlace& place) {
  std::vector<Address> out{place.address};
  for (const RedisClusterPlan& plan : config.redis_clusters) {
    if (plan.name != place.name || place.address.port == 0) continue;
    while (out.size() < plan.shards * (plan.replicas + 1)) {
      out.push_back(out.back());
      ++out.back().port;
    }
  }
  return out;
}

}  // namespace

int check_command(Arguments arguments) {
  const Config config = read_config(arguments, process_environment());
  for (const std::string& taken : config.taken) std::printf("taken  %s\n", taken.c_str());
  for (const std::string& warning : config.warnings) std::printf("note   %s\n", warning.c_str());
  bool fine = check_data(config.data) == Verdict::kFine;
  for (const Address& address : config.http) {
    const std::string subject = "http://" + address.text();
    fine =
        check_port(address, "--http", subject, names_of_services(config)) == Verdict::kFine && fine;
  }
  for (const RedisPlace& place : config.redis) {
    const std::string name = place.name.empty() ? "" : place.name + "=";
    for (const Address& address : node_addresses(config, place)) {
      const std::string subject = name + "redis://" + address.text();
      fine = check_port(address, "--redis", subject, "Redis") == Verdict::kFine && fine;
    }
  }
  for (const auto& [name, file] : config.redis_acl_files) {
    fine = check_acl_file(file) == Verdict::kFine && fine;
  }
  return fine ? 0 : 1;
}

}  // namespace bodega::server
