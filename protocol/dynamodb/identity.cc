#include "protocol/dynamodb/identity.h"

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

Error incomplete(const aws::AuthFault& fault, const http::RequestHead& head) {
  std::string message;
  const std::string_view header = head.headers.get_or_empty("Authorization");
  for (const std::string& part : fault.missing) {
    if (header.empty()) {
      message += "AWS query-string parameters must include '" + part + "'. ";
    } else {
      message += "Authorization header requires '" + part + "' parameter. ";
    }
  }
  if (!header.empty() && !head.headers.has("X-Amz-Date") && !head.headers.has("Date")) {
    message +=
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  message += header.empty() ? std::string("Re-examine the query-string parameters.")
                            : "Authorization=" + std::string(header);
  return {Code::kIncompleteSignatureException, std::move(message)};
}

Error to_error(const aws::AuthFault& fault, const http::RequestHead& head) {
  using aws::AuthFailure;
  const auto invalid = [](std::string message) {
    return Error{Code::kInvalidSignatureException, std::move(message)};
  };
  switch (fault.failure) {
    case AuthFailure::kAnonymous:
      return {Code::kMissingAuthenticationTokenException,
              "Request is missing Authentication Token"};
    case AuthFailure::kBothForms:
      return invalid(
          "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as "
          "HTTP header.");
    case AuthFailure::kUnsupportedAlgorithm:
      return {Code::kIncompleteSignatureException, "Unsupported AWS 'algorithm': '" + fault.detail +
                                                       "' (only AWS4-HMAC-SHA256 for now). "};
    case AuthFailure::kIncomplete:
    case AuthFailure::kMissingDate: return incomplete(fault, head);
    case AuthFailure::kMalformedCredential:
      return {Code::kIncompleteSignatureException,
              "Credential must have exactly 5 slash-delimited elements, e.g. "
              "keyid/date/region/service/term, got '" +
                  fault.detail + "'"};
    case AuthFailure::kMalformedDate:
      return {Code::kIncompleteSignatureException,
              "Date must be in ISO-8601 'basic format'. Got '" + fault.detail +
                  "'. See http://en.wikipedia.org/wiki/ISO_8601"};
    case AuthFailure::kScopeDateMismatch:
      return invalid(
          "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
          "HTTP: '" +
          fault.signature.scope_date + "' != '" + fault.signature.timestamp.substr(0, 8) +
          "', from '" + fault.signature.timestamp + "'.");
    case AuthFailure::kMalformedExpires:
    case AuthFailure::kExpiresTooLarge:
    case AuthFailure::kExpiresNegative:
      return {Code::kIncompleteSignatureException, "X-Amz-Expires is not valid: " + fault.detail};
    case AuthFailure::kUnknownAccessKey:
    case AuthFailure::kInvalidToken:
      return {Code::kUnrecognizedClientException,
              "The security token included in the request is invalid."};
    case AuthFailure::kTooSkewed:
    case AuthFailure::kExpired:
      return invalid("Signature expired: " + fault.signature.timestamp + " is now earlier than " +
                     fault.detail);
    case AuthFailure::kNotYetValid:
      return invalid("Signature not yet current: " + fault.signature.timestamp +
                     " is still later than " + fault.detail);
    case AuthFailure::kWrongService:
      return invalid("Credential should be scoped to correct service: 'dynamodb'. ");
    case AuthFailure::kUnsignedHeader:
      return invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
    case AuthFailure::kSignatureMismatch:
      return invalid(
          "The request signature we calculated does not match the signature you provided. Check "
          "your AWS Secret Access Key and signing method. Consult the service documentation for "
          "details.\n\nThe Canonical String for this request should have been\n'" +
          fault.canonical_request + "'\n\nThe String-to-Sign should have been\n'" +
          fault.string_to_sign + "'\n");
  }
  return invalid("The request signature is not valid.");
}

}  // namespace

std::string payload_digest(const aws::Authenticator& authenticator, std::string_view body) {
  if (authenticator.mode() != aws::Authenticator::Mode::kVerify) return {};
  return base::to_hex(base::sha256(body));
}

Caller identify(const aws::Authenticator& authenticator, const http::RequestHead& head,
                std::string_view digest) {
  const auto signature = aws::Authenticator::parse(head);
  if (!signature) throw to_error(signature.error(), head);
  if (authenticator.mode() == aws::Authenticator::Mode::kVerify) {
    const auto verified =
        authenticator.verify(head, *signature, digest, "dynamodb", aws::PathRule::kNormalised);
    if (!verified) throw to_error(verified.error(), head);
  }
  Caller caller;
  caller.access_key_id = signature->access_key_id;
  caller.account = authenticator.account(signature->access_key_id);
  caller.region = signature->region.empty() ? std::string(aws::kDefaultRegion) : signature->region;
  return caller;
}

}  // namespace bodega::dynamodb
