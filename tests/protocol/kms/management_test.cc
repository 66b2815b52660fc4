// Rotation, grants, policies and tags.
#include "tests/protocol/kms/harness.h"

using namespace bodega::kms;

namespace {

constexpr std::int64_t kDayUs = std::int64_t{24} * 3600 * 1'000'000;
constexpr std::int64_t kStart = 1767323045;
constexpr const char* kPrincipal = "arn:aws:iam::111122223333:user/somebody";

}  // namespace

TEST_CASE("EnableKeyRotation: rotates by the period, and old ciphertexts are decrypted") {
  Harness test;
  const std::string id = test.create();
  CHECK(test.run("GetKeyRotationStatus", {{"KeyId", id}})["KeyRotationEnabled"] == false);
  test.run("EnableKeyRotation", {{"KeyId", id}, {"RotationPeriodInDays", 90}});
  const Answer status = test.run("GetKeyRotationStatus", {{"KeyId", id}});
  CHECK(status["KeyRotationEnabled"] == true);
  CHECK(status["KeyId"] == id);
  CHECK(status["RotationPeriodInDays"] == 90);
  CHECK(status["NextRotationDate"] == kStart + 90 * 24 * 3600);
  const Answer before = test.run("Encrypt", {{"KeyId", id}, {"Plaintext", base64("old")}});
  test.clock.advance_us(90 * kDayUs);
  const Answer rotations = test.run("ListKeyRotations", {{"KeyId", id}});
  REQUIRE(rotations["Rotations"].size() == 1);
  CHECK(rotations["Rotations"][0].at("RotationType") == "AUTOMATIC");
  CHECK(rotations["Rotations"][0].at("RotationDate") == kStart + 90 * 24 * 3600);
  CHECK(rotations["Rotations"][0].at("KeyMaterialState") == "CURRENT");
  CHECK(test.run("Decrypt", {{"CiphertextBlob", before["CiphertextBlob"]}}).bytes("Plaintext") ==
        "old");
  test.run("DisableKeyRotation", {{"KeyId", id}});
  CHECK(test.run("GetKeyRotationStatus", {{"KeyId", id}})["KeyRotationEnabled"] == false);
}

TEST_CASE("RotateKeyOnDemand: up to 25 times, and all material is listed when asked for") {
  Harness test;
  const std::string id = test.create();
  for (int i = 0; i < 25; ++i) {
    CHECK(test.run("RotateKeyOnDemand", {{"KeyId", id}})["KeyId"] == id);
  }
  CHECK(test.error("RotateKeyOnDemand", {{"KeyId", id}}).starts_with("LimitExceededException"));
  CHECK(test.run("ListKeyRotations", {{"KeyId", id}})["Rotations"].size() == 25);
  Json request{{"KeyId", id}, {"IncludeKeyMaterial", "ALL_KEY_MATERIAL"}, {"Limit", 20}};
  const Answer first = test.run("ListKeyRotations", request);
  CHECK(first["Rotations"].size() == 20);
  CHECK(first["Truncated"] == true);
  CHECK_FALSE(first["Rotations"][0].contains("RotationDate"));
  request["Marker"] = first["NextMarker"];
  const Answer second = test.run("ListKeyRotations", request);
  CHECK(second["Rotations"].size() == 6);
  CHECK(second["Truncated"] == false);
  request["Marker"] = base64("page:another list's");
  CHECK(test.error("ListKeyRotations", request) == "InvalidMarkerException: Invalid marker.");
}

TEST_CASE("Rotation: is for symmetric keys that are enabled, by 90 to 2560 days") {
  Harness test;
  const std::string mac = test.create("HMAC_256", "GENERATE_VERIFY_MAC");
  CHECK(test.error("EnableKeyRotation", {{"KeyId", mac}})
            .starts_with("UnsupportedOperationException"));
  CHECK(test.error("RotateKeyOnDemand", {{"KeyId", mac}})
            .starts_with("UnsupportedOperationException"));
  CHECK(test.run("GetKeyRotationStatus", {{"KeyId", mac}})["KeyRotationEnabled"] == false);
  const std::string id = test.create();
  CHECK(test.error("EnableKeyRotation", {{"KeyId", id}, {"RotationPeriodInDays", 89}})
            .starts_with("ValidationException"));
  test.run("DisableKey", {{"KeyId", id}});
  CHECK(test.error("EnableKeyRotation", {{"KeyId", id}}).starts_with("DisabledException"));
}

TEST_CASE("CreateGrant: is listed as it was given, and retired by its token") {
  Harness test;
  const std::string id = test.create();
  const Answer granted =
      test.run("CreateGrant", {{"KeyId", id},
                               {"GranteePrincipal", kPrincipal},
                               {"RetiringPrincipal", kPrincipal},
                               {"Operations", {"Encrypt", "DescribeKey"}},
                               {"Constraints", {{"EncryptionContextSubset", {{"a", "b"}}}}},
                               {"Name", "name"}});
  const Answer listed = test.run("ListGrants", {{"KeyId", test.arn(id)}});
  REQUIRE(listed["Grants"].size() == 1);
  const Json& grant = listed["Grants"][0];
  CHECK(grant.at("GrantId") == granted["GrantId"]);
  CHECK(grant.at("KeyId") == test.arn(id));
  CHECK(grant.at("Name") == "name");
  CHECK(grant.at("GranteePrincipal") == kPrincipal);
  CHECK(grant.at("RetiringPrincipal") == kPrincipal);
  CHECK(grant.at("IssuingAccount") == "arn:aws:iam::111122223333:root");
  CHECK(grant.at("Operations") == Json({"Encrypt", "DescribeKey"}));
  CHECK(grant.at("Constraints").at("EncryptionContextSubset") == Json{{"a", "b"}});
  CHECK(grant.at("CreationDate") == kStart);
  CHECK(test.run("ListRetirableGrants", {{"RetiringPrincipal", kPrincipal}})["Grants"].size() == 1);
  CHECK(test.error("RetireGrant", {{"GrantToken", granted["GrantToken"]}, {"DryRun", true}})
            .starts_with("DryRunOperationException"));
  test.run("RetireGrant", {{"GrantToken", granted["GrantToken"]}});
  CHECK(test.run("ListGrants", {{"KeyId", id}})["Grants"].empty());
  CHECK(test.error("RetireGrant", {{"GrantToken", granted["GrantToken"]}})
            .starts_with("NotFoundException"));
}

TEST_CASE("CreateGrant: what a key cannot do is not granted") {
  Harness test;
  const std::string id = test.create();
  const Json grant{{"KeyId", id}, {"GranteePrincipal", kPrincipal}, {"Operations", {"Sign"}}};
  CHECK(test.error("CreateGrant", grant).starts_with("ValidationException: The grant operation"));
  CHECK(test.error("CreateGrant", {{"KeyId", id}, {"Operations", {"Encrypt"}}}) ==
        "ValidationException: 1 validation error detected: Value null at 'granteePrincipal' failed "
        "to satisfy constraint: Member must not be null");
  CHECK(test.run("ListGrants", {{"KeyId", id}})["Grants"].empty());
}

TEST_CASE("RevokeGrant: by key and id; ids that are none, or of no grant, are told apart") {
  Harness test;
  const std::string id = test.create();
  const Answer granted =
      test.run("CreateGrant",
               {{"KeyId", id}, {"GranteePrincipal", kPrincipal}, {"Operations", {"Decrypt"}}});
  CHECK(test.error("RevokeGrant", {{"KeyId", id}, {"GrantId", "none"}})
            .starts_with("InvalidGrantIdException"));
  CHECK(test.error("RevokeGrant", {{"KeyId", id}, {"GrantId", std::string(64, 'a')}})
            .starts_with("NotFoundException"));
  test.run("RevokeGrant", {{"KeyId", id}, {"GrantId", granted["GrantId"]}});
  CHECK(test.error("RetireGrant", {{"GrantToken", "bWFkZSB1cA=="}})
            .starts_with("InvalidGrantTokenException"));
  CHECK(test.error("RetireGrant") ==
        "ValidationException: Grant token OR (grant ID, key ID) must be specified");
}

TEST_CASE("GetKeyPolicy: is the default one until another is put") {
  Harness test;
  const std::string id = test.create();
  const Answer first = test.run("GetKeyPolicy", {{"KeyId", id}, {"PolicyName", "default"}});
  const Json policy = Json::parse(first.text("Policy"));
  CHECK(policy.at("Statement")[0].at("Principal").at("AWS") == "arn:aws:iam::111122223333:root");
  CHECK(policy.at("Statement")[0].at("Action") == "kms:*");
  const std::string other =
      R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}})";
  test.run("PutKeyPolicy", {{"KeyId", id}, {"PolicyName", "default"}, {"Policy", other}});
  CHECK(test.run("GetKeyPolicy", {{"KeyId", id}})["Policy"] == other);
  CHECK(test.run("ListKeyPolicies", {{"KeyId", id}})["PolicyNames"] == Json{"default"});
  for (const std::string& marker : {std::string("made up"), base64("page:another list's")}) {
    CHECK(test.error("ListKeyPolicies", {{"KeyId", id}, {"Marker", marker}}) ==
          "InvalidMarkerException: Invalid marker.");
  }
  CHECK(test.error("GetKeyPolicy", {{"KeyId", id}, {"PolicyName", "other"}}) ==
        "NotFoundException: No such policy exists");
}

TEST_CASE("PutKeyPolicy: a document that is no policy is refused") {
  Harness test;
  const std::string id = test.create();
  for (const char* policy :
       {"no json", "[]", "{}", R"({"Statement":[]})", R"({"Statement":["x"]})",
        R"({"Version":"2000-01-01","Statement":{"Effect":"Allow"}})",
        R"({"Statement":{"Effect":"Maybe","Principal":"*","Action":"*","Resource":"*"}})",
        R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
        R"({"Statement":{"Effect":"Allow","Principal":"*","Resource":"*"}})"}) {
    INFO(policy);
    CHECK(test.error("PutKeyPolicy", {{"KeyId", id}, {"Policy", policy}})
              .starts_with("MalformedPolicyDocumentException"));
    CHECK(test.error("CreateKey", {{"Policy", policy}})
              .starts_with("MalformedPolicyDocumentException"));
  }
}

TEST_CASE("Tags: are added, replaced, removed and listed in pages") {
  Harness test;
  const std::string id = test.create(Json{{"Tags", {{{"TagKey", "a"}, {"TagValue", "1"}}}}});
  test.run("TagResource", {{"KeyId", id},
                           {"Tags",
                            {{{"TagKey", "a"}, {"TagValue", "2"}},
                             {{"TagKey", "b"}, {"TagValue", ""}},
                             {{"TagKey", "c"}, {"TagValue", "3"}}}}});
  test.run("UntagResource", {{"KeyId", id}, {"TagKeys", {"c", "none"}}});
  const Answer first = test.run("ListResourceTags", {{"KeyId", id}, {"Limit", 1}});
  CHECK(first["Tags"] == Json::parse(R"([{"TagKey":"a","TagValue":"2"}])"));
  const Answer second =
      test.run("ListResourceTags", {{"KeyId", id}, {"Limit", 1}, {"Marker", first["NextMarker"]}});
  CHECK(second["Tags"] == Json::parse(R"([{"TagKey":"b","TagValue":""}])"));
  CHECK(second["Truncated"] == false);
}

TEST_CASE("Tags: reserved, repeated and too many are refused") {
  Harness test;
  const auto tag = [](const std::string& name) {
    return Json{{"TagKey", name}, {"TagValue", "x"}};
  };
  CHECK(test.error("CreateKey", {{"Tags", {tag("aws:a")}}}) ==
        "TagException: Tags beginning with aws: are reserved");
  CHECK(test.error("CreateKey", {{"Tags", {tag("a"), tag("a")}}}) ==
        "TagException: Duplicate tag keys");
  Json many = Json::array();
  for (int i = 0; i < 51; ++i) many.push_back(tag("t" + std::to_string(i)));
  CHECK(test.error("CreateKey", {{"Tags", many}}) == "TagException: Too many tags");
}
