#include "server/command/acl_file.h"

#include "protocol/redis/acl/file.h"
#include "protocol/redis/wire/errors.h"
#include "server/net/start_error.h"

namespace bodega::server {

std::string acl_lines_of(const std::filesystem::path& file) {
  std::string lines;
  try {
    lines = redis::read_acl_file(file.string());
  } catch (const redis::Error&) {
    throw StartError("--redis-acl-file: " + file.string() + " cannot be read");
  }
  const std::string faults = redis::acl_faults(lines, file.string());
  if (!faults.empty()) throw StartError("--redis-acl-file: " + faults);
  return lines;
}

}  // namespace bodega::server
