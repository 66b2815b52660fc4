// Front: what all AWS services of a process share.
#pragma once

#include "engines/base/executor.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/observe/gate.h"

namespace bodega::aws {

// All of it must outlive the services.
struct Front {
  const Authenticator& authenticator;
  observe::Gate* gate = nullptr;
  // For operations that take long. Without it they run on the calling thread as all others do.
  base::Executor* executor = nullptr;
};

}  // namespace bodega::aws
