// The error catalogue of KMS: every error that it answers with is a row in errors.cc. Handlers
// throw Error; the front catches and renders it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "protocol/aws/error.h"

namespace bodega::kms {

// Names are the wire's, without the leading k.
enum class Code : std::uint8_t {
  kAccessDeniedException,
  kAlreadyExistsException,
  kDependencyTimeoutException,
  kDisabledException,
  kDryRunOperationException,
  kExpiredTokenException,
  kIncompleteSignatureException,
  kIncorrectKeyException,
  kInternalFailure,
  kInvalidAliasNameException,
  kInvalidArnException,
  kInvalidCiphertextException,
  kInvalidGrantIdException,
  kInvalidGrantTokenException,
  kInvalidKeyUsageException,
  kInvalidMarkerException,
  kInvalidSignatureException,
  kKMSInternalException,
  kKMSInvalidMacException,
  kKMSInvalidSignatureException,
  kKMSInvalidStateException,
  kKeyUnavailableException,
  kLimitExceededException,
  kMalformedPolicyDocumentException,
  kMissingAuthenticationTokenException,
  kNotAuthorizedException,
  kNotFoundException,
  kNotImplementedException,
  kSerializationException,
  kTagException,
  kThrottlingException,
  kUnknownOperationException,
  kUnrecognizedClientException,
  kUnsupportedOperationException,
  kValidationException,
  kCount
};

// One for each Code, in its order.
extern const std::array<aws::ErrorRow, static_cast<std::size_t>(Code::kCount)> kErrorRows;

inline const aws::ErrorRow& error_row(Code code) {
  return kErrorRows[static_cast<std::size_t>(code)];
}

// What a handler throws. Some errors have no message, as with the service.
struct Error : aws::Error {
  explicit Error(Code code, std::string text = {})
      : aws::Error{&error_row(code), std::move(text)} {}
};

inline Error validation(std::string message) {
  return Error(Code::kValidationException, std::move(message));
}
// A marker that no page of this list gave out.
inline Error invalid_marker() { return Error(Code::kInvalidMarkerException, "Invalid marker."); }
// A parameter that is known and has no effect here: refused, not ignored.
inline Error unsupported(std::string message) {
  return Error(Code::kUnsupportedOperationException, std::move(message));
}

}  // namespace bodega::kms
