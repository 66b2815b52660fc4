#include "protocol/redis/errors.h"

namespace bodega::redis::errors {

Error wrong_arity(std::string_view full_name) {
  return Error("ERR wrong number of arguments for '" + std::string(full_name) + "' command");
}

Error invalid_expire(std::string_view full_name) {
  return Error("ERR invalid expire time in '" + std::string(full_name) + "' command");
}

}  // namespace bodega::redis::errors
