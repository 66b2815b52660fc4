// Who sends a request, from its SigV4 signature, and what the service says when that is unclear.
#pragma once

#include <string>
#include <string_view>

#include "protocol/aws/sigv4.h"
#include "protocol/dynamodb/wire/request.h"
#include "protocol/http/message.h"

namespace bodega::dynamodb {

// The SHA-256 in hex that a signature covers, of the body as it was sent; empty when the
// authenticator does not verify.
std::string payload_digest(const aws::Authenticator& authenticator, std::string_view body);

// Throws Error for a missing or malformed signature, and when the authenticator verifies also for a
// wrong one. `digest` comes from payload_digest().
Caller identify(const aws::Authenticator& authenticator, const http::RequestHead& head,
                std::string_view digest);

}  // namespace bodega::dynamodb
