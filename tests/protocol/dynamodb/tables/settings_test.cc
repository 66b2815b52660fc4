// What hangs on a table beside its items: tags and the ARNs that name what is tagged.
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

TEST_CASE("tags: added, listed, removed") {
  Harness h;
  h.create_hash_table("tab");
  const char* arn = "arn:aws:dynamodb:us-east-1:000000000000:table/tab";
  const Answer tagged = h.run(
      "TagResource", {{"ResourceArn", arn},
                      {"Tags", {{{"Key", "a"}, {"Value", "1"}}, {{"Key", "b"}, {"Value", ""}}}}});
  CHECK(tagged.status == 200);
  CHECK(tagged.text.empty());
  CHECK(h.run("UntagResource", {{"ResourceArn", arn}, {"TagKeys", {"a"}}}).status == 200);
  CHECK(h.run("ListTagsOfResource", {{"ResourceArn", arn}}).body ==
        Json({{"Tags", Json::array({{{"Key", "b"}, {"Value", ""}}})}}));
  CHECK(h.invalid("TagResource", {{"ResourceArn", arn}, {"Tags", Json::array()}}) ==
        "Atleast one Tag needs to be provided as Input.");
  CHECK(h.run("ListTagsOfResource",
              {{"ResourceArn", "arn:aws:dynamodb:us-east-1:123456789012:table/tab"}})
            .message() ==
        "User: arn:aws:iam::000000000000:root is not authorized to perform: "
        "dynamodb:ListTagsOfResource on resource: "
        "arn:aws:dynamodb:us-east-1:123456789012:table/tab");
}

TEST_CASE("tags: a resource that is none") {
  Harness h;
  h.create_hash_table("tab");
  const std::string base = "arn:aws:dynamodb:us-east-1:000000000000:table/";
  const std::string invalid = "One or more parameter values were invalid: ";
  struct Case {
    std::string arn;
    std::string error;
    std::string message;
  };
  const std::vector<Case> cases = {
      {base + "nix", "ResourceNotFoundException",
       "Requested resource not found: ResourceArn: " + base + "nix not found"},
      {base + "tab/stream/2026-01-02T03:04:05.678", "ResourceNotFoundException",
       "Requested resource not found: ResourceArn: " + base +
           "tab/stream/2026-01-02T03:04:05.678 not found"},
      {"tab", "ValidationException", invalid + "ARNs must start with 'arn:': tab"},
      {"arn:aws:s3:::bucket", "ValidationException",
       invalid + "Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::bucket"},
      {base + "tab/index/glob", "ValidationException",
       invalid +
           "Invalid resource arn provided, only table or stream is accepted. Provided "
           "resource arn: " +
           base + "tab/index/glob"},
      {"arn:aws:dynamodb:eu-west-1:000000000000:table/tab", "ValidationException",
       "Invalid TableArn: Invalid ResourceArn provided as input "
       "arn:aws:dynamodb:eu-west-1:000000000000:table/tab"},
  };
  for (const Case& one : cases) {
    for (const char* operation : {"ListTagsOfResource", "TagResource", "UntagResource"}) {
      const Answer answer =
          h.run(operation, {{"ResourceArn", one.arn},
                            {"Tags", Json::array({{{"Key", "a"}, {"Value", "b"}}})},
                            {"TagKeys", {"a"}}});
      INFO(operation << " " << one.arn);
      CHECK(answer.error() == one.error);
      CHECK(answer.message() == one.message);
    }
  }
}

TEST_CASE("tags: keys, values and counts that are refused") {
  Harness h;
  h.create_hash_table("tab");
  const auto tag = [&](Json tags) {
    return h.invalid("TagResource",
                     {{"ResourceArn", "arn:aws:dynamodb:us-east-1:000000000000:table/tab"},
                      {"Tags", std::move(tags)}});
  };
  const auto one = [](const std::string& key, const std::string& value) {
    return Json::array({{{"Key", key}, {"Value", value}}});
  };
  CHECK(tag(one("", "v")) == "The Tag Key provided is invalid, Key: ");
  CHECK(tag(one("a#b", "v")) == "The Tag Key provided is invalid, Key: a#b");
  CHECK(tag(one("k", "<>")) == "The Tag Value provided is invalid, Value: <>");
  CHECK(tag(one("aws:x", "v")) == "Tag Key cannot be prefixed with aws:, Key: aws:x");
  CHECK(tag({{{"Key", "k"}, {"Value", "1"}}, {{"Key", "k"}, {"Value", "2"}}}) ==
        "Duplicate Tag Keys provided as input: Duplicate Tag Key found k");
  Json many = Json::array();
  for (int i = 0; i < 51; ++i) many.push_back({{"Key", std::to_string(i)}, {"Value", ""}});
  CHECK(tag(many) == "Number of Tags exceed the current limit for the provided ResourceArn");
  many.erase(many.begin());
  // Lengths are counted in characters: 128 letters of two bytes each are a key.
  std::string letters;
  for (int i = 0; i < 128; ++i) letters += "\xd0\xb6";
  many.back()["Key"] = letters;
  CHECK(h.run("TagResource", {{"ResourceArn", "arn:aws:dynamodb:us-east-1:000000000000:table/tab"},
                              {"Tags", many}})
            .ok());
  const Answer listed = h.run(
      "ListTagsOfResource", {{"ResourceArn", "arn:aws:dynamodb:us-east-1:000000000000:table/tab"}});
  CHECK(listed["Tags"].size() == 50);
  CHECK_FALSE(listed.has("NextToken"));
}

TEST_CASE("time to live: a missing table is named") {
  Harness h;
  CHECK(h.run("DescribeTimeToLive", {{"TableName", "nix"}}).message() ==
        "Requested resource not found: Table: nix not found");
}

}  // namespace bodega::dynamodb
