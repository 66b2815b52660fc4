// Encrypt, Decrypt, ReEncrypt, data keys and random bytes.
#include "engines/base/digest.h"
#include "engines/vault/key_pair.h"
#include "tests/protocol/kms/harness.h"

using namespace bodega;
using namespace bodega::kms;

namespace {

std::string encrypt(Harness& test, const std::string& key, const std::string& text,
                    const Json& context = Json::object()) {
  return test
      .run("Encrypt", {{"KeyId", key}, {"Plaintext", base64(text)}, {"EncryptionContext", context}})
      .text("CiphertextBlob");
}

constexpr std::string_view kIncorrectKey =
    "IncorrectKeyException: The key ID in the request does not identify a CMK that can perform "
    "this operation.";
constexpr std::string_view kDryRun =
    "DryRunOperationException: The request would have succeeded, but the DryRun option is set.";

}  // namespace

TEST_CASE("Decrypt: finds the key by itself, and wants the same context in any order") {
  Harness test;
  const std::string id = test.create();
  const std::string ciphertext = encrypt(test, id, "text", {{"a", "1"}, {"b", "2"}});
  const Answer answer = test.run(
      "Decrypt", {{"CiphertextBlob", ciphertext}, {"EncryptionContext", {{"b", "2"}, {"a", "1"}}}});
  CHECK(answer.bytes("Plaintext") == "text");
  CHECK(answer["KeyId"] == test.arn(id));
  CHECK(answer["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT");
  CHECK(answer["KeyMaterialId"].get<std::string>().size() == 64);
  CHECK(test.error("Decrypt", {{"CiphertextBlob", ciphertext}}) == "InvalidCiphertextException");
  CHECK(test.error("Decrypt", {{"CiphertextBlob", ciphertext},
                               {"EncryptionContext", {{"A", "1"}, {"b", "2"}}}}) ==
        "InvalidCiphertextException");
}

TEST_CASE("Decrypt: a key that is named has to be the ciphertext's") {
  Harness test;
  const std::string id = test.create();
  const std::string other = test.create();
  const std::string ciphertext = encrypt(test, id, "text");
  test.run("Decrypt", {{"CiphertextBlob", ciphertext}, {"KeyId", id}});
  CHECK(test.error("Decrypt", {{"CiphertextBlob", ciphertext}, {"KeyId", other}}) == kIncorrectKey);
  const std::string signing = test.create("ECC_NIST_P256", "SIGN_VERIFY");
  CHECK(test.error("Decrypt", {{"CiphertextBlob", ciphertext}, {"KeyId", signing}}) ==
        kIncorrectKey);
}

TEST_CASE("Decrypt: bytes that KMS did not make, or that were changed, are refused") {
  Harness test;
  const std::string id = test.create();
  std::string bytes = *base::from_base64(encrypt(test, id, "text"));
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  CHECK(test.error("Decrypt", {{"CiphertextBlob", base64(bytes)}}) == "InvalidCiphertextException");
  CHECK(test.error("Decrypt", {{"CiphertextBlob", base64("made up")}}) ==
        "InvalidCiphertextException");
  CHECK(test.error("Decrypt", {{"CiphertextBlob", base64(bytes)}, {"KeyId", "alias/none"}})
            .starts_with("NotFoundException"));
  CHECK(test.error("Decrypt") ==
        "ValidationException: 1 validation error detected: Value null at 'ciphertextBlob' failed "
        "to satisfy constraint: Member must not be null");
}

TEST_CASE("Decrypt: a ciphertext of another account or region is of no key that is seen") {
  Harness test;
  const std::string ciphertext = encrypt(test, test.create(), "text");
  test.account = "444455556666";
  CHECK(test.error("Decrypt", {{"CiphertextBlob", ciphertext}})
            .starts_with("AccessDeniedException: The ciphertext refers to a customer master key "
                         "that does not exist"));
}

TEST_CASE("Encrypt: takes up to 4096 bytes, which a message never repeats") {
  Harness test;
  const std::string id = test.create();
  const std::string longest(4096, 'x');
  CHECK(test.run("Decrypt", {{"CiphertextBlob", encrypt(test, id, longest)}}).bytes("Plaintext") ==
        longest);
  CHECK(test.error("Encrypt", {{"KeyId", id}, {"Plaintext", base64(longest + "x")}}) ==
        "ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy "
        "constraint: Member must have length less than or equal to 4096");
}

TEST_CASE("Encrypt: a context that is too large is refused") {
  Harness test;
  const Json large{{"a", std::string(8192, 'x')}};
  CHECK(test.error("Encrypt", {{"KeyId", test.create()},
                               {"Plaintext", base64("x")},
                               {"EncryptionContext", large}})
            .starts_with("ValidationException: Encryption context is too large"));
}

TEST_CASE("Encrypt: RSA keys encrypt as much as their size leaves, and without a context") {
  Harness test;
  const std::string id = test.create("RSA_2048", "ENCRYPT_DECRYPT");
  const std::string longest(190, 'x');
  Json request{
      {"KeyId", id}, {"Plaintext", base64(longest)}, {"EncryptionAlgorithm", "RSAES_OAEP_SHA_256"}};
  const std::string ciphertext = test.run("Encrypt", request).text("CiphertextBlob");
  CHECK(test.run("Decrypt", {{"CiphertextBlob", ciphertext},
                             {"KeyId", id},
                             {"EncryptionAlgorithm", "RSAES_OAEP_SHA_256"}})
            .bytes("Plaintext") == longest);
  CHECK(test.error("Decrypt", {{"CiphertextBlob", ciphertext},
                               {"KeyId", id},
                               {"EncryptionAlgorithm", "RSAES_OAEP_SHA_1"}}) ==
        "InvalidCiphertextException");
  CHECK(test.error("Decrypt",
                   {{"CiphertextBlob", ciphertext}, {"EncryptionAlgorithm", "RSAES_OAEP_SHA_256"}})
            .starts_with("ValidationException"));
  request["EncryptionContext"] = {{"a", "b"}};
  CHECK(test.error("Encrypt", request).starts_with("ValidationException"));
  request.erase("EncryptionContext");
  request["Plaintext"] = base64(longest + "x");
  CHECK(test.error("Encrypt", request) ==
        "ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt "
        "data larger than 190 bytes.");
  request.erase("EncryptionAlgorithm");
  CHECK(test.error("Encrypt", request) ==
        "InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec "
        "RSA_2048.");
}

TEST_CASE("Encrypt: a key of another usage is refused by name") {
  Harness test;
  const std::string id = test.create("ECC_NIST_P256", "SIGN_VERIFY");
  CHECK(test.error("Encrypt", {{"KeyId", id}, {"Plaintext", base64("x")}}) ==
        "InvalidKeyUsageException: " + test.arn(id) +
            " key usage is SIGN_VERIFY which is not valid for Encrypt.");
}

TEST_CASE("ReEncrypt: moves a ciphertext to another key and context") {
  Harness test;
  const std::string source = test.create();
  const std::string target = test.create();
  const Answer moved =
      test.run("ReEncrypt", {{"CiphertextBlob", encrypt(test, source, "text", {{"a", "1"}})},
                             {"SourceEncryptionContext", {{"a", "1"}}},
                             {"DestinationKeyId", target},
                             {"DestinationEncryptionContext", {{"b", "2"}}}});
  CHECK(moved["SourceKeyId"] == test.arn(source));
  CHECK(moved["KeyId"] == test.arn(target));
  CHECK(moved["SourceEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT");
  CHECK(moved["DestinationEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT");
  CHECK(moved["SourceKeyMaterialId"] != moved["DestinationKeyMaterialId"]);
  CHECK(test.run("Decrypt", {{"CiphertextBlob", moved["CiphertextBlob"]},
                             {"KeyId", target},
                             {"EncryptionContext", {{"b", "2"}}}})
            .bytes("Plaintext") == "text");
}

TEST_CASE("DryRun: all checks are made, and nothing is answered") {
  Harness test;
  const std::string id = test.create();
  const std::string ciphertext = encrypt(test, id, "text");
  CHECK(test.error("Encrypt", {{"KeyId", id}, {"Plaintext", base64("x")}, {"DryRun", true}}) ==
        kDryRun);
  CHECK(test.error("Decrypt", {{"CiphertextBlob", ciphertext}, {"DryRun", true}}) == kDryRun);
  CHECK(test.error("Decrypt", {{"CiphertextBlob", base64("made up")}, {"DryRun", true}}) ==
        "InvalidCiphertextException");
  CHECK(test.error("Decrypt",
                   {{"KeyId", id}, {"DryRun", true}, {"DryRunModifiers", {"IGNORE_CIPHERTEXT"}}}) ==
        kDryRun);
  CHECK(test.error("Decrypt", {{"KeyId", id}, {"DryRunModifiers", {"IGNORE_CIPHERTEXT"}}})
            .starts_with("ValidationException"));
  CHECK(test.error("GenerateDataKey", {{"KeyId", id}, {"KeySpec", "AES_256"}, {"DryRun", true}}) ==
        kDryRun);
  CHECK(test.error("ReEncrypt",
                   {{"CiphertextBlob", ciphertext}, {"DestinationKeyId", id}, {"DryRun", true}}) ==
        kDryRun);
}

TEST_CASE("Recipient: an answer for an enclave is refused, not given in plain") {
  Harness test;
  const std::string id = test.create();
  const Json recipient{{"KeyEncryptionAlgorithm", "RSAES_OAEP_SHA_256"}};
  for (const auto& [operation, request] :
       {std::pair("Decrypt", Json{{"CiphertextBlob", encrypt(test, id, "x")}}),
        std::pair("GenerateDataKey", Json{{"KeyId", id}, {"KeySpec", "AES_256"}}),
        std::pair("GenerateRandom", Json{{"NumberOfBytes", 1}})}) {
    Json with = request;
    with["Recipient"] = recipient;
    CHECK(test.error(operation, with) ==
          "UnsupportedOperationException: The parameter Recipient is not implemented");
  }
}

TEST_CASE("GenerateDataKey: gives a key and the same key encrypted") {
  Harness test;
  const std::string id = test.create();
  for (const auto& [size, request] :
       {std::pair(32U, Json{{"KeySpec", "AES_256"}}), std::pair(16U, Json{{"KeySpec", "AES_128"}}),
        std::pair(1024U, Json{{"NumberOfBytes", 1024}})}) {
    Json with = request;
    with["KeyId"] = id;
    with["EncryptionContext"] = {{"a", "b"}};
    const Answer made = test.run("GenerateDataKey", with);
    CHECK(made.bytes("Plaintext").size() == size);
    CHECK(made["KeyId"] == test.arn(id));
    CHECK(test.run("Decrypt", {{"CiphertextBlob", made["CiphertextBlob"]},
                               {"EncryptionContext", {{"a", "b"}}}})["Plaintext"] ==
          made["Plaintext"]);
    CHECK_FALSE(test.run("GenerateDataKeyWithoutPlaintext", with).has("Plaintext"));
  }
  const std::string either =
      "ValidationException: Please specify either number of bytes or key spec.";
  CHECK(test.error("GenerateDataKey", {{"KeyId", id}}) == either);
  CHECK(test.error("GenerateDataKey",
                   {{"KeyId", id}, {"KeySpec", "AES_256"}, {"NumberOfBytes", 32}}) == either);
  CHECK(test.error("GenerateDataKey",
                   {{"KeyId", test.create("RSA_2048", "ENCRYPT_DECRYPT")}, {"KeySpec", "AES_256"}})
            .starts_with("InvalidKeyUsageException"));
}

TEST_CASE("GenerateDataKeyPair: the encrypted private key is that of the public key") {
  Harness test;
  const std::string id = test.create();
  const Answer made =
      test.run("GenerateDataKeyPair", {{"KeyId", id}, {"KeyPairSpec", "ECC_NIST_P256"}});
  CHECK(made["KeyPairSpec"] == "ECC_NIST_P256");
  const std::string opened =
      test.run("Decrypt", {{"CiphertextBlob", made["PrivateKeyCiphertextBlob"]}})
          .bytes("Plaintext");
  CHECK(opened == made.bytes("PrivateKeyPlaintext"));
  const auto pair = vault::KeyPair::from_private_der(opened);
  REQUIRE(pair);
  CHECK(pair->public_der() == made.bytes("PublicKey"));
  const Answer without =
      test.run("GenerateDataKeyPairWithoutPlaintext", {{"KeyId", id}, {"KeyPairSpec", "RSA_2048"}});
  CHECK_FALSE(without.has("PrivateKeyPlaintext"));
  CHECK(without.has("PrivateKeyCiphertextBlob"));
}

TEST_CASE("GenerateRandom: gives 1 to 1024 bytes, another time others") {
  Harness test;
  const auto random = [&](int size) {
    return test.run("GenerateRandom", {{"NumberOfBytes", size}}).bytes("Plaintext");
  };
  CHECK(random(1).size() == 1);
  CHECK(random(1024).size() == 1024);
  CHECK(random(32) != random(32));
  CHECK(test.error("GenerateRandom") == "ValidationException: NumberOfBytes is required.");
  CHECK(test.error("GenerateRandom", {{"NumberOfBytes", 1025}}) ==
        "ValidationException: 1 validation error detected: Value '1025' at 'numberOfBytes' failed "
        "to satisfy constraint: Member must have value less than or equal to 1024");
}
