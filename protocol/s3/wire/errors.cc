#include "protocol/s3/wire/errors.h"

#include <array>
#include <cstddef>

#include "engines/base/check.h"

namespace bodega::s3 {
namespace {

// In the order of the enum, which facts_of() relies on and a static_assert holds.
constexpr std::array kFacts = {
    CodeFacts{Code::kAccessControlListNotSupported, "AccessControlListNotSupported", 400,
              "The bucket does not allow ACLs"},
    CodeFacts{Code::kAccessDenied, "AccessDenied", 403, "Access Denied"},
    CodeFacts{Code::kAccessForbidden, "AccessForbidden", 403,
              "CORSResponse: CORS is not enabled for this bucket."},
    CodeFacts{Code::kAuthorizationHeaderMalformed, "AuthorizationHeaderMalformed", 400,
              "The authorization header you provided is invalid."},
    CodeFacts{Code::kAuthorizationQueryParametersError, "AuthorizationQueryParametersError", 400,
              "The authorization query parameters that you provided are not valid."},
    CodeFacts{Code::kBadDigest, "BadDigest", 400,
              "The Content-MD5 you specified did not match what we received."},
    CodeFacts{Code::kBadRequest, "BadRequest", 400, "Bad Request"},
    CodeFacts{Code::kBucketAlreadyExists, "BucketAlreadyExists", 409,
              "The requested bucket name is not available. The bucket namespace is shared by all "
              "users of the system. Please select a different name and try again."},
    CodeFacts{Code::kBucketAlreadyOwnedByYou, "BucketAlreadyOwnedByYou", 409,
              "Your previous request to create the named bucket succeeded and you already own it."},
    CodeFacts{Code::kBucketNotEmpty, "BucketNotEmpty", 409,
              "The bucket you tried to delete is not empty"},
    CodeFacts{Code::kConditionalRequestConflict, "ConditionalRequestConflict", 409,
              "The conditional request cannot succeed due to a conflicting operation against this "
              "resource."},
    CodeFacts{Code::kEntityTooLarge, "EntityTooLarge", 400,
              "Your proposed upload exceeds the maximum allowed size"},
    CodeFacts{Code::kEntityTooSmall, "EntityTooSmall", 400,
              "Your proposed upload is smaller than the minimum allowed size"},
    CodeFacts{Code::kExpiredToken, "ExpiredToken", 400, "The provided token has expired."},
    CodeFacts{Code::kIllegalLocationConstraintException, "IllegalLocationConstraintException", 400,
              "The unspecified location constraint is incompatible for the region specific "
              "endpoint this request was sent to."},
    CodeFacts{Code::kIllegalVersioningConfigurationException,
              "IllegalVersioningConfigurationException", 400,
              "The Versioning element must be specified"},
    CodeFacts{Code::kIncompleteBody, "IncompleteBody", 400,
              "You did not provide the number of bytes specified by the Content-Length HTTP "
              "header"},
    CodeFacts{Code::kInternalError, "InternalError", 500,
              "We encountered an internal error. Please try again."},
    CodeFacts{Code::kInvalidAccessKeyId, "InvalidAccessKeyId", 403,
              "The AWS Access Key Id you provided does not exist in our records."},
    CodeFacts{Code::kInvalidArgument, "InvalidArgument", 400, "Invalid Argument"},
    CodeFacts{Code::kInvalidBucketAclWithObjectOwnership, "InvalidBucketAclWithObjectOwnership",
              400,
              "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"},
    CodeFacts{Code::kInvalidBucketName, "InvalidBucketName", 400,
              "The specified bucket is not valid."},
    CodeFacts{Code::kInvalidBucketOwnerAWSAccountID, "InvalidBucketOwnerAWSAccountID", 400,
              "The value of the expected bucket owner parameter must be an AWS Account ID"},
    CodeFacts{Code::kInvalidBucketState, "InvalidBucketState", 409,
              "The request is not valid with the current state of the bucket."},
    CodeFacts{Code::kInvalidDigest, "InvalidDigest", 400,
              "The Content-MD5 you specified was invalid."},
    CodeFacts{Code::kInvalidEncryptionAlgorithmError, "InvalidEncryptionAlgorithmError", 400,
              "The encryption request you specified is not valid. Supported values: AES256, "
              "aws:kms, aws:kms:dsse"},
    CodeFacts{Code::kInvalidLocationConstraint, "InvalidLocationConstraint", 400,
              "The specified location-constraint is not valid"},
    CodeFacts{Code::kInvalidObjectState, "InvalidObjectState", 403,
              "The operation is not valid for the object's storage class"},
    CodeFacts{Code::kInvalidPart, "InvalidPart", 400,
              "One or more of the specified parts could not be found.  The part may not have been "
              "uploaded, or the specified entity tag may not match the part's entity tag."},
    CodeFacts{Code::kInvalidPartNumber, "InvalidPartNumber", 416,
              "The requested partnumber is not satisfiable"},
    CodeFacts{Code::kInvalidPartOrder, "InvalidPartOrder", 400,
              "The list of parts was not in ascending order. Parts must be ordered by part "
              "number."},
    CodeFacts{Code::kInvalidRange, "InvalidRange", 416, "The requested range is not satisfiable"},
    CodeFacts{Code::kInvalidRequest, "InvalidRequest", 400, "Invalid Request"},
    CodeFacts{Code::kInvalidStorageClass, "InvalidStorageClass", 400,
              "The storage class you specified is not valid"},
    CodeFacts{Code::kInvalidTag, "InvalidTag", 400, "The tag provided was not a valid tag."},
    CodeFacts{Code::kInvalidToken, "InvalidToken", 400,
              "The provided token is malformed or otherwise invalid."},
    CodeFacts{Code::kInvalidURI, "InvalidURI", 400, "Couldn't parse the specified URI."},
    CodeFacts{Code::kKeyTooLongError, "KeyTooLongError", 400, "Your key is too long"},
    CodeFacts{Code::kMalformedACLError, "MalformedACLError", 400,
              "The XML you provided was not well-formed or did not validate against our published "
              "schema"},
    CodeFacts{Code::kMalformedTrailerError, "MalformedTrailerError", 400,
              "The request contained trailing data that was not well-formed or did not conform to "
              "our published schema."},
    CodeFacts{Code::kMalformedXML, "MalformedXML", 400,
              "The XML you provided was not well-formed or did not validate against our published "
              "schema"},
    CodeFacts{Code::kMaxMessageLengthExceeded, "MaxMessageLengthExceeded", 400,
              "Your request was too big."},
    CodeFacts{Code::kMetadataTooLarge, "MetadataTooLarge", 400,
              "Your metadata headers exceed the maximum allowed metadata size"},
    CodeFacts{Code::kMethodNotAllowed, "MethodNotAllowed", 405,
              "The specified method is not allowed against this resource."},
    CodeFacts{Code::kMissingContentLength, "MissingContentLength", 411,
              "You must provide the Content-Length HTTP header."},
    CodeFacts{Code::kMissingRequestBodyError, "MissingRequestBodyError", 400,
              "Request Body is empty"},
    CodeFacts{Code::kMissingSecurityHeader, "MissingSecurityHeader", 400,
              "Your request was missing a required header"},
    CodeFacts{Code::kNoSuchBucket, "NoSuchBucket", 404, "The specified bucket does not exist"},
    CodeFacts{Code::kNoSuchBucketPolicy, "NoSuchBucketPolicy", 404,
              "The bucket policy does not exist"},
    CodeFacts{Code::kNoSuchCORSConfiguration, "NoSuchCORSConfiguration", 404,
              "The CORS configuration does not exist"},
    CodeFacts{Code::kNoSuchConfiguration, "NoSuchConfiguration", 404,
              "The specified configuration does not exist."},
    CodeFacts{Code::kNoSuchKey, "NoSuchKey", 404, "The specified key does not exist."},
    CodeFacts{Code::kNoSuchLifecycleConfiguration, "NoSuchLifecycleConfiguration", 404,
              "The lifecycle configuration does not exist"},
    CodeFacts{Code::kNoSuchTagSet, "NoSuchTagSet", 404, "The TagSet does not exist"},
    CodeFacts{Code::kNoSuchUpload, "NoSuchUpload", 404,
              "The specified upload does not exist. The upload ID may be invalid, or the upload "
              "may have been aborted or completed."},
    CodeFacts{Code::kNoSuchVersion, "NoSuchVersion", 404, "The specified version does not exist."},
    CodeFacts{Code::kNoSuchWebsiteConfiguration, "NoSuchWebsiteConfiguration", 404,
              "The specified bucket does not have a website configuration"},
    CodeFacts{Code::kNotImplemented, "NotImplemented", 501,
              "A header you provided implies functionality that is not implemented"},
    CodeFacts{Code::kNotModified, "NotModified", 304, "Not Modified"},
    CodeFacts{Code::kObjectLockConfigurationNotFoundError, "ObjectLockConfigurationNotFoundError",
              404, "Object Lock configuration does not exist for this bucket"},
    CodeFacts{Code::kOperationAborted, "OperationAborted", 409,
              "A conflicting conditional operation is currently in progress against this resource. "
              "Please try again."},
    CodeFacts{Code::kPreconditionFailed, "PreconditionFailed", 412,
              "At least one of the pre-conditions you specified did not hold"},
    CodeFacts{Code::kReplicationConfigurationNotFoundError, "ReplicationConfigurationNotFoundError",
              404, "The replication configuration was not found"},
    CodeFacts{Code::kRequestTimeTooSkewed, "RequestTimeTooSkewed", 403,
              "The difference between the request time and the current time is too large."},
    CodeFacts{Code::kSignatureDoesNotMatch, "SignatureDoesNotMatch", 403,
              "The request signature we calculated does not match the signature you provided. "
              "Check your key and signing method."},
    CodeFacts{Code::kSlowDown, "SlowDown", 503, "Please reduce your request rate."},
    CodeFacts{Code::kTooManyBuckets, "TooManyBuckets", 400,
              "You have attempted to create more buckets than allowed"},
    CodeFacts{Code::kUserKeyMustBeSpecified, "UserKeyMustBeSpecified", 400,
              "User key must be specified."},
    CodeFacts{Code::kXAmzContentSHA256Mismatch, "XAmzContentSHA256Mismatch", 400,
              "The provided 'x-amz-content-sha256' header does not match what was computed."},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    if (static_cast<std::size_t>(kFacts[i].code) != i) return false;
  }
  return kFacts.back().code == Code::kXAmzContentSHA256Mismatch;
}
static_assert(in_enum_order());

}  // namespace

const CodeFacts& facts_of(Code code) { return kFacts[static_cast<std::size_t>(code)]; }

std::optional<Code> find_code(std::string_view name) {
  for (const CodeFacts& facts : kFacts) {
    if (facts.name == name) return facts.code;
  }
  return std::nullopt;
}

std::string_view Error::member(std::string_view name) const {
  for (const auto& [member, value] : members_) {
    if (member == name) return value;
  }
  return {};
}

Error invalid_argument(std::string message, std::string_view name, std::string_view value) {
  return Error(Code::kInvalidArgument, std::move(message))
      .with("ArgumentName", name)
      .with("ArgumentValue", value);
}

Error invalid_request(std::string message) {
  return Error(Code::kInvalidRequest, std::move(message));
}

Error not_implemented_header(std::string_view header, std::string_view additional_message) {
  return Error(Code::kNotImplemented)
      .with(kHeaderMember, header)
      .with(kAdditionalMember, additional_message);
}

Error precondition_failed(std::string_view condition) {
  return Error(Code::kPreconditionFailed).with("Condition", condition);
}

}  // namespace bodega::s3
