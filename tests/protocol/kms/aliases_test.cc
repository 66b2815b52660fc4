// Aliases, those of the account and those of services.
#include "tests/protocol/kms/harness.h"

using namespace bodega::kms;

TEST_CASE("CreateAlias: is listed, and names the key") {
  Harness test;
  const std::string id = test.create();
  test.run("CreateAlias", {{"AliasName", "alias/a/b_c-d"}, {"TargetKeyId", test.arn(id)}});
  const Answer listed = test.run("ListAliases");
  REQUIRE(listed["Aliases"].size() == 1);
  const Json& alias = listed["Aliases"][0];
  CHECK(alias.at("AliasName") == "alias/a/b_c-d");
  CHECK(alias.at("AliasArn") == "arn:aws:kms:us-east-1:111122223333:alias/a/b_c-d");
  CHECK(alias.at("TargetKeyId") == id);
  CHECK(alias.at("CreationDate") == 1767323045);
  CHECK(alias.at("LastUpdatedDate") == 1767323045);
  CHECK(listed["Truncated"] == false);
}

TEST_CASE("CreateAlias: names that are taken, reserved or malformed are refused") {
  Harness test;
  const std::string id = test.create();
  const auto error = [&](const char* name, const std::string& target) {
    return test.error("CreateAlias", {{"AliasName", name}, {"TargetKeyId", target}});
  };
  test.run("CreateAlias", {{"AliasName", "alias/a"}, {"TargetKeyId", id}});
  CHECK(error("alias/a", id) ==
        "AlreadyExistsException: An alias with the name "
        "arn:aws:kms:us-east-1:111122223333:alias/a already exists");
  CHECK(error("alias/aws/mine", id) == "NotAuthorizedException");
  CHECK(error("mine", id).starts_with("ValidationException: Alias must start with the prefix"));
  CHECK(error("alias/a:b", id) ==
        "ValidationException: alias/a:b contains invalid characters for an alias");
  CHECK(error("alias/", id).starts_with("ValidationException"));
  CHECK(error("alias/a b", id) ==
        "ValidationException: 1 validation error detected: Value 'alias/a b' at 'aliasName' failed "
        "to satisfy constraint: Member must satisfy regular expression pattern: "
        "^[a-zA-Z0-9:/_-]+$");
  CHECK(error("alias/b", "alias/a") ==
        "ValidationException: Aliases must refer to keys. Not aliases");
  CHECK(error("alias/b", "11111111-2222-3333-4444-555555555555")
            .starts_with("NotFoundException: Key"));
}

TEST_CASE("UpdateAlias: points to another key of the same kind only") {
  Harness test;
  const std::string first = test.create();
  const std::string second = test.create();
  const std::string mac = test.create("HMAC_256", "GENERATE_VERIFY_MAC");
  test.run("CreateAlias", {{"AliasName", "alias/a"}, {"TargetKeyId", first}});
  test.clock.advance_ms(2000);
  test.run("UpdateAlias", {{"AliasName", "alias/a"}, {"TargetKeyId", second}});
  const Answer listed = test.run("ListAliases", {{"KeyId", second}});
  REQUIRE(listed["Aliases"].size() == 1);
  CHECK(listed["Aliases"][0].at("LastUpdatedDate") == 1767323047);
  CHECK(test.run("ListAliases", {{"KeyId", first}})["Aliases"].empty());
  CHECK(test.error("UpdateAlias", {{"AliasName", "alias/a"}, {"TargetKeyId", mac}})
            .starts_with("ValidationException"));
  CHECK(test.error("UpdateAlias", {{"AliasName", "alias/none"}, {"TargetKeyId", first}}) ==
        "NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found.");
}

TEST_CASE("DeleteAlias: the key stays") {
  Harness test;
  const std::string id = test.create();
  test.run("CreateAlias", {{"AliasName", "alias/a"}, {"TargetKeyId", id}});
  test.run("DeleteAlias", {{"AliasName", "alias/a"}});
  CHECK(test.error("DeleteAlias", {{"AliasName", "alias/a"}}).starts_with("NotFoundException"));
  test.run("DescribeKey", {{"KeyId", id}});
}

TEST_CASE("Aliases of services: the key is made when it is first named, and is the service's") {
  Harness test;
  CHECK(test.run("ListAliases")["Aliases"].empty());
  const Json key = test.run("DescribeKey", {{"KeyId", "alias/aws/s3"}})["KeyMetadata"];
  CHECK(key.at("KeyManager") == "AWS");
  const Answer data_key =
      test.run("GenerateDataKey", {{"KeyId", "alias/aws/s3"}, {"KeySpec", "AES_256"}});
  CHECK(data_key["KeyId"] == key.at("Arn"));
  CHECK(test.run("ListAliases")["Aliases"].size() == 1);
  CHECK(test.run("GetKeyRotationStatus", {{"KeyId", key.at("KeyId")}})["KeyRotationEnabled"] ==
        true);
  for (const char* operation : {"DisableKey", "ScheduleKeyDeletion", "EnableKeyRotation"}) {
    CHECK(test.error(operation, {{"KeyId", key.at("KeyId")}})
              .starts_with("AccessDeniedException: User: arn:aws:iam::111122223333:root is not "
                           "authorized to perform: kms:"));
  }
  CHECK(
      test.error("DescribeKey", {{"KeyId", "alias/aws/teapot"}}).starts_with("NotFoundException"));
}

TEST_CASE("Aliases: an operation that takes no alias says so") {
  Harness test;
  const std::string id = test.create();
  test.run("CreateAlias", {{"AliasName", "alias/a"}, {"TargetKeyId", id}});
  CHECK(test.error("DisableKey", {{"KeyId", "alias/a"}}) ==
        "NotFoundException: Invalid keyId 'alias/a'");
  CHECK(test.error("DisableKey", {{"KeyId", "arn:aws:kms:us-east-1:111122223333:alias/a"}}) ==
        "InvalidArnException: Key Aliases are not supported for this operation");
}
