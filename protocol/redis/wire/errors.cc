#include "protocol/redis/wire/errors.h"

namespace bodega::redis::errors {

Error wrong_arity(std::string_view full_name) {
  return Error("ERR wrong number of arguments for '" + std::string(full_name) + "' command");
}

Error wrong_subcommand(std::string_view container, std::string_view given) {
  return Error("ERR unknown subcommand or wrong number of arguments for '" +
               std::string(given.substr(0, 128)) + "'. Try " + std::string(container) + " HELP.");
}

Error invalid_expire(std::string_view full_name) {
  return Error("ERR invalid expire time in '" + std::string(full_name) + "' command");
}

}  // namespace bodega::redis::errors
