// The debug log: a line for each request and Redis command, while the log is at debug.
#pragma once

#include "protocol/observe/observer.h"

namespace bodega::server {

// "GET /bucket/key 404 s3.GetObject NoSuchKey 211us 0123456789ABCDEF"
// "LPUSH "key" "value" redis.lpush WRONGTYPE 12us"
class DebugLog final : public observe::Observer {
 public:
  void after(const observe::Exchange& exchange) override;
  // The commands that are counted were told of one by one, where anything shows them.
  void after(const observe::Batch&) override {}
};

}  // namespace bodega::server
