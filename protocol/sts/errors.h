// The error catalogue of STS: every error that it answers with is a row in errors.cc. Handlers
// throw Error; the front catches and renders it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/aws/error.h"

namespace bodega::sts {

// Names are the wire's, without the leading k.
enum class Code : std::uint8_t {
  kAccessDenied,
  kExpiredToken,
  kExpiredTokenException,
  kIDPCommunicationError,
  kIDPRejectedClaim,
  kIncompleteSignature,
  kInternalFailure,
  kInvalidAction,
  kInvalidAuthorizationMessageException,
  kInvalidClientTokenId,
  kInvalidIdentityToken,
  kInvalidParameterValue,
  kMalformedInput,
  kMalformedPolicyDocument,
  kMissingAction,
  kMissingAuthenticationToken,
  kNotImplemented,
  kPackedPolicyTooLarge,
  kRegionDisabledException,
  kSignatureDoesNotMatch,
  kThrottling,
  kValidationError,
  kCount
};

// One for each Code, in its order.
extern const std::array<aws::ErrorRow, static_cast<std::size_t>(Code::kCount)> kErrorRows;

inline const aws::ErrorRow& error_row(Code code) {
  return kErrorRows[static_cast<std::size_t>(code)];
}

// What a handler throws.
struct Error : aws::Error {
  Error(Code code, std::string text) : aws::Error{&error_row(code), std::move(text)} {}
};

// AccessDenied: "User: … is not authorized to perform: sts:… on resource: …".
Error not_authorized(std::string_view caller_arn, std::string_view operation,
                     std::string_view resource);

inline Error validation(std::string message) {
  return Error(Code::kValidationError, std::move(message));
}

}  // namespace bodega::sts
