#include "protocol/dynamodb/wire/error.h"

#include <array>

#include "protocol/json/json.h"

namespace bodega::dynamodb {

namespace {

constexpr std::string_view kService = "com.amazonaws.dynamodb.v20120810";
constexpr std::string_view kFrontEnd = "com.amazon.coral.service";
constexpr std::string_view kValidate = "com.amazon.coral.validate";

constexpr std::array<ErrorRow, static_cast<std::size_t>(Code::kCount)> kErrors{{
    {Code::kAccessDeniedException, "AccessDeniedException", kFrontEnd, 400, "Message"},
    {Code::kBackupInUseException, "BackupInUseException", kService, 400, "message"},
    {Code::kConditionalCheckFailedException, "ConditionalCheckFailedException", kService, 400,
     "message"},
    {Code::kIdempotentParameterMismatchException, "IdempotentParameterMismatchException", kService,
     400, "Message"},
    {Code::kIncompleteSignatureException, "IncompleteSignatureException", kFrontEnd, 400,
     "message"},
    {Code::kInternalFailure, "InternalFailure", kFrontEnd, 500, "message"},
    {Code::kInternalServerError, "InternalServerError", kService, 500, "message"},
    {Code::kInvalidSignatureException, "InvalidSignatureException", kFrontEnd, 400, "message"},
    {Code::kItemCollectionSizeLimitExceededException, "ItemCollectionSizeLimitExceededException",
     kService, 400, "message"},
    {Code::kLimitExceededException, "LimitExceededException", kService, 400, "message"},
    {Code::kMissingAuthenticationTokenException, "MissingAuthenticationTokenException", kFrontEnd,
     400, "message"},
    {Code::kNotImplementedException, "NotImplementedException", kFrontEnd, 501, "message"},
    {Code::kResourceInUseException, "ResourceInUseException", kService, 400, "message"},
    {Code::kResourceNotFoundException, "ResourceNotFoundException", kService, 400, "message"},
    {Code::kSerializationException, "SerializationException", kFrontEnd, 400, "Message"},
    {Code::kTableNotFoundException, "TableNotFoundException", kService, 400, "message"},
    {Code::kTransactionCanceledException, "TransactionCanceledException", kService, 400, "Message"},
    {Code::kTransactionConflictException, "TransactionConflictException", kService, 400, "message"},
    {Code::kTransactionInProgressException, "TransactionInProgressException", kService, 400,
     "Message"},
    {Code::kUnknownOperationException, "UnknownOperationException", kFrontEnd, 400, "message"},
    {Code::kUnrecognizedClientException, "UnrecognizedClientException", kFrontEnd, 400, "message"},
    {Code::kValidationException, "ValidationException", kValidate, 400, "message"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kErrors.size(); ++i) {
    if (static_cast<std::size_t>(kErrors[i].code) != i) return false;
  }
  return true;
}
static_assert(in_order(), "rows stand in the order of Code");

}  // namespace

const ErrorRow& error_row(Code code) { return kErrors[static_cast<std::size_t>(code)]; }

std::string render(const Error& error) {
  const ErrorRow& row = error_row(error.code);
  std::string type(row.prefix);
  type += '#';
  type += row.name;
  std::string out;
  json::Object body(out);
  body.string("__type", type);
  if (!error.message.empty()) body.string(row.message_key, error.message);
  if (!error.members.empty()) out += "," + error.members;
  body.close();
  return out;
}

}  // namespace bodega::dynamodb
