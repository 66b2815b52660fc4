// The signatures are those of the examples in "Signing and Authenticating REST Requests" of the S3
// API reference.
#include "protocol/aws/signature/sigv2.h"

#include "engines/base/clock.h"
#include "tests/catch.h"

using namespace bodega;
using aws::AuthFailure;

namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::int64_t kSignedUs = 1'175'024'202LL * 1'000'000;  // 2007-03-27T19:36:42Z

const aws::KeyRing& known_keys() {
  static const aws::KeyRing kKeys(
      {{"AKIAIOSFODNN7EXAMPLE", std::string(kSecret), "", "111122223333"}});
  return kKeys;
}

http::RequestHead get_photo() {
  http::RequestHead head;
  head.method = "GET";
  head.path = "/photos/puppy.jpg";
  head.headers.add("Host", "awsexamplebucket1.us-west-1.s3.amazonaws.com");
  head.headers.add("Date", "Tue, 27 Mar 2007 19:36:42 +0000");
  head.headers.add("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=");
  return head;
}

}  // namespace

TEST_CASE("SigV2: the header form of the documentation verifies, a changed one does not") {
  auto head = get_photo();
  const auto& credentials = known_keys();
  const base::ManualClock clock(kSignedUs);
  const auto signature = aws::parse_v2(head);
  REQUIRE(signature);
  const auto verified =
      aws::verify_v2(head, *signature, "awsexamplebucket1", credentials, clock.now_s());
  REQUIRE(verified.has_value());
  CHECK((*verified)->account == "111122223333");
  head.path = "/photos/kitten.jpg";
  const auto refused =
      aws::verify_v2(head, *signature, "awsexamplebucket1", credentials, clock.now_s());
  REQUIRE(refused.has_error());
  CHECK(refused.error().failure == AuthFailure::kSignatureMismatch);
  CHECK(refused.error().string_to_sign.ends_with("/awsexamplebucket1/photos/kitten.jpg"));
}

TEST_CASE("SigV2: sub-resources and amz headers are signed, other parameters are not") {
  http::RequestHead head;
  head.method = "PUT";
  head.path = "/b/k";
  head.query = http::Query::parse("x-id=Put&versionId=a%20b&acl&response-content-type=t");
  head.headers.add("X-Amz-Meta-B", " two ");
  head.headers.add("x-amz-meta-a", "1");
  head.headers.add("X-Amz-Meta-A", "2");
  head.headers.add("Content-Type", "text/plain");
  CHECK(aws::string_to_sign_v2(head, {}, "") ==
        "PUT\n\ntext/plain\n\nx-amz-meta-a:1,2\nx-amz-meta-b:two\n"
        "/b/k?acl&response-content-type=t&versionId=a b");
}

TEST_CASE("SigV2: a presigned link holds until it expires") {
  http::RequestHead head;
  head.method = "GET";
  head.path = "/b/k";
  aws::SignatureV2 claim;
  claim.access_key_id = "AKIAIOSFODNN7EXAMPLE";
  claim.presigned = true;
  claim.expires_at_s = kSignedUs / 1'000'000 + 60;
  std::string query =
      "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=" + std::to_string(claim.expires_at_s);
  query += "&Signature=" + aws::sign_v2(head, claim, "", kSecret);
  query.replace(query.rfind('='), 1, "%3D");
  head.query = http::Query::parse(query);
  const auto signature = aws::parse_v2(head);
  REQUIRE(signature);
  const auto& credentials = known_keys();
  base::ManualClock clock(kSignedUs);
  CHECK(aws::verify_v2(head, *signature, "", credentials, clock.now_s()).has_value());
  clock.advance_us(61'000'000);
  CHECK(aws::verify_v2(head, *signature, "", credentials, clock.now_s()).error().failure ==
        AuthFailure::kExpired);
}

TEST_CASE("SigV2: a bucket in the path may be signed with a slash behind it, a key may not") {
  const auto& credentials = known_keys();
  const base::ManualClock clock(kSignedUs);
  http::RequestHead head;
  head.method = "PUT";
  head.path = "/bucket";
  head.headers.add("Date", "Tue, 27 Mar 2007 19:36:42 +0000");
  const auto verified_when_signed_as = [&](std::string path) {
    http::RequestHead signed_head = head;
    signed_head.path = std::move(path);
    aws::SignatureV2 claim;
    claim.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    claim.signature = aws::sign_v2(signed_head, claim, "", kSecret);
    return aws::verify_v2(head, claim, "", credentials, clock.now_s()).has_value();
  };
  CHECK(verified_when_signed_as("/bucket"));
  CHECK(verified_when_signed_as("/bucket/"));
  CHECK(!verified_when_signed_as("/bucket//"));
  CHECK(!verified_when_signed_as("/other"));
  head.path = "/bucket/key";
  CHECK(verified_when_signed_as("/bucket/key"));
  CHECK(!verified_when_signed_as("/bucket/key/"));
}

TEST_CASE("SigV2: a date before 1970 is none, one far off is skewed") {
  const auto& credentials = known_keys();
  const base::ManualClock clock(kSignedUs);
  const auto failure_at = [&](std::string date) {
    http::RequestHead head;
    head.method = "PUT";
    head.path = "/bucket";
    head.headers.add("Date", std::move(date));
    aws::SignatureV2 claim;
    claim.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    claim.signature = aws::sign_v2(head, claim, "", kSecret);
    const auto refused = aws::verify_v2(head, claim, "", credentials, clock.now_s());
    REQUIRE(refused.has_error());
    return refused.error().failure;
  };
  CHECK(failure_at("Fri, 07 Jul 1950 21:53:04 GMT") == AuthFailure::kMissingDate);
  CHECK(failure_at("Wed, 07 Jul 2010 21:53:04 GMT") == AuthFailure::kTooSkewed);
}

TEST_CASE("SigV2: other schemes are not taken for it") {
  http::RequestHead head;
  CHECK(!aws::parse_v2(head));
  head.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=x");
  CHECK(!aws::parse_v2(head));
}
