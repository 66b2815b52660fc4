#include "protocol/s3/authenticate.h"

#include <algorithm>
#include <array>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/text.h"
#include "protocol/aws/signature/sigv2.h"
#include "protocol/http/dates.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {
namespace {

using aws::Authenticator;
using aws::AuthFailure;
using aws::AuthFault;

// What presigning adds itself, in its usual spelling, which is compared first. The checksum
// algorithm is what the SDK that signed would have liked: it knew no body yet.
constexpr std::array<std::string_view, 8> kSigningParameters = {
    "X-Amz-Algorithm",      "X-Amz-Credential",
    "X-Amz-Date",           "X-Amz-Expires",
    "X-Amz-SignedHeaders",  "X-Amz-Signature",
    "X-Amz-Security-Token", "x-amz-sdk-checksum-algorithm"};

constexpr std::string_view kAmzPrefix = "x-amz-";

bool is_signing_parameter(std::string_view name) {
  const auto& names = kSigningParameters;
  return std::find(names.begin(), names.end(), name) != names.end() ||
         std::any_of(names.begin(), names.end(), [name](std::string_view known) {
           return base::equals_ignoring_case(name, known);
         });
}

// Whether a header of that name may have become a parameter of a presigned link.
bool may_be_header(std::string_view name) {
  return base::equals_ignoring_case(name.substr(0, kAmzPrefix.size()), kAmzPrefix) ||
         base::equals_ignoring_case(name, "if-match") ||
         base::equals_ignoring_case(name, "if-none-match");
}

constexpr const char* kOneMechanism =
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
    "string parameter or the Authorization header should be specified";
constexpr const char* kWantsV4 =
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";

constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";
constexpr std::string_view kSha256Header = "x-amz-content-sha256";

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out.append(separator);
    out.append(word);
  }
  return out;
}

// The bytes of a text as S3 prints them: "47 45 54".
std::string spaced_hex(std::string_view text) {
  const std::string hex = base::to_hex(text);
  std::string out;
  out.reserve(hex.size() * 3 / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    if (i != 0) out.push_back(' ');
    out.append(hex, i, 2);
  }
  return out;
}

Error malformed(const AuthFault& fault, std::string_view text) {
  if (fault.signature.presigned) {
    return Error(Code::kAuthorizationQueryParametersError, std::string(text));
  }
  return Error(Code::kAuthorizationHeaderMalformed, std::string(text));
}

Error mismatch(const AuthFault& fault) {
  Error error = Error(Code::kSignatureDoesNotMatch)
                    .with("AWSAccessKeyId", fault.signature.access_key_id)
                    .with("StringToSign", fault.string_to_sign)
                    .with("SignatureProvided", fault.signature.signature)
                    .with("StringToSignBytes", spaced_hex(fault.string_to_sign));
  if (fault.canonical_request.empty()) return error;  // the old signature has none
  return std::move(error)
      .with("CanonicalRequest", fault.canonical_request)
      .with("CanonicalRequestBytes", spaced_hex(fault.canonical_request));
}

Error expired(const aws::Signature& signature, std::int64_t now_s) {
  Error error = Error(Code::kAccessDenied, "Request has expired");
  // The old signature names the instant, not how long it lasts.
  const bool old_signature = signature.scope_date.empty();
  if (!old_signature) error.with("X-Amz-Expires", std::to_string(signature.expires_s));
  return std::move(error)
      .with("Expires", http::iso_date(signature.signed_at_s + signature.expires_s))
      .with("ServerTime", http::iso_date(now_s));
}

Error to_error(const AuthFault& fault, std::int64_t now_s) {
  switch (fault.failure) {
    case AuthFailure::kAnonymous: return Error(Code::kAccessDenied);
    case AuthFailure::kBothForms: return Error(Code::kInvalidArgument, kOneMechanism);
    case AuthFailure::kUnsupportedAlgorithm: return invalid_request(kWantsV4);
    case AuthFailure::kIncomplete:
      if (fault.signature.presigned) {
        return malformed(fault,
                         "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                         "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                         "X-Amz-Expires parameters.");
      }
      return malformed(fault,
                       "The authorization header is malformed; the authorization header "
                       "requires three components: Credential, SignedHeaders, and "
                       "Signature.");
    case AuthFailure::kMalformedCredential:
      if (fault.signature.presigned) {
        return malformed(fault,
                         "Error parsing the X-Amz-Credential parameter; the Credential is "
                         "mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/"
                         "aws4_request\".");
      }
      return malformed(fault,
                       "The authorization header is malformed; the Credential is mal-formed; "
                       "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
    case AuthFailure::kMissingDate:
    case AuthFailure::kMalformedDate:
      if (fault.signature.presigned) {
        return malformed(fault,
                         "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
      }
      return Error(Code::kAccessDenied,
                   "AWS authentication requires a valid Date or x-amz-date header");
    case AuthFailure::kScopeDateMismatch:
      return malformed(fault,
                       "The authorization header is malformed; Invalid credential date. Date is "
                       "not the same as X-Amz-Date.");
    case AuthFailure::kMalformedExpires:
      return malformed(fault, "X-Amz-Expires should be a number");
    case AuthFailure::kExpiresTooLarge:
      return malformed(fault,
                       "X-Amz-Expires must be less than a week (in seconds) that is, the given "
                       "X-Amz-Expires must be less than 604800 seconds");
    case AuthFailure::kExpiresNegative:
      return malformed(fault, "X-Amz-Expires must be non-negative");
    case AuthFailure::kUnknownAccessKey:
      return Error(Code::kInvalidAccessKeyId).with("AWSAccessKeyId", fault.signature.access_key_id);
    case AuthFailure::kExpiredToken: return Error(Code::kExpiredToken);
    case AuthFailure::kInvalidToken:
      return Error(Code::kInvalidToken).with("Token-0", fault.signature.session_token);
    case AuthFailure::kTooSkewed:
      return Error(Code::kRequestTimeTooSkewed)
          .with("RequestTime", fault.signature.timestamp)
          .with("ServerTime", http::iso_date(now_s))
          .with("MaxAllowedSkewMilliseconds", std::to_string(aws::kMaxClockSkewSeconds * 1000));
    case AuthFailure::kExpired: return expired(fault.signature, now_s);
    case AuthFailure::kNotYetValid: return Error(Code::kAccessDenied, "Request is not yet valid");
    case AuthFailure::kWrongService:
      return malformed(fault,
                       "The authorization header is malformed; incorrect service. This endpoint "
                       "belongs to \"s3\".");
    case AuthFailure::kUnsignedHeader:
      return Error(Code::kAccessDenied,
                   "There were headers present in the request which were not signed")
          .with("HeadersNotSigned", join(fault.missing, ", "));
    case AuthFailure::kSignatureMismatch: return mismatch(fault);
  }
  return Error(Code::kAccessDenied);
}

void check_payload_word(const Request& request, const aws::Payload& payload) {
  switch (payload.mode) {
    case aws::PayloadMode::kSigV4A:
      throw not_implemented_header(kSha256Header, "SigV4A signatures are not implemented");
    case aws::PayloadMode::kInvalid:
      throw invalid_argument(
          "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
          "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
          "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
          "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
          kSha256Header, request.header(kSha256Header));
    case aws::PayloadMode::kAbsent:
    case aws::PayloadMode::kSha256:
    case aws::PayloadMode::kUnsigned:
    case aws::PayloadMode::kStreamingSigned:
    case aws::PayloadMode::kStreamingSignedTrailer:
    case aws::PayloadMode::kStreamingUnsigned:
    case aws::PayloadMode::kStreamingUnsignedTrailer: return;
  }
}

// Whom a key names, in the region of the signature, and the world that the key picks.
void take_caller(Identified& identified, const Request& request, const aws::Signature& signature) {
  const std::string& key = signature.access_key_id;
  std::string_view region = signature.region;
  if (region == "aws-global" || region == "auto") region = {};
  identified.caller =
      aws::caller_of(key, region, request.shared.front.authenticator.credentials().find(key));
  identified.world = request.shared.engines.engine_for(key);
}

// The head without what take_presigned_headers() added.
http::RequestHead head_as_sent(const Request& request) {
  http::RequestHead head = request.head;
  head.headers.truncate(request.headers_as_sent);
  return head;
}

void verify(Identified& identified, const Request& request, const aws::Signature& signature,
            std::int64_t now_s) {
  const auto word = request.find_header(kSha256Header);
  if (!signature.presigned && !word) {
    throw invalid_request("Missing required header for this request: x-amz-content-sha256");
  }
  const std::string_view payload_hash = word ? *word : kUnsigned;
  const Authenticator& authenticator = request.shared.front.authenticator;
  const auto check = [&](const http::RequestHead& head) {
    return authenticator.verify(head, signature, payload_hash, "s3", aws::PathRule::kS3, now_s);
  };
  const bool is_as_sent = request.headers_as_sent == request.head.headers.fields().size();
  const auto verified = is_as_sent ? check(request.head) : check(head_as_sent(request));
  if (!verified) throw to_error(verified.error(), now_s);
  if (identified.payload.chunks_signed()) {
    identified.chunk_signing = aws::ChunkSigning{verified->signing_key, signature.timestamp,
                                                 signature.scope(), signature.signature};
  }
}

// What a query has of the two kinds of signature.
struct QueryProofs {
  bool v4 = false;
  bool v2_key = false;
  bool v2_signature = false;
  bool v2_expires = false;

  explicit QueryProofs(const http::Query& query) {
    for (const http::QueryParameter& parameter : query) {
      const std::string_view name = parameter.name;
      if (name == "X-Amz-Algorithm" || name == "X-Amz-Signature") v4 = true;
      if (name == "AWSAccessKeyId") v2_key = true;
      if (name == "Signature") v2_signature = true;
      if (name == "Expires") v2_expires = true;
    }
  }
};

// One request, one proof of who sends it: of two, the one that is checked need not be the one that
// names the sender to the next reader of the request. And a link of the old kind has three
// parameters; one that lost some of them is no anonymous request.
void refuse_wrong_proofs(const Request& request) {
  if (request.query().empty()) return;
  const QueryProofs proofs(request.query());
  const auto header = request.find_header("authorization");
  const bool v2 = proofs.v2_key || proofs.v2_signature;
  if ((header ? 1 : 0) + (proofs.v4 ? 1 : 0) + (v2 ? 1 : 0) > 1) {
    throw invalid_argument(kOneMechanism, "Authorization", header.value_or(""));
  }
  const bool whole = proofs.v2_key && proofs.v2_signature && proofs.v2_expires;
  if (header || !v2 || whole) return;
  throw Error(Code::kAccessDenied,
              "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
              "parameters");
}

// What the old signature does not cover, anyone may have added to a link: parameters that
// make another operation of the request are refused, in the words for an operation that wants the
// new signature. (list-type, id and the like only choose how something is listed.)
void refuse_unsigned_sub_resources(const Request& request) {
  for (const http::QueryParameter& parameter : request.query()) {
    if (!is_sub_resource(parameter.name) || aws::is_signed_in_v2(parameter.name)) continue;
    throw invalid_request(kWantsV4);
  }
}

// Authorization of a form that is neither signature's.
void refuse_unknown_authorization(const Request& request) {
  const auto header = request.find_header("authorization");
  if (!header || header->starts_with("AWS4-")) return;
  if (header->empty()) throw Error(Code::kAccessDenied);
  if (header->starts_with("AWS ")) {
    throw invalid_argument(
        "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature", "Authorization",
        *header);
  }
  throw invalid_argument("Unsupported Authorization Type", "Authorization", *header);
}

// The old signature names no region, and its chunks are never signed.
void authenticate_v2(Identified& identified, const Request& request,
                     const aws::SignatureV2& signature) {
  aws::Signature claim;
  claim.access_key_id = signature.access_key_id;
  claim.presigned = signature.presigned;
  claim.signed_at_s = signature.expires_at_s;
  take_caller(identified, request, claim);
  const std::int64_t now_s = identified.world.clock->now_s();
  if (request.shared.verifies()) {
    refuse_unsigned_sub_resources(request);
    const std::string_view host_bucket =
        request.virtual_host ? std::string_view(request.bucket) : std::string_view();
    const auto verified = aws::verify_v2(request.head, signature, host_bucket,
                                         request.shared.front.authenticator.credentials(), now_s);
    if (!verified) throw to_error(verified.error(), now_s);
  } else if (signature.presigned && signature.expires_at_s < now_s) {
    throw expired(claim, now_s);
  }
}

// A request whose signature cannot be read. Without verification it is taken for what it can be:
// anonymous, or the key's that was read.
void authenticate_unread(Identified& identified, const Request& request, const AuthFault& fault) {
  const auto now_s = [&] {
    const auto world = request.shared.engines.engine_for(fault.signature.access_key_id);
    return world.clock->now_s();
  };
  if (request.shared.verifies()) {
    refuse_unknown_authorization(request);
    throw to_error(fault, now_s());
  }
  if (fault.failure == AuthFailure::kAnonymous) {
    identified.world = request.shared.engines.engine_for({});
    return;
  }
  if (fault.failure == AuthFailure::kBothForms) throw to_error(fault, now_s());
  const bool old_algorithm = fault.failure == AuthFailure::kUnsupportedAlgorithm;
  if (fault.signature.presigned && !old_algorithm) throw to_error(fault, now_s());
  take_caller(identified, request, fault.signature);
}

}  // namespace

void take_presigned_headers(Request& request) {
  if (request.query().empty()) return;
  if (!request.query().has("X-Amz-Algorithm") && !request.query().has("AWSAccessKeyId")) return;
  for (const http::QueryParameter& parameter : request.query()) {
    const std::string_view name = parameter.name;
    if (is_signing_parameter(name) || !may_be_header(name)) continue;
    if (request.head.headers.has(name)) continue;
    // No header could have carried these.
    if (parameter.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      throw invalid_argument("Header value must be one line.", parameter.name, parameter.value);
    }
    request.head.headers.add(base::to_lower(name), std::string(parameter.value));
  }
}

Identified authenticate(const Request& request) {
  Identified identified;
  identified.payload = aws::payload_of(request.head.headers);
  check_payload_word(request, identified.payload);
  refuse_wrong_proofs(request);
  if (const auto old = aws::parse_v2(request.head)) {
    authenticate_v2(identified, request, *old);
    return identified;
  }
  const auto parsed = Authenticator::parse(request.head);
  if (!parsed) {
    authenticate_unread(identified, request, parsed.error());
    return identified;
  }
  take_caller(identified, request, *parsed);
  const std::int64_t now_s = identified.world.clock->now_s();
  if (request.shared.verifies()) {
    verify(identified, request, *parsed, now_s);
  } else if (parsed->presigned && parsed->signed_at_s + parsed->expires_s < now_s) {
    throw expired(*parsed, now_s);
  }
  return identified;
}

}  // namespace bodega::s3
