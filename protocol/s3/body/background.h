// A handler that may read gigabytes (a copy that has to be digested again), or what a handler
// leaves for later, runs on the executor, so that the event loop serves others meanwhile.
#pragma once

#include <memory>

#include "protocol/http/message.h"
#include "protocol/s3/wire/call.h"

namespace bodega::s3 {

// A sink that, once the request is in, runs call->later, or else the row's handler, on the executor
// and waits for its answer. That runs to its end also when the client has left meanwhile.
std::unique_ptr<http::BodySink> make_background_sink(std::unique_ptr<Call> call);

}  // namespace bodega::s3
