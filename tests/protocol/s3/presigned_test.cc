// Presigned links: what stands in their query counts as if it stood in headers.
#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "protocol/aws/signature/sigv2.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/http/percent.h"
#include "protocol/s3/operations.h"
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;

namespace {

constexpr std::int64_t kNowSeconds = 1'767'323'045;  // 2026-01-02T03:04:05Z, the harness's clock

WorldOptions verifying() {
  WorldOptions options;
  options.mode = aws::Authenticator::Mode::kVerify;
  options.credentials.push_back({"AKIAONE", "secret-one", "", "111111111111"});
  return options;
}

struct Links : World {
  Links() : World(verifying()) { run("PUT", old_link("PUT", "/bucket")); }

  // A link of the old kind: x-amz-* `fields` are signed as headers and sent in the query.
  static std::string old_link(std::string_view method, const std::string& path,
                              const std::vector<http::Header>& fields = {}) {
    http::RequestHead head = head_of(method, path, fields);
    aws::SignatureV2 claim;
    claim.access_key_id = "AKIAONE";
    claim.presigned = true;
    claim.expires_at_s = kNowSeconds + 60;
    std::string target =
        path + "?AWSAccessKeyId=AKIAONE&Expires=" + std::to_string(claim.expires_at_s);
    for (const auto& field : fields) {
      target += "&" + field.name + "=" + http::percent_encode(field.value, http::Slash::kEncode);
    }
    return target + "&Signature=" +
           http::percent_encode(aws::sign_v2(head, claim, "", "secret-one"), http::Slash::kEncode);
  }

  static std::string new_link(std::string_view method, const std::string& path,
                              const std::string& more) {
    const std::string target =
        path +
        "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAONE%2F20260102%2Fus-east-1"
        "%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&"
        "X-Amz-SignedHeaders=host" +
        more;
    const http::RequestHead head = head_of(method, target, {{"Host", "localhost"}});
    aws::Signature signature;
    signature.access_key_id = "AKIAONE";
    signature.scope_date = "20260102";
    signature.region = "us-east-1";
    signature.service = "s3";
    signature.timestamp = "20260102T030405Z";
    signature.signed_headers = {"host"};
    signature.presigned = true;
    return target + "&X-Amz-Signature=" +
           aws::sign(head, signature, "UNSIGNED-PAYLOAD", aws::PathRule::kS3, "secret-one");
  }
};

}  // namespace

TEST_CASE("presigned: x-amz-* parameters of an old link are headers") {
  Links world;
  const auto link = Links::old_link("PUT", "/bucket/key", {{"x-amz-meta-foo", "bar baz"}});
  REQUIRE(world.run("PUT", link, "body").status == 200);
  const auto got = world.run("GET", Links::old_link("GET", "/bucket/key"));
  CHECK(got.body == "body");
  CHECK(got.header("x-amz-meta-foo") == "bar baz");
  // A header that was not signed breaks the signature, whose error names no canonical request.
  const auto wrong = world.run("PUT", link, "body", {{"x-amz-meta-other", "x"}});
  CHECK(wrong.at("Code") == "SignatureDoesNotMatch");
  CHECK_FALSE(wrong.xml().root().child("CanonicalRequest"));
}

TEST_CASE("presigned: x-amz-* parameters of a link of today are headers, signed by the query") {
  Links world;
  const auto link =
      Links::new_link("PUT", "/bucket/key", "&x-amz-meta-foo=bar&x-amz-storage-class=STANDARD_IA");
  const auto put = world.run("PUT", link, "body", {{"Host", "localhost"}});
  REQUIRE(put.status == 200);
  const auto got = world.run("GET", Links::old_link("GET", "/bucket/key"));
  CHECK(got.header("x-amz-meta-foo") == "bar");
  CHECK(got.header("x-amz-storage-class") == "STANDARD_IA");
  const auto unsigned_header =
      world.run("PUT", link, "body", {{"Host", "localhost"}, {"x-amz-meta-foo", "other"}});
  CHECK(unsigned_header.at("HeadersNotSigned") == "x-amz-meta-foo");
}

TEST_CASE("presigned: a copy's source may stand in the query") {
  Links world;
  world.run("PUT", Links::old_link("PUT", "/bucket/from"), "body");
  const auto copied = world.run(
      "PUT", Links::old_link("PUT", "/bucket/to", {{"x-amz-copy-source", "/bucket/from"}}));
  CHECK(copied.operation == "CopyObject");
  CHECK(copied.status == 200);
  CHECK(world.run("GET", Links::old_link("GET", "/bucket/to")).body == "body");
}

TEST_CASE("presigned: the conditions of a write may stand in the query") {
  Links world;
  const auto link = Links::new_link("PUT", "/bucket/key", "&If-None-Match=%2A");
  CHECK(world.run("PUT", link, "1", {{"Host", "localhost"}}).status == 200);
  CHECK(world.run("PUT", link, "2", {{"Host", "localhost"}}).status == 412);
  CHECK(world.run("GET", Links::old_link("GET", "/bucket/key")).body == "1");
}

TEST_CASE("presigned: a parameter that no header could carry is refused") {
  Links world;
  const auto link = Links::old_link("PUT", "/bucket/key",
                                    {{"x-amz-website-redirect-location", "/a\r\nSet-Cookie: x"}});
  CHECK(world.run("PUT", link, "1").at("ArgumentName") == "x-amz-website-redirect-location");
}

TEST_CASE("presigned: a plain request takes no headers from its query") {
  World world;
  world.run("PUT", "/bucket");
  world.run("PUT", "/bucket/key?x-amz-meta-foo=bar", "body");
  CHECK_FALSE(world.run("HEAD", "/bucket/key").headers.has("x-amz-meta-foo"));
}

TEST_CASE("presigned: an old link that lost a parameter or its time is refused") {
  World world;
  const auto half = world.run("GET", "/bucket/key?AWSAccessKeyId=me&Signature=x");
  CHECK(half.status == 403);
  CHECK(half.at("Message") ==
        "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
        "parameters");
  const auto late = world.run("GET", "/bucket/key?AWSAccessKeyId=me&Signature=x&Expires=" +
                                         std::to_string(kNowSeconds - 1));
  CHECK(late.at("Message") == "Request has expired");
  CHECK(late.at("Expires") == "2026-01-02T03:04:04.000Z");
  CHECK_FALSE(late.xml().root().child("X-Amz-Expires"));
}

TEST_CASE("verify: an Authorization header of no known form is an invalid argument") {
  Links world;
  const auto old_form = world.run("GET", "/bucket", "", {{"Authorization", "AWS HAHAHA"}});
  CHECK(old_form.status == 400);
  CHECK(old_form.at("Message") ==
        "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature");
  const auto bearer = world.run("GET", "/bucket", "", {{"Authorization", "Bearer x"}});
  CHECK(bearer.at("Message") == "Unsupported Authorization Type");
  CHECK(bearer.at("ArgumentValue") == "Bearer x");
  CHECK(world.run("GET", "/bucket", "", {{"Authorization", ""}}).status == 403);
}

TEST_CASE("presigned: nobody turns an old link into one for a sub-resource") {
  Links world;
  world.run("PUT", Links::old_link("PUT", "/bucket/key"), "body");
  int tried = 0;
  for (const s3::Operation* row : s3::all_operations()) {
    for (const std::string_view query : {row->query, row->second_query}) {
      if (query.empty() || !s3::is_sub_resource(query)) continue;
      for (const char* path : {"/bucket/key", "/bucket"}) {
        const std::string link = Links::old_link(row->method, path) + "&" + std::string(query);
        const auto answer = world.run(row->method, link);
        INFO(row->name << " " << link << " " << answer.code);
        // Signed (then the signature is another), never to be signed, or no operation there at all.
        CHECK(answer.status >= 400);
        CHECK((answer.code == "SignatureDoesNotMatch" || answer.code == "InvalidRequest" ||
               answer.code == "MethodNotAllowed"));
        ++tried;
      }
    }
  }
  CHECK(tried > 100);
  CHECK(world.run("GET", Links::old_link("GET", "/bucket/key")).body == "body");
}

TEST_CASE("presigned: an old link may still list in the ways that it never signed") {
  Links world;
  world.run("PUT", Links::old_link("PUT", "/bucket/key"), "body");
  const auto listed = world.run(
      "GET", Links::old_link("GET", "/bucket") + "&list-type=2&prefix=k&x-id=ListObjectsV2");
  CHECK(listed.operation == "ListObjectsV2");
  CHECK(listed.status == 200);
}

TEST_CASE("signatures: two mechanisms in one request are refused") {
  Links world;
  const std::string old_link = Links::old_link("GET", "/bucket");
  const std::string new_link = Links::new_link("GET", "/bucket", "");
  const std::string both = old_link + "&" + new_link.substr(new_link.find('?') + 1);
  const http::Header old_header{"Authorization", "AWS AKIAONE:c2lnbmF0dXJl"};
  const http::Header new_header{"Authorization",
                                "AWS4-HMAC-SHA256 Credential=AKIAONE/20260102/us-east-1/s3/"
                                "aws4_request, SignedHeaders=host, Signature=00"};
  CHECK(world.run("GET", new_link, "", {{"Host", "localhost"}}).status == 200);
  for (const auto& [link, headers] :
       std::vector<std::pair<std::string, std::vector<http::Header>>>{{old_link, {old_header}},
                                                                      {old_link, {new_header}},
                                                                      {new_link, {old_header}},
                                                                      {new_link, {new_header}},
                                                                      {both, {}}}) {
    const auto answer = world.run("GET", link, "", headers);
    INFO(link);
    CHECK(answer.status == 400);
    CHECK(answer.at("Code") == "InvalidArgument");
    CHECK(answer.at("Message").starts_with("Only one auth mechanism allowed"));
    CHECK(answer.at("ArgumentName") == "Authorization");
  }
}
