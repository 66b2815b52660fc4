// Encrypt, Decrypt and ReEncrypt, with symmetric and with RSA keys.
#include <array>
#include <optional>

#include "engines/base/bytes.h"
#include "protocol/aws/shape/members.h"
#include "protocol/kms/errors.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/operations.h"
#include "protocol/kms/shapes.h"
#include "protocol/kms/specs.h"

namespace bodega::kms {
namespace {

// Encrypt and Decrypt name these without a prefix, ReEncrypt those of both sides with one.
struct MemberNames {
  std::string_view key_id;
  std::string_view algorithm;
  std::string_view context;
};
constexpr MemberNames kPlainNames{"KeyId", "EncryptionAlgorithm", "EncryptionContext"};
constexpr MemberNames kSourceNames{"SourceKeyId", "SourceEncryptionAlgorithm",
                                   "SourceEncryptionContext"};
constexpr MemberNames kDestinationNames{"DestinationKeyId", "DestinationEncryptionAlgorithm",
                                        "DestinationEncryptionContext"};

std::string_view read_algorithm(const Request& request, const MemberNames& names) {
  return aws::string_or(request.input, names.algorithm, kSymmetricDefault);
}

void refuse_context(const Request& request, const MemberNames& names) {
  if (request.input.find(names.context).size() == 0) return;
  throw validation("An encryption context is supported with symmetric encryption keys only.");
}

// A key that encrypts, and how. Throws Error.
struct Encrypting {
  Encrypting(const Request& the_request, const MemberNames& the_names, std::string_view operation)
      : request(the_request),
        names(the_names),
        key(find_key(request, names.key_id, Accept::kKeysAndAliases)),
        algorithm(read_algorithm(request, names)) {
    require_use(key, vault::KeyUsage::kEncrypt, operation, algorithm);
    if (algorithm != kSymmetricDefault) refuse_context(request, names);
  }

  // Throws Error when it is too long for an RSA key.
  std::string encrypt(std::string_view plaintext) const {
    if (algorithm == kSymmetricDefault) {
      return request.engine.encrypt(key, plaintext, encryption_context(request, names.context));
    }
    const vault::KeyPair pair = request.engine.key_pair(key);
    const vault::Hash hash = oaep_hash(algorithm);
    if (plaintext.size() > pair.oaep_limit(hash)) {
      throw validation("Algorithm " + std::string(algorithm) + " and key spec " +
                       std::string(spec_row(key.spec).name) + " cannot encrypt data larger than " +
                       std::to_string(pair.oaep_limit(hash)) + " bytes.");
    }
    return pair.encrypt(hash, plaintext);
  }

  const Request& request;
  const MemberNames& names;
  const vault::Key key;
  const std::string_view algorithm;
};

struct Decrypted {
  vault::Key key;
  std::string_view algorithm;
  std::string material_id;  // of a symmetric key
  vault::Secret plaintext;
};

// The key that a symmetric ciphertext is of, which has to be the one that the request names.
vault::Key symmetric_key(const Request& request, const MemberNames& names,
                         std::string_view ciphertext) {
  const auto facts = vault::Engine::read_ciphertext(ciphertext);
  std::optional<vault::Key> named;
  if (aws::has_member(request.input, names.key_id)) {
    named = find_key(request, names.key_id, Accept::kKeysAndAliases);
  }
  if (!facts) throw Error(Code::kInvalidCiphertextException);
  if (named && named->id != facts->key_id) {
    throw Error(Code::kIncorrectKeyException,
                "The key ID in the request does not identify a CMK that can perform this "
                "operation.");
  }
  if (!named) named = request.engine.find_key(request.place(), facts->key_id);
  if (!named) {
    throw Error(Code::kAccessDeniedException,
                "The ciphertext refers to a customer master key that does not exist, does not "
                "exist in this region, or you are not allowed to access.");
  }
  return std::move(*named);
}

Decrypted decrypt_with(const Request& request, const MemberNames& names,
                       std::string_view operation) {
  const std::string_view algorithm = read_algorithm(request, names);
  const std::string ciphertext = blob_member(request.input, "CiphertextBlob");
  if (algorithm == kSymmetricDefault) {
    vault::Key key = symmetric_key(request, names, ciphertext);
    require_use(key, vault::KeyUsage::kEncrypt, operation, algorithm);
    auto plaintext =
        request.engine.decrypt(key, ciphertext, encryption_context(request, names.context));
    if (!plaintext) throw Error(Code::kInvalidCiphertextException);
    std::string material_id = vault::Engine::read_ciphertext(ciphertext)->material_id;
    return {std::move(key), algorithm, std::move(material_id), std::move(*plaintext)};
  }
  if (!aws::has_member(request.input, names.key_id)) {
    throw validation("The parameter " + std::string(names.key_id) +
                     " is required to decrypt with an asymmetric key.");
  }
  refuse_context(request, names);
  vault::Key key = find_key(request, names.key_id, Accept::kKeysAndAliases);
  require_use(key, vault::KeyUsage::kEncrypt, operation, algorithm);
  auto plaintext = request.engine.key_pair(key).decrypt(oaep_hash(algorithm), ciphertext);
  if (!plaintext) throw Error(Code::kInvalidCiphertextException);
  return {std::move(key), algorithm, {}, std::move(*plaintext)};
}

// A dry run without a ciphertext, which checks only that the key could decrypt. Whether it was one.
bool ignores_ciphertext(const Request& request, const MemberNames& names,
                        std::string_view operation) {
  const bool modified = request.input.find("DryRunModifiers").size() > 0;
  if (modified && !aws::flag_member(request.input, "DryRun")) {
    throw validation("DryRunModifiers can only be used when DryRun is true.");
  }
  if (!modified) {
    if (aws::has_member(request.input, "CiphertextBlob")) return false;
    throw validation(
        "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy "
        "constraint: Member must not be null");
  }
  if (!aws::has_member(request.input, names.key_id)) {
    throw validation("The parameter " + std::string(names.key_id) +
                     " is required when the ciphertext is ignored.");
  }
  require_use(find_key(request, names.key_id, Accept::kKeysAndAliases), vault::KeyUsage::kEncrypt,
              operation, read_algorithm(request, names));
  return true;
}

std::string encrypt(const Request& request) {
  const Encrypting with(request, kPlainNames, "Encrypt");
  const vault::Secret plaintext(blob_member(request.input, "Plaintext"));
  const std::string ciphertext = with.encrypt(plaintext.bytes());
  end_of_dry_run(request);
  std::string body;
  json::Object reply(body);
  reply.string("CiphertextBlob", base::to_base64(ciphertext));
  reply.string("KeyId", key_arn(with.key));
  reply.string("EncryptionAlgorithm", with.algorithm);
  reply.close();
  return body;
}

std::string decrypt(const Request& request) {
  refuse_recipient(request);
  if (ignores_ciphertext(request, kPlainNames, "Decrypt")) end_of_dry_run(request);
  const Decrypted opened = decrypt_with(request, kPlainNames, "Decrypt");
  end_of_dry_run(request);
  std::string body;
  json::Object reply(body);
  reply.string("KeyId", key_arn(opened.key));
  reply.string("Plaintext", base::to_base64(opened.plaintext.bytes()));
  reply.string("EncryptionAlgorithm", opened.algorithm);
  if (!opened.material_id.empty()) reply.string("KeyMaterialId", opened.material_id);
  reply.close();
  return body;
}

std::string re_encrypt(const Request& request) {
  if (ignores_ciphertext(request, kSourceNames, "ReEncryptFrom")) {
    const Encrypting checked(request, kDestinationNames, "ReEncryptTo");
    end_of_dry_run(request);
  }
  const Decrypted opened = decrypt_with(request, kSourceNames, "ReEncryptFrom");
  const Encrypting with(request, kDestinationNames, "ReEncryptTo");
  const std::string ciphertext = with.encrypt(opened.plaintext.bytes());
  end_of_dry_run(request);
  std::string body;
  json::Object reply(body);
  reply.string("CiphertextBlob", base::to_base64(ciphertext));
  reply.string("SourceKeyId", key_arn(opened.key));
  reply.string("KeyId", key_arn(with.key));
  reply.string("SourceEncryptionAlgorithm", opened.algorithm);
  reply.string("DestinationEncryptionAlgorithm", with.algorithm);
  if (!opened.material_id.empty()) reply.string("SourceKeyMaterialId", opened.material_id);
  if (with.algorithm == kSymmetricDefault) {
    reply.string("DestinationKeyMaterialId", with.key.materials.back().id);
  }
  reply.close();
  return body;
}

using namespace shapes;
using enum Shape::Type;

constexpr Member kEncryptMembers[] = {
    {"KeyId", &kKeyId, kNotNull},
    {"Plaintext", &kPlaintext, kNotNull},
    {"EncryptionContext", &kEncryptionContext},
    {"GrantTokens", &kGrantTokens},
    {"EncryptionAlgorithm", &kEncryptionAlgorithm},
    {"DryRun", &kFlag},
};
constexpr Shape kEncrypt{.type = kStructure, .name = "EncryptRequest", .members = kEncryptMembers};
constexpr Member kDecryptMembers[] = {
    {"CiphertextBlob", &kCiphertext},
    {"EncryptionContext", &kEncryptionContext},
    {"GrantTokens", &kGrantTokens},
    {"KeyId", &kKeyId},
    {"EncryptionAlgorithm", &kEncryptionAlgorithm},
    {"Recipient", &kRecipient},
    {"DryRun", &kFlag},
    {"DryRunModifiers", &kDryRunModifiers},
};
constexpr Shape kDecrypt{.type = kStructure, .name = "DecryptRequest", .members = kDecryptMembers};
constexpr Member kReEncryptMembers[] = {
    {"CiphertextBlob", &kCiphertext},
    {"SourceEncryptionContext", &kEncryptionContext},
    {"SourceKeyId", &kKeyId},
    {"DestinationKeyId", &kKeyId, kNotNull},
    {"DestinationEncryptionContext", &kEncryptionContext},
    {"SourceEncryptionAlgorithm", &kEncryptionAlgorithm},
    {"DestinationEncryptionAlgorithm", &kEncryptionAlgorithm},
    {"GrantTokens", &kGrantTokens},
    {"DryRun", &kFlag},
    {"DryRunModifiers", &kDryRunModifiers},
};
constexpr Shape kReEncrypt{
    .type = kStructure, .name = "ReEncryptRequest", .members = kReEncryptMembers};

constexpr std::array kRows{
    Operation{{"Decrypt", &kDecrypt}, decrypt},
    Operation{{"Encrypt", &kEncrypt}, encrypt},
    Operation{{"ReEncrypt", &kReEncrypt}, re_encrypt},
};

}  // namespace

std::span<const Operation> encryption_operations() { return kRows; }

}  // namespace bodega::kms
