#include "protocol/redis/acl/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engines/base/descriptor.h"
#include "engines/base/log.h"
#include "engines/base/sync_path.h"
#include "protocol/redis/acl/users.h"
#include "protocol/redis/wire/errors.h"

namespace bodega::redis {
namespace {

[[noreturn]] void fail(const std::string& path) {
  log::error("redis: ACL SAVE: " + path + ": " + std::strerror(errno));
  throw Error(
      "ERR There was an error trying to save the ACLs. Please check the server logs for more "
      "information");
}

// Syncing the folder makes the new name last.
bool replace_file(const std::string& made, const std::string& path) {
  if (::rename(made.c_str(), path.c_str()) != 0) return false;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  errno = base::try_sync_path(folder.empty() ? "." : folder);
  return errno == 0;
}

}  // namespace

std::string read_acl_file(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) {
    throw Error("ERR Error loading ACLs, opening file '" + path + "': " + std::strerror(errno));
  }
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_acl_file(const std::string& path, std::string_view lines) {
  std::string unfinished = path + ".XXXXXX";
  const base::Descriptor file(
      ::mkostemp(unfinished.data(), O_CLOEXEC));  // readable by its owner alone
  if (!file.is_open()) fail(unfinished);
  if (base::write_durably(file.get(), lines) && replace_file(unfinished, path)) return;
  const int error = errno;
  ::unlink(unfinished.c_str());
  errno = error;
  fail(path);
}

std::string acl_faults(std::string_view lines, std::string_view path) {
  CommandTable table;
  try {
    AclUsers(table).from_lines(lines, path);
    return {};
  } catch (const Error& error) {
    return error.text().substr(error.text().find(' ') + 1);
  }
}

}  // namespace bodega::redis
