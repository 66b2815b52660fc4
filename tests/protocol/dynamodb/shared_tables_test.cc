// Whose tables a caller sees: its own, or those that all share.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {
namespace {

// Sent with that key, for that region.
Answer send_as(Harness& h, std::string_view key, std::string_view region,
               std::string_view operation, const Json& body) {
  http::RequestHead head = h.head("DynamoDB_20120810." + std::string(operation));
  head.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=" + std::string(key) +
                                        "/20260102/" + std::string(region) +
                                        "/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, "
                                        "Signature=0123456789abcdef");
  return h.send(std::move(head), body.dump());
}

}  // namespace

TEST_CASE("Tables: each account and region has its own, unless they are shared") {
  Harness h;
  const auto names = [&h](std::string_view key, std::string_view region) {
    return send_as(h, key, region, "ListTables", Json::object())["TableNames"];
  };
  h.create_hash_table("tab");
  CHECK(names("test", "eu-west-1") == Json::array());
  CHECK(names("111111111111", "us-east-1") == Json::array());

  h.service = std::make_unique<Service>(*h.selector, aws::Front{h.authenticator}, Tables::kShared);
  CHECK(names("test", "eu-west-1") == Json::array({"tab"}));
  CHECK(names("111111111111", "us-east-1") == Json::array({"tab"}));
  const Answer put =
      send_as(h, "111111111111", "local", "PutItem", {{"TableName", "tab"}, {"Item", pk("a")}});
  CHECK(put.status == 200);
  CHECK(h.get("tab", pk("a")) == pk("a"));
  const Answer table = send_as(h, "other", "local", "DescribeTable", {{"TableName", "tab"}});
  CHECK(table["Table"]["TableArn"] == "arn:aws:dynamodb:us-east-1:000000000000:table/tab");
}

}  // namespace bodega::dynamodb
