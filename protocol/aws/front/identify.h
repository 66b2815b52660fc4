// Who sends a request to a JSON or query service, from its SigV4 signature, and what these services
// say when that is unclear. (S3 has words of its own: protocol/s3/authenticate.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/aws/caller.h"
#include "protocol/aws/error.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/http/message.h"

namespace bodega::aws {

// How a protocol names the same five errors. Every service's catalogue has them.
struct AuthErrors {
  std::string_view missing;        // no signature
  std::string_view incomplete;     // one that cannot be read
  std::string_view wrong;          // one that does not hold
  std::string_view unknown_key;    // a key or token that is not known
  std::string_view expired_token;  // a token whose time is over
};

inline constexpr AuthErrors kJsonAuthErrors{
    "MissingAuthenticationTokenException", "IncompleteSignatureException",
    "InvalidSignatureException", "UnrecognizedClientException", "ExpiredTokenException"};
inline constexpr AuthErrors kQueryAuthErrors{"MissingAuthenticationToken", "IncompleteSignature",
                                             "SignatureDoesNotMatch", "InvalidClientTokenId",
                                             "ExpiredToken"};

// What identifying a request needs to know of its service.
struct IdentifyRules {
  std::string_view service;  // in the credential scope
  const AuthErrors& errors;
  const Catalogue& catalogue;
};

// The SHA-256 in hex that a signature covers, of the body as it was sent; empty when the
// authenticator does not verify.
std::string payload_digest(const Authenticator& authenticator, std::string_view body);

// What the request claims. Throws Error for a missing or malformed signature.
Signature read_signature(const http::RequestHead& head, const IdentifyRules& rules);

// The caller of that signature. When the authenticator verifies, throws Error for a wrong one.
// `digest` comes from payload_digest().
Caller identify(const Authenticator& authenticator, const http::RequestHead& head,
                const Signature& signature, std::string_view digest, const IdentifyRules& rules,
                std::int64_t now_s);

}  // namespace bodega::aws
