#include "protocol/redis/instance/redaction.h"

namespace bodega::redis {

std::vector<std::string_view> redacted(const Command& command, Args args) {
  std::vector<std::string_view> shown(args.begin(), args.end());
  if (command.redact != nullptr) command.redact(args, shown);
  return shown;
}

}  // namespace bodega::redis
