// AWS Signature Version 2 as S3 still takes it: `Authorization: AWS key:signature`, and the
// presigned form with AWSAccessKeyId, Signature and Expires in the query, which boto3 makes by
// default when it signs links for us-east-1. Source: "Signing and Authenticating REST Requests" in
// the S3 API reference.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/result.h"
#include "protocol/aws/signature/credentials.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/http/message.h"

namespace bodega::aws {

struct SignatureV2 {
  std::string access_key_id;
  std::string signature;      // base64
  std::string session_token;  // empty when there is none
  bool presigned = false;
  std::int64_t expires_at_s = 0;  // presigned only: seconds since the epoch
};

// What the request claims, or nothing when it is not signed in this way. A presigned request whose
// Expires is not a number has expired.
std::optional<SignatureV2> parse_v2(const http::RequestHead& head);

// Whether a query parameter of that name is part of what is signed. The others can be added to a
// signed request by any client that gets hold of it.
bool is_signed_in_v2(std::string_view parameter);

// What is signed. `host_bucket`: the bucket that the Host header names, empty for path style.
std::string string_to_sign_v2(const http::RequestHead& head, const SignatureV2& signature,
                              std::string_view host_bucket);

// The signature that belongs to it, in base64.
std::string sign_v2(const http::RequestHead& head, const SignatureV2& signature,
                    std::string_view host_bucket, std::string_view secret);

// Checks the claim: kUnknownAccessKey, kInvalidToken, kExpiredToken, kExpired, kTooSkewed,
// kMissingDate or kSignatureMismatch, with the fields of AuthFault as SigV4 has them. On success
// the key's credential.
base::Result<std::shared_ptr<const Credential>, AuthFault> verify_v2(const http::RequestHead& head,
                                                                     const SignatureV2& signature,
                                                                     std::string_view host_bucket,
                                                                     const Credentials& credentials,
                                                                     std::int64_t now_s);

}  // namespace bodega::aws
