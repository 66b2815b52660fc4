// The signatures below are those of the worked examples in the S3 API reference ("Authenticating
// Requests: Using the Authorization Header" and "… Using Query Parameters").
#include "protocol/aws/signature/sigv4.h"

#include "tests/catch.h"

using namespace bodega;
using aws::Authenticator;
using aws::AuthFailure;

namespace {

constexpr std::string_view kKey = "AKIAIOSFODNN7EXAMPLE";
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::int64_t kSignedUs = 1'369'353'600LL * 1'000'000;  // 2013-05-24T00:00:00Z

const aws::KeyRing& known_keys() {
  static const aws::KeyRing kKeys({{std::string(kKey), std::string(kSecret), "", "111122223333"}});
  return kKeys;
}

http::RequestHead ranged_get() {
  http::RequestHead head;
  head.method = "GET";
  head.path = "/test.txt";
  head.headers.add("Host", "examplebucket.s3.amazonaws.com");
  head.headers.add("Range", "bytes=0-9");
  head.headers.add("x-amz-content-sha256", std::string(kEmptyHash));
  head.headers.add("x-amz-date", "20130524T000000Z");
  head.headers.add("Authorization",
                   "AWS4-HMAC-SHA256 "
                   "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                   "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                   "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  return head;
}

http::RequestHead presigned_get() {
  http::RequestHead head;
  head.method = "GET";
  head.path = "/test.txt";
  head.query = http::Query::parse(
      "X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
  head.headers.add("Host", "examplebucket.s3.amazonaws.com");
  return head;
}

void set_expires(http::RequestHead& head, std::string_view expires) {
  std::string query(head.query.raw());
  query.replace(query.find("86400"), 5, expires);
  head.query = http::Query::parse(query);
}

AuthFailure failure_of(const http::RequestHead& head, std::int64_t now_us = kSignedUs,
                       std::string_view hash = kEmptyHash) {
  const auto signature = Authenticator::parse(head);
  if (!signature) return signature.error().failure;
  const Authenticator authenticator(Authenticator::Mode::kVerify, known_keys());
  const auto verified =
      authenticator.verify(head, *signature, hash, "s3", aws::PathRule::kS3, now_us / 1'000'000);
  REQUIRE(!verified);
  return verified.error().failure;
}

bool verifies(const http::RequestHead& head, std::string_view hash,
              std::int64_t now_us = kSignedUs) {
  const auto signature = Authenticator::parse(head);
  REQUIRE(signature);
  const Authenticator authenticator(Authenticator::Mode::kVerify, known_keys());
  return authenticator.verify(head, *signature, hash, "s3", aws::PathRule::kS3, now_us / 1'000'000)
      .has_value();
}

}  // namespace

TEST_CASE("SigV4: the header form of the documentation verifies") {
  const auto head = ranged_get();
  const auto signature = Authenticator::parse(head);
  REQUIRE(signature);
  CHECK(signature->access_key_id == kKey);
  CHECK(signature->region == "us-east-1");
  CHECK(signature->service == "s3");
  CHECK(signature->scope() == "20130524/us-east-1/s3/aws4_request");
  CHECK(verifies(head, kEmptyHash));
}

TEST_CASE("SigV4: the presigned form of the documentation verifies until it expires") {
  CHECK(verifies(presigned_get(), "UNSIGNED-PAYLOAD"));
  CHECK(verifies(presigned_get(), "UNSIGNED-PAYLOAD", kSignedUs + 86'400LL * 1'000'000));
  CHECK(failure_of(presigned_get(), kSignedUs + 86'401LL * 1'000'000, "UNSIGNED-PAYLOAD") ==
        AuthFailure::kExpired);
}

TEST_CASE("SigV4: a changed request no longer matches, and the fault carries what was signed") {
  auto head = ranged_get();
  head.path = "/test2.txt";
  CHECK(failure_of(head) == AuthFailure::kSignatureMismatch);
  const Authenticator authenticator(Authenticator::Mode::kVerify, known_keys());
  const auto fault = authenticator.verify(head, *Authenticator::parse(head), kEmptyHash, "s3",
                                          aws::PathRule::kS3, kSignedUs / 1'000'000);
  REQUIRE(!fault);
  CHECK(fault.error().canonical_request.starts_with("GET\n/test2.txt\n\nhost:examplebucket"));
  CHECK(fault.error().string_to_sign.starts_with("AWS4-HMAC-SHA256\n20130524T000000Z\n"));
}

TEST_CASE("SigV4: paths are signed as S3 sees them, once encoded and never normalised") {
  for (const char* path : {"/b/a/../c", "/b/./x", "/b//y", "/b/%C3%A9+%2B%20z", "/b/a%2Fb"}) {
    auto head = ranged_get();
    head.path = path;
    aws::Signature signature = *Authenticator::parse(head);
    signature.signature = aws::sign(head, signature, kEmptyHash, aws::PathRule::kS3, kSecret);
    head.headers.set("Authorization",
                     "AWS4-HMAC-SHA256 Credential=" + signature.access_key_id + "/" +
                         signature.scope() +
                         ", SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=" +
                         signature.signature);
    CHECK(verifies(head, kEmptyHash));
  }
}

TEST_CASE("SigV4: each way to be wrong has its name") {
  http::RequestHead anonymous;
  CHECK(failure_of(anonymous) == AuthFailure::kAnonymous);

  auto both = ranged_get();
  both.query = http::Query::parse("X-Amz-Algorithm=AWS4-HMAC-SHA256");
  CHECK(failure_of(both) == AuthFailure::kBothForms);

  auto v2 = ranged_get();
  v2.headers.set("Authorization", "AWS key:signature");
  CHECK(failure_of(v2) == AuthFailure::kUnsupportedAlgorithm);

  auto partial = ranged_get();
  partial.headers.set("Authorization", "AWS4-HMAC-SHA256 SignedHeaders=host");
  const auto fault = Authenticator::parse(partial);
  REQUIRE(!fault);
  CHECK(fault.error().failure == AuthFailure::kIncomplete);
  CHECK(fault.error().missing == std::vector<std::string>{"Credential", "Signature"});

  auto stranger = ranged_get();
  stranger.headers.set("Authorization",
                       "AWS4-HMAC-SHA256 Credential=nobody/20130524/us-east-1/s3/aws4_request,"
                       "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=00");
  CHECK(failure_of(stranger) == AuthFailure::kUnknownAccessKey);

  CHECK(failure_of(ranged_get(), kSignedUs + 16LL * 60 * 1'000'000) == AuthFailure::kTooSkewed);
  CHECK(failure_of(ranged_get(), kSignedUs - 16LL * 60 * 1'000'000) == AuthFailure::kTooSkewed);

  auto smuggled = ranged_get();
  smuggled.headers.add("x-amz-acl", "public-read");
  CHECK(failure_of(smuggled) == AuthFailure::kUnsignedHeader);

  auto other_day = ranged_get();
  other_day.headers.set("x-amz-date", "20130525T000000Z");
  CHECK(failure_of(other_day) == AuthFailure::kScopeDateMismatch);

  auto no_date = ranged_get();
  no_date.headers.remove("x-amz-date");
  CHECK(failure_of(no_date) == AuthFailure::kMissingDate);

  auto too_long = presigned_get();
  set_expires(too_long, "604801");
  CHECK(failure_of(too_long) == AuthFailure::kExpiresTooLarge);

  auto wordy = presigned_get();
  set_expires(wordy, "a-day");
  CHECK(failure_of(wordy) == AuthFailure::kMalformedExpires);
}

TEST_CASE("SigV4: a session token has to be the key's own") {
  auto head = ranged_get();
  head.headers.add("x-amz-security-token", "somebody's");
  CHECK(failure_of(head) == AuthFailure::kInvalidToken);
}

TEST_CASE("SigV4: a temporary key is good until its time is over, with its own token") {
  const auto signed_with = [](std::string_view token) {
    auto head = ranged_get();
    if (!token.empty()) head.headers.add("x-amz-security-token", std::string(token));
    aws::Signature claim = *Authenticator::parse(head);
    claim.signed_headers.emplace_back("x-amz-security-token");
    const std::string signature =
        aws::sign(head, claim, kEmptyHash, aws::PathRule::kS3, "temporary secret");
    head.headers.set("Authorization",
                     "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/" + claim.scope() +
                         ",SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;"
                         "x-amz-security-token,Signature=" +
                         signature);
    return head;
  };
  constexpr std::int64_t kNow = kSignedUs / 1'000'000;
  aws::KeyRing keys;
  const Authenticator authenticator(Authenticator::Mode::kVerify, keys);
  const auto failure = [&](std::string_view token, std::int64_t now_s) {
    const auto head = signed_with(token);
    const auto verified = authenticator.verify(head, *Authenticator::parse(head), kEmptyHash, "s3",
                                               aws::PathRule::kS3, now_s);
    return verified ? std::optional<AuthFailure>() : verified.error().failure;
  };
  CHECK(failure("token", kNow) == AuthFailure::kUnknownAccessKey);
  keys.add({.access_key_id = "ASIAEXAMPLE",
            .secret_access_key = "temporary secret",
            .session_token = "token",
            .account = "111122223333",
            .expires_at_s = kNow + 60});
  CHECK(failure("token", kNow) == std::nullopt);
  CHECK(failure("another", kNow) == AuthFailure::kInvalidToken);
  CHECK(failure("", kNow) == AuthFailure::kInvalidToken);
  CHECK(failure("token", kNow + 60) == AuthFailure::kExpiredToken);
}

TEST_CASE("SigningKeys: a key is remembered for an equal credential, not for another secret") {
  const aws::Credential session{.access_key_id = "ASIAEXAMPLE", .secret_access_key = "secret"};
  const aws::Credential read_again = session;
  aws::Signature claim = *Authenticator::parse(ranged_get());
  claim.access_key_id = session.access_key_id;
  aws::SigningKeys keys;
  CHECK_FALSE(keys.find(session, claim));
  const std::string key = keys.key_for(session, claim);
  CHECK(key == aws::derive_signing_key("secret", "20130524", "us-east-1", "s3"));
  CHECK(keys.find(read_again, claim) == key);
  CHECK(keys.key_for(read_again, claim) == key);

  aws::Credential replaced = session;
  replaced.secret_access_key = "another";
  CHECK_FALSE(keys.find(replaced, claim));
  CHECK(keys.key_for(replaced, claim) ==
        aws::derive_signing_key("another", "20130524", "us-east-1", "s3"));
  CHECK(keys.find(replaced, claim));
  claim.region = "eu-central-1";
  CHECK_FALSE(keys.find(replaced, claim));
}

TEST_CASE("Accounts: a 12-digit key is the account, the file's word counts first") {
  CHECK(aws::account_of("123456789012") == "123456789012");
  CHECK(aws::account_of("test") == "000000000000");
  const Authenticator authenticator(Authenticator::Mode::kAcceptAny, known_keys());
  CHECK(authenticator.account(kKey) == "111122223333");
  CHECK(authenticator.account("test") == "000000000000");
}
