// The error catalogue of S3: each code's name, HTTP status and message once, and the Error that
// handlers throw. It is caught in aws::guarded and rendered by answer_error.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/http/headers.h"

namespace bodega::s3 {

enum class Code : std::uint8_t {
  kAccessControlListNotSupported,
  kAccessDenied,
  kAccessForbidden,
  kAuthorizationHeaderMalformed,
  kAuthorizationQueryParametersError,
  kBadDigest,
  kBadRequest,
  kBucketAlreadyExists,
  kBucketAlreadyOwnedByYou,
  kBucketNotEmpty,
  kConditionalRequestConflict,
  kEntityTooLarge,
  kEntityTooSmall,
  kExpiredToken,
  kIllegalLocationConstraintException,
  kIllegalVersioningConfigurationException,
  kIncompleteBody,
  kInternalError,
  kInvalidAccessKeyId,
  kInvalidArgument,
  kInvalidBucketAclWithObjectOwnership,
  kInvalidBucketName,
  kInvalidBucketOwnerAWSAccountID,
  kInvalidBucketState,
  kInvalidDigest,
  kInvalidEncryptionAlgorithmError,
  kInvalidLocationConstraint,
  kInvalidObjectState,
  kInvalidPart,
  kInvalidPartNumber,
  kInvalidPartOrder,
  kInvalidRange,
  kInvalidRequest,
  kInvalidStorageClass,
  kInvalidTag,
  kInvalidToken,
  kInvalidURI,
  kKeyTooLongError,
  kMalformedACLError,
  kMalformedTrailerError,
  kMalformedXML,
  kMaxMessageLengthExceeded,
  kMetadataTooLarge,
  kMethodNotAllowed,
  kMissingContentLength,
  kMissingRequestBodyError,
  kMissingSecurityHeader,
  kNoSuchBucket,
  kNoSuchBucketPolicy,
  kNoSuchCORSConfiguration,
  kNoSuchConfiguration,
  kNoSuchKey,
  kNoSuchLifecycleConfiguration,
  kNoSuchTagSet,
  kNoSuchUpload,
  kNoSuchVersion,
  kNoSuchWebsiteConfiguration,
  kNotImplemented,
  kNotModified,
  kObjectLockConfigurationNotFoundError,
  kOperationAborted,
  kPreconditionFailed,
  kReplicationConfigurationNotFoundError,
  kRequestTimeTooSkewed,
  kSignatureDoesNotMatch,
  kSlowDown,
  kTooManyBuckets,
  kUserKeyMustBeSpecified,
  kXAmzContentSHA256Mismatch,
};

struct CodeFacts {
  Code code;
  std::string_view name;  // as in <Code>
  int status;
  std::string_view message;  // S3's own words
};

const CodeFacts& facts_of(Code code);
// The code of that name, where S3 has one here.
std::optional<Code> find_code(std::string_view name);

// An answer that is an error. Extra members become elements of the XML beside Code and Message,
// extra headers go into the reply.
class Error : public std::exception {
 public:
  explicit Error(Code code) : Error(code, std::string(facts_of(code).message)) {}
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  Error& with(std::string_view member, std::string_view value) & {
    members_.emplace_back(member, value);
    return *this;
  }
  Error&& with(std::string_view member, std::string_view value) && {
    members_.emplace_back(member, value);
    return std::move(*this);
  }
  Error& header(std::string name, std::string value) & {
    headers_.add(std::move(name), std::move(value));
    return *this;
  }
  Error&& header(std::string name, std::string value) && {
    headers_.add(std::move(name), std::move(value));
    return std::move(*this);
  }
  // Another status than the code's own.
  Error&& status(int value) && {
    status_ = value;
    return std::move(*this);
  }

  Code code() const { return code_; }
  int status() const { return status_ != 0 ? status_ : facts_of(code_).status; }
  const std::string& message() const { return message_; }
  const std::vector<std::pair<std::string, std::string>>& members() const { return members_; }
  // The element of that name; empty when there is none.
  std::string_view member(std::string_view name) const;
  const http::Headers& headers() const { return headers_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  Code code_;
  int status_ = 0;
  std::string message_;
  std::vector<std::pair<std::string, std::string>> members_;
  http::Headers headers_;
};

// InvalidArgument with its two members, the most common error of all.
Error invalid_argument(std::string message, std::string_view name, std::string_view value);
// InvalidRequest with a message.
Error invalid_request(std::string message);
// 501 for a header whose meaning is not there.
Error not_implemented_header(std::string_view header, std::string_view additional_message);
inline constexpr std::string_view kHeaderMember = "Header";
inline constexpr std::string_view kAdditionalMember = "additionalMessage";
// 412 that names the condition which did not hold, e.g. "If-Match".
Error precondition_failed(std::string_view condition);

}  // namespace bodega::s3
