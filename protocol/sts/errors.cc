#include "protocol/sts/errors.h"

namespace bodega::sts {
namespace {

constexpr aws::CodeRow<Code> kRows[] = {
    {Code::kAccessDenied, {"AccessDenied", 403}},
    {Code::kExpiredToken, {"ExpiredToken", 403}},
    {Code::kExpiredTokenException, {"ExpiredTokenException"}},
    {Code::kIDPCommunicationError, {"IDPCommunicationError"}},
    {Code::kIDPRejectedClaim, {"IDPRejectedClaim", 403}},
    {Code::kIncompleteSignature, {"IncompleteSignature"}},
    {Code::kInternalFailure, {"InternalFailure", 500}},
    {Code::kInvalidAction, {"InvalidAction"}},
    {Code::kInvalidAuthorizationMessageException, {"InvalidAuthorizationMessageException"}},
    {Code::kInvalidClientTokenId, {"InvalidClientTokenId", 403}},
    {Code::kInvalidIdentityToken, {"InvalidIdentityToken"}},
    {Code::kInvalidParameterValue, {"InvalidParameterValue"}},
    {Code::kMalformedInput, {"MalformedInput"}},
    {Code::kMalformedPolicyDocument, {"MalformedPolicyDocument"}},
    {Code::kMissingAction, {"MissingAction"}},
    {Code::kMissingAuthenticationToken, {"MissingAuthenticationToken", 403}},
    {Code::kNotImplemented, {"NotImplemented", 501}},
    {Code::kPackedPolicyTooLarge, {"PackedPolicyTooLarge"}},
    {Code::kRegionDisabledException, {"RegionDisabledException", 403}},
    {Code::kSignatureDoesNotMatch, {"SignatureDoesNotMatch", 403}},
    {Code::kThrottling, {"Throttling"}},
    {Code::kValidationError, {"ValidationError"}},
};

}  // namespace

constinit const std::array<aws::ErrorRow, static_cast<std::size_t>(Code::kCount)> kErrorRows =
    aws::in_order_of_codes(kRows);

Error not_authorized(std::string_view caller_arn, std::string_view operation,
                     std::string_view resource) {
  return Error(Code::kAccessDenied,
               "User: " + std::string(caller_arn) + " is not authorized to perform: sts:" +
                   std::string(operation) + " on resource: " + std::string(resource));
}

}  // namespace bodega::sts
