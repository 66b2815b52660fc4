// Sign, Verify, GenerateMac, VerifyMac, GetPublicKey, DeriveSharedSecret.
#include "engines/vault/key_pair.h"
#include "tests/protocol/kms/harness.h"

using namespace bodega;
using namespace bodega::kms;

namespace {

struct Case {
  const char* spec;
  const char* algorithm;
  vault::Hash hash;
};

constexpr Case kCases[] = {
    {"RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", vault::Hash::kSha256},
    {"RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512", vault::Hash::kSha512},
    {"RSA_2048", "RSASSA_PSS_SHA_384", vault::Hash::kSha384},
    {"ECC_NIST_P256", "ECDSA_SHA_256", vault::Hash::kSha256},
    {"ECC_NIST_P384", "ECDSA_SHA_384", vault::Hash::kSha384},
    {"ECC_NIST_P521", "ECDSA_SHA_512", vault::Hash::kSha512},
    {"ECC_SECG_P256K1", "ECDSA_SHA_256", vault::Hash::kSha256},
};

}  // namespace

TEST_CASE("Sign: a message and its digest give signatures of the same") {
  Harness test;
  for (const Case& one : kCases) {
    INFO(one.spec << " " << one.algorithm);
    const std::string id = test.create(one.spec, "SIGN_VERIFY");
    const std::string digest = vault::hash_of(one.hash, "message");
    const Json raw{
        {"KeyId", id}, {"Message", base64("message")}, {"SigningAlgorithm", one.algorithm}};
    Json digested = raw;
    digested["Message"] = base64(digest);
    digested["MessageType"] = "DIGEST";
    Json to_verify = raw;
    const Answer by_digest = test.run("Sign", digested);
    CHECK(by_digest["KeyId"] == test.arn(id));
    CHECK(by_digest["SigningAlgorithm"] == one.algorithm);
    to_verify["Signature"] = by_digest["Signature"];
    CHECK(test.run("Verify", to_verify)["SignatureValid"] == true);
    digested["Signature"] = test.run("Sign", raw)["Signature"];
    test.run("Verify", digested);
    to_verify["Message"] = base64("another");
    CHECK(test.error("Verify", to_verify) == "KMSInvalidSignatureException");
    digested["Message"] = base64(digest + "x");
    CHECK(test.error("Sign", digested) ==
          "ValidationException: Digest is invalid length for "
          "algorithm " +
              std::string(one.algorithm) + ".");
  }
}

TEST_CASE("Sign: an algorithm of another spec, and a key of another usage, are refused") {
  Harness test;
  const std::string signing = test.create("ECC_NIST_P256", "SIGN_VERIFY");
  CHECK(test.error("Sign", {{"KeyId", signing},
                            {"Message", base64("x")},
                            {"SigningAlgorithm", "ECDSA_SHA_384"}}) ==
        "InvalidKeyUsageException: Algorithm ECDSA_SHA_384 is incompatible with key spec "
        "ECC_NIST_P256.");
  const std::string mac = test.create("HMAC_256", "GENERATE_VERIFY_MAC");
  CHECK(test.error(
            "Sign",
            {{"KeyId", mac}, {"Message", base64("x")}, {"SigningAlgorithm", "ECDSA_SHA_256"}}) ==
        "InvalidKeyUsageException: " + test.arn(mac) +
            " key usage is GENERATE_VERIFY_MAC which is not valid for Sign.");
}

TEST_CASE("GetPublicKey: verifies outside what the key signed") {
  Harness test;
  const std::string id = test.create("RSA_2048", "SIGN_VERIFY");
  const Answer answer = test.run("GetPublicKey", {{"KeyId", id}});
  CHECK(answer["KeyId"] == test.arn(id));
  CHECK(answer["KeySpec"] == "RSA_2048");
  CHECK(answer["KeyUsage"] == "SIGN_VERIFY");
  CHECK(answer["SigningAlgorithms"].size() == 6);
  CHECK_FALSE(answer.has("EncryptionAlgorithms"));
  CHECK(answer.bytes("PublicKey") ==
        test.engine.key_pair(*test.engine.find_key({test.account, test.region}, id)).public_der());
  test.run("DisableKey", {{"KeyId", id}});
  test.run("GetPublicKey", {{"KeyId", id}});
  CHECK(test.error("GetPublicKey", {{"KeyId", test.create()}})
            .starts_with("UnsupportedOperationException"));
}

TEST_CASE("GenerateMac: is verified by the same key, message and algorithm only") {
  Harness test;
  for (const char* size : {"224", "256", "384", "512"}) {
    const std::string id = test.create(std::string("HMAC_") + size, "GENERATE_VERIFY_MAC");
    Json request{{"KeyId", id},
                 {"Message", base64("message")},
                 {"MacAlgorithm", std::string("HMAC_SHA_") + size}};
    request["Mac"] = test.run("GenerateMac", request)["Mac"];
    CHECK(test.run("VerifyMac", request)["MacValid"] == true);
    request["Message"] = base64("another");
    CHECK(test.error("VerifyMac", request) == "KMSInvalidMacException");
  }
  const std::string id = test.create("HMAC_224", "GENERATE_VERIFY_MAC");
  CHECK(test.error("GenerateMac",
                   {{"KeyId", id}, {"Message", base64("x")}, {"MacAlgorithm", "HMAC_SHA_256"}}) ==
        "InvalidKeyUsageException: Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.");
  CHECK(test.error("GenerateMac",
                   {{"KeyId", id}, {"Message", base64("x")}, {"MacAlgorithm", "INVALID"}}) ==
        "ValidationException: 1 validation error detected: Value 'INVALID' at 'macAlgorithm' "
        "failed to satisfy constraint: Member must satisfy enum value set: [HMAC_SHA_384, "
        "HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]");
}

TEST_CASE("DeriveSharedSecret: both sides find the same secret") {
  Harness test;
  const std::string id = test.create("ECC_NIST_P256", "KEY_AGREEMENT");
  const auto other = vault::KeyPair::generate(vault::KeySpec::kP256);
  const Answer derived =
      test.run("DeriveSharedSecret", {{"KeyId", id},
                                      {"KeyAgreementAlgorithm", "ECDH"},
                                      {"PublicKey", base64(other.public_der())}});
  const std::string mine = test.run("GetPublicKey", {{"KeyId", id}}).bytes("PublicKey");
  CHECK(derived.bytes("SharedSecret") == other.agree(mine)->bytes());
  CHECK(derived["KeyOrigin"] == "AWS_KMS");
  CHECK(test.error(
                "DeriveSharedSecret",
                {{"KeyId", id}, {"KeyAgreementAlgorithm", "ECDH"}, {"PublicKey", base64("no key")}})
            .starts_with("ValidationException"));
}
