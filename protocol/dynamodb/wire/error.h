// The error catalogue: every error that this service answers with is a row in error.cc. Handlers
// throw Error; service.cc catches and renders it, in one place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bodega::dynamodb {

// Names are the wire's, without the leading k.
enum class Code : std::uint8_t {
  kAccessDeniedException,
  kBackupInUseException,
  kConditionalCheckFailedException,
  kIdempotentParameterMismatchException,
  kIncompleteSignatureException,
  kInternalFailure,
  kInternalServerError,
  kInvalidSignatureException,
  kItemCollectionSizeLimitExceededException,
  kLimitExceededException,
  kMissingAuthenticationTokenException,
  kNotImplementedException,
  kResourceInUseException,
  kResourceNotFoundException,
  kSerializationException,
  kTableNotFoundException,
  kTransactionCanceledException,
  kTransactionConflictException,
  kTransactionInProgressException,
  kUnknownOperationException,
  kUnrecognizedClientException,
  kValidationException,
  kCount
};

struct ErrorRow {
  Code code;
  std::string_view name;    // what SDKs switch on
  std::string_view prefix;  // the namespace in front of '#'
  int status;
  std::string_view message_key;  // "message", or "Message" where the service spells it so
};

const ErrorRow& error_row(Code code);

// About so much of a request is repeated in a message at most; an ellipsis stands for the rest.
inline constexpr std::size_t kMaxEchoBytes = 64 * 1024;

// What a handler throws.
struct Error {
  Code code;
  std::string message{};  // empty: the reply has none
  std::string members{};  // further members of the body as JSON text, e.g. `"Item":{…}`
};

// The reply body: {"__type":"…#Name","message":"…"} and the further members.
std::string render(const Error& error);

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
