// The error catalogue: every error that this service answers with is a row in error.cc. Handlers
// throw Error; the front catches and renders it, in one place.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/aws/error.h"

namespace bodega::dynamodb {

// Names are the wire's, without the leading k.
enum class Code : std::uint8_t {
  kAccessDeniedException,
  kBackupInUseException,
  kConditionalCheckFailedException,
  kExpiredTokenException,
  kIdempotentParameterMismatchException,
  kIncompleteSignatureException,
  kInternalFailure,
  kInternalServerError,
  kInvalidSignatureException,
  kItemCollectionSizeLimitExceededException,
  kLimitExceededException,
  kMissingAuthenticationTokenException,
  kNotImplementedException,
  kProvisionedThroughputExceededException,
  kRequestLimitExceeded,
  kResourceInUseException,
  kResourceNotFoundException,
  kSerializationException,
  kTableNotFoundException,
  kThrottlingException,
  kTransactionCanceledException,
  kTransactionConflictException,
  kTransactionInProgressException,
  kUnknownOperationException,
  kUnrecognizedClientException,
  kValidationException,
  kCount
};

// One for each Code, in its order.
extern const std::array<aws::ErrorRow, static_cast<std::size_t>(Code::kCount)> kErrorRows;

inline const aws::ErrorRow& error_row(Code code) {
  return kErrorRows[static_cast<std::size_t>(code)];
}

using aws::kMaxEchoBytes;

// What a handler throws.
struct Error : aws::Error {
  Error(Code error_code, std::string text = {}, std::string further = {})
      : aws::Error{&error_row(error_code), std::move(text), std::move(further)}, code(error_code) {}

  Code code;
};

// For the commonest case. `throw validation("…")`.
inline Error validation(std::string message) {
  return {Code::kValidationException, std::move(message)};
}
// "One or more parameter values were invalid: " in front of the message.
inline Error invalid_parameter(std::string_view message) {
  return {Code::kValidationException,
          "One or more parameter values were invalid: " + std::string(message)};
}
inline Error table_not_found() {
  return {Code::kResourceNotFoundException, "Requested resource not found"};
}
// What the table operations say instead of table_not_found().
inline Error no_such_table(std::string_view name) {
  return {Code::kResourceNotFoundException,
          "Requested resource not found: Table: " + std::string(name) + " not found"};
}

}  // namespace bodega::dynamodb
