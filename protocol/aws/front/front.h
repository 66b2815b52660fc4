// Front: what all AWS services of a process share.
#pragma once

#include "protocol/aws/signature/sigv4.h"
#include "protocol/observe/gate.h"

namespace bodega::aws {

// The authenticator and the gate must outlive the services.
struct Front {
  const Authenticator& authenticator;
  observe::Gate* gate = nullptr;
};

}  // namespace bodega::aws
