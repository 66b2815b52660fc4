#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

constexpr std::string_view kService = "com.amazonaws.dynamodb.v20120810";
constexpr std::string_view kFrontEnd = "com.amazon.coral.service";
constexpr std::string_view kAvailability = "com.amazon.coral.availability";
constexpr std::string_view kValidate = "com.amazon.coral.validate";

constexpr aws::CodeRow<Code> kRows[] = {
    {Code::kAccessDeniedException, {"AccessDeniedException", 400, kFrontEnd, "Message"}},
    {Code::kBackupInUseException, {"BackupInUseException", 400, kService}},
    {Code::kConditionalCheckFailedException, {"ConditionalCheckFailedException", 400, kService}},
    {Code::kExpiredTokenException, {"ExpiredTokenException", 400, kFrontEnd}},
    {Code::kIdempotentParameterMismatchException,
     {"IdempotentParameterMismatchException", 400, kService, "Message"}},
    {Code::kIncompleteSignatureException, {"IncompleteSignatureException", 400, kFrontEnd}},
    {Code::kInternalFailure, {"InternalFailure", 500, kFrontEnd}},
    {Code::kInternalServerError, {"InternalServerError", 500, kService}},
    {Code::kInvalidSignatureException, {"InvalidSignatureException", 400, kFrontEnd}},
    {Code::kItemCollectionSizeLimitExceededException,
     {"ItemCollectionSizeLimitExceededException", 400, kService}},
    {Code::kLimitExceededException, {"LimitExceededException", 400, kService}},
    {Code::kMissingAuthenticationTokenException,
     {"MissingAuthenticationTokenException", 400, kFrontEnd}},
    {Code::kNotImplementedException, {"NotImplementedException", 501, kFrontEnd}},
    {Code::kProvisionedThroughputExceededException,
     {"ProvisionedThroughputExceededException", 400, kService}},
    {Code::kRequestLimitExceeded, {"RequestLimitExceeded", 400, kService}},
    {Code::kResourceInUseException, {"ResourceInUseException", 400, kService}},
    {Code::kResourceNotFoundException, {"ResourceNotFoundException", 400, kService}},
    {Code::kSerializationException, {"SerializationException", 400, kFrontEnd, "Message"}},
    {Code::kTableNotFoundException, {"TableNotFoundException", 400, kService}},
    {Code::kThrottlingException, {"ThrottlingException", 400, kAvailability}},
    {Code::kTransactionCanceledException,
     {"TransactionCanceledException", 400, kService, "Message"}},
    {Code::kTransactionConflictException, {"TransactionConflictException", 400, kService}},
    {Code::kTransactionInProgressException,
     {"TransactionInProgressException", 400, kService, "Message"}},
    {Code::kUnknownOperationException, {"UnknownOperationException", 400, kFrontEnd}},
    {Code::kUnrecognizedClientException, {"UnrecognizedClientException", 400, kFrontEnd}},
    {Code::kValidationException, {"ValidationException", 400, kValidate}},
};

}  // namespace

constinit const std::array<aws::ErrorRow, static_cast<std::size_t>(Code::kCount)> kErrorRows =
    aws::in_order_of_codes(kRows);

}  // namespace bodega::dynamodb
