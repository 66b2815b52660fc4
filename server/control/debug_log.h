// The debug log: a line for each request, while the log is at debug.
#pragma once

#include "protocol/observe/observer.h"

namespace bodega::server {

// "GET /bucket/key 404 s3.GetObject NoSuchKey 211us 0123456789ABCDEF"
class DebugLog final : public observe::Observer {
 public:
  void after(const observe::Exchange& exchange) override;
  // Redis has MONITOR and SLOWLOG.
  void after(const observe::Batch&) override {}
};

}  // namespace bodega::server
