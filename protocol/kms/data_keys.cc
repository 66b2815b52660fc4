// Data keys and data key pairs, which are made, encrypted under a key and given away; and random
// bytes.
#include <array>

#include "engines/base/bytes.h"
#include "engines/base/random.h"
#include "protocol/aws/shape/members.h"
#include "protocol/kms/errors.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/operations.h"
#include "protocol/kms/shapes.h"
#include "protocol/kms/specs.h"

namespace bodega::kms {
namespace {

enum class Plaintext : std::uint8_t { kShown, kWithheld };

// The symmetric key under which a data key is encrypted. Throws Error.
vault::Key wrapping_key(const Request& request, std::string_view operation) {
  vault::Key key = find_key(request, "KeyId", Accept::kKeysAndAliases);
  require_use(key, vault::KeyUsage::kEncrypt, operation, kSymmetricDefault);
  return key;
}

std::size_t read_data_key_size(const Request& request) {
  const auto spec = aws::string_member(request.input, "KeySpec");
  const auto bytes = aws::integer_member(request.input, "NumberOfBytes");
  if (spec.has_value() == bytes.has_value()) {
    throw validation("Please specify either number of bytes or key spec.");
  }
  if (bytes) return static_cast<std::size_t>(*bytes);
  return *spec == "AES_128" ? 16 : 32;
}

std::string make_data_key(const Request& request, Plaintext plaintext, std::string_view operation) {
  refuse_recipient(request);
  const std::size_t size = read_data_key_size(request);
  const vault::Key key = wrapping_key(request, operation);
  const vault::Fields context = encryption_context(request, "EncryptionContext");
  end_of_dry_run(request);
  const vault::Secret data_key(base::secret_bytes(size));
  std::string body;
  json::Object reply(body);
  reply.string("CiphertextBlob",
               base::to_base64(request.engine.encrypt(key, data_key.bytes(), context)));
  if (plaintext == Plaintext::kShown) {
    reply.string("Plaintext", base::to_base64(data_key.bytes()));
  }
  reply.string("KeyId", key_arn(key));
  reply.string("KeyMaterialId", key.materials.back().id);
  reply.close();
  return body;
}

std::string make_data_key_pair(const Request& request, Plaintext plaintext,
                               std::string_view operation) {
  refuse_recipient(request);
  const std::string_view spec = request.input.find("KeyPairSpec").text();
  const vault::Key key = wrapping_key(request, operation);
  const vault::Fields context = encryption_context(request, "EncryptionContext");
  end_of_dry_run(request);
  const vault::KeyPair pair = vault::KeyPair::generate(find_spec(spec)->spec);
  const vault::Secret private_key = pair.private_der();
  std::string body;
  json::Object reply(body);
  reply.string("PrivateKeyCiphertextBlob",
               base::to_base64(request.engine.encrypt(key, private_key.bytes(), context)));
  if (plaintext == Plaintext::kShown) {
    reply.string("PrivateKeyPlaintext", base::to_base64(private_key.bytes()));
  }
  reply.string("PublicKey", base::to_base64(pair.public_der()));
  reply.string("KeyId", key_arn(key));
  reply.string("KeyPairSpec", spec);
  reply.string("KeyMaterialId", key.materials.back().id);
  reply.close();
  return body;
}

std::string generate_data_key(const Request& request) {
  return make_data_key(request, Plaintext::kShown, "GenerateDataKey");
}

std::string generate_data_key_without_plaintext(const Request& request) {
  return make_data_key(request, Plaintext::kWithheld, "GenerateDataKeyWithoutPlaintext");
}

std::string generate_data_key_pair(const Request& request) {
  return make_data_key_pair(request, Plaintext::kShown, "GenerateDataKeyPair");
}

std::string generate_data_key_pair_without_plaintext(const Request& request) {
  return make_data_key_pair(request, Plaintext::kWithheld, "GenerateDataKeyPairWithoutPlaintext");
}

std::string generate_random(const Request& request) {
  refuse_recipient(request);
  if (aws::has_member(request.input, "CustomKeyStoreId")) {
    throw unsupported("The parameter CustomKeyStoreId is not implemented");
  }
  const auto size = aws::integer_member(request.input, "NumberOfBytes");
  if (!size) throw validation("NumberOfBytes is required.");
  std::string body;
  json::Object reply(body);
  reply.string("Plaintext", base::to_base64(base::secret_bytes(static_cast<std::size_t>(*size))));
  reply.close();
  return body;
}

using namespace shapes;
using enum Shape::Type;

constexpr Shape kDataKeySpec{.type = kString, .values = "AES_256, AES_128"};
constexpr Shape kPairSpec{.type = kString,
                          .values =
                              "RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, "
                              "ECC_NIST_P521, ECC_SECG_P256K1"};
constexpr Shape kKeyStoreId{.type = kString, .min_length = 1, .max_length = 64};

constexpr Member kDataKeyMembers[] = {
    {"KeyId", &kKeyId, kNotNull},
    {"EncryptionContext", &kEncryptionContext},
    {"NumberOfBytes", &kNumberOfBytes},
    {"KeySpec", &kDataKeySpec},
    {"GrantTokens", &kGrantTokens},
    {"Recipient", &kRecipient},
    {"DryRun", &kFlag},
};
constexpr Shape kDataKey{
    .type = kStructure, .name = "GenerateDataKeyRequest", .members = kDataKeyMembers};
constexpr Member kPairMembers[] = {
    {"EncryptionContext", &kEncryptionContext},
    {"KeyId", &kKeyId, kNotNull},
    {"KeyPairSpec", &kPairSpec, kNotNull},
    {"GrantTokens", &kGrantTokens},
    {"Recipient", &kRecipient},
    {"DryRun", &kFlag},
};
constexpr Shape kPair{
    .type = kStructure, .name = "GenerateDataKeyPairRequest", .members = kPairMembers};
constexpr Member kRandomMembers[] = {
    {"NumberOfBytes", &kNumberOfBytes},
    {"CustomKeyStoreId", &kKeyStoreId},
    {"Recipient", &kRecipient},
};
constexpr Shape kRandom{
    .type = kStructure, .name = "GenerateRandomRequest", .members = kRandomMembers};

constexpr std::array kRows{
    Operation{{"GenerateDataKey", &kDataKey}, generate_data_key},
    Operation{{.name = "GenerateDataKeyPair", .input = &kPair, .cost = Operation::Cost::kLarge},
              generate_data_key_pair},
    Operation{{.name = "GenerateDataKeyPairWithoutPlaintext",
               .input = &kPair,
               .cost = Operation::Cost::kLarge},
              generate_data_key_pair_without_plaintext},
    Operation{{"GenerateDataKeyWithoutPlaintext", &kDataKey}, generate_data_key_without_plaintext},
    Operation{{"GenerateRandom", &kRandom}, generate_random},
};

}  // namespace

std::span<const Operation> data_key_operations() { return kRows; }

}  // namespace bodega::kms
