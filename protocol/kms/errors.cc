#include "protocol/kms/errors.h"

namespace bodega::kms {
namespace {

constexpr aws::CodeRow<Code> kRows[] = {
    {Code::kAccessDeniedException, {"AccessDeniedException", 400, {}, "Message"}},
    {Code::kAlreadyExistsException, {"AlreadyExistsException"}},
    {Code::kDependencyTimeoutException, {"DependencyTimeoutException", 500}},
    {Code::kDisabledException, {"DisabledException"}},
    {Code::kDryRunOperationException, {"DryRunOperationException"}},
    {Code::kExpiredTokenException, {"ExpiredTokenException"}},
    {Code::kIncompleteSignatureException, {"IncompleteSignatureException"}},
    {Code::kIncorrectKeyException, {"IncorrectKeyException"}},
    {Code::kInternalFailure, {"InternalFailure", 500}},
    {Code::kInvalidAliasNameException, {"InvalidAliasNameException"}},
    {Code::kInvalidArnException, {"InvalidArnException"}},
    {Code::kInvalidCiphertextException, {"InvalidCiphertextException"}},
    {Code::kInvalidGrantIdException, {"InvalidGrantIdException"}},
    {Code::kInvalidGrantTokenException, {"InvalidGrantTokenException"}},
    {Code::kInvalidKeyUsageException, {"InvalidKeyUsageException"}},
    {Code::kInvalidMarkerException, {"InvalidMarkerException"}},
    {Code::kInvalidSignatureException, {"InvalidSignatureException"}},
    {Code::kKMSInternalException, {"KMSInternalException", 500}},
    {Code::kKMSInvalidMacException, {"KMSInvalidMacException"}},
    {Code::kKMSInvalidSignatureException, {"KMSInvalidSignatureException"}},
    {Code::kKMSInvalidStateException, {"KMSInvalidStateException"}},
    {Code::kKeyUnavailableException, {"KeyUnavailableException", 500}},
    {Code::kLimitExceededException, {"LimitExceededException"}},
    {Code::kMalformedPolicyDocumentException, {"MalformedPolicyDocumentException"}},
    {Code::kMissingAuthenticationTokenException, {"MissingAuthenticationTokenException"}},
    {Code::kNotAuthorizedException, {"NotAuthorizedException"}},
    {Code::kNotFoundException, {"NotFoundException"}},
    {Code::kNotImplementedException, {"NotImplementedException", 501}},
    {Code::kSerializationException, {"SerializationException", 400, {}, "Message"}},
    {Code::kTagException, {"TagException"}},
    {Code::kThrottlingException, {"ThrottlingException"}},
    {Code::kUnknownOperationException, {"UnknownOperationException"}},
    {Code::kUnrecognizedClientException, {"UnrecognizedClientException"}},
    {Code::kUnsupportedOperationException, {"UnsupportedOperationException"}},
    {Code::kValidationException, {"ValidationException"}},
};

}  // namespace

constinit const std::array<aws::ErrorRow, static_cast<std::size_t>(Code::kCount)> kErrorRows =
    aws::in_order_of_codes(kRows);

}  // namespace bodega::kms
