// Who sends a request, from its SigV4 signature, and what the service says when that is unclear.
#pragma once

#include <string_view>

#include "protocol/aws/sigv4.h"
#include "protocol/dynamodb/request.h"
#include "protocol/http/message.h"

namespace bodega::dynamodb {

// Throws Error for a missing or malformed signature, and when the authenticator verifies also for a
// wrong one. `body` as it was sent.
Caller identify(const aws::Authenticator& authenticator, const http::RequestHead& head,
                std::string_view body);

}  // namespace bodega::dynamodb
