// The seam for answering in place of a service. A gate is asked once the caller is known and
// allowed to do what it asks, and before anything is done.
#pragma once

#include <optional>
#include <string>

#include "protocol/observe/exchange.h"

namespace bodega::observe {

struct GateAnswer {
  // The name of an error of the service's own catalogue: "SlowDown". For Redis the whole error
  // text: "LOADING Redis is loading the dataset in memory".
  std::string error;
  std::string message = {};  // empty: what the catalogue says
};

class Gate {
 public:
  virtual ~Gate() = default;

  // Nothing lets the request pass. Thread-safe. A name that the service does not have is answered
  // as an internal error.
  virtual std::optional<GateAnswer> before(const Exchange& exchange) = 0;
};

}  // namespace bodega::observe
