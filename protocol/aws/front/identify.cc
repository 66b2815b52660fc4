#include "protocol/aws/front/identify.h"

#include <memory>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"

namespace bodega::aws {

namespace {

std::string describe_incomplete(const AuthFault& fault, const http::RequestHead& head) {
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
  return message;
}

Error to_error(const AuthFault& fault, const http::RequestHead& head, const IdentifyRules& rules) {
  const auto error = [&rules](std::string_view name, std::string message) {
    return Error{&rules.catalogue.at(name), std::move(message)};
  };
  const auto wrong = [&](std::string message) {
    return error(rules.errors.wrong, std::move(message));
  };
  const auto incomplete = [&](std::string message) {
    return error(rules.errors.incomplete, std::move(message));
  };
  switch (fault.failure) {
    case AuthFailure::kAnonymous:
      return error(rules.errors.missing, "Request is missing Authentication Token");
    case AuthFailure::kBothForms:
      return wrong(
          "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as "
          "HTTP header.");
    case AuthFailure::kUnsupportedAlgorithm:
      return incomplete("Unsupported AWS 'algorithm': '" + fault.detail +
                        "' (only AWS4-HMAC-SHA256 for now). ");
    case AuthFailure::kIncomplete:
    case AuthFailure::kMissingDate: return incomplete(describe_incomplete(fault, head));
    case AuthFailure::kMalformedCredential:
      return incomplete(
          "Credential must have exactly 5 slash-delimited elements, e.g. "
          "keyid/date/region/service/term, got '" +
          fault.detail + "'");
    case AuthFailure::kMalformedDate:
      return incomplete("Date must be in ISO-8601 'basic format'. Got '" + fault.detail +
                        "'. See http://en.wikipedia.org/wiki/ISO_8601");
    case AuthFailure::kScopeDateMismatch:
      return wrong(
          "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
          "HTTP: '" +
          fault.signature.scope_date + "' != '" + fault.signature.timestamp.substr(0, 8) +
          "', from '" + fault.signature.timestamp + "'.");
    case AuthFailure::kMalformedExpires:
    case AuthFailure::kExpiresTooLarge:
    case AuthFailure::kExpiresNegative:
      return incomplete("X-Amz-Expires is not valid: " + fault.detail);
    case AuthFailure::kUnknownAccessKey:
    case AuthFailure::kInvalidToken:
      return error(rules.errors.unknown_key,
                   "The security token included in the request is invalid.");
    case AuthFailure::kExpiredToken:
      return error(rules.errors.expired_token,
                   "The security token included in the request is expired");
    case AuthFailure::kTooSkewed:
    case AuthFailure::kExpired:
      return wrong("Signature expired: " + fault.signature.timestamp + " is now earlier than " +
                   fault.detail);
    case AuthFailure::kNotYetValid:
      return wrong("Signature not yet current: " + fault.signature.timestamp +
                   " is still later than " + fault.detail);
    case AuthFailure::kWrongService:
      return wrong("Credential should be scoped to correct service: '" +
                   std::string(rules.service) + "'. ");
    case AuthFailure::kUnsignedHeader:
      return wrong("'Host' must be a 'SignedHeader' in the AWS Authorization.");
    case AuthFailure::kSignatureMismatch:
      return wrong(
          "The request signature we calculated does not match the signature you provided. Check "
          "your AWS Secret Access Key and signing method. Consult the service documentation for "
          "details.\n\nThe Canonical String for this request should have been\n'" +
          fault.canonical_request + "'\n\nThe String-to-Sign should have been\n'" +
          fault.string_to_sign + "'\n");
  }
  return wrong("The request signature is not valid.");
}

}  // namespace

std::string payload_digest(const Authenticator& authenticator, std::string_view body) {
  if (authenticator.mode() != Authenticator::Mode::kVerify) return {};
  return base::to_hex(base::sha256(body));
}

Signature read_signature(const http::RequestHead& head, const IdentifyRules& rules) {
  auto signature = Authenticator::parse(head);
  if (!signature) throw to_error(signature.error(), head, rules);
  return *std::move(signature);
}

Caller identify(const Authenticator& authenticator, const http::RequestHead& head,
                const Signature& signature, std::string_view digest, const IdentifyRules& rules,
                std::int64_t now_s) {
  std::shared_ptr<const Credential> credential;
  if (authenticator.mode() == Authenticator::Mode::kVerify) {
    auto verified =
        authenticator.verify(head, signature, digest, rules.service, PathRule::kNormalised, now_s);
    if (!verified) throw to_error(verified.error(), head, rules);
    credential = std::move(verified->credential);
  } else {
    credential = authenticator.credentials().find(signature.access_key_id);
  }
  return caller_of(signature.access_key_id, signature.region, std::move(credential));
}

}  // namespace bodega::aws
