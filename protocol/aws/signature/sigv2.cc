#include "protocol/aws/signature/sigv2.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/number_text.h"
#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/http/query.h"

namespace bodega::aws {
namespace {

constexpr std::string_view kScheme = "AWS ";

// The query parameters that are part of the signed resource, sorted.
constexpr std::array<std::string_view, 34> kSubresources{"accelerate",
                                                         "acl",
                                                         "analytics",
                                                         "cors",
                                                         "delete",
                                                         "encryption",
                                                         "intelligent-tiering",
                                                         "inventory",
                                                         "legal-hold",
                                                         "lifecycle",
                                                         "location",
                                                         "logging",
                                                         "metrics",
                                                         "notification",
                                                         "object-lock",
                                                         "ownershipControls",
                                                         "partNumber",
                                                         "policy",
                                                         "policyStatus",
                                                         "publicAccessBlock",
                                                         "replication",
                                                         "requestPayment",
                                                         "restore",
                                                         "retention",
                                                         "select",
                                                         "select-type",
                                                         "tagging",
                                                         "torrent",
                                                         "uploadId",
                                                         "uploads",
                                                         "versionId",
                                                         "versioning",
                                                         "versions",
                                                         "website"};

std::string canonical_resource(const http::RequestHead& head, std::string_view host_bucket) {
  std::string out;
  if (!host_bucket.empty()) out.append("/").append(host_bucket);
  out += head.path;
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const http::QueryParameter& parameter : head.query) {
    if (!is_signed_in_v2(parameter.name)) continue;
    parameters.emplace_back(
        parameter.name, parameter.has_equals ? "=" + std::string(parameter.value) : std::string());
  }
  std::sort(parameters.begin(), parameters.end());
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    out += separator;
    out += name;
    out += value;
    separator = '&';
  }
  return out;
}

std::string canonical_amz_headers(const http::Headers& headers) {
  std::map<std::string, std::string> sorted;
  for (const http::Header& header : headers) {
    const std::string name = base::to_lower(header.name);
    if (!name.starts_with("x-amz-")) continue;
    std::string& value = sorted[name];
    if (!value.empty()) value += ',';
    value += base::trim(header.value);
  }
  std::string out;
  for (const auto& [name, value] : sorted) out += name + ":" + value + "\n";
  return out;
}

// Clients sign a bucket in the path as "/bucket" or, however they send it, as "/bucket/" (boto);
// the service takes either.
bool is_bare_bucket(std::string_view path) {
  return path.size() > 1 && path.find('/', 1) == std::string_view::npos;
}

bool signature_matches(const http::RequestHead& head, const SignatureV2& signature,
                       std::string_view host_bucket, std::string_view secret) {
  if (base::equal_in_constant_time(sign_v2(head, signature, host_bucket, secret),
                                   signature.signature)) {
    return true;
  }
  if (!host_bucket.empty() || !is_bare_bucket(head.path)) return false;
  http::RequestHead with_slash = head;
  with_slash.path += '/';
  return base::equal_in_constant_time(sign_v2(with_slash, signature, host_bucket, secret),
                                      signature.signature);
}

AuthFault fault(AuthFailure failure, const SignatureV2& signature) {
  AuthFault out;
  out.failure = failure;
  out.signature.access_key_id = signature.access_key_id;
  out.signature.signature = signature.signature;
  out.signature.session_token = signature.session_token;
  out.signature.presigned = signature.presigned;
  out.signature.signed_at_s = signature.expires_at_s;
  return out;
}

}  // namespace

bool is_signed_in_v2(std::string_view parameter) {
  return parameter.starts_with("response-") ||
         std::find(kSubresources.begin(), kSubresources.end(), parameter) != kSubresources.end();
}

std::optional<SignatureV2> parse_v2(const http::RequestHead& head) {
  SignatureV2 signature;
  if (const auto authorization = head.headers.get("authorization")) {
    if (!authorization->starts_with(kScheme)) return std::nullopt;
    const std::string_view rest = base::trim(authorization->substr(kScheme.size()));
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    signature.access_key_id = rest.substr(0, colon);
    signature.signature = rest.substr(colon + 1);
    signature.session_token = head.headers.get_or_empty("x-amz-security-token");
    return signature;
  }
  const http::Query& query = head.query;
  if (!query.has("AWSAccessKeyId")) return std::nullopt;
  signature.presigned = true;
  signature.access_key_id = query.get_or_empty("AWSAccessKeyId");
  signature.signature = query.get_or_empty("Signature");
  signature.session_token = query.get_or_empty("x-amz-security-token");
  const std::string_view expires = query.get_or_empty("Expires");
  signature.expires_at_s = base::parse_integer<std::int64_t>(expires).value_or(0);
  return signature;
}

std::string string_to_sign_v2(const http::RequestHead& head, const SignatureV2& signature,
                              std::string_view host_bucket) {
  std::string date;
  if (signature.presigned) {
    date = std::to_string(signature.expires_at_s);
  } else if (!head.headers.has("x-amz-date")) {
    date = head.headers.get_or_empty("date");
  }
  std::string out = head.method + "\n";
  out.append(head.headers.get_or_empty("content-md5")).append("\n");
  out.append(head.headers.get_or_empty("content-type")).append("\n");
  out += date + "\n" + canonical_amz_headers(head.headers);
  // A token in the query is signed as if it stood in a header.
  if (signature.presigned && !signature.session_token.empty()) {
    out += "x-amz-security-token:" + signature.session_token + "\n";
  }
  return out + canonical_resource(head, host_bucket);
}

std::string sign_v2(const http::RequestHead& head, const SignatureV2& signature,
                    std::string_view host_bucket, std::string_view secret) {
  return base::to_base64(base::hmac_sha1(secret, string_to_sign_v2(head, signature, host_bucket)));
}

base::Result<std::shared_ptr<const Credential>, AuthFault> verify_v2(const http::RequestHead& head,
                                                                     const SignatureV2& signature,
                                                                     std::string_view host_bucket,
                                                                     const Credentials& credentials,
                                                                     std::int64_t now_s) {
  const auto credential = credentials.find(signature.access_key_id);
  if (!credential) return fault(AuthFailure::kUnknownAccessKey, signature);
  if (const auto wrong = check_token(*credential, signature.session_token, now_s)) {
    return fault(*wrong, signature);
  }
  if (signature.presigned) {
    if (now_s > signature.expires_at_s) return fault(AuthFailure::kExpired, signature);
  } else {
    const auto amz_date = head.headers.get("x-amz-date");
    const auto signed_at =
        http::parse_http_date(amz_date ? *amz_date : head.headers.get_or_empty("date"));
    // A time before 1970 is no date to the service, rather than one far away.
    if (!signed_at || *signed_at < 0) return fault(AuthFailure::kMissingDate, signature);
    if (*signed_at > now_s + kMaxClockSkewSeconds || *signed_at < now_s - kMaxClockSkewSeconds) {
      return fault(AuthFailure::kTooSkewed, signature);
    }
  }
  if (!signature_matches(head, signature, host_bucket, credential->secret_access_key)) {
    AuthFault out = fault(AuthFailure::kSignatureMismatch, signature);
    out.string_to_sign = string_to_sign_v2(head, signature, host_bucket);
    return out;
  }
  return credential;
}

}  // namespace bodega::aws
