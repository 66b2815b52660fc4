#include "protocol/aws/signature/sigv4.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/number_text.h"
#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/http/percent.h"
#include "protocol/http/query.h"

namespace bodega::aws {
namespace {

using http::Slash;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";

AuthFault fault(AuthFailure failure, Signature signature, std::string detail = {}) {
  AuthFault out;
  out.failure = failure;
  out.signature = std::move(signature);
  out.detail = std::move(detail);
  return out;
}

AuthFault incomplete(std::vector<std::string> missing, Signature signature) {
  AuthFault out = fault(AuthFailure::kIncomplete, std::move(signature));
  out.missing = std::move(missing);
  return out;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// Takes the part behind the last slash off `text`; false when there is no slash.
bool take_last(std::string_view& text, std::string_view& part) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return false;
  part = text.substr(slash + 1);
  text = text.substr(0, slash);
  return true;
}

// Reads "key/date/region/service/aws4_request" from its end: access keys may hold slashes.
bool read_credential(std::string_view text, Signature& signature) {
  std::string_view terminator;
  std::string_view service;
  std::string_view region;
  std::string_view date;
  if (!take_last(text, terminator) || terminator != kTerminator || !take_last(text, service) ||
      !take_last(text, region) || !take_last(text, date)) {
    return false;
  }
  signature.service = service;
  signature.region = region;
  signature.scope_date = date;
  signature.access_key_id = text;
  return !text.empty();
}

std::vector<std::string> read_signed_headers(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    if (end > 0) names.push_back(base::to_lower(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

// Checks and takes the timestamp; the basic ISO form of X-Amz-Date or the HTTP form of Date.
std::optional<AuthFailure> read_timestamp(std::string_view text, Signature& signature) {
  const bool is_basic = text.size() == 16 && text[8] == 'T' && text.back() == 'Z';
  const std::optional<std::int64_t> seconds =
      is_basic ? http::parse_iso_date(text) : http::parse_http_date(text);
  if (!seconds) return AuthFailure::kMalformedDate;
  signature.signed_at_s = *seconds;
  signature.timestamp = is_basic ? std::string(text) : http::basic_iso_date(*seconds);
  if (signature.timestamp.compare(0, 8, signature.scope_date) != 0) {
    return AuthFailure::kScopeDateMismatch;
  }
  return std::nullopt;
}

base::Result<Signature, AuthFault> parse_header(const http::RequestHead& head,
                                                std::string_view authorization) {
  Signature signature;
  const std::size_t space = authorization.find(' ');
  if (authorization.substr(0, space) != kAlgorithm) {
    return fault(AuthFailure::kUnsupportedAlgorithm, std::move(signature),
                 std::string(authorization.substr(0, space)));
  }
  std::optional<std::string> credential;
  std::optional<std::string> signed_headers;
  std::optional<std::string> value;
  const std::string_view rest =
      space == std::string_view::npos ? std::string_view() : authorization.substr(space + 1);
  // Commas with or without spaces behind them; some clients separate with spaces alone.
  std::string spaced(rest);
  std::replace(spaced.begin(), spaced.end(), ' ', ',');
  for (const std::string& part : split(spaced, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = part.substr(0, equals);
    if (name == "Credential") credential = part.substr(equals + 1);
    if (name == "SignedHeaders") signed_headers = part.substr(equals + 1);
    if (name == "Signature") value = part.substr(equals + 1);
  }
  const auto date = head.headers.get("x-amz-date");
  const auto http_date = head.headers.get("date");
  std::vector<std::string> missing;
  if (!credential || credential->empty()) missing.emplace_back("Credential");
  if (!value || value->empty()) missing.emplace_back("Signature");
  if (!signed_headers || signed_headers->empty()) missing.emplace_back("SignedHeaders");
  if (!date && !http_date) missing.emplace_back("X-Amz-Date");
  if (credential && !read_credential(*credential, signature) && missing.empty()) {
    return fault(AuthFailure::kMalformedCredential, std::move(signature), *credential);
  }
  if (missing.size() == 1 && missing.front() == "X-Amz-Date") {
    return fault(AuthFailure::kMissingDate, std::move(signature));
  }
  if (!missing.empty()) return incomplete(std::move(missing), std::move(signature));

  signature.signed_headers = read_signed_headers(*signed_headers);
  signature.signature = *value;
  signature.session_token = head.headers.get_or_empty("x-amz-security-token");
  const std::string_view stamp = date ? *date : *http_date;
  if (const auto wrong = read_timestamp(stamp, signature)) {
    return fault(*wrong, std::move(signature), std::string(stamp));
  }
  return signature;
}

// The parameters of a presigned request; of several with one name the first counts.
struct PresignedParameters {
  std::string_view algorithm;
  std::string_view credential;
  std::string_view date;
  std::string_view expires;
  std::string_view signature;
  std::string_view signed_headers;
  std::string_view token;

  explicit PresignedParameters(const http::Query& query) {
    constexpr std::string_view kPrefix = "X-Amz-";
    for (const http::QueryParameter& parameter : query) {
      if (!parameter.name.starts_with(kPrefix)) continue;
      const std::string_view name = parameter.name.substr(kPrefix.size());
      if (std::string_view* field = field_of(name); field != nullptr && field->data() == nullptr) {
        *field = parameter.value.data() == nullptr ? std::string_view("") : parameter.value;
      }
    }
  }

 private:
  std::string_view* field_of(std::string_view name) {
    if (name == "Algorithm") return &algorithm;
    if (name == "Credential") return &credential;
    if (name == "Date") return &date;
    if (name == "Expires") return &expires;
    if (name == "Signature") return &signature;
    if (name == "SignedHeaders") return &signed_headers;
    if (name == "Security-Token") return &token;
    return nullptr;
  }
};

// In the order in which the services name them.
std::vector<std::string> missing_parameters(const PresignedParameters& given) {
  std::vector<std::string> missing;
  if (given.credential.empty()) missing.emplace_back("X-Amz-Credential");
  if (given.date.empty()) missing.emplace_back("X-Amz-Date");
  if (given.expires.empty()) missing.emplace_back("X-Amz-Expires");
  if (given.signature.empty()) missing.emplace_back("X-Amz-Signature");
  if (given.signed_headers.empty()) missing.emplace_back("X-Amz-SignedHeaders");
  return missing;
}

base::Result<Signature, AuthFault> parse_presigned(const http::Query& query) {
  Signature signature;
  signature.presigned = true;
  const PresignedParameters given(query);
  if (given.algorithm != kAlgorithm) {
    return fault(AuthFailure::kUnsupportedAlgorithm, std::move(signature),
                 std::string(given.algorithm));
  }
  const bool credential_read = read_credential(given.credential, signature);
  if (std::vector<std::string> missing = missing_parameters(given); !missing.empty()) {
    return incomplete(std::move(missing), std::move(signature));
  }
  if (!credential_read) {
    return fault(AuthFailure::kMalformedCredential, std::move(signature),
                 std::string(given.credential));
  }
  signature.signed_headers = read_signed_headers(given.signed_headers);
  signature.signature = given.signature;
  signature.session_token = given.token;
  if (const auto wrong = read_timestamp(given.date, signature)) {
    return fault(*wrong, std::move(signature), std::string(given.date));
  }
  const std::string_view expires = given.expires;
  const auto seconds = base::parse_integer<std::int64_t>(expires);
  if (!seconds) {
    return fault(AuthFailure::kMalformedExpires, std::move(signature), std::string(expires));
  }
  signature.expires_s = *seconds;
  if (signature.expires_s < 0) {
    return fault(AuthFailure::kExpiresNegative, std::move(signature), std::string(expires));
  }
  if (signature.expires_s > kMaxPresignedExpirySeconds) {
    return fault(AuthFailure::kExpiresTooLarge, std::move(signature), std::string(expires));
  }
  return signature;
}

// Runs of spaces become one; the ends are trimmed.
std::string canonical_value(std::string_view value) {
  std::string out;
  for (const char symbol : base::trim(value)) {
    if (symbol == ' ' && !out.empty() && out.back() == ' ') continue;
    out += symbol;
  }
  return out;
}

std::string canonical_path(std::string_view path, PathRule rule) {
  if (rule == PathRule::kS3) {
    const auto decoded = http::percent_decode(path);
    return http::percent_encode(decoded ? *decoded : std::string(path), Slash::kKeep);
  }
  // Empty and dot segments go away, what is left is encoded once more.
  std::vector<std::string> kept;
  for (const std::string& segment : split(path, '/')) {
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const std::string& segment : kept) out += "/" + segment;
  if (out.empty() || path.ends_with('/')) out += '/';
  return http::percent_encode(out, Slash::kKeep);
}

std::string canonical_query(const http::Query& query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const http::QueryParameter& parameter : query) {
    if (parameter.name == "X-Amz-Signature") continue;
    pairs.emplace_back(http::percent_encode(parameter.name, Slash::kEncode),
                       http::percent_encode(parameter.value, Slash::kEncode));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out += name + "=" + value;
  }
  return out;
}

// Host and every x-amz-* header have to be under the signature, or an intermediary could add
// one. x-amz-content-sha256 is the payload line itself, and presigned links never sign it.
std::vector<std::string> unsigned_headers(const http::RequestHead& head,
                                          const Signature& signature) {
  std::vector<std::string> missing;
  for (const http::Header& header : head.headers) {
    const std::string name = base::to_lower(header.name);
    if (name != "host" && !name.starts_with("x-amz-")) continue;
    if (name == "x-amz-content-sha256") continue;
    if (std::find(signature.signed_headers.begin(), signature.signed_headers.end(), name) ==
        signature.signed_headers.end()) {
      missing.push_back(name);
    }
  }
  return missing;
}

std::string signature_of(const http::RequestHead& head, const Signature& signature,
                         std::string_view payload_hash, PathRule path_rule,
                         std::string_view signing_key) {
  return base::to_hex(base::hmac_sha256(
      signing_key,
      string_to_sign(signature, canonical_request(head, signature, payload_hash, path_rule))));
}

}  // namespace

std::optional<AuthFailure> check_token(const Credential& credential, std::string_view token,
                                       std::int64_t now_s) {
  if (!base::equal_in_constant_time(token, credential.session_token)) {
    return AuthFailure::kInvalidToken;
  }
  if (now_s >= credential.expires_at_s) return AuthFailure::kExpiredToken;
  return std::nullopt;
}

std::string Signature::scope() const {
  return scope_date + "/" + region + "/" + service + "/" + std::string(kTerminator);
}

std::string derive_signing_key(std::string_view secret, std::string_view scope_date,
                               std::string_view region, std::string_view service) {
  std::string key = base::hmac_sha256("AWS4" + std::string(secret), scope_date);
  key = base::hmac_sha256(key, region);
  key = base::hmac_sha256(key, service);
  return base::hmac_sha256(key, kTerminator);
}

bool SigningKeys::Entry::is_for(const Credential& credential, const Signature& signature) const {
  return access_key_id == credential.access_key_id &&
         secret_access_key == credential.secret_access_key && date == signature.scope_date &&
         region == signature.region && service == signature.service;
}

std::size_t SigningKeys::slot_of(const Signature& signature) {
  const std::size_t hash = std::hash<std::string_view>()(signature.access_key_id) ^
                           std::hash<std::string_view>()(signature.region) ^
                           std::hash<std::string_view>()(signature.service);
  return hash % kSlots;
}

std::optional<std::string> SigningKeys::find(const Credential& credential,
                                             const Signature& signature) {
  const base::Lock lock(mutex_);
  const Entry& slot = slots_[slot_of(signature)];
  if (!slot.is_for(credential, signature)) return std::nullopt;
  return slot.key;
}

std::string SigningKeys::key_for(const Credential& credential, const Signature& signature) {
  if (auto remembered = find(credential, signature)) return std::move(*remembered);
  std::string key = derive_signing_key(credential.secret_access_key, signature.scope_date,
                                       signature.region, signature.service);
  if (signature.region.size() > kMaxRegionBytes) return key;
  const base::Lock lock(mutex_);
  slots_[slot_of(signature)] = {credential.access_key_id, credential.secret_access_key,
                                signature.scope_date,     signature.region,
                                signature.service,        key};
  return key;
}

std::string canonical_request(const http::RequestHead& head, const Signature& signature,
                              std::string_view payload_hash, PathRule path_rule) {
  std::string out = head.method + "\n" + canonical_path(head.path, path_rule) + "\n" +
                    canonical_query(head.query) + "\n";
  std::string names;
  for (const std::string& name : signature.signed_headers) {
    std::string joined;
    for (const std::string_view value : head.headers.get_all(name)) {
      if (!joined.empty()) joined += ',';
      joined += canonical_value(value);
    }
    out += name + ":" + joined + "\n";
    if (!names.empty()) names += ';';
    names += name;
  }
  out += "\n" + names + "\n";
  out += payload_hash;
  return out;
}

std::string string_to_sign(const Signature& signature, std::string_view canonical_request) {
  return std::string(kAlgorithm) + "\n" + signature.timestamp + "\n" + signature.scope() + "\n" +
         base::to_hex(base::sha256(canonical_request));
}

std::string sign(const http::RequestHead& head, const Signature& signature,
                 std::string_view payload_hash, PathRule path_rule, std::string_view secret) {
  return signature_of(
      head, signature, payload_hash, path_rule,
      derive_signing_key(secret, signature.scope_date, signature.region, signature.service));
}

base::Result<Signature, AuthFault> Authenticator::parse(const http::RequestHead& head) {
  const auto authorization = head.headers.get("authorization");
  const bool in_query = head.query.has("X-Amz-Algorithm") || head.query.has("X-Amz-Signature");
  if (authorization && in_query) return fault(AuthFailure::kBothForms, {});
  if (authorization) return parse_header(head, *authorization);
  if (in_query) return parse_presigned(head.query);
  return fault(AuthFailure::kAnonymous, {});
}

base::Result<Authenticator::Verified, AuthFault> Authenticator::verify(
    const http::RequestHead& head, const Signature& signature, std::string_view payload_hash,
    std::string_view expected_service, PathRule path_rule, std::int64_t now_s) const {
  const auto credential = credentials_.find(signature.access_key_id);
  if (!credential) return fault(AuthFailure::kUnknownAccessKey, signature);
  if (const auto wrong = check_token(*credential, signature.session_token, now_s)) {
    return fault(*wrong, signature);
  }
  if (signature.service != expected_service) {
    return fault(AuthFailure::kWrongService, signature, signature.service);
  }
  if (signature.presigned) {
    if (signature.signed_at_s > now_s + kMaxClockSkewSeconds) {
      return fault(AuthFailure::kNotYetValid, signature);
    }
    if (now_s > signature.signed_at_s + signature.expires_s) {
      return fault(AuthFailure::kExpired, signature);
    }
  } else if (signature.signed_at_s > now_s + kMaxClockSkewSeconds ||
             signature.signed_at_s < now_s - kMaxClockSkewSeconds) {
    return fault(AuthFailure::kTooSkewed, signature);
  }
  if (std::vector<std::string> missing = unsigned_headers(head, signature); !missing.empty()) {
    AuthFault out = fault(AuthFailure::kUnsignedHeader, signature);
    out.missing = std::move(missing);
    return out;
  }
  std::string signing_key = signing_keys_.key_for(*credential, signature);
  const std::string expected = signature_of(head, signature, payload_hash, path_rule, signing_key);
  if (!base::equal_in_constant_time(expected, signature.signature)) {
    AuthFault out = fault(AuthFailure::kSignatureMismatch, signature);
    out.canonical_request = canonical_request(head, signature, payload_hash, path_rule);
    out.string_to_sign = string_to_sign(signature, out.canonical_request);
    return out;
  }
  return Verified{credential, std::move(signing_key)};
}

std::string Authenticator::account(std::string_view access_key_id) const {
  const auto credential = credentials_.find(access_key_id);
  return credential ? credential->account : account_of(access_key_id);
}

}  // namespace bodega::aws
