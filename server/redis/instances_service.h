// /_bodega/redis: the Redis instances of the process. GET lists them, POST makes one that is there
// until it is deleted or the process ends, DELETE ends one.
#pragma once

#include <string>

#include "protocol/http/message.h"

namespace bodega::server {

class ControlService;
class RedisInstances;

// A shape such as "3x1". Throws std::invalid_argument.
using ReadShape = std::pair<unsigned, unsigned> (*)(const std::string& text);
using CheckName = bool (*)(std::string_view name);

class RedisInstancesService {
 public:
  // `instances` must outlive the requests. The two functions are those of the settings.
  RedisInstancesService(RedisInstances& instances, ReadShape read_shape, CheckName check_name)
      : instances_(instances), read_shape_(read_shape), check_name_(check_name) {}

  // Adds the path. Outlives the requests.
  void add_to(ControlService& control);

 private:
  class Ending;

  http::Begun begin(const http::RequestHead& head);
  http::Reply list() const;
  http::Reply make(const http::RequestHead& head);
  http::Begun remove(const http::RequestHead& head);

  RedisInstances& instances_;
  const ReadShape read_shape_;
  const CheckName check_name_;
};

}  // namespace bodega::server
