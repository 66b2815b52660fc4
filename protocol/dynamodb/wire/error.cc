#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

constexpr std::string_view kService = "com.amazonaws.dynamodb.v20120810";
constexpr std::string_view kFrontEnd = "com.amazon.coral.service";
constexpr std::string_view kAvailability = "com.amazon.coral.availability";
constexpr std::string_view kValidate = "com.amazon.coral.validate";

struct Row {
  Code code;
  std::string_view name;
  std::string_view prefix;
  int status;
  std::string_view message_key;
};

constexpr std::array<Row, static_cast<std::size_t>(Code::kCount)> kRows{{
    {Code::kAccessDeniedException, "AccessDeniedException", kFrontEnd, 400, "Message"},
    {Code::kBackupInUseException, "BackupInUseException", kService, 400, "message"},
    {Code::kConditionalCheckFailedException, "ConditionalCheckFailedException", kService, 400,
     "message"},
    {Code::kExpiredTokenException, "ExpiredTokenException", kFrontEnd, 400, "message"},
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
    {Code::kProvisionedThroughputExceededException, "ProvisionedThroughputExceededException",
     kService, 400, "message"},
    {Code::kRequestLimitExceeded, "RequestLimitExceeded", kService, 400, "message"},
    {Code::kResourceInUseException, "ResourceInUseException", kService, 400, "message"},
    {Code::kResourceNotFoundException, "ResourceNotFoundException", kService, 400, "message"},
    {Code::kSerializationException, "SerializationException", kFrontEnd, 400, "Message"},
    {Code::kTableNotFoundException, "TableNotFoundException", kService, 400, "message"},
    {Code::kThrottlingException, "ThrottlingException", kAvailability, 400, "message"},
    {Code::kTransactionCanceledException, "TransactionCanceledException", kService, 400, "Message"},
    {Code::kTransactionConflictException, "TransactionConflictException", kService, 400, "message"},
    {Code::kTransactionInProgressException, "TransactionInProgressException", kService, 400,
     "Message"},
    {Code::kUnknownOperationException, "UnknownOperationException", kFrontEnd, 400, "message"},
    {Code::kUnrecognizedClientException, "UnrecognizedClientException", kFrontEnd, 400, "message"},
    {Code::kValidationException, "ValidationException", kValidate, 400, "message"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i) return false;
  }
  return true;
}
static_assert(in_order(), "rows stand in the order of Code");

constexpr auto catalogue() {
  std::array<aws::ErrorRow, kRows.size()> rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {kRows[i].name, kRows[i].status, kRows[i].prefix, kRows[i].message_key};
  }
  return rows;
}

}  // namespace

constinit const std::array<aws::ErrorRow, kRows.size()> kErrorRows = catalogue();

}  // namespace bodega::dynamodb
