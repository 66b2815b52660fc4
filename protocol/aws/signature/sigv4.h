// AWS Signature Version 4: who signs a request, for which region and service, and whether the
// signature is right. Header form and presigned (query) form.
//
// Two steps, because a service may know the payload's hash only after the body: parse() reads what
// the request says of itself; verify() checks it. Without verification (the default of the server)
// only parse() matters, and what it finds wrong is the service's choice to mention.
//
// Source: "Signature Version 4 signing process" and, for S3's differences (path encoded once, never
// normalised; streaming payloads), "Authenticating Requests" in the S3 API reference.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/mutex.h"
#include "engines/base/result.h"
#include "protocol/aws/signature/credentials.h"
#include "protocol/http/message.h"

namespace bodega::aws {

// Longest validity of a presigned request, in seconds (7 days).
inline constexpr std::int64_t kMaxPresignedExpirySeconds = 604'800;
// How far the signer's clock may be from ours, in seconds.
inline constexpr std::int64_t kMaxClockSkewSeconds = 15 * 60;

// What a signature claims. Views would dangle, so everything is owned.
struct Signature {
  std::string access_key_id;
  std::string scope_date;  // YYYYMMDD
  std::string region;
  std::string service;
  std::string timestamp;                    // YYYYMMDDTHHMMSSZ, as sent
  std::int64_t signed_at_s = 0;             // the same, in seconds since the epoch
  std::vector<std::string> signed_headers;  // lower case, in the order given
  std::string signature;                    // hex
  std::string session_token;                // empty when there is none
  bool presigned = false;
  std::int64_t expires_s = 0;  // presigned only: seconds from signed_at_s

  // "YYYYMMDD/region/service/aws4_request"
  std::string scope() const;
};

enum class AuthFailure : std::uint8_t {
  // parse()
  kAnonymous,             // no signature at all
  kBothForms,             // Authorization header and X-Amz-Algorithm in the query
  kUnsupportedAlgorithm,  // not AWS4-HMAC-SHA256 (SigV2, SigV4A, Bearer, …)
  kIncomplete,            // parts are missing; `missing` names them in AWS's order
  kMalformedCredential,   // not key/date/region/service/aws4_request
  kMissingDate,           // neither X-Amz-Date nor Date
  kMalformedDate,
  kScopeDateMismatch,  // the scope's date is not the timestamp's
  kMalformedExpires,   // X-Amz-Expires is not a number
  kExpiresTooLarge,
  kExpiresNegative,
  // verify()
  kUnknownAccessKey,
  kInvalidToken,
  kExpiredToken,    // the key is a temporary one whose time is over
  kTooSkewed,       // header form: more than kMaxClockSkewSeconds away
  kExpired,         // presigned: too late
  kNotYetValid,     // presigned: signed in the future
  kWrongService,    // the scope names another service
  kUnsignedHeader,  // an x-amz-* header, or Host, is not among the signed ones; `missing` names
                    // them
  kSignatureMismatch,
};

// A failure with what the services put into their error bodies.
struct AuthFault {
  AuthFailure failure = AuthFailure::kAnonymous;
  std::vector<std::string> missing;  // kIncomplete, kUnsignedHeader
  Signature signature;               // as far as it was read
  std::string detail;                // the offending text
  std::string string_to_sign;        // kSignatureMismatch
  std::string canonical_request;     // kSignatureMismatch
};

// Whether the session token sent along is the key's own and still good: nothing, kInvalidToken or
// kExpiredToken.
std::optional<AuthFailure> check_token(const Credential& credential, std::string_view token,
                                       std::int64_t now_s);

// How a service canonicalises paths: S3 takes the path as it is, others encode it once more and
// normalise it.
enum class PathRule : std::uint8_t { kS3, kNormalised };

// The key that signs: HMAC chain over date, region, service. Raw bytes.
std::string derive_signing_key(std::string_view secret, std::string_view scope_date,
                               std::string_view region, std::string_view service);

// The signing keys that were used last: a key holds for a day, a region and a service, and deriving
// one costs four HMACs. Thread-safe.
class SigningKeys {
 public:
  std::string key_for(const Credential& credential, const Signature& signature);
  // The one that is remembered; nothing when it has to be derived.
  std::optional<std::string> find(const Credential& credential, const Signature& signature);

 private:
  struct Entry {
    std::string access_key_id;
    std::string secret_access_key;  // another one once the key is replaced
    std::string date;
    std::string region;
    std::string service;
    std::string key;

    bool is_for(const Credential& credential, const Signature& signature) const;
  };

  static constexpr std::size_t kSlots = 256;
  // Longer names of regions are made up, and not remembered.
  static constexpr std::size_t kMaxRegionBytes = 64;

  static std::size_t slot_of(const Signature& signature);

  base::Mutex mutex_;
  std::array<Entry, kSlots> slots_ GUARDED_BY(mutex_);
};

class Authenticator {
 public:
  enum class Mode : std::uint8_t {
    kAcceptAny,  // any key, any signature, or none
    kVerify,     // the key must be known and the signature right
  };

  // The credentials must outlive the authenticator.
  Authenticator(Mode mode, const Credentials& credentials)
      : mode_(mode), credentials_(credentials) {}

  Mode mode() const { return mode_; }
  const Credentials& credentials() const { return credentials_; }

  // What the request claims of itself.
  static base::Result<Signature, AuthFault> parse(const http::RequestHead& head);

  // Checks a claim against the known keys. `payload_hash` is the last line of the canonical
  // request: the hex SHA-256 of the body, "UNSIGNED-PAYLOAD" or a STREAMING-… word. On success: the
  // key's credential, and the signing key for aws-chunked chunk signatures. Does not look at
  // mode(). `now_s`: seconds since the epoch by the clock of the world that is asked.
  struct Verified {
    std::shared_ptr<const Credential> credential;
    std::string signing_key;
  };
  base::Result<Verified, AuthFault> verify(const http::RequestHead& head,
                                           const Signature& signature,
                                           std::string_view payload_hash,
                                           std::string_view expected_service, PathRule path_rule,
                                           std::int64_t now_s) const;

  // The account a key belongs to: the credential's where it is known, else account_of() the key.
  std::string account(std::string_view access_key_id) const;

 private:
  Mode mode_;
  const Credentials& credentials_;
  mutable SigningKeys signing_keys_;
};

// The canonical request and the string to sign, for error bodies and tests.
std::string canonical_request(const http::RequestHead& head, const Signature& signature,
                              std::string_view payload_hash, PathRule path_rule);
std::string string_to_sign(const Signature& signature, std::string_view canonical_request);

// The Authorization header's signature for a request, as a client would make it: for tests and for
// requests this server signs itself.
std::string sign(const http::RequestHead& head, const Signature& signature,
                 std::string_view payload_hash, PathRule path_rule, std::string_view secret);

}  // namespace bodega::aws
