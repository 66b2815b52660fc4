// Signatures and codes, made and verified; the public half of a key pair, and what two such halves
// agree on.
#include <array>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "protocol/aws/shape/members.h"
#include "protocol/kms/errors.h"
#include "protocol/kms/key_metadata.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/operations.h"
#include "protocol/kms/shapes.h"
#include "protocol/kms/specs.h"

namespace bodega::kms {
namespace {

struct Signing {
  Signing(const Request& request, std::string_view operation)
      : key(find_key(request, "KeyId", Accept::kKeysAndAliases)),
        algorithm(request.input.find("SigningAlgorithm").text()) {
    require_use(key, vault::KeyUsage::kSign, operation, algorithm);
    scheme = signing_scheme(algorithm);
    digest = blob_member(request.input, "Message");
    if (aws::string_or(request.input, "MessageType", "RAW") == "RAW") {
      digest = vault::hash_of(scheme.hash, digest);
    } else if (digest.size() != vault::hash_size(scheme.hash)) {
      throw validation("Digest is invalid length for algorithm " + std::string(algorithm) + ".");
    }
  }

  const vault::Key key;
  const std::string_view algorithm;
  vault::SigningScheme scheme;
  std::string digest;
};

std::string sign(const Request& request) {
  const Signing signing(request, "Sign");
  end_of_dry_run(request);
  const std::string signature =
      request.engine.key_pair(signing.key).sign(signing.scheme, signing.digest);
  std::string body;
  json::Object reply(body);
  reply.string("KeyId", key_arn(signing.key));
  reply.string("Signature", base::to_base64(signature));
  reply.string("SigningAlgorithm", signing.algorithm);
  reply.close();
  return body;
}

std::string verify(const Request& request) {
  const Signing signing(request, "Verify");
  const std::string signature = blob_member(request.input, "Signature");
  if (!request.engine.key_pair(signing.key).verify(signing.scheme, signing.digest, signature)) {
    throw Error(Code::kKMSInvalidSignatureException);
  }
  end_of_dry_run(request);
  std::string body;
  json::Object reply(body);
  reply.string("KeyId", key_arn(signing.key));
  reply.boolean("SignatureValid", true);
  reply.string("SigningAlgorithm", signing.algorithm);
  reply.close();
  return body;
}

vault::Key mac_key(const Request& request, std::string_view operation) {
  vault::Key key = find_key(request, "KeyId", Accept::kKeysAndAliases);
  require_use(key, vault::KeyUsage::kMac, operation, request.input.find("MacAlgorithm").text());
  return key;
}

std::string generate_mac(const Request& request) {
  const vault::Key key = mac_key(request, "GenerateMac");
  end_of_dry_run(request);
  std::string body;
  json::Object reply(body);
  reply.string("Mac",
               base::to_base64(request.engine.mac(key, blob_member(request.input, "Message"))));
  reply.string("MacAlgorithm", request.input.find("MacAlgorithm").text());
  reply.string("KeyId", key_arn(key));
  reply.close();
  return body;
}

std::string verify_mac(const Request& request) {
  const vault::Key key = mac_key(request, "VerifyMac");
  const std::string mac = request.engine.mac(key, blob_member(request.input, "Message"));
  if (!base::equal_in_constant_time(mac, blob_member(request.input, "Mac"))) {
    throw Error(Code::kKMSInvalidMacException);
  }
  end_of_dry_run(request);
  std::string body;
  json::Object reply(body);
  reply.string("KeyId", key_arn(key));
  reply.boolean("MacValid", true);
  reply.string("MacAlgorithm", request.input.find("MacAlgorithm").text());
  reply.close();
  return body;
}

// Also of a disabled key, as the service does.
std::string get_public_key(const Request& request) {
  const vault::Key key = find_key(request, "KeyId", Accept::kKeysAndAliases);
  require_not_pending_deletion(key);
  const SpecRow& row = spec_row(key.spec);
  if (key.usage == vault::KeyUsage::kMac || key.spec == vault::KeySpec::kSymmetric) {
    throw unsupported(key_arn(key) + " has key spec " + std::string(row.name) +
                      ", which has no public key.");
  }
  std::string body;
  json::Object reply(body);
  reply.string("KeyId", key_arn(key));
  reply.string("PublicKey", base::to_base64(request.engine.key_pair(key).public_der()));
  reply.string("CustomerMasterKeySpec", row.name);
  reply.string("KeySpec", row.name);
  reply.string("KeyUsage", usage_name(key.usage));
  write_algorithms(reply, key);
  reply.close();
  return body;
}

std::string derive_shared_secret(const Request& request) {
  refuse_recipient(request);
  const std::string_view algorithm = request.input.find("KeyAgreementAlgorithm").text();
  const vault::Key key = find_key(request, "KeyId", Accept::kKeysAndAliases);
  require_use(key, vault::KeyUsage::kAgree, "DeriveSharedSecret", algorithm);
  const auto secret = request.engine.key_pair(key).agree(blob_member(request.input, "PublicKey"));
  if (!secret) {
    throw validation("The public key is not valid for key spec " +
                     std::string(spec_row(key.spec).name) + ".");
  }
  end_of_dry_run(request);
  std::string body;
  json::Object reply(body);
  reply.string("KeyId", key_arn(key));
  reply.string("SharedSecret", base::to_base64(secret->bytes()));
  reply.string("KeyAgreementAlgorithm", algorithm);
  reply.string("KeyOrigin", "AWS_KMS");
  reply.close();
  return body;
}

using namespace shapes;
using enum Shape::Type;

constexpr Shape kMessageType{.type = kString, .values = "RAW, DIGEST"};
constexpr Shape kSigningAlgorithm{
    .type = kString,
    .values =
        "RSASSA_PSS_SHA_256, RSASSA_PSS_SHA_384, RSASSA_PSS_SHA_512, RSASSA_PKCS1_V1_5_SHA_256, "
        "RSASSA_PKCS1_V1_5_SHA_384, RSASSA_PKCS1_V1_5_SHA_512, ECDSA_SHA_256, ECDSA_SHA_384, "
        "ECDSA_SHA_512"};
constexpr Shape kMacAlgorithm{.type = kString,
                              .values = "HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512"};
constexpr Shape kAgreement{.type = kString, .values = "ECDH"};
constexpr Shape kPublicKey{.type = kBlob, .min_length = 1, .max_length = 8192};

constexpr Member kSignMembers[] = {
    {"KeyId", &kKeyId, kNotNull},
    {"Message", &kPlaintext, kNotNull},
    {"MessageType", &kMessageType},
    {"GrantTokens", &kGrantTokens},
    {"SigningAlgorithm", &kSigningAlgorithm, kNotNull},
    {"DryRun", &kFlag},
};
constexpr Shape kSign{.type = kStructure, .name = "SignRequest", .members = kSignMembers};
constexpr Member kVerifyMembers[] = {
    {"KeyId", &kKeyId, kNotNull},
    {"Message", &kPlaintext, kNotNull},
    {"MessageType", &kMessageType},
    {"Signature", &kCiphertext, kNotNull},
    {"SigningAlgorithm", &kSigningAlgorithm, kNotNull},
    {"GrantTokens", &kGrantTokens},
    {"DryRun", &kFlag},
};
constexpr Shape kVerify{.type = kStructure, .name = "VerifyRequest", .members = kVerifyMembers};
constexpr Member kMacMembers[] = {
    {"Message", &kPlaintext, kNotNull},
    {"KeyId", &kKeyId, kNotNull},
    {"MacAlgorithm", &kMacAlgorithm, kNotNull},
    {"GrantTokens", &kGrantTokens},
    {"DryRun", &kFlag},
};
constexpr Shape kMac{.type = kStructure, .name = "GenerateMacRequest", .members = kMacMembers};
constexpr Member kVerifyMacMembers[] = {
    {"Message", &kPlaintext, kNotNull},
    {"KeyId", &kKeyId, kNotNull},
    {"MacAlgorithm", &kMacAlgorithm, kNotNull},
    {"Mac", &kCiphertext, kNotNull},
    {"GrantTokens", &kGrantTokens},
    {"DryRun", &kFlag},
};
constexpr Shape kVerifyMac{
    .type = kStructure, .name = "VerifyMacRequest", .members = kVerifyMacMembers};
constexpr Member kPublicKeyMembers[] = {{"KeyId", &kKeyId, kNotNull},
                                        {"GrantTokens", &kGrantTokens}};
constexpr Shape kGetPublicKey{
    .type = kStructure, .name = "GetPublicKeyRequest", .members = kPublicKeyMembers};
constexpr Member kDeriveMembers[] = {
    {"KeyId", &kKeyId, kNotNull},
    {"KeyAgreementAlgorithm", &kAgreement, kNotNull},
    {"PublicKey", &kPublicKey, kNotNull},
    {"GrantTokens", &kGrantTokens},
    {"DryRun", &kFlag},
    {"Recipient", &kRecipient},
};
constexpr Shape kDerive{
    .type = kStructure, .name = "DeriveSharedSecretRequest", .members = kDeriveMembers};

constexpr std::array kRows{
    Operation{{"DeriveSharedSecret", &kDerive}, derive_shared_secret},
    Operation{{"GenerateMac", &kMac}, generate_mac},
    Operation{{"GetPublicKey", &kGetPublicKey}, get_public_key},
    Operation{{"Sign", &kSign}, sign},
    Operation{{"Verify", &kVerify}, verify},
    Operation{{"VerifyMac", &kVerifyMac}, verify_mac},
};

}  // namespace

std::span<const Operation> signing_operations() { return kRows; }

}  // namespace bodega::kms
