// Keys: create, describe, list, states, deletion; how requests name them.
#include <set>

#include "tests/protocol/kms/harness.h"

using namespace bodega::kms;

namespace {

constexpr std::string_view kNobody = "11111111-2222-3333-4444-555555555555";
constexpr std::int64_t kDayUs = std::int64_t{24} * 3600 * 1'000'000;

}  // namespace

TEST_CASE("CreateKey: a symmetric key has the metadata of the service") {
  Harness test;
  const Answer created = test.run("CreateKey", {{"Description", "a key"}});
  const Json& key = created["KeyMetadata"];
  const std::string id = key.at("KeyId");
  CHECK(key.at("AWSAccountId") == "111122223333");
  CHECK(key.at("Arn") == test.arn(id));
  CHECK(key.at("CreationDate") == 1767323045);
  CHECK(key.at("Enabled") == true);
  CHECK(key.at("Description") == "a key");
  CHECK(key.at("KeyUsage") == "ENCRYPT_DECRYPT");
  CHECK(key.at("KeyState") == "Enabled");
  CHECK(key.at("Origin") == "AWS_KMS");
  CHECK(key.at("KeyManager") == "CUSTOMER");
  CHECK(key.at("KeySpec") == "SYMMETRIC_DEFAULT");
  CHECK(key.at("CustomerMasterKeySpec") == "SYMMETRIC_DEFAULT");
  CHECK(key.at("EncryptionAlgorithms") == Json{"SYMMETRIC_DEFAULT"});
  CHECK(key.at("MultiRegion") == false);
  CHECK(key.at("CurrentKeyMaterialId").get<std::string>().size() == 64);
  CHECK_FALSE(key.contains("DeletionDate"));
  CHECK(test.run("DescribeKey", {{"KeyId", id}}).body == created.body);
}

TEST_CASE("CreateKey: each spec has the algorithms of its usage") {
  Harness test;
  const auto algorithms = [&](const char* spec, const char* usage, const char* member) {
    return test.run("CreateKey", {{"KeySpec", spec}, {"KeyUsage", usage}})["KeyMetadata"]
        .at(member)
        .dump();
  };
  CHECK(algorithms("RSA_2048", "ENCRYPT_DECRYPT", "EncryptionAlgorithms") ==
        R"(["RSAES_OAEP_SHA_1","RSAES_OAEP_SHA_256"])");
  CHECK(algorithms("ECC_NIST_P384", "SIGN_VERIFY", "SigningAlgorithms") == R"(["ECDSA_SHA_384"])");
  CHECK(algorithms("ECC_SECG_P256K1", "SIGN_VERIFY", "SigningAlgorithms") ==
        R"(["ECDSA_SHA_256"])");
  CHECK(algorithms("ECC_NIST_P521", "KEY_AGREEMENT", "KeyAgreementAlgorithms") == R"(["ECDH"])");
  CHECK(algorithms("HMAC_224", "GENERATE_VERIFY_MAC", "MacAlgorithms") == R"(["HMAC_SHA_224"])");
}

TEST_CASE("CreateKey: what does not fit together is refused") {
  Harness test;
  CHECK(test.error("CreateKey", {{"KeySpec", "HMAC_256"}}) ==
        "ValidationException: You must specify a KeyUsage value for all KMS keys except for "
        "symmetric encryption keys.");
  CHECK(test.error("CreateKey", {{"KeySpec", "HMAC_256"}, {"KeyUsage", "SIGN_VERIFY"}}) ==
        "ValidationException: KeyUsage SIGN_VERIFY is not compatible with KeySpec HMAC_256");
  CHECK(test.error("CreateKey", {{"KeySpec", "ECC_SECG_P256K1"}, {"KeyUsage", "KEY_AGREEMENT"}}) ==
        "ValidationException: KeyUsage KEY_AGREEMENT is not compatible with KeySpec "
        "ECC_SECG_P256K1");
  CHECK(test.error("CreateKey", {{"KeySpec", "HMAC_random"}, {"KeyUsage", "SIGN_VERIFY"}}) ==
        "ValidationException: 1 validation error detected: Value 'HMAC_random' at 'keySpec' failed "
        "to satisfy constraint: Member must satisfy enum value set: [RSA_2048, ECC_NIST_P384, "
        "ECC_NIST_P256, ECC_NIST_P521, HMAC_384, RSA_3072, ECC_SECG_P256K1, RSA_4096, "
        "SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, HMAC_512]");
  CHECK(test.error("CreateKey", {{"KeySpec", "SM2"}, {"KeyUsage", "SIGN_VERIFY"}})
            .starts_with("ValidationException"));
}

TEST_CASE("CreateKey: parameters that would make another kind of key are refused, not ignored") {
  Harness test;
  for (const Json& parameters :
       {Json{{"MultiRegion", true}}, Json{{"Origin", "EXTERNAL"}},
        Json{{"CustomKeyStoreId", "cks-1234567890abcdef0"}}, Json{{"XksKeyId", "x"}}}) {
    CHECK(test.error("CreateKey", parameters).starts_with("UnsupportedOperationException"));
  }
  CHECK(test.run("ListKeys")["Keys"].empty());
}

TEST_CASE("DescribeKey: a key has four names") {
  Harness test;
  const std::string id = test.create();
  test.run("CreateAlias", {{"AliasName", "alias/name"}, {"TargetKeyId", id}});
  for (const std::string& name : {id, test.arn(id), std::string("alias/name"),
                                  std::string("arn:aws:kms:us-east-1:111122223333:alias/name")}) {
    CHECK(test.run("DescribeKey", {{"KeyId", name}})["KeyMetadata"].at("KeyId") == id);
  }
}

TEST_CASE("DescribeKey: what names no key is answered as the service does") {
  Harness test;
  const auto error = [&](std::string_view name) {
    return test.error("DescribeKey", {{"KeyId", name}});
  };
  CHECK(error("fake-key-id") == "NotFoundException: Invalid keyId 'fake-key-id'");
  CHECK(error("134f2428cec14b25a1ae9048164dba47") ==
        "NotFoundException: Invalid keyId '134f2428cec14b25a1ae9048164dba47'");
  CHECK(error("mrk-fake-key-id") == "NotFoundException: Invalid keyId 'mrk-fake-key-id'");
  CHECK(error(kNobody) ==
        "NotFoundException: Key '" + test.arn(std::string(kNobody)) + "' does not exist");
  CHECK(error("mrk-d3b95762d3b95762d3b95762d3b95762") ==
        "NotFoundException: Key '" + test.arn("mrk-d3b95762d3b95762d3b95762d3b95762") +
            "' does not exist");
  CHECK(error("arn:aws:kms:ap-southeast-1:111122223333:key/" + std::string(kNobody)) ==
        "NotFoundException: Invalid arn ap-southeast-1");
  CHECK(error("alias/none") ==
        "NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found.");
  CHECK(error("arn:aws:s3:us-east-1:111122223333:key/x").starts_with("InvalidArnException"));
  CHECK(error("arn:aws:kms").starts_with("InvalidArnException"));
  CHECK(error("arn:aws:kms:us-east-1:444455556666:key/" + std::string(kNobody))
            .starts_with("AccessDeniedException"));
  CHECK(error("") ==
        "ValidationException: 1 validation error detected: Value '' at 'keyId' failed to satisfy "
        "constraint: Member must have length greater than or equal to 1");
}

TEST_CASE("Keys: accounts and regions do not see each other's") {
  Harness test;
  const std::string id = test.create();
  test.region = "us-east-2";
  CHECK(test.error("DescribeKey", {{"KeyId", id}}) ==
        "NotFoundException: Key '" + test.arn(id) + "' does not exist");
  test.region = "us-east-1";
  test.account = "444455556666";
  CHECK(test.error("DescribeKey", {{"KeyId", id}}).starts_with("NotFoundException"));
  CHECK(test.run("ListKeys")["Keys"].empty());
}

TEST_CASE("ListKeys: pages follow each other to the end") {
  Harness test;
  std::set<std::string> made;
  for (int i = 0; i < 5; ++i) made.insert(test.create());
  std::set<std::string> seen;
  Json request{{"Limit", 2}};
  for (int page = 1; page <= 3; ++page) {
    const Answer answer = test.run("ListKeys", request);
    for (const Json& key : answer["Keys"]) {
      CHECK(key.at("KeyArn") == test.arn(key.at("KeyId")));
      seen.insert(key.at("KeyId").get<std::string>());
    }
    CHECK(answer["Truncated"] == (page < 3));
    if (page < 3) request["Marker"] = answer["NextMarker"];
    if (page == 3) CHECK_FALSE(answer.has("NextMarker"));
  }
  CHECK(seen == made);
  CHECK(test.error("ListKeys", {{"Marker", "made up"}}).starts_with("InvalidMarkerException"));
  CHECK(test.error("ListKeys", {{"Limit", 0}}).starts_with("ValidationException"));
}

TEST_CASE("DisableKey: the key is not used until it is enabled again") {
  Harness test;
  const std::string id = test.create();
  test.run("DisableKey", {{"KeyId", id}});
  CHECK(test.run("DescribeKey", {{"KeyId", id}})["KeyMetadata"].at("KeyState") == "Disabled");
  CHECK(test.error("Encrypt", {{"KeyId", id}, {"Plaintext", base64("x")}}) ==
        "DisabledException: " + test.arn(id) + " is disabled.");
  CHECK(test.error("GenerateDataKey", {{"KeyId", id}, {"KeySpec", "AES_256"}})
            .starts_with("DisabledException"));
  test.run("EnableKey", {{"KeyId", id}});
  test.run("Encrypt", {{"KeyId", id}, {"Plaintext", base64("x")}});
}

TEST_CASE("ScheduleKeyDeletion: the key is gone when the window is over, and not before") {
  Harness test;
  const std::string id = test.create();
  const Answer scheduled =
      test.run("ScheduleKeyDeletion", {{"KeyId", id}, {"PendingWindowInDays", 7}});
  CHECK(scheduled["KeyId"] == test.arn(id));
  CHECK(scheduled["KeyState"] == "PendingDeletion");
  CHECK(scheduled["PendingWindowInDays"] == 7);
  CHECK(scheduled["DeletionDate"] == 1767323045 + 7 * 24 * 3600);
  const std::string pending = "KMSInvalidStateException: " + test.arn(id) + " is pending deletion.";
  for (const char* operation : {"EnableKey", "DisableKey", "ScheduleKeyDeletion",
                                "EnableKeyRotation", "RotateKeyOnDemand"}) {
    CHECK(test.error(operation, {{"KeyId", id}}) == pending);
  }
  CHECK(test.error("Encrypt", {{"KeyId", id}, {"Plaintext", base64("x")}}) == pending);
  CHECK(test.error("UpdateKeyDescription", {{"KeyId", id}, {"Description", "x"}}) == pending);
  CHECK(test.error("CreateAlias", {{"AliasName", "alias/a"}, {"TargetKeyId", id}}) == pending);
  test.clock.advance_us(7 * kDayUs - 1);
  CHECK(test.run("DescribeKey", {{"KeyId", id}})["KeyMetadata"].contains("DeletionDate"));
  test.clock.advance_us(1);
  CHECK(test.error("DescribeKey", {{"KeyId", id}}).starts_with("NotFoundException: Key"));
}

TEST_CASE("ScheduleKeyDeletion: the window has 7 to 30 days, 30 by default") {
  Harness test;
  const std::string id = test.create();
  for (const int days : {6, 31}) {
    CHECK(test.error("ScheduleKeyDeletion", {{"KeyId", id}, {"PendingWindowInDays", days}})
              .starts_with("ValidationException"));
  }
  CHECK(test.run("ScheduleKeyDeletion", {{"KeyId", id}})["PendingWindowInDays"] == 30);
}

TEST_CASE("CancelKeyDeletion: leaves the key disabled") {
  Harness test;
  const std::string id = test.create();
  CHECK(test.error("CancelKeyDeletion", {{"KeyId", id}}) ==
        "KMSInvalidStateException: " + test.arn(id) + " is not pending deletion.");
  test.run("ScheduleKeyDeletion", {{"KeyId", id}});
  CHECK(test.run("CancelKeyDeletion", {{"KeyId", id}})["KeyId"] == test.arn(id));
  CHECK(test.run("DescribeKey", {{"KeyId", id}})["KeyMetadata"].at("KeyState") == "Disabled");
}

TEST_CASE("UpdateKeyDescription: is seen in the metadata") {
  Harness test;
  const std::string id = test.create();
  test.run("UpdateKeyDescription", {{"KeyId", test.arn(id)}, {"Description", "new"}});
  CHECK(test.run("DescribeKey", {{"KeyId", id}})["KeyMetadata"].at("Description") == "new");
}

TEST_CASE("KMS: an operation that is known and not there says so; one that is not known does too") {
  Harness test;
  const Answer missing = test.send("ReplicateKey", {{"KeyId", "x"}, {"ReplicaRegion", "y"}});
  CHECK(missing.status == 501);
  CHECK(missing["__type"] == "NotImplementedException");
  CHECK(missing["message"] == "The operation ReplicateKey is not implemented");
  CHECK(test.error("MakeTea").starts_with("UnknownOperationException"));
}
