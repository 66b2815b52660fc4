// The seam for what looks at requests that have been answered: metrics, the log, a request log.
// They are set at the assembly of the process, and hear of every exchange once.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/observe/exchange.h"

namespace bodega::observe {

// Exchanges of one operation, counted together: the Redis commands of half a second.
struct Batch {
  std::string_view service;    // static text
  std::string_view operation;  // static text
  std::uint64_t count = 0;
  std::uint64_t errors = 0;  // of count
  std::uint64_t total_us = 0;
};

// Called on the thread that served the request, after the answer was sent; a call must not block.
class Observer {
 public:
  virtual ~Observer() = default;

  virtual void after(const Exchange& exchange) = 0;
  virtual void after(const Batch& batch) = 0;
};

}  // namespace bodega::observe
