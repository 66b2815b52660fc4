// Who may do what: accounts from access keys, and a server that verifies.
#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "protocol/aws/signature/sigv4.h"
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;

namespace {

WorldOptions verifying() {
  WorldOptions options;
  options.mode = aws::Authenticator::Mode::kVerify;
  options.credentials.push_back({"AKIAONE", "secret-one", "", "111111111111"});
  options.credentials.push_back({"AKIATWO", "secret-two", "", "222222222222"});
  options.credentials.push_back({"ASIASESSION", "secret-session", "token", "111111111111",
                                 base::ManualClock::kDefaultStartUs / 1'000'000 + 60});
  return options;
}

struct Verifying : World {
  Verifying() : World(verifying()) {}

  // A request signed as a client would, at the clock's time.
  Answer signed_run(const std::string& key, const std::string& secret, std::string_view method,
                    std::string_view target, std::string_view body = {},
                    std::vector<http::Header> headers = {}) {
    const std::string hash = base::to_hex(base::sha256(body));
    headers.push_back({"x-amz-date", "20260102T030405Z"});
    headers.push_back({"x-amz-content-sha256", hash});
    headers.push_back({"Host", "localhost:4566"});
    http::RequestHead head = head_of(method, target, headers);
    aws::Signature signature;
    signature.access_key_id = key;
    signature.scope_date = "20260102";
    signature.region = "us-east-1";
    signature.service = "s3";
    signature.timestamp = "20260102T030405Z";
    signature.signed_headers = {"host", "x-amz-content-sha256", "x-amz-date"};
    std::string names = "host;x-amz-content-sha256;x-amz-date";
    if (head.headers.has("x-amz-security-token")) {
      signature.signed_headers.emplace_back("x-amz-security-token");
      names += ";x-amz-security-token";
    }
    signature.signature = aws::sign(head, signature, hash, aws::PathRule::kS3, secret);
    head.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + key +
                                          "/20260102/us-east-1/s3/aws4_request, "
                                          "SignedHeaders=" +
                                          names + ", Signature=" + signature.signature);
    head.content_length = body.size();
    return send(std::move(head), body);
  }
  Answer one(std::string_view method, std::string_view target, std::string_view body = {}) {
    return signed_run("AKIAONE", "secret-one", method, target, body);
  }
  Answer two(std::string_view method, std::string_view target, std::string_view body = {}) {
    return signed_run("AKIATWO", "secret-two", method, target, body);
  }
};

}  // namespace

TEST_CASE("accounts: a 12-digit key is the account, every other key the default one") {
  World world;
  world.run("PUT", "/first", "", {claim("123456789012")});
  world.run("PUT", "/second", "", {claim("anything")});
  world.run("PUT", "/third");
  CHECK(world.engine().find_bucket("first")->owner == "123456789012");
  CHECK(world.engine().find_bucket("second")->owner == "000000000000");
  CHECK(world.engine().find_bucket("third")->owner == "000000000000");
}

TEST_CASE("verify: a session's key needs its token, until its time is over") {
  Verifying world;
  const auto run = [&](std::vector<http::Header> token) {
    return world.signed_run("ASIASESSION", "secret-session", "GET", "/", "", std::move(token));
  };
  CHECK(run({{"x-amz-security-token", "token"}}).status == 200);
  CHECK(run({{"x-amz-security-token", "other"}}).code == "InvalidToken");
  CHECK(run({}).code == "InvalidToken");
  world.clock.advance_us(60'000'000);
  const Answer over = run({{"x-amz-security-token", "token"}});
  CHECK(over.status == 400);
  CHECK(over.code == "ExpiredToken");
  CHECK(over.at("Message") == "The provided token has expired.");
}

TEST_CASE("verify: the right signature is let in, nothing else") {
  Verifying world;
  CHECK(world.one("PUT", "/bucket").status == 200);
  CHECK(world.one("PUT", "/bucket/a%20b+c", "body").status == 200);
  CHECK(world.one("GET", "/bucket/a%20b+c").body == "body");
  CHECK(world.one("GET", "/bucket?list-type=2&prefix=a%20b").status == 200);
  const auto anonymous = world.run("GET", "/bucket/a%20b+c");
  CHECK(anonymous.status == 403);
  CHECK(anonymous.at("Code") == "AccessDenied");
  const auto wrong = world.signed_run("AKIAONE", "guess", "GET", "/bucket");
  CHECK(wrong.status == 403);
  CHECK(wrong.at("Code") == "SignatureDoesNotMatch");
  CHECK(wrong.at("AWSAccessKeyId") == "AKIAONE");
  CHECK(wrong.at("StringToSign").starts_with("AWS4-HMAC-SHA256\n20260102T030405Z\n"));
  CHECK(wrong.at("CanonicalRequest").starts_with("GET\n/bucket\n"));
  const auto unknown = world.signed_run("AKIAWHO", "secret", "GET", "/bucket");
  CHECK(unknown.at("Code") == "InvalidAccessKeyId");
  world.clock.advance_us(std::int64_t{16} * 60 * 1'000'000);
  CHECK(world.one("GET", "/bucket").at("Code") == "RequestTimeTooSkewed");
}

TEST_CASE("verify: a body that is not what was signed is refused and leaves nothing") {
  Verifying world;
  world.one("PUT", "/bucket");
  auto head = head_of("PUT", "/bucket/key");
  // The hash of another body, rightly signed.
  const auto answer = [&] {
    const std::string hash = base::to_hex(base::sha256("promised"));
    http::RequestHead request = head_of("PUT", "/bucket/key",
                                        {{"x-amz-date", "20260102T030405Z"},
                                         {"x-amz-content-sha256", hash},
                                         {"Host", "localhost:4566"}});
    aws::Signature signature;
    signature.access_key_id = "AKIAONE";
    signature.scope_date = "20260102";
    signature.region = "us-east-1";
    signature.service = "s3";
    signature.timestamp = "20260102T030405Z";
    signature.signed_headers = {"host", "x-amz-content-sha256", "x-amz-date"};
    std::string names = "host;x-amz-content-sha256;x-amz-date";
    if (head.headers.has("x-amz-security-token")) {
      signature.signed_headers.emplace_back("x-amz-security-token");
      names += ";x-amz-security-token";
    }
    request.headers.add("Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIAONE/20260102/us-east-1/s3/aws4_request, "
                        "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" +
                            aws::sign(request, signature, hash, aws::PathRule::kS3, "secret-one"));
    request.content_length = 8;
    return world.send(std::move(request), "tampered");
  }();
  CHECK(answer.at("Code") == "XAmzContentSHA256Mismatch");
  CHECK(world.one("GET", "/bucket/key").status == 404);
}

TEST_CASE("verify: a bucket is its owner's alone") {
  Verifying world;
  world.one("PUT", "/bucket");
  world.one("PUT", "/bucket/key", "x");
  CHECK(world.two("GET", "/bucket/key").at("Code") == "AccessDenied");
  CHECK(world.two("PUT", "/bucket/key", "y").status == 403);
  CHECK(world.two("DELETE", "/bucket").status == 403);
  CHECK(world.two("PUT", "/bucket").at("Code") == "BucketAlreadyExists");
  CHECK(world.one("GET", "/bucket/key").body == "x");
}

TEST_CASE("presigned: an expired link is refused even where nobody verifies signatures") {
  World world;
  world.run("PUT", "/bucket");
  world.run("PUT", "/bucket/key", "x");
  const std::string target =
      "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=me%2F20260102%2Fus-east-1%2Fs3"
      "%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&"
      "X-Amz-Signature=" +
      std::string(64, '0');
  CHECK(world.run("GET", target).body == "x");
  world.clock.advance_us(61'000'000);
  const auto late = world.run("GET", target);
  CHECK(late.status == 403);
  CHECK(late.at("Message") == "Request has expired");
  CHECK(late.at("X-Amz-Expires") == "60");
  CHECK(late.at("Expires") == "2026-01-02T03:05:05.000Z");
  CHECK(late.at("ServerTime") == "2026-01-02T03:05:06.000Z");
}

TEST_CASE("presigned: a validity of more than a week is a parameter error") {
  World world;
  const auto answer = world.run(
      "GET",
      "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=me%2F20260102%2Fus-east-1%2Fs3"
      "%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=604801&X-Amz-SignedHeaders=host&"
      "X-Amz-Signature=" +
          std::string(64, '0'));
  CHECK(answer.status == 400);
  CHECK(answer.at("Code") == "AuthorizationQueryParametersError");
}

TEST_CASE("signatures: of another kind name no account and are let in where nobody verifies") {
  World world;
  CHECK(world.run("GET", "/", "", {{"Authorization", "AWS key:signature"}}).status == 200);
  CHECK(world.run("GET", "/", "", {{"Authorization", "Bearer token"}}).status == 200);
}
