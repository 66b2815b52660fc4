// A gate that gives one operation a fixed answer and remembers what it was asked last and how
// often.
#pragma once

#include <optional>
#include <string>

#include "protocol/observe/gate.h"

namespace bodega::tests {

class FixedGate : public observe::Gate {
 public:
  FixedGate(std::string operation, observe::GateAnswer answer)
      : operation_(std::move(operation)), answer_(std::move(answer)) {}

  std::optional<observe::GateAnswer> before(const observe::Exchange& exchange) override {
    seen = exchange;
    ++asked;
    if (exchange.operation != operation_) return std::nullopt;
    return answer_;
  }

  observe::Exchange seen;
  int asked = 0;

 private:
  std::string operation_;
  observe::GateAnswer answer_;
};

}  // namespace bodega::tests
